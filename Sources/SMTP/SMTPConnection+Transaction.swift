// One message: MAIL and RCPT in as few round trips as the server allows, then DATA, the message,
// the dot, or BDAT (SMTPConnection+Chunks.swift). DATA waits for the replies to RCPT, because after
// 354 there is no way back (protocols.md 2.3).

internal import MailModel

extension SMTPConnection {
    /// Submits a message; the answer is one `.completed`.
    ///
    /// Only while `acceptsSubmission`. What this server could never take is refused here, and
    /// nothing is written.
    package mutating func submit(_ envelope: SMTPEnvelope) -> [Action] {
        guard acceptsSubmission else {
            return [.completed(localOutcome(of: envelope, .notReady))]
        }
        if let code = Transaction.localRefusal(of: envelope, using: extensions) {
            return [.completed(localOutcome(of: envelope, code))]
        }
        guard state == .idle else {
            waiting = envelope
            return []
        }
        return begin(envelope)
    }

    private func localOutcome(of envelope: SMTPEnvelope, _ code: SMTPError.Code) -> SMTPOutcome {
        Transaction(envelope).outcome(endedBy: SMTPError(code, phase: phase))
    }

    private mutating func begin(_ envelope: SMTPEnvelope) -> [Action] {
        var transaction = Transaction(envelope)
        isBodyRefused = false
        let flight = transaction.nextFlight(using: extensions)
        self.transaction = transaction
        return send(flight, then: .flight)
    }

    mutating func handleFlight(_ reply: SMTPReply) -> [Action] {
        let isMailReply = transaction?.mailReply == nil
        if let violation = violation(in: reply) { return end(violation, reply) }
        if isMailReply {
            transaction?.mailReply = reply
        } else {
            transaction?.takeRcpt(reply)
        }
        guard transaction?.isAnswered == true else { return [] }
        let flight = transaction?.nextFlight(using: extensions) ?? []
        return flight.isEmpty ? settle() : send(flight, then: .flight)
    }

    /// What in a reply to MAIL, RCPT or DATA ends the session; nil for a plain yes or no.
    func violation(in reply: SMTPReply) -> SMTPError.Code? {
        // The replies to RCPT behind a refused MAIL are 503 by right.
        let isMailRefused = transaction?.mailReply.map { !$0.isCompletion } ?? false
        if reply.isAboutAuthentication { return .authenticationRequired }
        if reply.code == 503, !isMailRefused { return .outOfSequence }
        return reply.isCompletion || reply.isTemporary || reply.isPermanent ? nil : .unexpectedReply
    }

    /// All replies to MAIL and RCPT are there: DATA or not.
    private mutating func settle() -> [Action] {
        guard let transaction else { return [] }
        guard let refusal = transaction.refusal else {
            return extensions.allowsChunks ? beginChunks(transaction) : send(.data, then: .data)
        }
        // A refused MAIL opens no transaction, so there is nothing to reset; Exim counts every
        // RSET but one as misuse.
        let isOpen = transaction.isMailAccepted || transaction.hasAccepted
        return conclude(transaction.outcome(endedBy: refusal), resets: isOpen)
    }

    /// Answers the message under way and goes on to the next.
    mutating func conclude(_ outcome: SMTPOutcome, resets: Bool) -> [Action] {
        transaction = nil
        state = .idle
        let answer = [Action.completed(outcome)]
        return resets ? answer + send(.rset, then: .resetting) : answer
    }

    mutating func handleData(_ reply: SMTPReply) -> [Action] {
        if reply.code == 354 {
            guard let transaction, !transaction.isAborted else { return end(.aborted) }
            state = .body
            return [.needsBody(transaction.recipients(.accepted))]
        }
        if let violation = violation(in: reply) { return end(violation, reply) }
        // QUIRK: some servers answer 250 to DATA. So does one that counts replies differently than
        // we do, and a message written to that one is read as commands: not accepted.
        guard let transaction, !reply.isCompletion else { return end(.unexpectedReply, reply) }
        let refusal = SMTPError(.dataRefused, phase: .data, reply: reply)
        return conclude(transaction.outcome(endedBy: refusal), resets: true)
    }

    /// Takes the next octets of the message, with any line ends; only after `.needsBody`.
    package mutating func bodyChunk(_ octets: [UInt8]) -> [Action] {
        guard state == .body else { return isBodyRefused ? [] : end(.bodyNotExpected) }
        do throws(DotStuffer.Fault) {
            guard let stuffed = try transaction?.stuffer.stuff(octets), !stuffed.isEmpty else {
                return []
            }
            return transaction?.chunks == nil ? [.write(stuffed)] : hold(stuffed)
        } catch {
            return end(.unsendable(error))
        }
    }

    /// Ends the message.
    ///
    /// The driver must have recorded that the message may now be accepted before
    /// it carries out the `.write` of this call (reliability.md 3.4).
    package mutating func bodyEnd() -> [Action] {
        guard state == .body else { return isBodyRefused ? [] : end(.bodyNotExpected) }
        guard var transaction else { return [] }
        let last = transaction.stuffer.finish()
        let size = transaction.stuffer.canonicalOctets
        guard size >= transaction.envelope.size else {
            return end(.messageTruncated(size: size, announced: transaction.envelope.size))
        }
        self.transaction = transaction
        guard transaction.chunks == nil else { return endChunks(last) }
        state = .dot
        return [.write(last)]
    }

    mutating func handleDot(_ reply: SMTPReply) -> [Action] {
        guard transaction?.chunks == nil else { return handleLastChunk(reply) }
        return handleEnd(reply)
    }

    /// Takes what the server says of the message as a whole.
    mutating func handleEnd(_ reply: SMTPReply) -> [Action] {
        guard let transaction else { return [] }
        if reply.isCompletion {
            return conclude(transaction.outcome(sentBy: reply), resets: false)
        }
        // A reply that cannot belong to the dot leaves open what became of the message.
        guard reply.isTemporary || reply.isPermanent else { return end(.unexpectedReply, reply) }
        guard reply.code != 503 else { return end(.outOfSequence, reply) }
        // A refused chunk leaves the transaction open.
        let isOpen = transaction.chunks != nil
        return conclude(transaction.outcome(refusedAtDot: reply), resets: isOpen)
    }

    /// Gives up the message under way, where that is still possible, or resets an idle session.
    ///
    /// Before DATA the machine waits for the replies that are due, sends RSET and goes on. From
    /// DATA to the dot only the end of the connection takes a message back: the session fails.
    /// After the dot it is too late and nothing happens; the answer comes as `.completed`.
    package mutating func reset() -> [Action] {
        switch state {
        case .idle:
            return send(.rset, then: .resetting)
        case .flight, .data:
            transaction?.isAborted = true
            return []
        case .body:
            return end(.aborted)
        default:
            guard let waiting else { return [] }
            self.waiting = nil
            return [.completed(localOutcome(of: waiting, .aborted))]
        }
    }

    mutating func handleReset(_ reply: SMTPReply) -> [Action] {
        guard reply.isCompletion else { return end(.unexpectedReply, reply) }
        state = .idle
        guard let envelope = waiting else { return [] }
        waiting = nil
        return begin(envelope)
    }
}
