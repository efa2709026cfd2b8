// A draft as a message: header, text and the frame around attachments. Strict: what comes out is
// ASCII, has lines of at most 998 octets and no bare CR or LF. Attachments are not read here; the
// caller streams them between the segments, so that their size does not matter.

import MailModel

/// Writes one message (RFC 5322, RFC 2045-2049).
///
///     header(withBcc: false) + segments, where `.attachment(i)` stands for the output of an
///     `AttachmentEncoder` fed with file i
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
    /// The body behind the header's empty line.
    package let segments: [Segment]
    private let bodyFields: [UInt8]

    /// Checks a draft and plans its message.
    /// - Throws: the first field that cannot be sent, and what is wrong with it.
    package init(
        _ draft: Draft,
        using generator: inout some RandomNumberGenerator
    ) throws(MessageFormatError) {
        try Self.check(draft)
        self.draft = draft
        let text = TextBody(draft.text)
        guard !draft.attachments.isEmpty else {
            var writer = HeaderWriter()
            Self.writeTextFields(text, to: &writer)
            bodyFields = writer.octets
            segments = [.octets(text.octets)]
            return
        }
        // `=_` occurs neither in quoted-printable nor in base64, and 128 bits in no 7bit text.
        let boundary = Array("=_\(MessageID.randomHex(using: &generator))".utf8)
        var writer = HeaderWriter()
        writer.parameters(
            "Content-Type",
            "multipart/mixed",
            [ParameterWriter.quoted("boundary", boundary)]
        )
        bodyFields = writer.octets
        segments = Self.plan(text, draft.attachments, boundary: boundary)
    }

    /// The same with the system's random numbers.
    /// - Throws: the first field that cannot be sent, and what is wrong with it.
    package init(_ draft: Draft) throws(MessageFormatError) {
        var generator = SystemRandomNumberGenerator()
        try self.init(draft, using: &generator)
    }

    /// The header section with its empty line.
    ///
    /// A message that only has hidden recipients says `To: undisclosed-recipients:;`: RFC 5322
    /// allows no To at all, but some relays then add one, with all recipients in it.
    /// - Parameter withBcc: whether to write the Bcc field: only for a copy that stays with the
    ///   sender, never for what is sent.
    /// - Returns: ASCII octets in lines that end in CRLF.
    package func header(withBcc: Bool) -> [UInt8] {
        var writer = HeaderWriter()
        writer.field("Date", draft.date.rfc5322)
        writer.mailboxes("From", [draft.from])
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
        writer.field("MIME-Version", "1.0")
        return writer.octets + bodyFields + [ASCII.cr, ASCII.lf]
    }

    private static func check(_ draft: Draft) throws(MessageFormatError) {
        try DraftCheck.mailboxes([draft.from], field: "from")
        try DraftCheck.mailboxes(draft.replyTo, field: "reply-to")
        try DraftCheck.mailboxes(draft.to, field: "to")
        try DraftCheck.mailboxes(draft.cc, field: "cc")
        try DraftCheck.mailboxes(draft.bcc, field: "bcc")
        try DraftCheck.headerText(draft.subject, field: "subject")
        try DraftCheck.messageIDs([draft.messageID], field: "message-id")
        try DraftCheck.messageIDs(draft.inReplyTo, field: "in-reply-to")
        try DraftCheck.messageIDs(draft.references, field: "references")
        if let userAgent = draft.userAgent {
            try DraftCheck.headerText(userAgent, field: "user agent")
        }
        try DraftCheck.attachments(draft.attachments)
        try DraftCheck.bodyText(draft.text, field: "text")
    }

    private static func plan(
        _ text: TextBody,
        _ attachments: [DraftAttachment],
        boundary: [UInt8]
    ) -> [Segment] {
        let delimiter = Array("--".utf8) + boundary
        let lineEnd = [ASCII.cr, ASCII.lf]
        var writer = HeaderWriter()
        writeTextFields(text, to: &writer)
        var open = delimiter + lineEnd + writer.octets + lineEnd + text.octets
        var segments: [Segment] = []
        for (index, attachment) in attachments.enumerated() {
            var writer = HeaderWriter()
            writeFields(of: attachment, to: &writer)
            open += lineEnd + delimiter + lineEnd + writer.octets + lineEnd
            segments.append(.octets(open))
            segments.append(.attachment(index))
            open = []
        }
        segments.append(.octets(lineEnd + delimiter + Array("--".utf8) + lineEnd))
        return segments
    }

    private static func writeTextFields(_ text: TextBody, to writer: inout HeaderWriter) {
        writer.field("Content-Type", "text/plain; charset=\(text.charset)")
        writer.field("Content-Transfer-Encoding", text.encoding)
    }

    private static func writeFields(
        of attachment: DraftAttachment,
        to writer: inout HeaderWriter
    ) {
        let type = attachment.mediaType ?? MediaType.forFileName(attachment.name)
        writer.field("Content-Type", type)
        writer.field("Content-Transfer-Encoding", "base64")
        writer.parameters(
            "Content-Disposition",
            "attachment",
            ParameterWriter.text("filename", attachment.name)
        )
    }
}
