// What a message is besides a text, in lines below its headers.

import BrokerProtocol
import MailModel

/// Notes as lines.
enum NotesView {
    /// A line for each thing to say, cleaned; none for an ordinary message.
    static func lines(_ notes: MessageNotes) -> [String] {
        let fields = notes.protected.map { "\($0.name) (protected): \($0.value)" }
        let others =
            (notes.protection.map { [protection($0)] } ?? [])
            + (notes.bounce.map(bounce) ?? []) + (notes.event.map { [event($0)] } ?? [])
        return (fields + others.map { "[\($0)]" }).map { TerminalText.line($0) }
    }

    private static func protection(_ protection: MessageNotes.Protection) -> String {
        let system =
            Program.same(protection.system, "smime")
            ? "S/MIME" : Program.same(protection.system, "pgp") ? "OpenPGP" : protection.system
        guard !protection.encrypted else { return "encrypted with \(system)" }
        return protection.signed ? "signed with \(system), not verified" : "protected by \(system)"
    }

    private static func bounce(_ bounce: MessageNotes.Bounce) -> [String] {
        let about = bounce.originalMessageID.map { "; it was <\($0)>" } ?? ""
        return bounce.recipients.map { recipient in
            let reason = [recipient.status, recipient.diagnostic].compactMap { $0 }
                .joined(separator: " ")
            return (recipient.delayed ? "delayed for " : "not delivered to ") + recipient.address
                + (reason.utf8.isEmpty ? "" : ": \(reason)") + about
        }
    }

    private static func event(_ event: MessageNotes.CalendarEvent) -> String {
        let time = [event.start, event.end].compactMap { $0 }.joined(separator: " to ")
        let place = event.location.map { "at \($0)" }
        let words = [event.summary, time.utf8.isEmpty ? nil : time, place].compactMap { $0 }
        let method = event.method.map { " (\($0))" } ?? ""
        return "event\(method): " + words.joined(separator: ", ")
    }
}
