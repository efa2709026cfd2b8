// The error type of this module: what went wrong, in which phase, whose fault, whether waiting
// helps and whether the account is stopped by it. It holds the server's reply where there was one.

package import MailModel
package import SASL

/// Why a session ended, or why a message was not sent to everybody.
package struct SMTPError: Error, Sendable, Hashable {
    /// Whose doing it is.
    package enum Fault: Sendable, Hashable {
        /// The server or the network.
        case peer
        /// This toolkit.
        case us
        /// What the caller gave: message, addresses, credential, settings.
        case caller
    }

    /// What went wrong, stable enough to decide on.
    package enum Code: Sendable, Hashable {
        /// The greeting was a refusal.
        case greetingRefused
        /// EHLO (and HELO, where that is allowed) was refused.
        case ehloRefused
        /// TLS is required and STARTTLS is not offered. No credential was written.
        case startTLSNotOffered
        /// STARTTLS was answered by anything but 220. No credential was written.
        case startTLSRefused
        /// Octets in the clear stood behind the reply to STARTTLS. No credential was written.
        case injectedBeforeTLS
        /// A credential is given and the server offers no mechanism for it.
        case authenticationNotOffered
        /// AUTH was refused for good (535, 534, 538, another 5yz). It was tried once.
        case authenticationFailed
        /// AUTH was refused for now (454).
        case authenticationDeferred
        /// The AUTH exchange could not be carried on, on this side or by what the server asked.
        case authenticationBroken(SASLError)
        /// MAIL, RCPT or DATA was refused because the server wants (another) authentication.
        case authenticationRequired
        /// MAIL was refused.
        case senderRefused
        /// One or more RCPT were refused, and the message did not go to them.
        case recipientsRefused
        /// DATA was refused.
        case dataRefused
        /// The message was refused after the final dot.
        case messageRefused
        /// The message is larger than the server takes (SIZE). Nothing was sent.
        case messageTooLarge(size: UInt64, limit: UInt64)
        /// An address needs SMTPUTF8, which is not offered. Nothing was sent.
        case addressNeedsUTF8(AddrSpec)
        /// The envelope has no recipient. Nothing was sent.
        case noRecipients
        /// The envelope has more recipients than one transaction takes. Nothing was sent.
        case tooManyRecipients(count: Int, limit: UInt64)
        /// The message holds what may not be sent. The connection is given up before the dot.
        case unsendable(DotStuffer.Fault)
        /// The message ended before the size of its envelope. The connection is given up before the
        /// dot.
        case messageTruncated(size: UInt64, announced: UInt64)
        /// The caller gave the message up.
        case aborted
        /// The server closes the session (421).
        case serverClosing
        /// The connection ended.
        case connectionClosed
        /// The driver waited for as long as `SMTPPhase.timeout` says.
        case timedOut
        /// Octets that are no reply.
        case malformedReply(ReplyParser.Fault)
        /// A reply that cannot answer what was sent.
        case unexpectedReply
        /// A reply to nothing.
        case unsolicitedReply
        /// 503: the server has another idea of where the session stands.
        case outOfSequence
        /// The name for EHLO holds what may not be sent. Nothing was sent.
        case invalidEHLOName
        /// A message was submitted while the session was not ready for one.
        case notReady
        /// A part of a message was given while none was asked for.
        case bodyNotExpected
    }

    /// What went wrong.
    package let code: Code
    /// Where the session stood.
    package let phase: SMTPPhase
    /// The server's own words; nil where no reply led to this.
    package let reply: SMTPReply?

    /// Puts an error together.
    package init(_ code: Code, phase: SMTPPhase, reply: SMTPReply? = nil) {
        self.code = code
        self.phase = phase
        self.reply = reply
    }

    /// Whose doing it is.
    package var fault: Fault {
        switch code {
        case .authenticationBroken(let error):
            switch error.fault {
            case .peer: .peer
            case .caller: .caller
            case .us: .us
            }
        case .greetingRefused, .ehloRefused, .startTLSNotOffered, .startTLSRefused,
            .injectedBeforeTLS, .authenticationNotOffered, .authenticationDeferred, .senderRefused,
            .recipientsRefused, .dataRefused,
            .messageRefused, .serverClosing, .connectionClosed, .timedOut, .malformedReply,
            .unexpectedReply, .unsolicitedReply, .outOfSequence:
            .peer
        case .authenticationFailed, .authenticationRequired, .messageTooLarge, .addressNeedsUTF8,
            .noRecipients, .tooManyRecipients, .unsendable, .messageTruncated, .aborted,
            .invalidEHLOName:
            .caller
        case .notReady, .bodyNotExpected:
            .us
        }
    }

    /// Whether the same attempt may succeed later without anybody changing anything.
    package var isTemporary: Bool {
        switch code {
        case .greetingRefused, .ehloRefused, .startTLSRefused, .senderRefused, .recipientsRefused,
            .dataRefused, .messageRefused:
            reply?.isTemporary ?? false
        case .authenticationBroken(let error):
            error.isTemporary
        case .authenticationDeferred, .serverClosing, .connectionClosed, .timedOut,
            .malformedReply, .unexpectedReply, .unsolicitedReply, .outOfSequence, .notReady,
            .aborted:
            true
        case .startTLSNotOffered, .injectedBeforeTLS, .authenticationNotOffered,
            .authenticationFailed, .authenticationRequired,
            .messageTooLarge, .addressNeedsUTF8, .noRecipients, .tooManyRecipients, .unsendable,
            .messageTruncated, .invalidEHLOName, .bodyNotExpected:
            false
        }
    }

    /// Whether the account must rest until somebody looks at it, with its messages still queued:
    /// a second try could lock the user out or give the password to an attacker.
    package var stopsAccount: Bool {
        switch code {
        case .startTLSNotOffered, .injectedBeforeTLS, .authenticationNotOffered,
            .authenticationFailed, .authenticationRequired, .invalidEHLOName:
            true
        case .startTLSRefused, .greetingRefused, .ehloRefused, .authenticationBroken:
            !isTemporary
        default:
            false
        }
    }
}

