// One message for reading, and its parts.

package import BrokerProtocol
import MailModel

/// A message as text.
package struct MessageView {
    private let message: MessageRead.Result
    private let screen: Screen

    /// The view of a message on a screen.
    package init(_ message: MessageRead.Result, screen: Screen) {
        self.message = message
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
        let summary = message.summary
        var lines: [String] = []
        func add(_ name: String, _ addresses: [Address]) {
            guard !addresses.isEmpty else { return }
            lines.append("\(name): \(AddressText.full(addresses))")
        }
        add("From", summary.from)
        add("To", summary.to)
        add("Cc", summary.cc)
        add("Bcc", message.bcc)
        if message.replyTo != summary.from { add("Reply-To", message.replyTo) }
        if let date = summary.date ?? summary.received {
            lines.append("Date: \(DateColumn.full(date))")
        }
        let subject = "Subject: \(TerminalText.line(summary.subject ?? ""))"
        lines.append(screen.hasColour ? "\u{1B}[1m\(subject)\u{1B}[0m" : subject)
        return lines
    }

    private var body: String {
        guard message.body.type != nil else { return "(no text)" }
        let end =
            message.body.truncated ? "\n[cut here; more with --max-bytes, all with mb raw]" : ""
        return Self.withoutEndOfLines(TerminalText.clean(message.body.text)) + end
    }

    private var attachments: [String] {
        let attached = message.parts.filter(\.attachment)
        guard !attached.isEmpty else { return [] }
        return [""] + attached.map { "  \(PartView.line($0))" }
            + ["", "save with: mb fetch \(message.summary.id)"]
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
