// One authenticated SMTP connection. It is held for a while after its last message and never kept
// up by NOOP: Exim ends a session at the eleventh (protocols.md 0.6).

import MailModel
import OpenSSLTLS
package import SASL
package import SMTP

extension SMTPConnection: LinkMachine {
    enum Event: Sendable {
        case ready(SMTPServerSummary)
        case needsBody([SMTPOutcome.Recipient])
        case completed(SMTPOutcome)
        case quitDone
        case failed(SMTPError)
    }

    static func step(for action: Action) -> LinkStep<Event> {
        switch action {
        case .write(let octets): .write(octets)
        case .writeSecret(let secret): .writeSecret(secret)
        case .startTLS: .startTLS
        case .ready(let summary): .event(.ready(summary))
        case .needsBody(let recipients): .event(.needsBody(recipients))
        case .completed(let outcome): .event(.completed(outcome))
        case .quitDone: .end(.quitDone)
        case .failed(let error): .end(.failed(error))
        }
    }
}

/// A connection to a submission server, logged in.
package actor SMTPSession {
    /// What the server offers.
    package nonisolated let summary: SMTPServerSummary
    /// `TLSv1.3`; nil without TLS.
    package nonisolated let tlsVersion: String?
    private let link: Link<SMTPConnection>
    private var isEnded = false
    private var messages = 0

    /// Connects and logs in, once.
    /// - Throws: `SessionError` with the server's own words where it spoke.
    package init(
        _ server: MailServer,
        credential: SASLCredential
    ) async throws(SessionError) {
        let security: SMTPConnection.Security =
            switch server.endpoint.protection {
            case .implicit: .implicitTLS
            case .startTLS: .startTLS
            case .none: .plaintext
            }
        link = try await Link.connect(
            to: server,
            machine: SMTPConnection(security: security, credential: credential)
        )
        var secured: TLSSummary?
        for await event in link.events {
            switch event {
            case .established(let summary): secured = summary
            case .machine(.ready(let summary)):
                self.summary = summary
                tlsVersion = secured?.version
                try await link.setWait(SMTPPhase.idle.timeout)
                return
            case .machine(.failed(let error)): throw .smtp(error)
            case .ended(let error): throw error ?? .connectionLost
            case .machine: continue
            }
        }
        throw .connectionLost
    }

    /// The mechanism of the login.
    package nonisolated var mechanism: String? { summary.mechanism?.rawValue }

    /// Whether another message may go over this connection.
    package var isUsable: Bool { !isEnded && messages < SMTPLimits.messagesPerConnectionMax }

    /// Submits a message.
    ///
    /// `body` gives the message's octets piece by piece, nil at the end; it is asked only once the
    /// server wants the message. `willEnd` is told how the recipients stand before the message is
    /// ended: from when it returns the server may have the message, so whoever must know that after
    /// a crash records it there. The outcome tells whether it is sent, refused or unknown.
    /// - Throws: `SessionError`, and what `willEnd` and `body` throw, only where the message was
    ///   not ended: a retry is safe.
    package func submit(
        _ envelope: SMTPEnvelope,
        willEnd: ([SMTPOutcome.Recipient]) async throws -> Void = { _ in },
        body: () async throws -> [UInt8]?
    ) async throws -> SMTPOutcome {
        messages += 1
        try await link.setWait(SMTPPhase.rcpt.timeout)
        try await act { $0.submit(envelope) }
        for await event in link.events {
            switch event {
            case .machine(.needsBody(let recipients)):
                try await send(body) { try await willEnd(recipients) }
            case .machine(.completed(let outcome)):
                try? await link.setWait(SMTPPhase.idle.timeout)
                return outcome
            case .machine(.failed(let error)):
                isEnded = true
                throw SessionError.smtp(error)
            case .ended(let error):
                isEnded = true
                throw error ?? SessionError.connectionLost
            case .machine, .established: continue
            }
        }
        isEnded = true
        throw SessionError.connectionLost
    }

    /// Says QUIT and closes without waiting for the answer: Dovecot gives it 200 ms late.
    package func quit() async {
        guard !isEnded else { return }
        isEnded = true
        try? await link.act { $0.quit() }
        link.close()
    }

    /// Ends the connection now.
    package func close() {
        isEnded = true
        link.close()
    }

    private func send(
        _ body: () async throws -> [UInt8]?,
        willEnd: () async throws -> Void
    ) async throws {
        try await link.setWait(SMTPPhase.body.timeout)
        do {
            while let octets = try await body() {
                try await act { $0.bodyChunk(octets) }
            }
            try await willEnd()
        } catch {
            // A message cut short must not be ended by a dot: the connection goes instead.
            close()
            throw error
        }
        try await link.setWait(SMTPPhase.dot.timeout)
        // A failure from here on is for the machine to judge: the dot may have left, and then the
        // message may be sent (RFC 1047).
        try? await act { $0.bodyEnd() }
    }

    private func act(
        _ body: @escaping @Sendable (inout SMTPConnection) -> [SMTPConnection.Action]
    ) async throws(SessionError) {
        do {
            try await link.act(body)
        } catch {
            isEnded = true
            throw error
        }
    }
}
