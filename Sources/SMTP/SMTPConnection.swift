// The client's side of a submission session (RFC 6409) without socket, clock or task: octets and
// calls in, actions out. The login is in SMTPConnection+Login.swift, a message in
// SMTPConnection+Transaction.swift.

package import MailModel
package import SASL

/// A submission session as a state machine.
///
///     S: 220 mail.example.org ESMTP          receive -> .write(EHLO)
///     S: 250-... 250 AUTH PLAIN              receive -> .write, .writeSecret, .write
///     S: 235 2.7.0 ok                        receive -> .ready
///     submit(envelope)                       -> .write(MAIL, RCPT ...)
///     S: 250, 250                            receive -> .write(DATA)
///     S: 354                                 receive -> .needsBody
///     bodyChunk ... bodyEnd                  -> .write ...
///     S: 250 queued                          receive -> .completed
///
/// Where CHUNKING is offered, `.needsBody` follows the replies to RCPT, and the message goes out by
/// BDAT.
///
/// Every `submit` is answered by exactly one `.completed`, also when the session ends on the way.
/// Every session ends with exactly one `.failed` or `.quitDone`; after that the driver closes the
/// connection, and every call returns no action. Actions are carried out in their order.
package struct SMTPConnection: Sendable {
    /// How the connection is protected.
    package enum Security: Sendable, Hashable {
        /// TLS was up before the first octet (port 465, RFC 8314 3.3).
        case implicitTLS
        /// STARTTLS must succeed before anything else (port 587, RFC 3207).
        case startTLS
        /// No TLS at all. A credential goes out in the clear: for a tunnel or a Unix socket only,
        /// and the caller has asked the user.
        case plaintext
    }

    /// What the driver has to do.
    package enum Action: Sendable {
        /// Write these octets.
        case write([UInt8])
        /// Write the octets of a secret; never log them. The CRLF follows as `.write`.
        case writeSecret(Secret)
        /// Start the TLS handshake, give no further octet from before it to `receive`, and call
        /// `tlsEstablished` when the peer is verified.
        case startTLS
        /// Logged in: `submit` may be called.
        case ready(SMTPServerSummary)
        /// The server waits for the message: `bodyChunk` any number of times, then `bodyEnd`.
        ///
        /// With every recipient of the envelope as it stands: those that are accepted get it.
        case needsBody([SMTPOutcome.Recipient])
        /// The answer to `submit`.
        case completed(SMTPOutcome)
        /// The session ended as asked for.
        case quitDone
        /// The session is over. Close the connection without another word.
        case failed(SMTPError)
    }

    enum State: Equatable {
        case greeting
        case ehlo
        case helo
        case startTLS
        case handshake
        case auth
        case ehloAfterAuth
        case idle
        /// MAIL and RCPT commands are under way.
        case flight
        case data
        case body
        case dot
        case resetting
        case quitting
        case ended
    }

    let security: Security
    var credential: SASLCredential?
    let ehloName: EHLOName?
    var state = State.greeting
    var parser = ReplyParser()
    /// Whether the TLS handshake of STARTTLS is behind us.
    var isUpgraded = false
    /// Whether EHLO was repeated without an address literal.
    var isNameReplaced = false
    var greeting: SMTPReply?
    var extensions = SMTPExtensions()
    var mechanism: SASLMechanismName?
    var exchange: SASLExchange?
    var transaction: Transaction?
    /// Whether the driver may still bring a message that the server has refused meanwhile.
    var isBodyRefused = false
    /// An envelope that came while RSET was under way.
    var waiting: SMTPEnvelope?

    /// A session whose connection (and TLS, for `implicitTLS`) is already made.
    ///
    /// Without a credential there is no AUTH. `ehloName` is a domain or an address literal; another
    /// one fails at the greeting. The default says nothing about this host.
    package init(
        security: Security,
        credential: SASLCredential?,
        ehloName: [UInt8] = Array("[127.0.0.1]".utf8)
    ) {
        self.security = security
        self.credential = credential
        self.ehloName = EHLOName(ehloName)
    }

    /// Where the session stands; its `timeout` is how long the driver waits now.
    package var phase: SMTPPhase {
        switch state {
        case .greeting: .greeting
        case .ehlo, .helo, .ehloAfterAuth: .ehlo
        case .startTLS, .handshake: .tls
        case .auth: .auth
        case .idle: .idle
        case .flight: transaction?.mailReply == nil ? .mail : .rcpt
        case .data: .data
        case .body: .body
        case .dot: .dot
        case .resetting: .reset
        case .quitting: .quit
        case .ended: .closed
        }
    }

    /// Whether `submit` may be called.
    package var acceptsSubmission: Bool {
        state == .idle || (state == .resetting && waiting == nil)
    }

    /// Takes octets of the server.
    package mutating func receive(_ octets: [UInt8]) -> [Action] {
        guard state != .ended, !octets.isEmpty else { return [] }
        guard state != .handshake else { return end(.injectedBeforeTLS) }
        parser.append(octets)
        var actions: [Action] = []
        while state != .ended {
            do throws(ReplyParser.Fault) {
                guard let reply = try parser.next() else { break }
                actions += handle(reply)
            } catch {
                actions += end(.malformedReply(error))
            }
        }
        return actions
    }

    /// Takes the news that the connection ended, for whatever reason.
    package mutating func closed() -> [Action] {
        guard state != .quitting else { return finish() }
        return end(.connectionClosed)
    }

    /// Takes the news that nothing came for as long as `phase.timeout`: the session is over.
    package mutating func timedOut() -> [Action] {
        guard state != .quitting else { return finish() }
        return end(.timedOut)
    }

    /// Ends the session: with QUIT when nothing is under way, else by giving everything up.
    ///
    /// A message under way is answered as by `closed`.
    package mutating func quit() -> [Action] {
        switch state {
        case .idle where parser.isEmpty:
            state = .quitting
            return [.write(SMTPCommand.quit.octets)]
        case .quitting, .ended:
            return []
        default:
            let abandoned = abandon(SMTPError(.aborted, phase: phase))
            return abandoned + finish()
        }
    }

    private mutating func handle(_ reply: SMTPReply) -> [Action] {
        if reply.code == 421, state != .quitting { return handleClosing(reply) }
        switch state {
        case .greeting: return handleGreeting(reply)
        case .ehlo: return handleEHLO(reply)
        case .helo: return handleHELO(reply)
        case .startTLS: return handleStartTLS(reply)
        case .auth: return handleAuth(reply)
        case .ehloAfterAuth: return handleEHLOAfterAuth(reply)
        case .flight: return handleFlight(reply)
        case .data: return handleData(reply)
        case .body where transaction?.chunks?.isAnswered == false: return handleChunk(reply)
        case .dot: return handleDot(reply)
        case .resetting: return handleReset(reply)
        case .quitting: return finish()
        case .idle, .body, .handshake, .ended: return end(.unsolicitedReply, reply)
        }
    }

    /// Writes a command and waits for its reply in `next`.
    mutating func send(_ command: SMTPCommand, then next: State) -> [Action] {
        send(command.octets, then: next)
    }

    /// Writes commands and waits for their replies in `next`.
    ///
    /// Octets that are there before the command was written answer nothing of ours: somebody sent
    /// them ahead to have them taken for the answer.
    mutating func send(_ octets: [UInt8], then next: State) -> [Action] {
        enter(next, [.write(octets)])
    }

    /// Goes on to a state in which nothing that is there already can be an answer.
    mutating func enter(_ next: State, _ actions: [Action]) -> [Action] {
        guard parser.isEmpty else { return endByLeftover() }
        state = next
        return actions
    }

    private mutating func endByLeftover() -> [Action] {
        do throws(ReplyParser.Fault) {
            let reply = try parser.next()
            guard let reply, reply.code == 421 else { return end(.unsolicitedReply, reply) }
            return handleClosing(reply)
        } catch {
            return end(.malformedReply(error))
        }
    }

    /// Takes a 421, which may come at any time (RFC 5321 3.8).
    ///
    /// As the answer to the dot it says that the message
    /// was not taken.
    private mutating func handleClosing(_ reply: SMTPReply) -> [Action] {
        var actions: [Action] = []
        if state == .dot, let transaction {
            actions.append(.completed(transaction.outcome(refusedAtDot: reply)))
            self.transaction = nil
        }
        return actions + end(.serverClosing, reply)
    }

    /// Ends the session by an error and answers the message under way.
    mutating func end(_ code: SMTPError.Code, _ reply: SMTPReply? = nil) -> [Action] {
        guard state != .ended else { return [] }
        let error = SMTPError(code, phase: phase, reply: reply)
        let actions = abandon(error)
        close()
        return actions + [.failed(error)]
    }

    private mutating func finish() -> [Action] {
        guard state != .ended else { return [] }
        close()
        return [.quitDone]
    }

    /// Answers what was submitted and not answered yet.
    private mutating func abandon(_ error: SMTPError) -> [Action] {
        var actions: [Action] = []
        if let transaction {
            let outcome =
                state == .dot
                ? transaction.outcome(unknownBy: error) : transaction.outcome(endedBy: error)
            actions.append(.completed(outcome))
        }
        if let waiting {
            actions.append(.completed(Transaction(waiting).outcome(endedBy: error)))
        }
        transaction = nil
        waiting = nil
        return actions
    }

    private mutating func close() {
        state = .ended
        credential = nil
        exchange = nil
        parser = ReplyParser()
    }
}
