// Every limit and every wait of this module, by name (reliability.md L7, protocols.md 2.3 and 2.4).
// The machine has no clock: the driver reads `SMTPPhase.timeout` and calls `timedOut()`.

/// What this module accepts from a server and what it sends at most.
package enum SMTPLimits {
    /// Most octets of one reply line with its line end (RFC 5321 4.5.3.1.5 promises 512).
    package static let replyLineOctetsMax = 2_048
    /// Most lines of one reply.
    package static let replyLinesMax = 100
    /// Most octets of one reply with its line ends.
    package static let replyOctetsMax = 65_536
    /// Most octets of an AUTH line with an initial response and CRLF (RFC 4954 4).
    package static let authLineOctetsMax = 12_288
    /// Most commands in one pipelined flight; more would risk that both sides block on writing.
    package static let flightCommandsMax = 100
    /// Most octets in one pipelined flight.
    package static let flightOctetsMax = 65_536
    /// Octets of a message that are held until they go out as one chunk (RFC 3030).
    package static let chunkOctets = 262_144
    /// Most recipients of one envelope; RFC 5321 4.5.3.1.8 obliges a server to take 100.
    package static let recipientsMax = 1_000
    /// Most octets of an ENVID after encoding (RFC 3461 4.4).
    package static let envelopeIDOctetsMax = 100
    /// Most octets of an ORCPT after encoding (RFC 3461 4.2).
    package static let originalRecipientOctetsMax = 500
    /// Most octets of the name given to EHLO (RFC 5321 4.5.3.1.2).
    package static let ehloNameOctetsMax = 255
    /// Most messages the driver should send over one connection.
    package static let messagesPerConnectionMax = 50
}

/// Where a session stands: what it waits for, which timeout holds, where an error happened.
package enum SMTPPhase: String, Sendable, Hashable, CaseIterable {
    /// The TCP connection is being made; the machine is never here itself.
    case connect
    /// The server has not greeted yet.
    case greeting
    /// EHLO or HELO was sent.
    case ehlo
    /// STARTTLS was sent, or the handshake runs.
    case tls
    /// AUTH runs.
    case auth
    /// Logged in; nothing is under way.
    case idle
    /// The reply to MAIL is due.
    case mail
    /// A reply to RCPT is due.
    case rcpt
    /// The reply to DATA is due.
    case data
    /// The caller sends the message.
    case body
    /// The final dot was sent. From here on the message may have been accepted.
    case dot
    /// RSET was sent.
    case reset
    /// QUIT was sent.
    case quit
    /// The session is over.
    case closed

    /// How long to wait in this phase before giving up.
    ///
    /// RFC 5321 4.5.3.2 sets the minima for greeting, MAIL, RCPT, DATA, body and dot. In `body` it
    /// is the time without progress of a write. In `idle` it is how long the driver keeps an unused
    /// session; it sends nothing to keep it alive, because Exim counts that as misuse.
    package var timeout: Duration {
        switch self {
        case .connect: .seconds(30)
        case .greeting: .seconds(300)
        case .ehlo: .seconds(60)
        case .tls: .seconds(30)
        case .auth: .seconds(120)
        case .idle: .seconds(90)
        case .mail, .rcpt: .seconds(300)
        case .data: .seconds(120)
        case .body: .seconds(180)
        case .dot: .seconds(600)
        case .reset: .seconds(60)
        case .quit, .closed: .seconds(10)
        }
    }
}
