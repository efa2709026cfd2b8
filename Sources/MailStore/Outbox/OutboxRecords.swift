// Values of the outbox: what is accepted, where it stands, what happened to it.

package import MailModel

/// One recipient of a message of the outbox.
package struct OutboxRecipient: Sendable, Equatable {
    /// How it stands with a recipient.
    package typealias State = OutboxRecipientState

    /// The address.
    package let address: AddrSpec
    /// How it stands.
    package var state: State
    /// The server's words; nil where it said none.
    package var text: String?

    /// A recipient.
    package init(_ address: AddrSpec, state: State = .pending, text: String? = nil) {
        self.address = address
        self.state = state
        self.text = text
    }

    /// Whether the message is still to be sent to it.
    package var isWaiting: Bool { state == .pending || state == .deferred }
}

/// What a client hands over to be sent; the octets of the body come beside it.
package struct OutboxSubmission: Sendable {
    /// What the client calls this submission: the same key is the same message.
    package var key: String
    /// The SHA-256 of what the client asked for, in hexadecimal.
    package var requestDigest: String
    /// The account's name.
    package var account: String
    /// The Message-ID without brackets.
    package var messageID: String
    /// The reverse-path; nil for the null path.
    package var sender: AddrSpec?
    /// The forward-paths.
    package var recipients: [AddrSpec]
    /// The subject, for lists.
    package var subject: String
    /// The header as sent, with the empty line at its end.
    package var header: [UInt8]
    /// The header of the copy for Sent, with Bcc.
    package var copyHeader: [UInt8]
    /// Octets of the body.
    package var bodySize: Int64
    /// Whether it holds octets above 127.
    package var needs8Bit: Bool
    /// Whether it goes to those the server accepts when it refuses others.
    package var allowsPartial: Bool
    /// Not to be sent before, in Unix seconds; nil for at once.
    package var notBefore: Int64?
    /// Seconds for which the user may take it back, up to `notBefore`; nil for none.
    package var hold: Int64?
    /// Which delivery reports are wanted; nil for what servers do by themselves.
    package var dsn: DSNRequest?

    /// A submission.
    package init(
        key: String,
        requestDigest: String,
        account: String,
        messageID: String,
        sender: AddrSpec?,
        recipients: [AddrSpec],
        subject: String,
        header: [UInt8],
        copyHeader: [UInt8],
        bodySize: Int64,
        needs8Bit: Bool,
        allowsPartial: Bool = false,
        notBefore: Int64? = nil,
        hold: Int64? = nil,
        dsn: DSNRequest? = nil
    ) {
        self.key = key
        self.requestDigest = requestDigest
        self.account = account
        self.messageID = messageID
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.header = header
        self.copyHeader = copyHeader
        self.bodySize = bodySize
        self.needs8Bit = needs8Bit
        self.allowsPartial = allowsPartial
        self.notBefore = notBefore
        self.hold = hold
        self.dsn = dsn
    }
}

/// What became of a submission.
package enum OutboxAcceptance: Sendable, Equatable {
    /// It is on the disk under a number of its own.
    case accepted(OutboxRecord)
    /// The same was accepted before: this is it.
    case repeated(OutboxRecord)
    /// Another message was accepted under the same key.
    case conflict
}

/// A message of the outbox without its octets.
package struct OutboxRecord: Sendable, Equatable {
    /// The number, never used for another message.
    package let id: Int64
    /// The account's name.
    package let account: String
    /// The Message-ID without brackets.
    package let messageID: String
    /// The reverse-path; nil for the null path.
    package let sender: AddrSpec?
    /// The recipients, in order.
    package var recipients: [OutboxRecipient]
    /// The subject.
    package let subject: String
    /// When it was accepted, in Unix seconds.
    package let createdAt: Int64
    /// Not to be sent before, in Unix seconds.
    package var notBefore: Int64?
    /// Seconds for which the user may take it back.
    package let hold: Int64?
    /// Seconds it has been under way, as far as the broker was there to count them.
    package var age: Int64
    /// When `age` was last written, in Unix seconds.
    package var touchedAt: Int64
    /// Octets of the message as sent.
    package let size: Int64
    /// Whether it holds octets above 127.
    package let needs8Bit: Bool
    /// Whether it goes to those the server accepts when it refuses others.
    package let allowsPartial: Bool
    /// Which delivery reports are wanted; nil for what servers do by themselves.
    package let dsn: DSNRequest?
    /// Where it stands.
    package var state: OutboxState
    /// How often a connection was used for it.
    package var attempts: Int
    /// When something is tried next, in Unix seconds; nil for at once.
    package var nextTry: Int64?
    /// The last thing that was said of it, by a server or by us.
    package var lastText: String?
    /// When the end of its data went out last, in Unix seconds.
    package var dotAt: Int64?
    /// How often it was looked for since.
    package var checks: Int
    /// Whether the user has seen how it ended.
    package var isAcknowledged: Bool

    /// The recipients it is still to be sent to.
    package var waiting: [AddrSpec] { recipients.filter(\.isWaiting).map(\.address) }
    /// Whether the user is to be told of it until he says that he knows.
    package var needsAttention: Bool { state == .held || (state == .failed && !isAcknowledged) }
}

/// A step in the history of a message.
package struct OutboxEvent: Sendable, Equatable {
    /// When, in Unix seconds.
    package let time: Int64
    /// What: `queued`, `attempt`, `deferred`, ...
    package let what: String
    /// More about it, often the server's words.
    package let detail: String?

    /// A step.
    package init(time: Int64, what: String, detail: String? = nil) {
        self.time = time
        self.what = what
        self.detail = detail
    }
}

/// A change of a message: what is nil stays as it is.
package struct OutboxChange: Sendable {
    /// Where it stands now.
    package var state: OutboxState
    /// The step for its history.
    package var what: String
    /// More about it.
    package var detail: String?
    /// When something is tried next, in Unix seconds; nil for at once.
    package var nextTry: Int64?
    /// How the recipients stand now.
    package var recipients: [OutboxRecipient]?
    /// Seconds to add to its age.
    package var ageing: Int64 = 0

    /// A change to a state, with the step for the history.
    package init(_ state: OutboxState, _ what: String, detail: String? = nil) {
        self.state = state
        self.what = what
        self.detail = detail
    }
}
