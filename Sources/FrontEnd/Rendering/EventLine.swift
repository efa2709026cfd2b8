// Events as lines: for `mb watch` all of them, for the console those a person wants to hear of.

package import BrokerProtocol
import MailModel

/// Events as lines.
package enum EventLine {
    /// `** new mail: 4832 Alice Martin: Lunch on Friday?`, or nil for an event that needs no words
    /// while somebody types; the account is named where it is not the one that is looked at.
    package static func announcement(_ event: Event, seenFrom account: String? = nil) -> String? {
        switch event.event {
        case .messageNew:
            guard let message = event.message else { return nil }
            // In Sent and elsewhere it is the user's own doing.
            guard event.role == nil || event.role == .inbox else { return nil }
            var place = ""
            if let account, let other = event.account, !Program.same(account, other) {
                place = " for \(name(other))"
            }
            return "** new mail\(place): \(summary(message))"
        case .accountState:
            guard let text = event.text else { return nil }
            return "** \(name(event.account)): \(TerminalText.line(text))"
        case .changeRefused:
            let ids = (event.ids ?? []).map(String.init).joined(separator: " ")
            return "** not changed: \(ids): \(name(event.text))"
        case .messageUnreadable: return "** \(name(event.mailbox)): \(name(event.text))"
        case .outboxChanged: return event.outbox.flatMap(announcement)
        case .messageFlags, .messageGone, .messageMoved, .mailboxCreated, .mailboxRenamed,
            .mailboxRemoved, .ready, .resync:
            return nil
        }
    }

    /// `** not sent: 17 to bob@example.org: mailbox full`: where the user has to know.
    private static func announcement(_ item: OutboxItem) -> String? {
        let words: String
        switch item.state {
        case .failed: words = "not sent"
        case .held, .unknown: words = "perhaps sent"
        case .queued where item.attempts == 1 && item.text != nil: words = "not sent yet"
        case .queued, .sending, .dot, .sent, .filed, .cancelled: return nil
        }
        return "** \(words): \(outbox(item))"
    }

    private static func outbox(_ item: OutboxItem) -> String {
        let to = name(item.recipients.first?.address)
        return "\(item.id) to \(to): \(OutboxView.state(item))"
    }

    /// What a line of `mb watch` begins with.
    static func word(_ kind: Event.Kind) -> String {
        switch kind {
        case .messageNew: "new"
        case .messageFlags: "flags"
        case .messageGone: "gone"
        case .messageMoved: "moved"
        case .changeRefused: "kept"
        case .messageUnreadable: "lost"
        case .outboxChanged: "outbox"
        case .mailboxCreated, .mailboxRenamed, .mailboxRemoved: "mailbox"
        case .accountState: "state"
        case .ready: "ready"
        case .resync: "resync"
        }
    }

    /// A line of `mb watch`.
    package static func text(_ event: Event) -> String {
        let account = name(event.account)
        let place = "\(account)/\(name(event.mailbox))"
        let ids = (event.ids ?? []).map(String.init).joined(separator: " ")
        let rest =
            switch event.event {
            case .messageNew: "\(place)  \(event.message.map(summary) ?? ids)"
            case .messageFlags, .messageGone: "\(place)  \(ids)"
            case .messageMoved: "\(place)  \(ids)  to \(name(event.target))"
            case .changeRefused: "\(place)  \(ids)  \(name(event.text))"
            case .messageUnreadable: "\(place)  \(name(event.text))"
            case .outboxChanged: "\(account)  \(event.outbox.map(outbox) ?? name(event.text))"
            case .mailboxCreated: "\(place)  created"
            case .mailboxRenamed: "\(place)  renamed to \(name(event.target))"
            case .mailboxRemoved: "\(place)  removed"
            case .accountState: "\(account)  \(event.state?.rawValue ?? "")  \(name(event.text))"
            case .ready, .resync: ""
            }
        let word = word(event.event)
        if rest.isEmpty { return word }
        let gap = String(repeating: " ", count: max(1, 7 - word.utf8.count))
        return word + gap + rest
    }

    private static func summary(_ message: MessageSummary) -> String {
        let who = CellText(AddressText.short(message.from), width: 40).text
        return "\(message.id) \(who): \(CellText(message.subject ?? "", width: 120).text)"
    }

    private static func name(_ text: String?) -> String { TerminalText.line(text ?? "") }
}
