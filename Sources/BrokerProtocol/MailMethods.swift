// Methods that read mail: mailboxes, lists, messages, parts.

package import MailModel

/// The mailboxes of an account.
package enum MailboxList: BrokerMethod {
    package static let name = "mailbox.list"
    package static let summary = "The mailboxes of an account with roles and counts."
    package static let permission = Permission.read

    /// Which account.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the only one.
        package var account: String?
        /// Whether to wait for the server rather than be answered from the cache.
        package var fresh: Bool?

        /// A question for mailboxes.
        package init(account: String? = nil, fresh: Bool? = nil) {
            self.account = account
            self.fresh = fresh
        }
    }

    /// The mailboxes, INBOX first, then those with a role, then the others by name.
    package struct Result: Sendable, Codable {
        /// The account's name.
        package var account: String
        /// Since when the mail server cannot be reached; nil where it gave the answer now.
        package var offlineSince: DateTime?
        /// The mailboxes.
        package var mailboxes: [MailboxInfo]
        /// How full the account is; nil where the server does not say.
        package var quota: StorageQuota?

        enum CodingKeys: String, CodingKey {
            case account, mailboxes, quota
            case offlineSince = "offline_since"
        }

        /// An answer.
        package init(
            account: String,
            offlineSince: DateTime? = nil,
            mailboxes: [MailboxInfo],
            quota: StorageQuota? = nil
        ) {
            self.account = account
            self.offlineSince = offlineSince
            self.mailboxes = mailboxes
            self.quota = quota
        }
    }
}

/// How much of what the server allows is used.
package struct StorageQuota: Sendable, Codable, Equatable {
    /// Octets used.
    package var used: Int64
    /// Octets there may be.
    package var limit: Int64

    /// Figures in octets.
    package init(used: Int64, limit: Int64) {
        self.used = used
        self.limit = limit
    }
}

/// One mailbox.
package struct MailboxInfo: Sendable, Codable, Equatable {
    /// The name for people and for `mailbox` parameters, decoded.
    package var name: String
    /// What it is for.
    package var role: MailboxRole?
    /// Messages in it, or nil where unknown.
    package var total: Int?
    /// Unseen messages in it, or nil where unknown.
    package var unseen: Int?
    /// Whether it can hold messages.
    package var selectable: Bool

    /// A mailbox.
    package init(
        name: String,
        role: MailboxRole?,
        total: Int? = nil,
        unseen: Int? = nil,
        selectable: Bool = true
    ) {
        self.name = name
        self.role = role
        self.total = total
        self.unseen = unseen
        self.selectable = selectable
    }
}

/// The messages of a mailbox, newest first.
package enum MessageList: BrokerMethod {
    package static let name = "message.list"
    package static let summary = "The newest messages of a mailbox, newest first, with the total."
    package static let permission = Permission.read

    /// Which messages.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the only one.
        package var account: String?
        /// A mailbox name, or a role: `inbox`, `sent`, `trash`, ...
        package var mailbox: String
        /// Most messages to answer with, 1...`BrokerLimits.listMax`.
        package var limit: Int
        /// Only messages listed after this one, to page onward.
        package var after: Int64?
        /// Whether to wait for the server rather than be answered from the cache.
        package var fresh: Bool?

        /// A question for messages.
        package init(
            account: String? = nil,
            mailbox: String,
            limit: Int,
            after: Int64? = nil,
            fresh: Bool? = nil
        ) {
            self.account = account
            self.mailbox = mailbox
            self.limit = limit
            self.after = after
            self.fresh = fresh
        }
    }

    /// The messages.
    package struct Result: Sendable, Codable {
        /// The account's name.
        package var account: String
        /// The mailbox's name, decoded.
        package var mailbox: String
        /// What the mailbox is for.
        package var role: MailboxRole?
        /// Messages in the mailbox.
        package var total: Int
        /// Unseen messages in the mailbox, or nil where unknown.
        package var unseen: Int?
        /// Whether the broker watches the mailbox or has just asked; else the answer is as of
        /// `asOf`.
        package var live: Bool
        /// When the answer was last known to be true.
        package var asOf: DateTime
        /// Since when the mail server cannot be reached; nil while it can.
        package var offlineSince: DateTime?
        /// The messages, newest first.
        package var messages: [MessageSummary]

        enum CodingKeys: String, CodingKey {
            case account, mailbox, role, total, unseen, live, messages
            case asOf = "as_of"
            case offlineSince = "offline_since"
        }

        /// An answer.
        package init(
            account: String,
            mailbox: String,
            role: MailboxRole?,
            total: Int,
            unseen: Int?,
            live: Bool,
            asOf: DateTime,
            offlineSince: DateTime? = nil,
            messages: [MessageSummary]
        ) {
            self.account = account
            self.mailbox = mailbox
            self.role = role
            self.total = total
            self.unseen = unseen
            self.live = live
            self.asOf = asOf
            self.offlineSince = offlineSince
            self.messages = messages
        }
    }
}

