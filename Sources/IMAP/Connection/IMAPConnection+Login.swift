// From the greeting to `.ready`: capabilities, STARTTLS, authentication, COMPRESS, ID, NAMESPACE,
// in lock-step (Cyrus and Courier lose what is written behind a login). What a server sends before
// it has proved itself is bounded, and forgotten unless it is a capability of the layer that is now
// in use.

internal import MailModel
internal import SASL

extension IMAPConnection {
    /// What the login has come to.
    struct Login: Sendable {
        /// The command that runs.
        enum Step: Sendable {
            case capability
            case startTLS
            case authenticate(SASLExchange)
            case loginCommand
            case compress
            case id
            case namespace
        }

        var isSecured = false
        var isAuthenticated = false
        /// The capabilities of this layer, once known.
        var capabilities: IMAPCapabilities?
        /// Those sent while the authentication runs: they are valid once it has succeeded.
        var announced: IMAPCapabilities?
        var hasAskedCapabilities = false
        var hasAskedCompression = false
        var hasAskedID = false
        var hasAskedNamespaces = false
        var step: Step?
        var tag: IMAPTag?
        var sentAt: UInt64 = 0
        var method = IMAPServerSummary.LoginMethod.preauthenticated
        var greeting: [UInt8] = []
        var id: [IMAPIDField] = []
        var namespaces: IMAPNamespaces?
        /// A BYE that came while the authentication runs.
        var bye: IMAPCondition?
        /// What the server said of its own accord after the authentication.
        var deferred: [IMAPUntagged] = []
        private(set) var lines = 0
        private(set) var octetsInClear: UInt64 = 0

        /// Forgets what came in clear.
        mutating func beginSecured(octetsInClear: UInt64) {
            self.octetsInClear = octetsInClear
            isSecured = true
            capabilities = nil
            hasAskedCapabilities = false
            greeting = []
            step = nil
            tag = nil
        }

        /// Counts a response before the login; false when there are too many.
        mutating func count(_ frame: IMAPFrame) -> Bool {
            lines += 1
            return lines <= IMAPLimits.loginLinesMax
                && octetsInClear + frame.offset + UInt64(frame.octets.count)
                    <= IMAPLimits.loginOctetsMax
        }

        /// The error for a BYE.
        ///
        /// Text that came in clear where TLS is to come is not kept.
        func error(_ condition: IMAPCondition, _ code: IMAPError.Code = .bye) -> IMAPError {
            IMAPError(
                code,
                serverText: isSecured ? condition.text : [],
                responseCode: isSecured ? condition.code : nil,
                isTemporary: isSecured && condition.code?.isTemporary == true ? true : nil
            )
        }
    }

    // MARK: Responses

    /// The first response (RFC 3501 7.1).
    mutating func handleGreeting(
        _ response: IMAPResponse,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        guard login.count(frame), case .untagged(.condition(let condition)) = response else {
            actions.append(farewell(frame) ?? fail(.invalidGreeting))
            return
        }
        switch condition.kind {
        case .ok:
            break
        case .preauth:
            guard security != .startTLS else {
                actions.append(fail(.unexpectedPreauth))
                return
            }
            login.isAuthenticated = true
            allowWholeResponses()
        case .bye:
            actions.append(fail(login.error(condition)))
            return
        case .no, .bad:
            actions.append(fail(.invalidGreeting))
            return
        }
        login.greeting = condition.text
        if case .capability(let offered)? = condition.code { login.capabilities = offered }
        phase = .login
        advanceLogin(&actions)
    }

    /// Any response until `.ready`.
    mutating func handleLogin(
        _ response: IMAPResponse,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        guard login.isAuthenticated || login.count(frame) else {
            actions.append(fail(.loginTooLong))
            return
        }
        switch response {
        case .continuation(let text):
            handleLoginContinuation(text, frame, &actions)
        case .tagged(let tag, let condition):
            handleLoginAnswer(tag, condition, frame, &actions)
        case .untagged(let data):
            handleLoginData(data, &actions)
        case .search, .skipped:
            skippedResponses += 1
        }
    }

    private mutating func handleLoginContinuation(
        _ text: ArraySlice<UInt8>,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        guard case .authenticate(var exchange)? = login.step,
            Self.isAnswer(frame, sentAt: login.sentAt)
        else {
            actions.append(fail(.unexpectedContinuation))
            return
        }
        do {
            let answer = try exchange.respond(to: text)
            login.step = .authenticate(exchange)
            login.sentAt = framer.receivedOctets
            actions += [.writeSecret(answer), .write([ASCII.cr, ASCII.lf])]
        } catch {
            actions.append(fail(Self.error(of: error)))
        }
    }

    private static func error(of error: SASLError) -> IMAPError {
        IMAPError(error == .outOfMemory ? .outOfMemory : .authenticationAborted)
    }

