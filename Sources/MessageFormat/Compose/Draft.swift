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

    /// The author.
    package var from: Mailbox
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
    /// The files that go with it, in order.
    package var attachments: [DraftAttachment]

    /// A draft; what is not named is empty.
    package init(
        from: Mailbox,
        to: [Mailbox] = [],
        cc: [Mailbox] = [],
        bcc: [Mailbox] = [],
        replyTo: [Mailbox] = [],
        subject: [UInt8] = [],
        text: [UInt8] = [],
        inReplyTo: [String] = [],
        references: [String] = [],
        date: DateTime,
        messageID: String,
        userAgent: [UInt8]? = nil,
        attachments: [DraftAttachment] = []
    ) {
        self.from = from
        self.to = to
        self.cc = cc
        self.bcc = bcc
        self.replyTo = replyTo
        self.subject = subject
        self.text = text
        self.inReplyTo = inReplyTo
        self.references = references
        self.date = date
        self.messageID = messageID
        self.userAgent = userAgent
        self.attachments = attachments
    }
}

/// A file to be attached.
///
/// Its content is streamed by the caller and never held here.
package struct DraftAttachment: Sendable, Hashable {
    /// The file name in UTF-8, without directories.
    package var name: [UInt8]
    /// `type/subtype` without parameters; nil to go by the name (`MediaType.forFileName`).
    package var mediaType: String?

    /// An attachment by name.
    package init(name: [UInt8], mediaType: String? = nil) {
        self.name = name
        self.mediaType = mediaType
    }
}
