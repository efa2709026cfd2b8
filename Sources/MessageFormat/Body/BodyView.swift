// What of a message is its body and what is attached to it, as JMAP defines it (RFC 8621 4.1.4).
// Walks the flat tree once with a stack of its own.

package import MailModel

/// The body of a message in two forms, and its attachments, as indices of the structure's parts.
///
/// An attached message is one attachment; what is inside it does not count.
package struct BodyView: Sendable, Hashable {
    /// What a reader of plain text sees, in order: texts, and pictures between them.
    package private(set) var textBody: [Int] = []
    /// What a reader of HTML sees.
    package private(set) var htmlBody: [Int] = []
    /// Everything else that is not a form of what stands in one of the two.
    package private(set) var attachments: [Int] = []

    /// The view of a structure.
    ///
    /// Beyond RFC 8621: an empty text/plain beside a text/html that is not empty does not count, as
    /// some writers send one.
    package init(_ structure: BodyStructure) { self.init(structure.parts[...], of: structure) }

    /// The view of the parts below a container, such as those of an attached message.
    init(_ range: ArraySlice<BodyPart>, of structure: BodyStructure) {
        guard let first = range.first else { return }
        var frames = [Frame(depth: first.depth - 1, kind: "mixed")]
        for index in structure.ownParts(in: range.indices) {
            let part = structure.parts[index]
            while frames.count > 1, let frame = frames.last, frame.depth >= part.depth {
                frames.removeLast()
                end(frame, structure)
            }
            let frame = frames[frames.count - 1]
            frames[frames.count - 1].childCount += 1
            if part.isMultipart {
                frames.append(Frame(part, in: frame, textBody.count, htmlBody.count))
            } else {
                add(index, part, in: &frames[frames.count - 1], isFirst: frame.childCount == 0)
            }
        }
        while let frame = frames.popLast() { end(frame, structure) }
    }

    /// A text of so many octets is an empty line or none; where it is two letters after all, the
    /// HTML beside it says the same.
    private static let emptyOctets: UInt64 = 2

    /// An open multipart.
    private struct Frame {
        let depth: Int
        let kind: String
        /// Whether an alternative stands around.
        var isInAlternative = false
        /// Whether parts still belong to the plain and to the HTML form.
        var isText = true
        var isHTML = true
        var textStart = 0
        var htmlStart = 0
        var childCount = 0

        init(depth: Int, kind: String) {
            self.depth = depth
            self.kind = kind
        }

        init(_ part: BodyPart, in outer: Frame, _ textStart: Int, _ htmlStart: Int) {
            self.init(depth: part.depth, kind: part.subtype)
            isInAlternative = outer.isInAlternative || kind == "alternative"
            (isText, isHTML) = (outer.isText, outer.isHTML)
            (self.textStart, self.htmlStart) = (textStart, htmlStart)
        }
    }

    private mutating func add(
        _ index: Int,
        _ part: BodyPart,
        in frame: inout Frame,
        isFirst: Bool
    ) {
        guard Self.isInline(part, in: frame, isFirst: isFirst) else {
            attachments.append(index)
            return
        }
        if frame.kind == "alternative" {
            switch part.mediaType {
            case "text/plain": if frame.isText { textBody.append(index) }
            case "text/html": if frame.isHTML { htmlBody.append(index) }
            case _ where part.type == "text": break  // one more form of the same text
            default: attachments.append(index)
            }
            return
        }
        if frame.isInAlternative {
            if part.mediaType == "text/plain" { frame.isHTML = false }
            if part.mediaType == "text/html" { frame.isText = false }
        }
        if frame.isText { textBody.append(index) }
        if frame.isHTML { htmlBody.append(index) }
        if !(frame.isText && frame.isHTML), part.isMedia { attachments.append(index) }
    }

    /// Whether a part is body rather than attachment.
    private static func isInline(_ part: BodyPart, in frame: Frame, isFirst: Bool) -> Bool {
        guard part.disposition == nil || part.disposition == "inline" else { return false }
        guard part.isReadableText || part.isMedia else { return false }
        return isFirst || (frame.kind != "related" && (part.isMedia || part.fileName == nil))
    }

    /// Lends each form of an alternative to the other where that has none, or an empty one.
    private mutating func end(_ frame: Frame, _ structure: BodyStructure) {
        guard frame.kind == "alternative", frame.isText, frame.isHTML else { return }
        let (texts, htmls) = (textBody[frame.textStart...], htmlBody[frame.htmlStart...])
        let isFilled = { (index: Int) in structure.parts[index].size > Self.emptyOctets }
        if !texts.contains(where: isFilled), !htmls.isEmpty,
            texts.isEmpty || htmls.contains(where: isFilled)
        {
            textBody.replaceSubrange(frame.textStart..., with: htmls)
        } else if htmls.isEmpty {
            htmlBody += texts
        }
    }
}

extension BodyStructure {
    /// The parts that are the message's own: all but those inside an attached message.
    package var ownParts: [BodyPart] { ownParts(in: parts.indices).map { parts[$0] } }

    /// The same of some parts, by their indexes.
    func ownParts(in range: Range<Int>) -> [Int] {
        var messageDepth: Int?
        return range.filter { index in
            let part = parts[index]
            if let depth = messageDepth, part.depth > depth { return false }
            messageDepth = part.isMessage ? part.depth : nil
            return true
        }
    }
}

extension BodyPart {
    /// Whether the part holds a message (RFC 2046 5.2.1, RFC 6532 3.7, RFC 5537 for news).
    package var isMessage: Bool { type == "message" && Self.messages.contains(subtype) }

    /// The subtypes of message/* that hold one.
    static let messages: Set<String> = ["rfc822", "global", "news"]

    /// Whether the part is meant for eyes or ears.
    var isMedia: Bool { type == "image" || type == "audio" || type == "video" }

    /// Whether the part is text that people write to each other.
    var isReadableText: Bool { type == "text" && Self.readable.contains(subtype) }

    /// The file name, decoded, as the sender wrote it.
    var fileName: String? {
        ParameterList.fileName(disposition: dispositionParameters, contentType: parameters)
    }

    private static let readable: Set<String> = [
        "plain", "html", "enriched", "richtext", "markdown", "x-markdown", "x-amp-html",
        "watch-html",
    ]
}
