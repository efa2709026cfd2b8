// What a caller wants to send, before anything has been checked. A plain value of octets: all
// checks are made by `MessageComposer`, which names the field that is at fault.

package import MailModel

/// A message to be written.
package struct Draft: Sendable, Hashable {
    /// An address with the name people read.
    package struct Mailbox: Sendable, Hashable {
        /// The display name in UTF-8; nil or empty for none.
        package var name: [UInt8]?
        /// The address.
        package var address: AddrSpec

        /// A mailbox from its parts.
        package init(name: [UInt8]? = nil, address: AddrSpec) {
            self.name = name
            self.address = address
        }
    }

    /// A further header field.
    package struct Header: Sendable, Hashable {
        /// The field name, without the colon.
        package var name: [UInt8]
        /// The value in UTF-8, unfolded.
        package var value: [UInt8]

        /// A field from its parts.
        package init(name: [UInt8], value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    /// The author.
    package var from: Mailbox
    /// Who sends it, where that is not the author.
    package var sender: Mailbox?
    /// The recipients everybody sees.
    package var to: [Mailbox]
    /// The recipients of copies.
    package var cc: [Mailbox]
    /// The recipients nobody sees: written only by `header(withBcc: true)`.
    package var bcc: [Mailbox]
    /// Where answers go, where that is not `from`.
    package var replyTo: [Mailbox]
    /// The subject in UTF-8.
    package var subject: [UInt8]
    /// The text in UTF-8, with any kind of line end.
    package var text: [UInt8]
    /// Whether the text is sent as format=flowed (RFC 3676): wrapped, and unwrapped by the reader.
    package var isFlowed: Bool
    /// The same in HTML, UTF-8; nil for text only.
    ///
    /// With HTML and an empty text there is no text part.
    package var html: [UInt8]?
    /// The ids of the messages answered, without `<>`.
    package var inReplyTo: [String]
    /// The ids of the thread, oldest first, without `<>`.
    package var references: [String]
    /// When it was written.
    package var date: DateTime
    /// Its own id, without `<>`.
    package var messageID: String
    /// The program that wrote it; nil to say nothing.
    package var userAgent: [UInt8]?
    /// Further fields, in order: `Auto-Submitted`, `List-Id` and the like.
    ///
    /// Names that the message's structure, its addressing or its way depend on are refused
    /// (`HeaderName.isReserved`).
    package var headers: [Header]
    /// The files that go with it, in order.
    package var attachments: [DraftAttachment]

    /// A draft; what is not named is empty.
    package init(
        from: Mailbox,
        sender: Mailbox? = nil,
        to: [Mailbox] = [],
        cc: [Mailbox] = [],
        bcc: [Mailbox] = [],
        replyTo: [Mailbox] = [],
        subject: [UInt8] = [],
        text: [UInt8] = [],
        isFlowed: Bool = false,
        html: [UInt8]? = nil,
        inReplyTo: [String] = [],
        references: [String] = [],
        date: DateTime,
        messageID: String,
        userAgent: [UInt8]? = nil,
        headers: [Header] = [],
        attachments: [DraftAttachment] = []
    ) {
        self.from = from
        self.sender = sender
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.isFlowed = isFlowed
        self.html = html
        self.inReplyTo = inReplyTo
        self.references = references
        self.date = date
        self.messageID = messageID
        self.userAgent = userAgent
        self.headers = headers
        self.attachments = attachments
    }
}

/// A file or message to be attached.
///
/// Its content is streamed by the caller and never held here.
package struct DraftAttachment: Sendable, Hashable {
    /// How a reader is to present it (RFC 2183 2).
    package enum Disposition: String, Sendable, Hashable {
        /// By name, opened on demand.
        case attachment
        /// As a part of what is read.
        case inline
    }

    /// The file name in UTF-8, without directories.
    package var name: [UInt8]
    /// `type/subtype` without parameters; nil to go by the name (`MediaType.forFileName`).
    package var mediaType: String?
    /// How it is presented.
    ///
    /// An inline one with a content id goes with the HTML (multipart/related).
    package var disposition: Disposition
    /// What `cid:` in the HTML refers to, `left@right` without `<>` (RFC 2392).
    package var contentID: String?
    /// For a message to be forwarded: what a `ContentScan` found in it.
    ///
    /// Its type is then ours.
    ///
    /// It is sent as message/rfc822 in 7bit or 8bit, as RFC 2046 5.2.1 demands. A message that does
    /// not survive this transport so (`ContentScan.messageEncoding`) is sent as
    /// application/octet-stream in base64, its name ending in `.eml`: octet for octet the same, and
    /// still opened by mail programs.
    package var message: ContentScan?

    /// An attachment by name.
    package init(
        name: [UInt8],
        mediaType: String? = nil,
        disposition: Disposition = .attachment,
        contentID: String? = nil,
        message: ContentScan? = nil
    ) {
        self.name = name
        self.mediaType = mediaType
        self.disposition = disposition
        self.contentID = contentID
        self.message = message
    }
}
