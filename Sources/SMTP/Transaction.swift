// The state of one message within a session, and how its outcome is made. It writes nothing: the
// machine asks it for the next flight of commands and tells it each reply.

internal import MailModel

/// One mail transaction (RFC 5321 3.3).
struct Transaction: Sendable {
    let envelope: SMTPEnvelope
    var mailReply: SMTPReply?
    var isAborted = false
    var stuffer = DotStuffer()
    /// The message in chunks; nil where it follows DATA.
    var chunks: Chunks?
    /// Whether reports are wanted and the server makes none.
    private var ignoresDSN = false
    private var isMailSent = false
    /// How many RCPT were written; those of the first recipients.
    private var rcptSent = 0
    private var rcptReplies: [SMTPReply] = []
    /// Whether a reply said that no further recipient has a chance in this transaction.
    private var isFull = false

    init(_ envelope: SMTPEnvelope) { self.envelope = envelope }

    /// Whether every command written so far was answered.
    var isAnswered: Bool { isMailSent == (mailReply != nil) && rcptSent == rcptReplies.count }

    /// Whether the server took the sender.
    var isMailAccepted: Bool { mailReply?.isCompletion ?? false }

    /// The replies to RCPT that were refusals.
    var refusals: [SMTPReply] { rcptReplies.filter { !$0.isCompletion } }

    /// Whether a recipient was accepted.
    var hasAccepted: Bool { rcptReplies.contains { $0.isCompletion } }

    /// The next commands that go out in one write; empty when all was said.
    mutating func nextFlight(using extensions: SMTPExtensions) -> [UInt8] {
        let dsn = extensions.hasDSN ? envelope.dsn : nil
        ignoresDSN = envelope.dsn != nil && dsn == nil
        let commandsMax = extensions.hasPipelining ? SMTPLimits.flightCommandsMax : 1
        var flight: [UInt8] = []
        var commands = 0
        if !isMailSent {
            flight =
                SMTPCommand.mail(
                    sender: envelope.sender,
                    parameters: parameters(using: extensions)
                ).octets
            isMailSent = true
            commands = 1
        } else if !isMailAccepted || isAborted || isFull {
            return []
        }
        while commands < commandsMax, rcptSent < envelope.recipients.count {
            let command = SMTPCommand.rcpt(envelope.recipients[rcptSent], dsn: dsn).octets
            guard flight.count + command.count <= SMTPLimits.flightOctetsMax else { break }
            flight += command
            rcptSent += 1
            commands += 1
        }
        return flight
    }

    private func parameters(using extensions: SMTPExtensions) -> SMTPCommand.MailParameters {
        var parameters = SMTPCommand.MailParameters()
        if extensions.hasSize, envelope.size > 0 { parameters.size = envelope.size }
        parameters.is8Bit = envelope.needs8Bit && extensions.has8BitMIME
        if extensions.hasDSN, let dsn = envelope.dsn {
            parameters.content = dsn.content
            parameters.envelopeID = envelope.envelopeID
        }
        parameters.isUTF8 = envelope.addressNeedingUTF8 != nil && extensions.hasSMTPUTF8
        return parameters
    }

    /// Takes the reply to the oldest unanswered RCPT.
    mutating func takeRcpt(_ reply: SMTPReply) {
        rcptReplies.append(reply)
        if reply.isTooManyRecipients { isFull = true }
    }

    /// Why the envelope cannot be sent to a server with these extensions; nil when it can.
    static func localRefusal(
        of envelope: SMTPEnvelope,
        using extensions: SMTPExtensions
    ) -> SMTPError.Code? {
        let count = envelope.recipients.count
        let limit = min(
            UInt64(SMTPLimits.recipientsMax),
            extensions.recipientsMax ?? UInt64.max
        )
        if count == 0 { return .noRecipients }
        if UInt64(count) > limit { return .tooManyRecipients(count: count, limit: limit) }
        if let sizeMax = extensions.sizeMax, envelope.size > sizeMax {
            return .messageTooLarge(size: envelope.size, limit: sizeMax)
        }
        if let address = envelope.addressNeedingUTF8, !extensions.hasSMTPUTF8 {
            return .addressNeedsUTF8(address)
        }
        return nil
    }
}