    private mutating func handleLoginData(_ data: IMAPUntagged, _ actions: inout [Action]) {
        switch data {
        case .capability(let offered):
            learn(offered)
        case .condition(let condition):
            if condition.kind == .bye {
                handleLoginBye(condition, &actions)
            } else if case .capability(let offered)? = condition.code {
                learn(offered)
            } else if login.isAuthenticated, login.deferred.count < IMAPLimits.deferredMax {
                login.deferred.append(data)
            }
        case .id(let fields):
            if case .id? = login.step { login.id = fields }
        case .namespace(let namespaces):
            if case .namespace? = login.step { login.namespaces = namespaces }
        default:
            break  // Nothing about mailboxes counts before the login is done.
        }
    }

    /// Takes capabilities for what they are worth at this step.
    private mutating func learn(_ offered: IMAPCapabilities) {
        switch login.step {
        case .authenticate, .loginCommand: login.announced = offered
        case .startTLS: break
        case .capability where login.isAuthenticated && hasMangledCapabilities:
            login.capabilities?.formUnion(offered)
        case .capability, .compress, .id, .namespace, nil: login.capabilities = offered
        }
    }

    private mutating func handleLoginBye(_ condition: IMAPCondition, _ actions: inout [Action]) {
        switch login.step {
        case .authenticate, .loginCommand:
            // The answer, when it still comes, says more: a wrong password must not look like an
            // accident that is worth another attempt.
            guard login.bye == nil else {
                actions.append(fail(login.error(condition)))
                return
            }
            login.bye = condition
            if condition.code == .condition(.authenticationFailed) {
                actions.append(fail(login.error(condition, .authenticationFailed)))
            }
        default:
            actions.append(fail(login.error(condition)))
        }
    }

    private mutating func handleLoginAnswer(
        _ tag: ArraySlice<UInt8>,
        _ condition: IMAPCondition?,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        guard let expected = login.tag, let step = login.step, expected.octets.elementsEqual(tag),
            Self.isAnswer(frame, sentAt: login.sentAt)
        else {
            let error = condition == nil ? farewell(frame) : nil
            let code = condition == nil ? IMAPError.Code.invalidGreeting : .desynchronised
            actions.append(error ?? fail(code))
            return
        }
        login.tag = nil
        login.step = nil
        let isOK = condition?.kind == .ok
        let condition = condition ?? IMAPCondition(.bad, text: Array(frame.octets))
        switch step {
        case .capability:
            guard isOK || isUnconnected(condition) else {
                actions.append(fail(login.error(condition, .capabilityRefused)))
                return
            }
        case .startTLS:
            beginHandshake(isOK, &actions)
            return
        case .authenticate, .loginCommand:
            guard isOK else {
                actions.append(fail(authenticationError(condition)))
                return
            }
            finishAuthentication(condition)
        case .compress where isOK:
            guard framer.isEmpty else {
                actions.append(fail(.compressionDamaged))
                return
            }
            actions.append(.compress)
        case .compress, .id, .namespace:
            break  // A server may refuse to tell; nothing depends on it.
        }
        if !isOK, isUnconnected(condition) {
            actions.append(fail(login.error(condition, .authenticationFailed)))
            return
        }
        advanceLogin(&actions)
    }

    /// QUIRK: Exchange Online lets a wrong password pass and says so at the next command.
    private func isUnconnected(_ condition: IMAPCondition) -> Bool {
        login.isAuthenticated
            && ASCII.hasPrefix(condition.text, "User is authenticated but not connected")
    }

    private mutating func beginHandshake(_ isOK: Bool, _ actions: inout [Action]) {
        guard isOK else {
            actions.append(fail(.startTLSRefused))
            return
        }
        guard framer.isEmpty else {
            actions.append(fail(.injectedOctets))
            return
        }
        phase = .handshake
        actions.append(.startTLS)
    }

    private mutating func finishAuthentication(_ condition: IMAPCondition) {
        login.isAuthenticated = true
        login.capabilities = login.announced
        if case .capability(let offered)? = condition.code { login.capabilities = offered }
        login.hasAskedCapabilities = false
        login.bye = nil
        allowWholeResponses()
    }

    private func authenticationError(_ condition: IMAPCondition) -> IMAPError {
        IMAPError(
            .authenticationFailed,
            serverText: condition.text,
            responseCode: condition.code,
            isTemporary: condition.code?.isTemporary == true
        )
    }

    private mutating func allowWholeResponses() {
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
    }

    // MARK: The next step

    /// Does what the state of the login asks for next.
    mutating func advanceLogin(_ actions: inout [Action]) {
        if login.isAuthenticated {
            finishLogin(&actions)
        } else if login.isSecured {
            authenticate(&actions)
        } else if capabilities.has("STARTTLS") {
            send("STARTTLS", .startTLS, &actions)
        } else if !login.hasAskedCapabilities {
            askCapabilities(&actions)
        } else {
            actions.append(fail(.startTLSMissing))
        }
    }