/// A row of a list.
package struct MessageSummary: Sendable, Codable, Equatable {
    /// The store's number of the message: stable across moves and restarts.
    package var id: Int64
    /// The mailbox's name, decoded.
    package var mailbox: String
    /// The Date field, or nil where it is missing or unreadable.
    package var date: DateTime?
    /// When the message arrived in the mailbox (INTERNALDATE).
    package var received: DateTime?
    /// The authors.
    package var from: [Address]
    /// The recipients of the To field.
    package var to: [Address]
    /// The recipients of the Cc field.
    package var cc: [Address]
    /// The subject, decoded.
    package var subject: String?
    /// The Message-ID without brackets.
    package var messageID: String?
    /// The flags and keywords.
    package var flags: [Flag]
    /// The labels: Gmail's, with its own ones in lower case (`inbox`, `important`), or the keywords
    /// that stand for labels on other servers.
    package var labels: [String]
    /// Whether \Seen is absent.
    package var unseen: Bool
    /// Whether the message seems to have attachments, judged by its Content-Type.
    package var hasAttachment: Bool
    /// Octets of the whole message.
    package var size: Int64

    enum CodingKeys: String, CodingKey {
        case id, mailbox, date, received, from, to, cc, subject, flags, labels, unseen, size
        case messageID = "message_id"
        case hasAttachment = "has_attachment"
    }

    /// A row.
    package init(
        id: Int64,
        mailbox: String,
        date: DateTime?,
        received: DateTime?,
        from: [Address],
        to: [Address],
        cc: [Address],
        subject: String?,
        messageID: String?,
        flags: [Flag],
        labels: [String] = [],
        hasAttachment: Bool,
        size: Int64
    ) {
        self.id = id
        self.mailbox = mailbox
        self.date = date
        self.received = received
        self.from = from
        self.to = to
        self.cc = cc
        self.subject = subject
        self.messageID = messageID
        self.flags = flags
        self.labels = labels
        self.unseen = !flags.contains(.seen)
        self.hasAttachment = hasAttachment
        self.size = size
    }
}

/// One message for reading.
package enum MessageRead: BrokerMethod {
    package static let name = "message.read"
    package static let summary = "The headers, the text and the parts of a message."
    package static let permission = Permission.read

    /// Which message and how much of it.
    package struct Params: Sendable, Codable {
        /// The message's id.
        package var id: Int64
        /// Most octets of text to answer with; nil for the broker's own limit of 1 MiB.
        package var maxBytes: Int?

        enum CodingKeys: String, CodingKey {
            case id
            case maxBytes = "max_bytes"
        }

        /// A question for a message.
        package init(id: Int64, maxBytes: Int? = nil) {
            self.id = id
            self.maxBytes = maxBytes
        }
    }

    /// The message.
    package struct Result: Sendable, Codable {
        /// The account's name.
        package var account: String
        /// What a list shows of it.
        package var summary: MessageSummary
        /// The recipients of the Bcc field: only in messages one sent.
        package var bcc: [Address]
        /// Where replies go, if not to `from`.
        package var replyTo: [Address]
        /// What the message is besides a text.
        package var notes: MessageNotes
        /// The text.
        package var body: Body
        /// The parts with content, in order.
        package var parts: [PartInfo]

        enum CodingKeys: String, CodingKey {
            case account, summary, bcc, notes, body, parts
            case replyTo = "reply_to"
        }

        /// A message.
        package init(
            account: String,
            summary: MessageSummary,
            bcc: [Address],
            replyTo: [Address],
            notes: MessageNotes = MessageNotes(),
            body: Body,
            parts: [PartInfo]
        ) {
            self.account = account
            self.summary = summary
            self.bcc = bcc
            self.replyTo = replyTo
            self.notes = notes
            self.body = body
            self.parts = parts
        }
    }

    /// The text of a message.
    package struct Body: Sendable, Codable {
        /// What the text was made from: `text/plain`, `text/html`; nil where there is no text.
        package var type: String?
        /// The section number it was made from.
        package var part: String?
        /// The text, LF line ends; it may hold control characters, so who prints it cleans it.
        package var text: String
        /// Whether the text was cut at the limit asked for.
        package var truncated: Bool

        /// A text.
        package init(type: String?, part: String?, text: String, truncated: Bool) {
            self.type = type
            self.part = part
            self.text = text
            self.truncated = truncated
        }
    }
}