extension Transaction {
    /// The server has the message.
    func outcome(sentBy reply: SMTPReply) -> SMTPOutcome {
        let missing = envelope.recipients.count > rcptReplies.filter(\.isCompletion).count
        return SMTPOutcome(
            verdict: .sent,
            phase: .dot,
            recipients: recipients(.accepted),
            final: reply,
            reason: missing
                ? SMTPError(.recipientsRefused, phase: .rcpt, reply: refusals.first) : nil,
            ignoresDSN: ignoresDSN
        )
    }

    /// The server refused the message after the dot.
    func outcome(refusedAtDot reply: SMTPReply) -> SMTPOutcome {
        SMTPOutcome(
            verdict: reply.isPermanent ? .refused : .deferred,
            phase: .dot,
            recipients: recipients(.withheld),
            final: reply,
            reason: SMTPError(.messageRefused, phase: .dot, reply: reply)
        )
    }

    /// The session ended between the dot and its reply.
    func outcome(unknownBy error: SMTPError) -> SMTPOutcome {
        SMTPOutcome(
            verdict: .unknown,
            phase: .dot,
            recipients: recipients(.unknown),
            reason: error
        )
    }

    /// The transaction ended before the dot.
    ///
    /// A refusal for good that was read before counts more
    /// than how the session ended, or the same would be tried again and again.
    func outcome(endedBy error: SMTPError) -> SMTPOutcome {
        let reason = refusalForGood ?? error
        return SMTPOutcome(
            verdict: verdict(of: reason),
            phase: reason.phase,
            recipients: recipients(.withheld),
            reason: reason
        )
    }

    /// Why there will be no DATA, all replies being read; nil when there will.
    var refusal: SMTPError? {
        if let mailReply, !mailReply.isCompletion {
            return SMTPError(.senderRefused, phase: .mail, reply: mailReply)
        }
        if isAborted { return SMTPError(.aborted, phase: .rcpt) }
        let stops = !hasAccepted || (!envelope.allowsPartial && !refusals.isEmpty)
        guard stops else { return nil }
        let worst = refusals.first { $0.isPermanent } ?? refusals.first
        return SMTPError(.recipientsRefused, phase: .rcpt, reply: worst)
    }

    private var refusalForGood: SMTPError? {
        if let mailReply, mailReply.isPermanent, !mailReply.isAboutAuthentication {
            return SMTPError(.senderRefused, phase: .mail, reply: mailReply)
        }
        // Behind a MAIL refused for now every RCPT gets a 503, which says nothing of the recipient.
        guard isMailAccepted, !envelope.allowsPartial, !isAborted,
            let reply = refusals.first(where: { $0.isPermanent && !$0.isAboutAuthentication })
        else { return nil }
        return SMTPError(.recipientsRefused, phase: .rcpt, reply: reply)
    }

    private func verdict(of reason: SMTPError) -> SMTPOutcome.Verdict {
        switch reason.code {
        case .recipientsRefused where envelope.allowsPartial:
            // Each recipient stands for itself: one to be tried again keeps the message alive.
            recipients(.withheld).contains { recipient in
                guard case .refused(let reply) = recipient.disposition else { return true }
                return reply.isTemporary
            } ? .deferred : .refused
        case .senderRefused, .recipientsRefused, .dataRefused:
            reason.isTemporary ? .deferred : .refused
        case .messageTooLarge, .addressNeedsUTF8, .noRecipients, .tooManyRecipients, .unsendable,
            .messageTruncated:
            .refused
        default:
            .deferred
        }
    }

    /// Each recipient: refused where RCPT was, `accepted` where RCPT was accepted, else withheld.
    func recipients(_ accepted: SMTPOutcome.Disposition) -> [SMTPOutcome.Recipient] {
        envelope.recipients.enumerated().map { index, address in
            guard index < rcptReplies.count, isMailAccepted else {
                return .init(address, .withheld)
            }
            let reply = rcptReplies[index]
            return .init(address, reply.isCompletion ? accepted : .refused(reply))
        }
    }
}
