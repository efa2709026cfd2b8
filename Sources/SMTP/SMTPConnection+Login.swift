// From the greeting to `.ready`: EHLO, STARTTLS, EHLO again, AUTH. No credential is written before
// TLS is up where TLS is asked for, and one attempt is made per session.

internal import MailModel
internal import SASL

extension SMTPConnection {
    mutating func handleGreeting(_ reply: SMTPReply) -> [Action] {
        if reply.isTemporary || reply.isPermanent { return end(.greetingRefused, reply) }
        guard reply.code == 220 else { return end(.unexpectedReply, reply) }
        greeting = reply
        return sendEHLO()
    }

    private mutating func sendEHLO() -> [Action] {
        guard let name = currentName else { return end(.invalidEHLOName) }
        return send(.ehlo(name), then: .ehlo)
    }

    private var currentName: EHLOName? { isNameReplaced ? .withoutLiteral : ehloName }

    mutating func handleEHLO(_ reply: SMTPReply) -> [Action] {
        guard !reply.isCompletion else {
            extensions = SMTPExtensions(ehloReply: reply)
            return security == .startTLS && !isUpgraded ? startTLS() : authenticate()
        }
        // QUIRK: Office 365, Telenet and XS4ALL refuse an address literal, other servers a name
        // (FairEmail's settings, read 2026).
        if [501, 504, 550, 553].contains(reply.code), !isNameReplaced, ehloName?.isLiteral == true {
            isNameReplaced = true
            return sendEHLO()
        }
        // HELO tells of no STARTTLS and no AUTH: who refuses EHLO must not get us around either.
        if [500, 502, 504].contains(reply.code), security != .startTLS, credential == nil,
            let name = currentName
        {
            return send(.helo(name), then: .helo)
        }
        return refused(.ehloRefused, reply)
    }

    mutating func handleHELO(_ reply: SMTPReply) -> [Action] {
        guard reply.isCompletion else { return refused(.ehloRefused, reply) }
        extensions = SMTPExtensions()
        return becomeReady()
    }

    private mutating func startTLS() -> [Action] {
        guard extensions.hasStartTLS else { return end(.startTLSNotOffered) }
        return send(.startTLS, then: .startTLS)
    }

    mutating func handleStartTLS(_ reply: SMTPReply) -> [Action] {
        guard reply.code == 220 else { return end(.startTLSRefused, reply) }
        guard parser.isEmpty else { return end(.injectedBeforeTLS) }
        state = .handshake
        return [.startTLS]
    }

    /// Takes the news that the handshake after `.startTLS` succeeded and the peer is verified.
    ///
    /// Nothing that was received before counts any more (RFC 3207 4.2).
    package mutating func tlsEstablished() -> [Action] {
        guard state == .handshake else { return [] }
        isUpgraded = true
        isNameReplaced = false
        parser = ReplyParser()
        greeting = nil
        extensions = SMTPExtensions()
        return sendEHLO()
    }

    private mutating func authenticate() -> [Action] {
        guard let credential else { return becomeReady() }
        guard let name = SASLExchange.choose(offered: extensions.mechanisms) else {
            return end(.authenticationNotOffered)
        }
        mechanism = name
        let fresh = SASLExchange(name, credential: credential)
        exchange = fresh
        let command = SMTPCommand.auth(name).octets
        do throws(SASLError) {
            var attempt = fresh
            let response = try attempt.initialResponse()
            // command.count has the CRLF; the space in between is the one octet more.
            guard let response,
                command.count + 1 + response.count <= SMTPLimits.authLineOctetsMax
            else { return send(command, then: .auth) }
            exchange = attempt
            return send(secret: response, behind: command.dropLast(2) + [ASCII.space])
        } catch {
            return end(.authenticationBroken(error))
        }
    }

    private mutating func send(secret: Secret, behind prefix: [UInt8]) -> [Action] {
        let actions = send(prefix, then: .auth)
        guard state == .auth else { return actions }
        return (prefix.isEmpty ? [] : actions) + [.writeSecret(secret), .write([0x0D, 0x0A])]
    }

    mutating func handleAuth(_ reply: SMTPReply) -> [Action] {
        if reply.code == 334 { return answer(reply) }
        // QUIRK: smtp-sink and small servers answer 250 where RFC 4954 says 235 (measured 2026).
        if reply.isCompletion { return authenticated() }
        if reply.isPermanent { return end(.authenticationFailed, reply) }
        if reply.isTemporary { return end(.authenticationDeferred, reply) }
        return end(.unexpectedReply, reply)
    }

    private mutating func answer(_ reply: SMTPReply) -> [Action] {
        do throws(SASLError) {
            guard let answer = try exchange?.respond(to: reply.lines[0][...]) else { return [] }
            return send(secret: answer, behind: [])
        } catch {
            // RFC 4954 4: a lone asterisk cancels; the session is given up all the same.
            return [.write(Array("*\r\n".utf8))] + end(.authenticationBroken(error), reply)
        }
    }

    private mutating func authenticated() -> [Action] {
        credential = nil
        exchange = nil
        // QUIRK: Dovecot's submission service gives the number of SIZE, and DSN, only after AUTH
        // (measured with 2.3.19). Strato and Shaw break on a second EHLO, so nobody else gets one.
        guard extensions.growAfterLogin, let name = currentName else { return becomeReady() }
        return send(.ehlo(name), then: .ehloAfterAuth)
    }

    mutating func handleEHLOAfterAuth(_ reply: SMTPReply) -> [Action] {
        if reply.isCompletion { extensions = SMTPExtensions(ehloReply: reply) }
        return becomeReady()
    }

    private mutating func becomeReady() -> [Action] {
        state = .idle
        let summary = SMTPServerSummary(
            greeting: greeting,
            extensions: extensions,
            mechanism: mechanism
        )
        return [.ready(summary)]
    }

    /// Ends the session by a refusal, or by a violation where the reply is none.
    private mutating func refused(_ code: SMTPError.Code, _ reply: SMTPReply) -> [Action] {
        end(reply.isTemporary || reply.isPermanent ? code : .unexpectedReply, reply)
    }
}