extension SMTPError: CustomStringConvertible {
    /// One line for people; the reply's control characters are not in it.
    package var description: String {
        guard let reply else { return clause }
        return "\(clause): \(reply)"
    }

    private var clause: String {
        switch code {
        case .greetingRefused: "the server refuses the session"
        case .ehloRefused: "the server refuses our EHLO"
        case .startTLSNotOffered: "TLS is required and the server does not offer STARTTLS"
        case .startTLSRefused: "the server refuses STARTTLS"
        case .injectedBeforeTLS: "octets in the clear came behind the reply to STARTTLS"
        case .authenticationNotOffered: "the server offers no way to log in that we know"
        case .authenticationFailed: "the server refuses the login"
        case .authenticationDeferred: "the server cannot check the login now"
        case .authenticationBroken(let error): "the login could not be carried on: \(error.reason)"
        case .authenticationRequired: "the server wants another login"
        case .senderRefused: "the server refuses the sender"
        case .recipientsRefused: "the server refuses recipients"
        case .dataRefused: "the server refuses to take a message"
        case .messageRefused: "the server refuses the message"
        case .messageTooLarge(let size, let limit):
            "the message has \(size) octets and the server takes \(limit)"
        case .addressNeedsUTF8(let address):
            "the server does not offer SMTPUTF8, which \(address.text) needs"
        case .noRecipients: "the message has no recipient"
        case .tooManyRecipients(let count, let limit):
            "the message has \(count) recipients and one transaction takes \(limit)"
        case .unsendable(let fault): "\(fault)"
        case .messageTruncated(let size, let announced):
            "the message ended after \(size) of \(announced) octets"
        case .aborted: "the message was given up"
        case .serverClosing: "the server closes the session"
        case .connectionClosed: "the connection ended"
        case .timedOut: "the server did not answer in time"
        case .malformedReply(let fault): "the server's reply cannot be read: \(fault)"
        case .unexpectedReply: "the server's reply does not fit"
        case .unsolicitedReply: "the server sent a reply to nothing"
        case .outOfSequence: "the server lost the sequence of commands"
        case .invalidEHLOName: "the name for EHLO holds what may not be sent"
        case .notReady: "the session is not ready for a message"
        case .bodyNotExpected: "a part of a message came while none was asked for"
        }
    }
}
