// A list of messages as a table: marks, id, date, who, subject, size, and a last line with the
// totals.

package import BrokerProtocol
import MailModel

/// The table of a mailbox.
package struct ListView {
    private let messages: [MessageSummary]
    /// Whether the recipients say more than the author: in what one wrote oneself.
    private let showsRecipients: Bool
    private let footer: String
    private let screen: Screen
    private let now: LocalDate
    private let widths: Widths

    /// Below this many columns there is neither size nor a second space between columns.
    private static let narrow = 60

    /// Cells of the columns whose width depends on the screen and the content.
    private struct Widths {
        let id: Int
        let who: Int
        let subject: Int
        let hasSize: Bool
        let gap: String

        /// `*!R`, the id, the date, who, the subject, `@`, the size.
        init(columns: Int, idWidth: Int) {
            id = max(4, idWidth)
            hasSize = columns >= ListView.narrow
            gap = hasSize ? "  " : " "
            let gaps = 1 + 3 * gap.utf8.count
            let fixed = 3 + id + DateColumn.width + gaps + (hasSize ? 8 : 0)
            let rest = max(16, columns - fixed)
            who = min(24, max(8, rest / 3))
            subject = max(8, rest - who)
        }
    }

    /// The table of a list on a screen.
    package init(_ list: MessageList.Result, screen: Screen, now: LocalDate) {
        self.init(
            list.messages,
            showsRecipients: list.role == .sent || list.role == .drafts,
            footer: Self.footer(list, screen, now),
            screen,
            now
        )
    }

    /// The table of what a search found.
    package init(_ found: MessageSearch.Result, screen: Screen, now: LocalDate) {
        let count = found.messages.count
        let account = CellText(found.account, width: screen.columns / 2).text
        let footer = count == 1 ? "\(account)  1 message" : "\(account)  \(count) messages"
        self.init(found.messages, showsRecipients: false, footer: footer, screen, now)
    }

    private init(
        _ messages: [MessageSummary],
        showsRecipients: Bool,
        footer: String,
        _ screen: Screen,
        _ now: LocalDate
    ) {
        self.messages = messages
        self.showsRecipients = showsRecipients
        self.footer = footer
        self.screen = screen
        self.now = now
        let longest = messages.map { String($0.id).utf8.count }.max() ?? 0
        widths = Widths(columns: screen.columns, idWidth: longest)
    }

    /// The lines, without line ends.
    package var lines: [String] {
        var lines: [String] = []
        if !messages.isEmpty { lines.append(heading) }
        lines += messages.map(row)
        lines.append(footer)
        return lines
    }

    private var heading: String {
        let id = CellText("ID", width: widths.id).rightAligned(to: widths.id)
        let who = CellText(showsRecipients ? "TO" : "FROM", width: widths.who)
        let subject = CellText("SUBJECT", width: widths.subject)
        var line =
            "    \(id)\(widths.gap)" + CellText("DATE", width: 10).padded(to: DateColumn.width)
        line += widths.gap + who.padded(to: widths.who) + widths.gap
        guard widths.hasSize else { return line + subject.text }
        return line + subject.padded(to: widths.subject) + "    SIZE"
    }

    private func row(_ message: MessageSummary) -> String {
        let id = CellText(String(message.id), width: widths.id).rightAligned(to: widths.id)
        let who = AddressText.short(showsRecipients ? message.to + message.cc : message.from)
        let subject = CellText(message.subject ?? "", width: widths.subject)
        var line = "\(marks(message)) \(id)\(widths.gap)" + date(message)
        line += widths.gap + CellText(who, width: widths.who).padded(to: widths.who) + widths.gap
        if widths.hasSize {
            line += subject.padded(to: widths.subject) + (message.hasAttachment ? " @ " : "   ")
            let size = SizeText.short(message.size)
            line += CellText(size, width: 5).rightAligned(to: 5)
        } else {
            line += subject.text
        }
        return screen.hasColour && message.unseen ? "\u{1B}[1m\(line)\u{1B}[0m" : line
    }

    private func marks(_ message: MessageSummary) -> String {
        (message.unseen ? "*" : " ") + (message.flags.contains(.flagged) ? "!" : " ")
            + (message.flags.contains(.answered) ? "R" : " ")
    }

    private func date(_ message: MessageSummary) -> String {
        guard let date = message.date ?? message.received else {
            return String(repeating: " ", count: DateColumn.width)
        }
        let local = LocalDate(date)
        return CellText(DateColumn.text(local, now: now), width: DateColumn.width)
            .padded(to: DateColumn.width)
    }

    /// `alice/INBOX  4 of 1204, 2 unread, live`, or `..., as of 14:02, offline since 14:05`.
    private static func footer(
        _ list: MessageList.Result,
        _ screen: Screen,
        _ now: LocalDate
    ) -> String {
        let place = CellText("\(list.account)/\(list.mailbox)", width: screen.columns / 2).text
        var line = "\(place)  \(list.messages.count) of \(list.total)"
        if let unseen = list.unseen { line += ", \(unseen) unread" }
        if list.live { return line + ", live" }
        line += ", as of \(DateColumn.text(LocalDate(list.asOf), now: now))"
        guard let since = list.offlineSince else { return line }
        return line + ", offline since \(DateColumn.text(LocalDate(since), now: now))"
    }
}
