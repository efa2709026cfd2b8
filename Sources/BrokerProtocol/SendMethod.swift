// The method that takes a message to be sent.

package import MailModel

/// Takes a message in to be sent.
package enum MessageSend: BrokerMethod {
    package static let name = "message.send"
    package static let summary =
        "Composes a message from fields and streams and puts it into the outbox."
    package static let permission = Permission.send
    package static let ordering = Ordering.sequential
    package static let streams = OctetStreams.upload

    /// The message; its streams are sent in ascending order, each ended by a frame of no octets.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the only one.
        package var account: String?
        /// The author, `Name <address>`; nil for the account's first identity.
        package var from: String?
        /// Address lists as written in a header.
        package var to: [String]
        /// Address lists as written in a header.
        package var cc: [String]?
        /// Address lists as written in a header.
        package var bcc: [String]?
        /// The subject; may be empty.
        package var subject: String
        /// The stream that brings the text in UTF-8.
        package var bodyStream: Int
        /// The attachments in order.
        package var attachments: [Attachment]?
        /// What the client calls this submission; nil where that does not matter.
        ///
        /// With the same key the same message is taken in once, however often it is submitted.
        package var key: String?
        /// Seconds for which it can be taken back; nil for the account's own setting.
        package var hold: Int64?
        /// Not to be sent before; nil for at once.
        package var sendAt: DateTime?
        /// Whether it goes to those the server accepts when it refuses others.
        package var partial: Bool?
        /// Whether the answer waits until it is known what the first attempt came to.
        package var wait: Bool?
        /// Which delivery reports are wanted; nil for what servers do by themselves.
        package var dsn: DSNRequest?

        enum CodingKeys: String, CodingKey {
            case account, from, to, cc, bcc, subject, attachments, key, hold, partial, wait, dsn
            case bodyStream = "body_stream"
            case sendAt = "send_at"
        }

        /// A message to send.
        package init(
            account: String? = nil,
            from: String? = nil,
            to: [String],
            cc: [String]? = nil,
            bcc: [String]? = nil,
            subject: String,
            bodyStream: Int,
            attachments: [Attachment]? = nil,
            key: String? = nil,
            hold: Int64? = nil,
            sendAt: DateTime? = nil,
            partial: Bool? = nil,
            wait: Bool? = nil,
            dsn: DSNRequest? = nil
        ) {
            self.account = account
            self.from = from
            self.to = to
            self.cc = cc
            self.bcc = bcc
            self.subject = subject
            self.bodyStream = bodyStream
            self.attachments = attachments
            self.key = key
            self.hold = hold
            self.sendAt = sendAt
            self.partial = partial
            self.wait = wait
            self.dsn = dsn
        }
    }

    /// One attachment.
    package struct Attachment: Sendable, Codable {
        /// The stream that brings its octets.
        package var stream: Int
        /// The file name the recipient sees.
        package var name: String
        /// The media type; nil to judge by the name.
        package var type: String?

        /// An attachment.
        package init(stream: Int, name: String, type: String? = nil) {
            self.stream = stream
            self.name = name
            self.type = type
        }
    }

    /// The message in the outbox.
    package struct Result: Sendable, Codable {
        /// The message as it stands.
        package var item: OutboxItem
        /// Whether it had been taken in before, under the same key.
        package var repeated: Bool
        /// Whether the account is logged in, so that it can go.
        package var online: Bool

        /// A message as taken in.
        package init(item: OutboxItem, repeated: Bool = false, online: Bool = true) {
            self.item = item
            self.repeated = repeated
            self.online = online
        }
    }
}

/// Takes a whole message in to be sent, as sendmail(8) does.
package enum MessageSubmit: BrokerMethod {
    package static let name = "message.submit"
    package static let summary =
        "Puts a whole message into the outbox, with Date and Message-ID where it has none."
    package static let permission = Permission.send
    package static let ordering = Ordering.sequential
    package static let streams = OctetStreams.upload

    /// The message's envelope; its octets are sent on `stream`, ended by a frame of no octets.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the one that writes as the author.
        package var account: String?
        /// The reverse-path; nil for the account's own.
        package var sender: String?
        /// The author's name for a message without From.
        package var fullName: String?
        /// The recipients.
        package var recipients: [String]
        /// Whether the header names further recipients.
        package var fromHeader: Bool
        /// The stream that brings the message, with any line ends.
        package var stream: Int
        /// As in `MessageSend.Params`.
        package var key: String?
        /// As in `MessageSend.Params`.
        package var hold: Int64?
        /// As in `MessageSend.Params`.
        package var wait: Bool?
        /// As in `MessageSend.Params`.
        package var dsn: DSNRequest?

        enum CodingKeys: String, CodingKey {
            case account, sender, recipients, stream, key, hold, wait, dsn
            case fullName = "full_name"
            case fromHeader = "from_header"
        }

        /// A message to send.
        package init(
            account: String? = nil,
            sender: String? = nil,
            fullName: String? = nil,
            recipients: [String],
            fromHeader: Bool,
            stream: Int,
            key: String? = nil,
            hold: Int64? = nil,
            wait: Bool? = nil,
            dsn: DSNRequest? = nil
        ) {
            self.account = account
            self.sender = sender
            self.fullName = fullName
            self.recipients = recipients
            self.fromHeader = fromHeader
            self.stream = stream
            self.key = key
            self.hold = hold
            self.wait = wait
            self.dsn = dsn
        }

        /// What is the same whenever the same is asked for, as octets.
        package func identity() throws -> [UInt8] {
            var same = self
            (same.key, same.wait, same.stream) = (nil, nil, 0)
            return try Wire.identity(of: same)
        }
    }

    /// The message in the outbox.
    package typealias Result = MessageSend.Result
}

extension MessageSend.Params {
    /// What is the same whenever the same is asked for, as octets: all but the key, the waiting and
    /// the numbers of the streams.
    package func identity() throws -> [UInt8] {
        var same = self
        (same.key, same.wait, same.bodyStream) = (nil, nil, 0)
        same.attachments = attachments?.map { .init(stream: 0, name: $0.name, type: $0.type) }
        return try Wire.identity(of: same)
    }
}
