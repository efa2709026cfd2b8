// The client's side of one IMAP connection as a pure state machine (RFC 3501): octets in, actions
// out, in any slicing of the stream. No socket, no clock, no TLS in here. Everything the server
// sends goes through one path, whichever command runs. One command is on the wire at a time;
// `Running` is where several would live.

internal import MailModel
package import SASL

/// One connection to an IMAP server.
///
///     S: * OK ready
///     C: A0001 CAPABILITY
///     ...
///     C: A0002 AUTHENTICATE PLAIN AHRpbQBz...
///     S: A0002 OK [CAPABILITY IMAP4rev1 IDLE] Logged in        -> .ready
///
/// The login is a barrier: nothing is written behind it before its answer. Once `.failed` has been
/// given, nothing follows but refusals of what is still submitted.
package struct IMAPConnection: Sendable {
    /// What protects the octets on the wire.
    package enum Security: Sendable, Hashable {
        /// TLS from the first octet; call `tlsEstablished` before the first `receive`.
        case implicitTLS
        /// TLS after STARTTLS (RFC 2595); without it nothing is sent that matters.
        case startTLS
        /// None. The caller has made sure that the octets stay on this machine.
        case plaintext
        /// A tunnel that protects and may have authenticated: PREAUTH is expected.
        case preauthenticated
    }

    /// Responses that were unknown or made no sense, and were read past.
    package internal(set) var skippedResponses = 0
    /// What the server offers, as far as it is known now.
    package var capabilities: IMAPCapabilities { login.capabilities ?? IMAPCapabilities() }

    /// What the server has said to have switched on (RFC 5161).
    package internal(set) var enabled = IMAPCapabilities()

    /// Where the connection stands.
    enum Phase: Sendable {
        case greeting
        case login
        case handshake
        case ready
        case ended
    }

    let security: Security
    let credential: SASLCredential?
    let clientID: [IMAPIDField]
    let compresses: Bool
    var phase = Phase.greeting
    var framer = IMAPFramer()
    var login = Login()
    /// The mailbox that is open and whether it is read only; nil when none is.
    var selectedReadOnly: Bool?
    /// The epoch of its UIDs; nil where the server named none.
    var selectedEpoch: UIDValidity?
    var running: Running?
    var queue: [Queued] = []
    var queueHead = 0
    private var tagNumber: UInt64 = 0

    /// A connection that waits for the greeting.
    ///
    /// Without `credential` only a session that is authenticated from the beginning can be used.
    /// `clientID` is what ID tells the server about us (RFC 2971); at most 30 pairs are sent.
    /// `compresses` is whether the driver can do what `.compress` asks for; it is asked for where
    /// the server offers it.
    package init(
        security: Security,
        credential: SASLCredential?,
        compresses: Bool = false,
        clientID: [(String, String)] = [("name", "mailbroker")]
    ) {
        self.security = security
        self.credential = credential
        self.compresses = compresses
        self.clientID = clientID.prefix(IMAPLimits.idFieldsMax).map {
            IMAPIDField(name: Array($0.0.utf8), value: Array($0.1.utf8))
        }
        login.isSecured = security == .plaintext || security == .preauthenticated
    }

    /// Takes octets from the transport.
    package mutating func receive(_ octets: [UInt8]) -> [Action] {
        guard phase != .ended, !octets.isEmpty else { return [] }
        guard phase != .handshake else { return [fail(.injectedOctets)] }
        guard login.isSecured || security == .startTLS else { return [fail(.transportNotSecured)] }
        framer.receive(octets)
        var actions: [Action] = []
        do {
            while phase != .ended, phase != .handshake, let event = try framer.next() {
                handle(event, &actions)
            }
        } catch {
            actions.append(fail(error))
        }
        // Empty lines are no responses, and count all the same (L5).
        if phase != .ended, !login.isAuthenticated,
            framer.receivedOctets + login.octetsInClear
                > IMAPLimits.loginOctetsMax
        {
            actions.append(fail(.loginTooLong))
        }
        return actions
    }

    /// Says that TLS stands: after `.startTLS`, or at once for implicit TLS.
    package mutating func tlsEstablished() -> [Action] {
        switch (security, phase) {
        case (.implicitTLS, .greeting):
            login.isSecured = true
            return []
        case (.startTLS, .handshake):
            // Nothing received in clear is used from here on (RFC 3501 6.2.1).
            login.beginSecured(octetsInClear: framer.receivedOctets)
            framer = IMAPFramer()
            phase = .login
            var actions: [Action] = []
            advanceLogin(&actions)
            return actions
        case (_, .ended):
            return []
        default:
            return [fail(.transportNotSecured)]
        }
    }

    /// Says that the transport has ended.
    package mutating func closed() -> [Action] {
        guard phase != .ended else { return [] }
        if let running, running.command == .logout, running.hasBye {
            // The server left without the answer it owed; what was asked for is done.
            phase = .ended
            return [.completed(running.tag, .ok(nil, text: []))]
        }
        if let bye = login.bye, phase == .login { return [fail(login.error(bye))] }
        return [fail(.connectionClosed)]
    }

    // MARK: Shared by the phases

    /// Ends the connection.
    mutating func fail(_ code: IMAPError.Code) -> Action {
        fail(IMAPError(code, offset: framer.receivedOctets))
    }

    /// Ends the connection.
    mutating func fail(_ error: IMAPError) -> Action {
        phase = .ended
        running = nil
        queue = []
        queueHead = 0
        return .failed(error)
    }

    /// Ends the connection where a line says so that is no response; nil where it does not.
    ///
    /// QUIRK: Exchange says goodbye without a star. Text that came in clear is not kept.
    mutating func farewell(_ frame: IMAPFrame) -> Action? {
        guard ASCII.hasPrefix(frame.octets, "Server Unavailable") else { return nil }
        return fail(IMAPError(.bye, serverText: login.isSecured ? frame.octets : []))
    }

    /// The next tag; each is used once.
    mutating func nextTag() -> IMAPTag {
        tagNumber += 1
        return IMAPTag(number: tagNumber)
    }

    private mutating func handle(_ event: IMAPFrameEvent, _ actions: inout [Action]) {
        switch event {
        case .chunk(let octets):
            actions.append(.bodyChunk(octets))
        case .response(let frame):
            let response = IMAPResponse(frame)
            switch phase {
            case .greeting: handleGreeting(response, frame, &actions)
            case .login: handleLogin(response, frame, &actions)
            case .ready: handleReady(response, frame, &actions)
            case .handshake, .ended: break
            }
        }
    }

    /// Whether a response may answer something written when so many octets had been received.
    ///
    /// One that came before cannot: it was sent blindly, to be taken for the answer
    /// (CVE-2026-42246).
    static func isAnswer(_ frame: IMAPFrame, sentAt: UInt64) -> Bool { frame.offset >= sentAt }
}
