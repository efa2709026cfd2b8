// Which part of a message is its text and which parts are attachments (RFC 8621 4.1.4). Works on
// the flat tree of MailModel by depth alone, so that nothing recurses.

package import MailModel

/// The roles of a message's parts.
package enum TextPartChoice {
    /// The part to show; nil where the message has no text.
    ///
    /// The first text that is no attachment; where it stands in a multipart/alternative, the
    /// text/plain of that alternative before its text/html, unless it is empty. Texts of an
    /// attached message count only where there is no other.
    package static func choose(_ structure: BodyStructure) -> BodyPart? {
        let parts = structure.parts
        let nested = insideMessages(parts)
        let isText = bodyTexts(parts)
        let own = parts.indices.filter { !nested[$0] && isText[$0] }
        if let choice = choose(from: own, of: parts) { return parts[choice] }
        let all = parts.indices.filter { isText[$0] }
        return choose(from: all, of: parts).map { parts[$0] }
    }

    /// The attachments in order: leaves that are not the text or a form of it.
    ///
    /// An attached message is one attachment. Pictures that HTML refers to are listed as well;
    /// `isInline` tells them apart.
    package static func attachments(of structure: BodyStructure) -> [BodyPart] {
        let parts = structure.parts
        let nested = insideMessages(parts)
        let isText = bodyTexts(parts)
        let chosen = choose(structure)
        return parts.indices.filter { index in
            let part = parts[index]
            guard !nested[index], !part.isMultipart else { return false }
            if part == chosen { return false }
            return !isText[index]
        }.map { parts[$0] }
    }

    /// Whether an attachment is meant to be seen inside the text: a picture with a Content-ID or
    /// with the disposition `inline`.
    package static func isInline(_ part: BodyPart) -> Bool {
        let media = ["image", "audio", "video"]
        guard media.contains(part.type), part.disposition != "attachment" else { return false }
        return part.disposition == "inline" || part.contentID != nil
    }

    /// Whether a message of this Content-Type probably has attachments: a hint for lists, made
    /// without its structure.
    ///
    /// True for multipart/mixed and for a whole body that is neither text nor multipart.
    package static func suggestsAttachment(contentType octets: some Sequence<UInt8>) -> Bool {
        let field = ContentTypeField.parse(octets)
        return field.type == "multipart" ? field.subtype == "mixed" : field.type != "text"
    }

    private static func choose(from candidates: [Int], of parts: [BodyPart]) -> Int? {
        guard let first = candidates.first else { return nil }
        guard let alternative = enclosingAlternative(of: first, in: parts) else {
            return candidates.first { !isEmpty(parts[$0]) } ?? first
        }
        let forms = candidates.prefix { $0 < end(of: alternative, in: parts) }
        let filled = forms.filter { !isEmpty(parts[$0]) }
        return filled.first { parts[$0].subtype == "plain" }
            ?? filled.first ?? candidates.first { !isEmpty(parts[$0]) } ?? first
    }

    /// A text without a line: some writers send an empty text/plain beside their text/html.
    private static func isEmpty(_ part: BodyPart) -> Bool { part.size <= 2 }

    /// For each part, whether it may be the text of the message.
    private static func bodyTexts(_ parts: [BodyPart]) -> [Bool] {
        let first = parts.firstIndex { !$0.isMultipart }
        return parts.indices.map { isBodyText(parts[$0], isFirst: $0 == first) }
    }

    /// Whether a part may be the text of the message, given whether it is the first leaf.
    private static func isBodyText(_ part: BodyPart, isFirst: Bool) -> Bool {
        let forms = [
            "plain", "html", "enriched", "richtext", "markdown", "x-markdown", "x-amp-html",
        ]
        guard part.type == "text", forms.contains(part.subtype) else { return false }
        guard part.disposition == nil || part.disposition == "inline" else { return false }
        let name = ParameterList.fileName(
            disposition: part.dispositionParameters,
            contentType: part.parameters
        )
        // RFC 8621 4.1.4: a name makes an attachment of a part, unless it is the first one.
        return name == nil || isFirst
    }

    /// The innermost multipart/alternative around a part.
    private static func enclosingAlternative(of index: Int, in parts: [BodyPart]) -> Int? {
        var depth = parts[index].depth
        for outer in parts.indices[..<index].reversed() where parts[outer].depth < depth {
            depth = parts[outer].depth
            if parts[outer].mediaType == "multipart/alternative" { return outer }
        }
        return nil
    }

    /// The index behind the last part inside a container.
    private static func end(of container: Int, in parts: [BodyPart]) -> Int {
        parts[(container + 1)...].firstIndex { $0.depth <= parts[container].depth } ?? parts.count
    }

    /// For each part, whether it belongs to an attached message.
    private static func insideMessages(_ parts: [BodyPart]) -> [Bool] {
        var messageDepth: Int?
        return parts.map { part in
            if let depth = messageDepth, part.depth > depth { return true }
            let isMessage =
                part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global")
            messageDepth = isMessage ? part.depth : nil
            return false
        }
    }
}