    private mutating func authenticate(_ actions: inout [Action]) {
        guard let credential else {
            actions.append(fail(.credentialMissing))
            return
        }
        guard login.capabilities != nil || login.hasAskedCapabilities else {
            askCapabilities(&actions)
            return
        }
        let isLoginDisabled = capabilities.has("LOGINDISABLED")
        let offered = capabilities.values(of: "AUTH=")
        let usable = isLoginDisabled ? offered.filter { !ASCII.equal($0, "LOGIN") } : offered
        if let mechanism = SASLExchange.choose(offered: usable) {
            beginExchange(SASLExchange(mechanism, credential: credential), &actions)
        } else if !login.hasAskedCapabilities {
            askCapabilities(&actions)
        } else if offered.isEmpty, !isLoginDisabled {
            sendLoginCommand(credential, &actions)
        } else {
            actions.append(fail(.noUsableMechanism))
        }
    }

    private mutating func beginExchange(_ exchange: SASLExchange, _ actions: inout [Action]) {
        var exchange = exchange
        login.method = .sasl(exchange.mechanism)
        let verb = "AUTHENTICATE " + exchange.mechanism.rawValue
        guard capabilities.has("SASL-IR") else {
            send(verb, .authenticate(exchange), &actions)
            return
        }
        do {
            guard let response = try exchange.initialResponse() else {
                send(verb, .authenticate(exchange), &actions)
                return
            }
            send(verb + " ", .authenticate(exchange), secret: response, &actions)
        } catch {
            actions.append(fail(Self.error(of: error)))
        }
    }

    /// LOGIN (RFC 3501 6.2.3), for servers that know nothing else.
    ///
    /// Quoted strings only: some servers do not take literals here.
    private mutating func sendLoginCommand(
        _ credential: SASLCredential,
        _ actions: inout [Action]
    ) {
        guard let user = IMAPString.quoted(credential.user),
            let secret = IMAPString.quoted(credential.secret)
        else {
            actions.append(fail(.noUsableMechanism))
            return
        }
        login.method = .loginCommand
        let verb = "LOGIN " + String(decoding: user, as: UTF8.self) + " "
        send(verb, .loginCommand, secret: secret, &actions)
    }

    private mutating func askCapabilities(_ actions: inout [Action]) {
        login.hasAskedCapabilities = true
        send("CAPABILITY", .capability, &actions)
    }

    private mutating func send(
        _ text: String,
        _ step: Login.Step,
        secret: Secret? = nil,
        _ actions: inout [Action]
    ) {
        let tag = nextTag()
        login.tag = tag
        login.step = step
        login.sentAt = framer.receivedOctets
        let line = tag.octets + [ASCII.space] + Array(text.utf8)
        if let secret {
            actions += [.write(line), .writeSecret(secret), .write([ASCII.cr, ASCII.lf])]
        } else {
            actions.append(.write(line + [ASCII.cr, ASCII.lf]))
        }
    }

    /// What comes between authentication and `.ready`.
    private mutating func finishLogin(_ actions: inout [Action]) {
        if login.capabilities == nil || hasMangledCapabilities, !login.hasAskedCapabilities {
            askCapabilities(&actions)
        } else if compresses, capabilities.has("COMPRESS=DEFLATE"), !login.hasAskedCompression {
            login.hasAskedCompression = true
            send("COMPRESS DEFLATE", .compress, &actions)
        } else if capabilities.has("ID"), !login.hasAskedID {
            login.hasAskedID = true
            sendID(&actions)
        } else if capabilities.has("NAMESPACE"), !login.hasAskedNamespaces {
            login.hasAskedNamespaces = true
            send("NAMESPACE", .namespace, &actions)
        } else {
            phase = .ready
            actions.append(.ready(summary))
            actions += login.deferred.map { .untagged($0) }
            login.deferred = []
        }
    }

    /// QUIRK: the proxy before iCloud mangles what it lists by itself; only an answer to CAPABILITY
    /// after the login has all of it, and what was listed before holds as well.
    private var hasMangledCapabilities: Bool { capabilities.has("XAPPLEPUSHSERVICE") }

    private mutating func sendID(_ actions: inout [Action]) {
        let encoder = IMAPCommandEncoder(
            capabilities: capabilities,
            selectedReadOnly: nil,
            clientID: clientID
        )
        let tag = nextTag()
        // An ID of ours that needs a literal is not worth a round trip.
        guard let text = try? encoder.encode(.id, tag: tag), text.pieces.count == 1,
            case .text(let octets) = text.pieces[0]
        else {
            finishLogin(&actions)
            return
        }
        login.tag = tag
        login.step = .id
        login.sentAt = framer.receivedOctets
        actions.append(.write(octets))
    }

    private var summary: IMAPServerSummary {
        IMAPServerSummary(
            capabilities: capabilities,
            id: login.id,
            namespaces: login.namespaces,
            login: login.method,
            greeting: login.greeting
        )
    }
}
