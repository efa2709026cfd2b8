// One message for reading, and its parts.

package import BrokerProtocol
import MailModel

/// A message as text.
package struct MessageView {
    /// What is shown of a message, wherever it is.
    private struct Content {
        var from: [Address]
        var to: [Address]
        var cc: [Address]
        var bcc: [Address]
        var replyTo: [Address]
        var date: DateTime?
        var subject: String?
        var notes: MessageNotes
        var body: MessageRead.Body
        var parts: [PartInfo]
    }

    private let content: Content
    /// What saves the attachments; nil where no command does.
    private let saveCommand: String?
    private let screen: Screen

    /// The view of a message of a mailbox.
    package init(_ message: MessageRead.Result, screen: Screen) {
        let summary = message.summary
        content = Content(
            from: summary.from,
            to: summary.to,
            cc: summary.cc,
            bcc: message.bcc,
            replyTo: message.replyTo,
            date: summary.date ?? summary.received,
            subject: summary.subject,
            notes: message.notes,
            body: message.body,
            parts: message.parts
        )
        saveCommand = "mb fetch \(summary.id)"
        self.screen = screen
    }

    /// The view of a message of the user's own files.
    package init(_ message: MessageRender.Result, screen: Screen) {
        content = Content(
            from: message.from,
            to: message.to,
            cc: message.cc,
            bcc: message.bcc,
            replyTo: message.replyTo,
            date: message.date,
            subject: message.subject,
            notes: message.notes,
            body: message.body,
            parts: message.parts
        )
        saveCommand = nil
        self.screen = screen
    }

    /// Headers, an empty line, the text, and what is attached.
    package var text: String {
        var lines = headers
        lines.append("")
        lines.append(body)
        lines += attachments
        return lines.joined(separator: "\n")
    }

    private var headers: [String] {
        var lines: [String] = []
        func add(_ name: String, _ addresses: [Address]) {
            guard !addresses.isEmpty else { return }
            lines.append("\(name): \(AddressText.full(addresses))")
        }
        add("From", content.from)
        add("To", content.to)
        add("Cc", content.cc)
        add("Bcc", content.bcc)
        if content.replyTo != content.from { add("Reply-To", content.replyTo) }
        if let date = content.date {
            lines.append("Date: \(DateColumn.full(date))")
        }
        let subject = "Subject: \(TerminalText.line(content.subject ?? ""))"
        lines.append(screen.hasColour ? "\u{1B}[1m\(subject)\u{1B}[0m" : subject)
        return lines + NotesView.lines(content.notes)
    }

    private var body: String {
        guard content.body.type != nil else { return "(no text)" }
        let end =
            content.body.truncated ? "\n[cut here; more with --max-bytes, all with mb raw]" : ""
        return Self.withoutEndOfLines(TerminalText.clean(content.body.text)) + end
    }

    private var attachments: [String] {
        let attached = content.parts.filter(\.attachment)
        guard !attached.isEmpty else { return [] }
        return [""] + attached.map { "  \(PartView.line($0))" }
            + (saveCommand.map { ["", "save with: \($0)"] } ?? [])
    }

    private static func withoutEndOfLines(_ text: String) -> String {
        var octets = text.utf8[...]
        while octets.last == ASCII.lf { octets.removeLast() }
        return String(Substring(octets))
    }
}

/// Parts as lines.
package enum PartView {
    /// `[2] contract.pdf  application/pdf  45K`.
    package static func line(_ part: PartInfo) -> String {
        let name = part.name.map { CellText($0, width: 60).text + "  " } ?? ""
        return "[\(word(part.part))] \(name)\(word(part.type))  \(SizeText.short(part.size))"
    }

    /// A table of parts: section, type, size, name.
    package static func lines(_ parts: [PartInfo]) -> [String] {
        let sections = parts.map { CellText($0.part, width: 16) }
        let types = parts.map { CellText($0.type, width: 40) }
        let sectionWidth = max(4, sections.map(\.width).max() ?? 0)
        let typeWidth = max(4, types.map(\.width).max() ?? 0)
        let heading =
            "  " + CellText("PART", width: sectionWidth).padded(to: sectionWidth) + "  "
            + CellText("TYPE", width: typeWidth).padded(to: typeWidth) + "   SIZE  NAME"
        let rows = parts.indices.map { index in
            let part = parts[index]
            let size = CellText(SizeText.short(part.size), width: 5).rightAligned(to: 5)
            let row =
                (part.attachment ? "@ " : "  ") + sections[index].padded(to: sectionWidth) + "  "
                + types[index].padded(to: typeWidth) + "  " + size
            return row + (part.name.map { "  " + CellText($0, width: 200).text } ?? "")
        }
        return parts.isEmpty ? [] : [heading] + rows
    }

    private static func word(_ text: String) -> String { CellText(text, width: 60).text }
}
