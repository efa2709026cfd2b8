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
        case .messageFlags, .messageGone, .messageMoved, .messageSent, .resync: return nil
        }
    }

    /// A line of `mb watch`.
    package static func text(_ event: Event) -> String {
        let place = "\(name(event.account))/\(name(event.mailbox))"
        let ids = (event.ids ?? []).map(String.init).joined(separator: " ")
        switch event.event {
        case .messageNew: return "new    \(place)  \(event.message.map(summary) ?? ids)"
        case .messageFlags: return "flags  \(place)  \(ids)"
        case .messageGone: return "gone   \(place)  \(ids)"
        case .messageMoved: return "moved  \(place)  \(ids)  to \(name(event.target))"
        case .changeRefused: return "kept   \(place)  \(ids)  \(name(event.text))"
        case .messageSent: return "sent   \(name(event.account))  \(name(event.text))"
        case .accountState:
            return
                "state  \(name(event.account))  \(event.state?.rawValue ?? "")  \(name(event.text))"
        case .resync: return "resync"
        }
    }

    private static func summary(_ message: MessageSummary) -> String {
        let who = CellText(AddressText.short(message.from), width: 40).text
        return "\(message.id) \(who): \(CellText(message.subject ?? "", width: 120).text)"
    }

    private static func name(_ text: String?) -> String { TerminalText.line(text ?? "") }
}
