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
    private let outbox: OutboxService
    private let log: Logger
    /// The settings now in force.
    private(set) var configuration: AccountConfiguration
    private var state = AccountStatus.State.loggedOut
    private var problem: String?
    private var credential: SASLCredential?
    private var worker: IMAPWorker?
    private var submitter: Submitter?
    private var filler: Filler?
    private var logins = (imap: 0, smtp: 0)
    private var mechanisms: (imap: String?, smtp: String?) = (nil, nil)

    init(
        _ configuration: AccountConfiguration,
        store: MailStore,
        outbox: OutboxService,
        hub: EventHub,
        log: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.outbox = outbox
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
        let credential = try await credential(given)
        let servers = try servers()
        await keep(try await openSessions(servers, credential), servers, credential)
        return await status()
    }

    /// Logs in by the account's password command.
    ///
    /// Servers that cannot be reached now (the network comes after the broker) are tried until they
    /// can; meanwhile the account answers from the cache.
    func loginByCommand() async throws(BrokerError) {
        let credential = try await credential(nil)
        let servers = try servers()
        do {
            await keep(try await openSessions(servers, credential), servers, credential)
        } catch {
            guard error.data.temporary else { throw error }
            // Somebody may have logged in meanwhile.
            guard worker == nil else { return }
            await keep(nil, servers, credential)
        }
    }

    private func credential(_ given: Secret?) async throws(BrokerError) -> SASLCredential {
        let secret: Secret
        if let given { secret = given } else { secret = try await passwordFromCommand() }
        do {
            return try SASLCredential(user: Array(configuration.user.utf8), secret: secret)
        } catch {
            throw BrokerError(.authenticationFailed, "Login unsuccessful: \(error.reason)")
        }
    }

    /// Gives the connections, or the making of them, to their owners.
    private func keep(
        _ sessions: Sessions?,
        _ servers: Servers,
        _ credential: SASLCredential
    ) async {
        await logoutQuietly()
        if let sessions {
            note(sessions.imap)
            note(sessions.smtp)
        }
        let submitter = Submitter(sessions?.smtp) { () throws(SessionError) in
            try await self.reopenSMTP(servers.smtp, credential)
        }
        let worker = IMAPWorker(
            account: configuration.name,
            store: store,
            hub: hub,
            log: log,
            watchesAll: configuration.fetchesAhead
        ) { () throws(SessionError) in
            try await self.reopenIMAP(servers.imap, credential)
        } onState: { state, problem in
            await self.set(state, problem)
        } onQuiet: {
            await self.fillAhead()
        }
        filler = configuration.fetchesAhead ? filler(servers.imap, credential) : nil
        self.credential = credential
        self.submitter = submitter
        self.worker = worker
        set(sessions == nil ? .connecting : .live, nil)
        await submitter.start()
        await worker.start(sessions?.imap)
        let transport = AccountTransport(
            host: configuration.smtp.host,
            filesByServer: configuration.isSentFiledByServer,
            wantsCopy: configuration.wantsSentCopy,
            submitter: submitter,
            worker: worker
        )
        await outbox.attach(configuration.name, transport)
    }

    /// An owner of connections that fetch headers ahead.
    private func filler(_ server: IMAPServer, _ credential: SASLCredential) -> Filler {
        let worker = IMAPWorker(
            account: configuration.name,
            store: store,
            hub: hub,
            log: log
        ) { () throws(SessionError) in
            throw .connectionLost  // it is given its connections
        } onState: { _, _ in
        }
        return Filler(worker, log: log) { () throws(SessionError) in
            try await self.reopenIMAP(server, credential)
        }
    }

    private func fillAhead() async { await filler?.start() }

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
        let onTheirWay = outbox.counts(of: configuration.name)
        return AccountStatus(
            name: configuration.name,
            address: configuration.address,
            state: state,
            imap: LinkStatus(
                host: configuration.imap.name,
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
            waiting: try? store.waitingCount(of: configuration.name),
            outbox: onTheirWay.waiting,
            attention: onTheirWay.attention,
            problem: problem
        )
    }

    /// The owner of the IMAP connection.
    func imap() throws(BrokerError) -> IMAPWorker {
        guard let worker, state != .needsLogin else { throw notLoggedIn() }
        return worker
    }

    private struct Servers {
        let imap: IMAPServer
        let smtp: MailServer
    }

    private struct Sessions {
        let imap: IMAPSession
        let smtp: SMTPSession
    }

    private func servers() throws(BrokerError) -> Servers {
        do {
            return Servers(
                imap: try imapServer(),
                smtp: try server(at: configuration.smtp)
            )
        } catch {
            throw Self.loginError(error)
        }
    }

    private func openSessions(
        _ servers: Servers,
        _ credential: SASLCredential
    ) async throws(BrokerError) -> Sessions {
        do {
            let imap = try await IMAPSession(servers.imap, credential: credential)
            do {
                let smtp = try await SMTPSession(servers.smtp, credential: credential)
                return Sessions(imap: imap, smtp: smtp)
            } catch {
                await imap.logout()
                throw error
            }
        } catch {
            throw Self.loginError(error)
        }
    }

    private static func loginError(_ error: any Error) -> BrokerError {
        var refusal = BrokerError(any: error)
        refusal.message = "Login unsuccessful: \(refusal.message)"
        return refusal
    }

    private func imapServer() throws(SessionError) -> IMAPServer {
        switch configuration.imap {
        case .server(let endpoint): .network(try server(at: endpoint))
        case .program(let command): .program(command)
        }
    }

    private func server(at endpoint: Endpoint) throws(SessionError) -> MailServer {
        try MailServer(endpoint, caFile: configuration.caFile, pins: configuration.pins)
    }

    private func reopenIMAP(
        _ server: IMAPServer,
        _ credential: SASLCredential
    ) async throws(SessionError) -> IMAPSession {
        let session = try await IMAPSession(server, credential: credential)
        note(session)
        return session
    }

    private func reopenSMTP(
        _ server: MailServer,
        _ credential: SASLCredential
    ) async throws(SessionError) -> SMTPSession {
        let session = try await SMTPSession(server, credential: credential)
        note(session)
        return session
    }

    private func note(_ session: IMAPSession) {
        logins.imap += 1
        mechanisms.imap = session.mechanism
    }

    private func note(_ session: SMTPSession) {
        logins.smtp += 1
        mechanisms.smtp = session.mechanism
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
        await outbox.detach(configuration.name)
        let (worker, submitter, filler) = (worker, submitter, filler)
        self.worker = nil
        self.submitter = nil
        self.filler = nil
        let credential = credential
        self.credential = nil
        mechanisms = (nil, nil)
        let hasFillerEnded = await filler?.stop() ?? true
        let hasEnded = await worker?.stop() ?? true
        await submitter?.stop()
        // A login under way would go on with an empty password; it takes the secret with it.
        if hasEnded, hasFillerEnded { credential?.secret.wipe() }
    }

    private func set(_ state: AccountStatus.State, _ problem: String?) {
        // A worker that was stopped may still have something to say.
        guard worker != nil || state == .loggedOut else { return }
        let isNew = self.state != state
        self.state = state
        self.problem = problem
        guard isNew else { return }
        if state == .live {
            Task { [outbox, name = configuration.name] in await outbox.hurry(name) }
        }
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
