// One account: its settings, its credential while it is logged in, and the two owners of its
// connections. The credential is here and nowhere else.

import BrokerProtocol
import Logging
import MailModel
import MailSession
import MailStore
import SASL

/// An account of the broker.
actor AccountSession {
    nonisolated let store: MailStore
    private let hub: EventHub
    private let log: Logger
    /// The settings now in force.
    private(set) var configuration: AccountConfiguration
    private var state = AccountStatus.State.loggedOut
    private var problem: String?
    private var credential: SASLCredential?
    private var worker: IMAPWorker?
    private var submitter: Submitter?
    private var logins = (imap: 0, smtp: 0)
    private var mechanisms: (imap: String?, smtp: String?) = (nil, nil)

    init(
        _ configuration: AccountConfiguration,
        store: MailStore,
        hub: EventHub,
        log: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.hub = hub
        self.log = log
    }

    /// Takes new settings; they count from the next login on.
    func configure(_ configuration: AccountConfiguration) { self.configuration = configuration }

    /// Whether a credential is held.
    var isLoggedIn: Bool { worker != nil }

    /// Logs in on both servers and keeps the connections; on failure nothing is kept.
    ///
    /// One attempt on each server, IMAP first: a wrong password is tried once.
    func login(_ given: Secret?) async throws(BrokerError) -> AccountStatus {
        let secret: Secret
        if let given { secret = given } else { secret = try await passwordFromCommand() }
        let credential: SASLCredential
        do {
            credential = try SASLCredential(user: Array(configuration.user.utf8), secret: secret)
        } catch {
            throw BrokerError(.authenticationFailed, "Login unsuccessful: \(error.reason)")
        }
        let sessions = try await openSessions(credential)
        await logoutQuietly()
        logins.imap += 1
        logins.smtp += 1
        mechanisms = (sessions.imap.mechanism, sessions.smtp.mechanism)
        let submitter = Submitter(sessions.smtp) { () throws(SessionError) in
            try await self.reopenSMTP(sessions.smtpServer, credential)
        }
        let worker = IMAPWorker(
            account: configuration.name,
            store: store,
            hub: hub,
            log: log
        ) { () throws(SessionError) in
            try await self.reopenIMAP(sessions.imapServer, credential)
        } onState: { state, problem in
            await self.set(state, problem)
        }
        self.credential = credential
        self.submitter = submitter
        self.worker = worker
        set(.live, nil)
        await submitter.start()
        await worker.start(sessions.imap)
        return await status()
    }

    /// Ends the connections and forgets the credential.
    func logout() async -> AccountStatus {
        await logoutQuietly()
        set(.loggedOut, nil)
        return await status()
    }

    /// How the account stands.
    func status() async -> AccountStatus {
        let isIMAPConnected = await worker?.isConnected ?? false
        let isSMTPConnected = await submitter?.isConnected ?? false
        return AccountStatus(
            name: configuration.name,
            address: configuration.address,
            state: state,
            imap: LinkStatus(
                host: configuration.imap.host,
                port: configuration.imap.port,
                connected: isIMAPConnected,
                tls: await worker?.tlsVersion,
                mechanism: isIMAPConnected ? mechanisms.imap : nil,
                logins: logins.imap
            ),
            smtp: LinkStatus(
                host: configuration.smtp.host,
                port: configuration.smtp.port,
                connected: isSMTPConnected,
                tls: await submitter?.tlsVersion,
                mechanism: isSMTPConnected ? mechanisms.smtp : nil,
                logins: logins.smtp
            ),
            problem: problem
        )
    }

    /// The owner of the IMAP connection.
    func imap() throws(BrokerError) -> IMAPWorker {
        guard let worker, state != .needsLogin else { throw notLoggedIn() }
        return worker
    }

    /// The owner of the SMTP connection.
    func smtp() throws(BrokerError) -> Submitter {
        guard let submitter, state != .needsLogin else { throw notLoggedIn() }
        return submitter
    }

    private struct Sessions {
        let imap: IMAPSession
        let imapServer: MailServer
        let smtp: SMTPSession
        let smtpServer: MailServer
    }

    private func openSessions(
        _ credential: SASLCredential
    ) async throws(BrokerError) -> Sessions {
        do {
            let imapServer = try server(at: configuration.imap)
            let smtpServer = try server(at: configuration.smtp)
            let imap = try await IMAPSession(imapServer, credential: credential)
            do {
                return Sessions(
                    imap: imap,
                    imapServer: imapServer,
                    smtp: try await SMTPSession(smtpServer, credential: credential),
                    smtpServer: smtpServer
                )
            } catch {
                await imap.logout()
                throw error
            }
        } catch {
            var refusal = BrokerError(any: error)
            refusal.message = "Login unsuccessful: \(refusal.message)"
            throw refusal
        }
    }

    private func server(at endpoint: Endpoint) throws(SessionError) -> MailServer {
        try MailServer(endpoint, caFile: configuration.caFile, pins: configuration.pins)
    }

    private func reopenIMAP(
        _ server: MailServer,
        _ credential: SASLCredential
    ) async throws(SessionError) -> IMAPSession {
        let session = try await IMAPSession(server, credential: credential)
        logins.imap += 1
        return session
    }

    private func reopenSMTP(
        _ server: MailServer,
        _ credential: SASLCredential
    ) async throws(SessionError) -> SMTPSession {
        let session = try await SMTPSession(server, credential: credential)
        logins.smtp += 1
        return session
    }

    private func passwordFromCommand() async throws(BrokerError) -> Secret {
        guard let command = configuration.passwordCommand else {
            throw BrokerError(
                .authenticationRequired,
                "no password was given and no password_command is configured"
            )
        }
        return try await PasswordCommand.run(command)
    }

    private func logoutQuietly() async {
        let (worker, submitter) = (worker, submitter)
        self.worker = nil
        self.submitter = nil
        let credential = credential
        self.credential = nil
        mechanisms = (nil, nil)
        await worker?.stop()
        await submitter?.stop()
        credential?.secret.wipe()
    }

    private func set(_ state: AccountStatus.State, _ problem: String?) {
        // A worker that was stopped may still have something to say.
        guard worker != nil || state == .loggedOut else { return }
        let isNew = self.state != state
        self.state = state
        self.problem = problem
        guard isNew else { return }
        hub.publish(
            Event(
                event: .accountState,
                account: configuration.name,
                state: state,
                text: problem
            )
        )
    }

    private func notLoggedIn() -> BrokerError {
        let hint = "run: mb login \(configuration.address)"
        if let problem { return BrokerError(.authenticationFailed, "\(problem); \(hint)") }
        return BrokerError(.accountLoggedOut, "\(configuration.name) is not logged in; \(hint)")
    }
}
