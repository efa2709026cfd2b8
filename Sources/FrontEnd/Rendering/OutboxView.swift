// Messages on their way as lines.

package import BrokerProtocol
import MailModel

/// The outbox as lines.
package enum OutboxView {
    private static let stateWidth = 10
    private static let whoWidth = 26

    /// A table: id, date, state, to whom, subject, and below it what was said last.
    package static func lines(
        _ items: [OutboxItem],
        screen: Screen,
        now: LocalDate
    ) -> [String] {
        guard !items.isEmpty else { return ["the outbox is empty"] }
        let idWidth = max(2, items.map { String($0.id).utf8.count }.max() ?? 0)
        let fixed = idWidth + DateColumn.width + stateWidth + whoWidth + 8
        let subjectWidth = max(12, screen.columns - fixed)
        return items.flatMap { item -> [String] in
            let id = CellText(String(item.id), width: idWidth).rightAligned(to: idWidth)
            let date = DateColumn.text(LocalDate(item.created), now: now)
            var lines = [
                [
                    id, CellText(date, width: DateColumn.width).padded(to: DateColumn.width),
                    CellText(item.state.rawValue, width: stateWidth).padded(to: stateWidth),
                    CellText(who(item), width: whoWidth).padded(to: whoWidth),
                    CellText(item.subject, width: subjectWidth).text,
                ].joined(separator: "  ")
            ]
            if let more = more(item, now: now) {
                let indent = idWidth + 2
                let width = max(20, screen.columns - indent)
                let text = CellText(more, width: width).text
                lines.append(String(repeating: " ", count: indent) + text)
            }
            return lines
        }
    }

    /// A message and its history.
    package static func lines(_ shown: OutboxShow.Result, now: LocalDate) -> [String] {
        let item = shown.item
        var lines = [
            "Message-ID: <\(TerminalText.line(item.messageID))>",
            "Account:    \(TerminalText.line(item.account))",
            "Subject:    \(TerminalText.line(item.subject))",
            "Size:       \(SizeText.short(item.size))",
            "State:      \(state(item))",
        ]
        for recipient in item.recipients {
            let words = recipient.text.map { ": \(TerminalText.line($0))" } ?? ""
            let address = TerminalText.line(recipient.address)
            lines.append("To:         \(address)  \(recipient.state.rawValue)\(words)")
        }
        lines.append("")
        for step in shown.history {
            let date = CellText(DateColumn.exact(LocalDate(step.time), now: now), width: 16)
            let what = TerminalText.line(step.what)
            let detail = step.detail.map { "  \(TerminalText.line($0))" } ?? ""
            lines.append("\(date.padded(to: 16))  \(what)\(detail)")
        }
        return lines
    }

    /// `queued`, `failed: mailbox full`, `held: ...`.
    package static func state(_ item: OutboxItem) -> String {
        let says = [.failed, .held, .unknown].contains(item.state)
        guard says || (item.state == .queued && item.attempts > 0), let text = item.text else {
            return item.state.rawValue
        }
        return "\(item.state.rawValue): \(TerminalText.line(text))"
    }

    /// What a user has to know or to do.
    private static func more(_ item: OutboxItem, now: LocalDate) -> String? {
        switch item.state {
        case .queued:
            if item.attempts > 0 { return item.text }
            return item.sendAt.map { "leaves \(DateColumn.exact(LocalDate($0), now: now))" }
        case .held:
            return "\(item.text ?? ""); mb outbox resend \(item.id) or mb outbox done \(item.id)"
        case .failed: return item.text.map { "\($0); mb outbox ack \(item.id)" }
        case .unknown: return item.text
        case .sending, .dot, .sent, .filed, .cancelled: return nil
        }
    }

    private static func who(_ item: OutboxItem) -> String {
        let first = item.recipients.first?.address ?? ""
        return item.recipients.count > 1 ? "\(first) +\(item.recipients.count - 1)" : first
    }
}
