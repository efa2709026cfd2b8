// Methods that read a message the client brings: from a file, from a pipe. No account and no server
// is needed for them.

package import MailModel

/// A message of the client's as values: what every field and part of it says.
package enum MessageParse: BrokerMethod {
    package static let name = "message.parse"
    package static let summary = "The fields and parts of a message that the client uploads."
    package static let permission = Permission.connect
    package static let ordering = Ordering.sequential
    package static let streams = OctetStreams.upload

    /// Which stream brings the message.
    package struct Params: Sendable, Codable {
        /// The number of the stream with the message's octets.
        package var stream: Int

        /// A message to parse.
        package init(stream: Int) { self.stream = stream }
    }

    /// The message.
    package typealias Result = ParsedMessage
}

/// A message as values.
///
/// Texts are decoded, unfolded and in NFC; ids are without brackets; what the message does not have
/// is nil, and null in JSON.
package struct ParsedMessage: Sendable, Codable, Equatable {
    /// The subject.
    package var subject: String?
    /// The authors; groups are flattened, here and below.
    package var from: [Mailbox]
    /// The recipients of the To field.
    package var to: [Mailbox]
    /// The recipients of the Cc field.
    package var cc: [Mailbox]
    /// Where answers go.
    package var replyTo: [Mailbox]
    /// The Date field, in UTC.
    package var date: DateTime?
    /// The Message-ID.
    package var messageID: String?
    /// The messages this one answers.
    package var inReplyTo: [String]
    /// The messages of its thread, oldest first.
    package var references: [String]
    /// The parts with content, in order.
    package var parts: [Part]
    /// The messages in it, in order.
    package var embedded: [Embedded]
    /// Whether limits cut what was read.
    package var truncated: Bool

    enum CodingKeys: String, CodingKey {
        case subject, from, to, cc, date, references, parts, embedded, truncated
        case replyTo = "reply_to"
        case messageID = "message_id"
        case inReplyTo = "in_reply_to"
    }

    /// A message without anything.
    package init() {
        (from, to, cc, replyTo) = ([], [], [], [])
        (inReplyTo, references, parts, embedded) = ([], [], [], [])
        truncated = false
    }

    /// One address.
    package struct Mailbox: Sendable, Codable, Equatable {
        /// The display name; nil where there is none.
        package var name: String?
        /// The address as written.
        package var addr: String

        /// An address with its name.
        package init(name: String?, addr: String) {
            self.name = name
            self.addr = addr
        }

        /// Writes both fields, an absent name as null.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(addr, forKey: .addr)
        }
    }

    /// A message in a message (message/rfc822 and its like).
    package struct Embedded: Sendable, Codable, Equatable {
        /// The section number of the part that holds it.
        package var section: String
        /// The media type of that part.
        package var type: String
        /// Its subject.
        package var subject: String?
        /// Its authors.
        package var from: [Mailbox]
        /// Its Date field, in UTC.
        package var date: DateTime?
        /// Its Message-ID.
        package var messageID: String?

        enum CodingKeys: String, CodingKey {
            case section, type, subject, from, date
            case messageID = "message_id"
        }

        /// A message in a message.
        package init(
            section: String,
            type: String,
            subject: String?,
            from: [Mailbox],
            date: DateTime?,
            messageID: String?
        ) {
            self.section = section
            self.type = type
            self.subject = subject
            self.from = from
            self.date = date
            self.messageID = messageID
        }

        /// Writes every field, absent ones as null.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(section, forKey: .section)
            try container.encode(type, forKey: .type)
            try container.encode(subject, forKey: .subject)
            try container.encode(from, forKey: .from)
            try container.encode(date, forKey: .date)
            try container.encode(messageID, forKey: .messageID)
        }
    }

    /// Writes every field, absent ones as null.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subject, forKey: .subject)
        try container.encode(from, forKey: .from)
        try container.encode(to, forKey: .to)
        try container.encode(cc, forKey: .cc)
        try container.encode(replyTo, forKey: .replyTo)
        try container.encode(date, forKey: .date)
        try container.encode(messageID, forKey: .messageID)
        try container.encode(inReplyTo, forKey: .inReplyTo)
        try container.encode(references, forKey: .references)
        try container.encode(parts, forKey: .parts)
        try container.encode(embedded, forKey: .embedded)
        try container.encode(truncated, forKey: .truncated)
    }
}

