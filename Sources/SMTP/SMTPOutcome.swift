// The one answer to a submitted envelope: what became of the message, for everybody and for each
// recipient. Who decides about another try (the outbox) needs nothing else.

package import MailModel

/// What became of one submitted message.
package struct SMTPOutcome: Sendable, Hashable {
    /// What became of the message as a whole.
    package enum Verdict: String, Sendable, Hashable {
        /// The server has it (2yz to the dot), for the recipients in `accepted`.
        case sent
        /// It was not sent, and the same attempt would fail again.
        case refused
        /// It was not sent, and may be tried again. The server has no copy.
        case deferred
        /// The session ended between the final dot and its reply: the server may have it or not.
        /// It must not be sent again before somebody looked for it (RFC 1047).
        case unknown
    }

    /// What became of the message for one recipient.
    package enum Disposition: Sendable, Hashable {
        /// The server has the message for this recipient.
        case accepted
        /// RCPT was refused with this reply, 4yz or 5yz.
        case refused(SMTPReply)
        /// The message was not sent to this recipient for the outcome's `reason`.
        case withheld
        /// RCPT was accepted and what became of the message is unknown.
        case unknown
    }

    /// A recipient and what became of the message for it.
    package struct Recipient: Sendable, Hashable {
        /// The recipient.
        package let address: AddrSpec
        /// What became of it.
        package let disposition: Disposition

        /// Puts both together.
        package init(_ address: AddrSpec, _ disposition: Disposition) {
            self.address = address
            self.disposition = disposition
        }
    }

    /// What became of the message as a whole.
    package let verdict: Verdict
    /// Where it was decided.
    package let phase: SMTPPhase
    /// Every recipient of the envelope, in its order.
    package let recipients: [Recipient]
    /// The reply to the final dot; nil where there was none.
    package let final: SMTPReply?
    /// Why it did not go to everybody; nil where it did.
    package let reason: SMTPError?
    /// Whether it was sent without asking for the reports that are wanted: there is no DSN.
    package let ignoresDSN: Bool

    /// Puts an outcome together.
    package init(
        verdict: Verdict,
        phase: SMTPPhase,
        recipients: [Recipient],
        final: SMTPReply? = nil,
        reason: SMTPError? = nil,
        ignoresDSN: Bool = false
    ) {
        self.verdict = verdict
        self.phase = phase
        self.recipients = recipients
        self.final = final
        self.reason = reason
        self.ignoresDSN = ignoresDSN
    }

    /// Whether the session ended between the final dot and its reply.
    package var isUnknown: Bool { verdict == .unknown }
    /// Whether it was sent and some recipients did not get it.
    package var isPartial: Bool { verdict == .sent && reason != nil }
    /// The recipients for whom the server has the message.
    package var accepted: [AddrSpec] {
        recipients.filter { $0.disposition == .accepted }.map(\.address)
    }
    /// The recipients that RCPT was refused for, with the server's words.
    package var refused: [(address: AddrSpec, reply: SMTPReply)] {
        recipients.compactMap { recipient in
            guard case .refused(let reply) = recipient.disposition else { return nil }
            return (recipient.address, reply)
        }
    }
    /// The recipients to whom the message may be sent again by itself.
    ///
    /// Empty when the message as a
    /// whole was refused, and when it is unknown what became of it.
    package var retryable: [AddrSpec] {
        guard verdict == .sent || verdict == .deferred else { return [] }
        return recipients.compactMap { recipient in
            switch recipient.disposition {
            case .withheld: recipient.address
            case .refused(let reply): reply.isTemporary ? recipient.address : nil
            case .accepted, .unknown: nil
            }
        }
    }
}