/// A header field as a signature or an encryption protects it, where the one outside is different.
package struct ProtectedField: Sendable, Codable, Equatable {
    /// The field's name: `Subject`.
    package var name: String
    /// The protected value, decoded.
    package var value: String

    /// A field.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// One part with content.
package struct PartInfo: Sendable, Codable, Equatable {
    /// The section number: `2`, `1.2`.
    package var part: String
    /// The media type: `application/pdf`.
    package var type: String
    /// The file name, decoded, as the sender wrote it: not safe as a path.
    package var name: String?
    /// Octets after decoding; an estimate from the encoded size for base64.
    package var size: Int64
    /// `attachment`, `inline` or nil.
    package var disposition: String?
    /// Whether it is for saving rather than for reading.
    package var attachment: Bool

    /// A part.
    package init(
        part: String,
        type: String,
        name: String?,
        size: Int64,
        disposition: String?,
        attachment: Bool
    ) {
        self.part = part
        self.type = type
        self.name = name
        self.size = size
        self.disposition = disposition
        self.attachment = attachment
    }
}

/// The parts of a message.
package enum MessageParts: BrokerMethod {
    package static let name = "message.parts"
    package static let summary = "The parts of a message: section, type, name, size."
    package static let permission = Permission.read

    /// Which message.
    package struct Params: Sendable, Codable {
        /// The message's id.
        package var id: Int64

        /// A question for parts.
        package init(id: Int64) { self.id = id }
    }

    /// The parts.
    package struct Result: Sendable, Codable {
        /// The message's id.
        package var id: Int64
        /// The parts with content, in order.
        package var parts: [PartInfo]

        /// An answer.
        package init(id: Int64, parts: [PartInfo]) {
            self.id = id
            self.parts = parts
        }
    }
}

/// How a download's octets travel.
package enum OctetsEncoding: String, Sendable, Codable {
    /// Raw, behind their notification.
    case raw
    /// In the notification, for clients that cannot read raw octets.
    case base64
}

/// A whole message as octets.
package enum MessageRaw: BrokerMethod {
    package static let name = "message.raw"
    package static let summary = "The octets of a whole message, as a stream."
    package static let permission = Permission.read
    package static let streams = OctetStreams.download

    /// Which message.
    package struct Params: Sendable, Codable {
        /// The message's id.
        package var id: Int64
        /// The number the octets notifications carry.
        package var stream: Int
        /// How the octets travel; nil for raw.
        package var encoding: OctetsEncoding?

        /// A question for octets.
        package init(id: Int64, stream: Int, encoding: OctetsEncoding? = nil) {
            self.id = id
            self.stream = stream
            self.encoding = encoding
        }
    }

    /// What was sent.
    package typealias Result = OctetsSummary
}

/// A part's content as octets, decoded.
package enum PartFetch: BrokerMethod {
    package static let name = "part.fetch"
    package static let summary = "The decoded octets of one part, as a stream."
    package static let permission = Permission.read
    package static let streams = OctetStreams.download

    /// Which part.
    package struct Params: Sendable, Codable {
        /// The message's id.
        package var id: Int64
        /// The section number.
        package var part: String
        /// The number the octets notifications carry.
        package var stream: Int
        /// How the octets travel; nil for raw.
        package var encoding: OctetsEncoding?

        /// A question for octets.
        package init(id: Int64, part: String, stream: Int, encoding: OctetsEncoding? = nil) {
            self.id = id
            self.part = part
            self.stream = stream
            self.encoding = encoding
        }
    }

    /// What was sent.
    package typealias Result = OctetsSummary
}

/// The end of a download.
package struct OctetsSummary: Sendable, Codable, Equatable {
    /// How many octets were sent.
    package var size: Int64
    /// Their SHA-256 in lower-case hexadecimal.
    package var sha256: String
    /// How many octets, as transferred, the mail server announced and did not send; nil for none.
    package var missing: Int64?

    /// A summary.
    package init(size: Int64, sha256: String, missing: Int64? = nil) {
        self.size = size
        self.sha256 = sha256
        self.missing = missing
    }
}
