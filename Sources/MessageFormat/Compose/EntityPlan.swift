// Which parts a draft becomes and how they nest. The draft has been checked; nothing here can fail.

import MailModel

/// The MIME structure of a draft.
struct EntityPlan {
    let draft: Draft
    let form: WireForm

    /// The message's own entity, with everything in it.
    func entity(using generator: inout some RandomNumberGenerator) -> Entity {
        let related = draft.attachments.indices.filter(isRelated)
        let others = draft.attachments.indices.filter { !isRelated($0) }
        let readable = readable(related, using: &generator)
        guard !others.isEmpty else { return readable }
        let parts = [readable] + others.map(attachment)
        return MultipartWriter.entity("mixed", parts, using: &generator)
    }

    /// Whether an attachment is shown by the HTML rather than listed beside it.
    private func isRelated(_ index: Int) -> Bool {
        let attachment = draft.attachments[index]
        return draft.html != nil && attachment.disposition == .inline
            && attachment.contentID != nil
    }

    /// What is read: the text, the HTML, or both as alternatives, the better one last
    /// (RFC 2046 5.1.4).
    private func readable(
        _ related: [Int],
        using generator: inout some RandomNumberGenerator
    ) -> Entity {
        guard let html = draft.html else {
            return text("plain", TextBody(draft.text, isFlowed: draft.isFlowed, form: form))
        }
        var rich = text("html", TextBody(html, form: form))
        if !related.isEmpty {
            // RFC 2387 3.1: the type of the part that refers to the others must be named.
            rich = MultipartWriter.entity(
                "related",
                [rich] + related.map(attachment),
                parameters: [ParameterWriter.quoted("type", Array("text/html".utf8))],
                using: &generator
            )
        }
        guard !draft.text.isEmpty else { return rich }
        let plain = text("plain", TextBody(draft.text, isFlowed: draft.isFlowed, form: form))
        return MultipartWriter.entity("alternative", [plain, rich], using: &generator)
    }

    private func text(_ subtype: String, _ body: TextBody) -> Entity {
        let flowed = body.isFlowed ? "; format=flowed" : ""
        var writer = HeaderWriter()
        writer.field("Content-Type", "text/\(subtype); charset=\(body.charset)\(flowed)")
        writer.field("Content-Transfer-Encoding", body.encoding)
        return Entity(
            fields: writer.octets,
            segments: [.octets(body.octets)],
            isEightBit: body.encoding == "8bit"
        )
    }

    private func attachment(_ index: Int) -> Entity {
        let attachment = draft.attachments[index]
        let messageEncoding = attachment.message?.messageEncoding(form)
        var (type, name) = (attachment.mediaType, attachment.name)
        if messageEncoding != nil {
            type = "message/rfc822"
        } else if attachment.message != nil {
            type = MediaType.unknown
            if !ASCII.equal(name.suffix(4), ".eml") { name += ".eml".utf8 }
        }
        var writer = HeaderWriter()
        writer.field("Content-Type", type ?? MediaType.forFileName(name))
        writer.field("Content-Transfer-Encoding", messageEncoding ?? "base64")
        if let id = attachment.contentID { writer.messageIDs("Content-ID", [id]) }
        writer.parameters(
            "Content-Disposition",
            attachment.disposition.rawValue,
            ParameterWriter.text("filename", name)
        )
        return Entity(
            fields: writer.octets,
            segments: [.attachment(index)],
            isEightBit: messageEncoding == "8bit"
        )
    }
}
