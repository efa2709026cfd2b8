// A draft as a message: header, text and the frame around attachments. Strict: what comes out has
// lines of at most 998 octets, no bare CR or LF, and no octet that the way does not allow.
// Attachments are not read here; the caller streams them between the segments, so that their size
// does not matter.

import MailModel

/// Writes one message (RFC 5322, RFC 2045-2049).
///
///     header(withBcc: false) + segments, where `.attachment(i)` stands for the output of
///     `encoder(forAttachment: i)` fed with file i
///
/// With everything in it a message is built like this; a frame with one part in it is left out:
///
///     multipart/mixed
///       multipart/alternative
///         text/plain
///         multipart/related
///           text/html
///           inline attachments with a content id
///       all other attachments
package struct MessageComposer: Sendable {
    /// A piece of the body in order.
    package enum Segment: Sendable, Hashable {
        /// Octets to write as they are.
        case octets([UInt8])
        /// The place of an attachment, by its index in the draft.
        case attachment(Int)
    }

    /// The draft being written.
    package let draft: Draft
    /// What the message keeps to.
    package let form: WireForm
    /// The body behind the header's empty line.
    package let segments: [Segment]
    /// Whether the way must offer 8BITMIME.
    package let needsEightBit: Bool
    private let bodyFields: [UInt8]

    /// Checks a draft and plans its message.
    /// - Throws: the first field that cannot be sent, and what is wrong with it.
    package init(
        _ draft: Draft,
        form: WireForm = .sevenBit,
        using generator: inout some RandomNumberGenerator
    ) throws(MessageFormatError) {
        try Self.check(draft, form)
        let entity = EntityPlan(draft: draft, form: form).entity(using: &generator)
        self.draft = draft
        self.form = form
        segments = entity.segments
        needsEightBit = entity.isEightBit
        bodyFields = entity.fields
    }

    /// The same with the system's random numbers.
    /// - Throws: the first field that cannot be sent, and what is wrong with it.
    package init(_ draft: Draft, form: WireForm = .sevenBit) throws(MessageFormatError) {
        var generator = SystemRandomNumberGenerator()
        try self.init(draft, form: form, using: &generator)
    }

    /// Whether the way must offer SMTPUTF8: an address in the header or the envelope holds UTF-8.
    package var needsSMTPUTF8: Bool {
        let mailboxes = [draft.from] + (draft.sender.map { [$0] } ?? []) + draft.replyTo
        return (mailboxes + draft.to + draft.cc + draft.bcc).contains { $0.address.needsUTF8 }
    }

    /// A fresh encoder for the attachment with an index.
    package func encoder(forAttachment index: Int) -> AttachmentEncoder {
        guard draft.attachments.indices.contains(index),
            let scan = draft.attachments[index].message, scan.messageEncoding(form) != nil
        else { return AttachmentEncoder() }
        return AttachmentEncoder(passing: scan)
    }

    /// The header section with its empty line.
    ///
    /// A message that only has hidden recipients says `To: undisclosed-recipients:;`: RFC 5322
    /// allows no To at all, but some relays then add one, with all recipients in it.
    /// - Parameter withBcc: whether to write the Bcc field: only for a copy that stays with the
    ///   sender, never for what is sent.
    /// - Returns: octets in lines that end in CRLF; ASCII but for addresses that need UTF-8.
    package func header(withBcc: Bool) -> [UInt8] {
        var writer = HeaderWriter()
        writer.field("Date", draft.date.rfc5322)
        writer.mailboxes("From", [draft.from])
        if let sender = draft.sender { writer.mailboxes("Sender", [sender]) }
        writer.mailboxes("Reply-To", draft.replyTo)
        if draft.to.isEmpty, draft.cc.isEmpty, !draft.bcc.isEmpty {
            writer.field("To", "undisclosed-recipients:;")
        }
        writer.mailboxes("To", draft.to)
        writer.mailboxes("Cc", draft.cc)
        if withBcc { writer.mailboxes("Bcc", draft.bcc) }
        writer.text("Subject", draft.subject)
        writer.messageIDs("Message-ID", [draft.messageID])
        writer.messageIDs("In-Reply-To", draft.inReplyTo)
        writer.messageIDs("References", draft.references)
        if let userAgent = draft.userAgent { writer.text("User-Agent", userAgent) }
        for header in draft.headers { writer.added(header) }
        writer.field("MIME-Version", "1.0")
        return writer.octets + bodyFields + [ASCII.cr, ASCII.lf]
    }

    private static func check(_ draft: Draft, _ form: WireForm) throws(MessageFormatError) {
        try DraftCheck.mailboxes([draft.from], field: "from", form: form)
        if let sender = draft.sender {
            try DraftCheck.mailboxes([sender], field: "sender", form: form)
        }
        try DraftCheck.mailboxes(draft.replyTo, field: "reply-to", form: form)
        try DraftCheck.mailboxes(draft.to, field: "to", form: form)
        try DraftCheck.mailboxes(draft.cc, field: "cc", form: form)
        try DraftCheck.mailboxes(draft.bcc, field: "bcc", form: form)
        try DraftCheck.headerText(draft.subject, field: "subject")
        try DraftCheck.messageIDs([draft.messageID], field: "message-id")
        try DraftCheck.messageIDs(draft.inReplyTo, field: "in-reply-to")
        try DraftCheck.messageIDs(draft.references, field: "references")
        if let userAgent = draft.userAgent {
            try DraftCheck.headerText(userAgent, field: "user agent")
        }
        try DraftCheck.headers(draft.headers)
        try DraftCheck.attachments(draft.attachments)
        try DraftCheck.bodyText(draft.text, field: "text")
        if let html = draft.html { try DraftCheck.bodyText(html, field: "html") }
    }
}
