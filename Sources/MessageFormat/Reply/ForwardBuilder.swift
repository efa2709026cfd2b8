// A received message passed on: inside the text, where a person reads it, or whole, where a program
// or a careful reader needs it as it came. Pure.

import MailModel

/// The parts of a draft that a forward begins with.
package struct Forward: Sendable, Hashable {
    /// The subject in UTF-8.
    package var subject: [UInt8]
    /// The original with a summary of its header above it, LF line ends; empty where the original
    /// is attached.
    package var text: [UInt8]
    /// The original as an attachment, or none.
    package var attachments: [DraftAttachment]
}

/// Builds forwards.
package enum ForwardBuilder {
    /// The original inside the text.
    ///
    ///     ---------- Forwarded message ----------
    ///     From: Alice <alice@example.org>
    ///     Date: 2026-11-25 10:00 +0100
    ///     Subject: Lunch
    ///     To: bob@example.org
    ///
    ///     It is Friday.
    package static func inline(_ original: OriginalMessage) -> Forward {
        var lines = [Array("---------- Forwarded message ----------".utf8)]
        func add(_ name: String, _ value: [UInt8]) {
            if !value.isEmpty { lines.append(Array("\(name): ".utf8) + value) }
        }
        add("From", addresses(original.from))
        if let date = original.date {
            add("Date", Array("\(QuotedText.day(date)) \(QuotedText.clock(date))".utf8))
        }
        add("Subject", ReceivedText.line(original.subject))
        add("To", addresses(original.to))
        add("Cc", addresses(original.cc))
        lines.append([])
        lines += ReceivedText.lines(original.text).map(Array.init)
        return Forward(
            subject: ReplySubject.forward(of: original.subject),
            text: Array((lines + [[]]).joined(separator: [ASCII.lf])),
            attachments: []
        )
    }

    /// The original as an attached message, named after its subject.
    /// - Parameters:
    ///   - original: the message.
    ///   - scan: what is known of its octets, which the caller streams.
    /// - Returns: the forward, with an empty text.
    package static func attached(_ original: OriginalMessage, scan: ContentScan) -> Forward {
        let subject = ReceivedText.line(original.subject)
        // What divides directories would cut the name off.
        let separators = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
        let title = subject.map { separators.contains($0) ? UInt8(ascii: "-") : $0 }
        let base = title.isEmpty ? "message" : String(decoding: title, as: UTF8.self)
        let name = FileName.safe(base + ".eml")
        return Forward(
            subject: ReplySubject.forward(of: original.subject),
            text: [],
            attachments: [DraftAttachment(name: Array(name.utf8), message: scan)]
        )
    }

    private static func addresses(_ addresses: [Address]) -> [UInt8] {
        let texts = addresses.map { address in
            let spec = ReceivedText.line(address.address.utf8)
            let name = ReceivedText.line((address.name ?? "").utf8)
            return name.isEmpty ? spec : name + Array(" <".utf8) + spec + Array(">".utf8)
        }
        return Array(texts.joined(separator: Array(", ".utf8)))
    }
}