extension ParsedMessage {
    /// A part with content.
    package struct Part: Sendable, Codable, Equatable {
        /// The section number: `2`, `1.2`.
        package var section: String
        /// The media type in lower case.
        package var type: String
        /// The declared charset in lower case.
        package var charset: String?
        /// The file name as the sender wrote it: not safe as a path.
        package var filename: String?
        /// `attachment`, `inline` or another token.
        package var disposition: String?
        /// The Content-ID.
        package var contentID: String?
        /// Octets after transfer decoding.
        package var size: Int64
        /// Their SHA-256 in lower-case hexadecimal.
        package var sha256: String
        /// The text, where the part is one.
        package var text: Text?

        /// What became of a text part.
        package struct Text: Sendable, Equatable {
            /// The SHA-256 of the text in UTF-8, NFC, with LF line ends; nil, as the next two,
            /// where the charset is not known.
            package var sha256: String?
            /// The same without blanks and line ends at both ends.
            package var trimmedSHA256: String?
            /// The number of Unicode scalars.
            package var scalarCount: Int?
            /// How the charset was found: `declared`, `guess-utf8`, ...
            package var how: String

            /// A text.
            package init(
                sha256: String?,
                trimmedSHA256: String?,
                scalarCount: Int?,
                how: String
            ) {
                self.sha256 = sha256
                self.trimmedSHA256 = trimmedSHA256
                self.scalarCount = scalarCount
                self.how = how
            }
        }

        enum CodingKeys: String, CodingKey {
            case section, type, charset, filename, disposition, size, sha256
            case contentID = "content_id"
            case textSHA256 = "text_sha256"
            case textTrimmedSHA256 = "text_trim_sha256"
            case textScalars = "text_chars"
            case textHow = "text_how"
        }

        /// A part.
        package init(
            section: String,
            type: String,
            charset: String?,
            filename: String?,
            disposition: String?,
            contentID: String?,
            size: Int64,
            sha256: String,
            text: Text?
        ) {
            self.section = section
            self.type = type
            self.charset = charset
            self.filename = filename
            self.disposition = disposition
            self.contentID = contentID
            self.size = size
            self.sha256 = sha256
            self.text = text
        }

        /// Reads a part; the text fields come together or not at all.
        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            section = try container.decode(String.self, forKey: .section)
            type = try container.decode(String.self, forKey: .type)
            charset = try container.decodeIfPresent(String.self, forKey: .charset)
            filename = try container.decodeIfPresent(String.self, forKey: .filename)
            disposition = try container.decodeIfPresent(String.self, forKey: .disposition)
            contentID = try container.decodeIfPresent(String.self, forKey: .contentID)
            size = try container.decode(Int64.self, forKey: .size)
            sha256 = try container.decode(String.self, forKey: .sha256)
            guard container.contains(.textHow) else {
                text = nil
                return
            }
            text = Text(
                sha256: try container.decodeIfPresent(String.self, forKey: .textSHA256),
                trimmedSHA256: try container.decodeIfPresent(
                    String.self,
                    forKey: .textTrimmedSHA256
                ),
                scalarCount: try container.decodeIfPresent(Int.self, forKey: .textScalars),
                how: try container.decode(String.self, forKey: .textHow)
            )
        }

        /// Writes a part: absent fields as null, the text fields only for a text.
        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(section, forKey: .section)
            try container.encode(type, forKey: .type)
            try container.encode(charset, forKey: .charset)
            try container.encode(filename, forKey: .filename)
            try container.encode(disposition, forKey: .disposition)
            try container.encode(contentID, forKey: .contentID)
            try container.encode(size, forKey: .size)
            try container.encode(sha256, forKey: .sha256)
            guard let text else { return }
            try container.encode(text.sha256, forKey: .textSHA256)
            try container.encode(text.trimmedSHA256, forKey: .textTrimmedSHA256)
            try container.encode(text.scalarCount, forKey: .textScalars)
            try container.encode(text.how, forKey: .textHow)
        }
    }
}

/// A message of the client's as `message.read` gives one of a mailbox.
package enum MessageRender: BrokerMethod {
    package static let name = "message.render"
    package static let summary = "The headers, the text and the parts of a message uploaded."
    package static let permission = Permission.connect
    package static let ordering = Ordering.sequential
    package static let streams = OctetStreams.upload

    /// Which stream brings the message, and how much of its text is wanted.
    package struct Params: Sendable, Codable {
        /// The number of the stream with the message's octets.
        package var stream: Int
        /// Most octets of text to answer with; nil for the broker's own limit of 1 MiB.
        package var maxBytes: Int?

        enum CodingKeys: String, CodingKey {
            case stream
            case maxBytes = "max_bytes"
        }

        /// A message to render.
        package init(stream: Int, maxBytes: Int? = nil) {
            self.stream = stream
            self.maxBytes = maxBytes
        }
    }

    /// The message.
    package struct Result: Sendable, Codable {
        /// The authors.
        package var from: [Address]
        /// The recipients of the To field.
        package var to: [Address]
        /// The recipients of the Cc field.
        package var cc: [Address]
        /// The recipients of the Bcc field.
        package var bcc: [Address]
        /// Where replies go.
        package var replyTo: [Address]
        /// The Date field, or nil where it is missing or unreadable.
        package var date: DateTime?
        /// The subject, decoded.
        package var subject: String?
        /// The Message-ID without brackets.
        package var messageID: String?
        /// What the message is besides a text.
        package var notes: MessageNotes
        /// The text.
        package var body: MessageRead.Body
        /// The parts with content, in order.
        package var parts: [PartInfo]

        enum CodingKeys: String, CodingKey {
            case from, to, cc, bcc, date, subject, notes, body, parts
            case replyTo = "reply_to"
            case messageID = "message_id"
        }

        /// A message.
        package init(
            from: [Address],
            to: [Address],
            cc: [Address],
            bcc: [Address],
            replyTo: [Address],
            date: DateTime?,
            subject: String?,
            messageID: String?,
            notes: MessageNotes = MessageNotes(),
            body: MessageRead.Body,
            parts: [PartInfo]
        ) {
            self.from = from
            self.to = to
            self.cc = cc
            self.bcc = bcc
            self.replyTo = replyTo
            self.date = date
            self.subject = subject
            self.messageID = messageID
            self.notes = notes
            self.body = body
            self.parts = parts
        }
    }
}
