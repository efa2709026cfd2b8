// Which parts of a message a terminal shows as its text and which it offers for saving. A reading
// of the JMAP view: a terminal shows no pictures, so they are attachments to it.

package import MailModel

/// The roles of a message's parts for a reader of text.
package enum TextPartChoice {
    /// The parts to show one after the other; none where the message has no text.
    ///
    /// Usually one; the footer of a mailing list is another. Of alternatives the plain one counts.
    /// Texts of an attached message count only where there is no other. At most
    /// `MessageFormatLimits.shownTextsMax`.
    package static func texts(of structure: BodyStructure) -> [BodyPart] {
        texts(BodyView(structure), of: structure).map { structure.parts[$0] }
    }

    /// The attachments in order: leaves that are not shown and no other form of what is.
    ///
    /// An attached message is one attachment. Pictures that HTML refers to are listed as well;
    /// `isInline` tells them apart.
    package static func attachments(of structure: BodyStructure) -> [BodyPart] {
        let view = BodyView(structure)
        let shown = Set(texts(view, of: structure))
        let pictures = view.htmlBody.filter { structure.parts[$0].isMedia }
        let others = Set(view.attachments + view.textBody + pictures).subtracting(shown)
        return others.sorted().map { structure.parts[$0] }
    }

    /// Whether an attachment is meant to be seen inside the text: a picture with a Content-ID or
    /// with the disposition `inline`.
    package static func isInline(_ part: BodyPart) -> Bool {
        guard part.isMedia, part.disposition != "attachment" else { return false }
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

    private static func texts(_ view: BodyView, of structure: BodyStructure) -> [Int] {
        var view = view
        var texts = view.textBody.filter { structure.parts[$0].type == "text" }
        if texts.isEmpty, let inside = firstMessage(in: structure) {
            view = BodyView(structure.parts[inside...], of: structure)
            texts = view.textBody.filter { structure.parts[$0].type == "text" }
        }
        return Array(texts.prefix(MessageFormatLimits.shownTextsMax))
    }

    /// Where the content of the first attached message begins that has any.
    private static func firstMessage(in structure: BodyStructure) -> Int? {
        let parts = structure.parts
        return parts.indices.dropLast().first {
            parts[$0].isMessage && parts[$0 + 1].depth > parts[$0].depth
        }.map { $0 + 1 }
    }
}
