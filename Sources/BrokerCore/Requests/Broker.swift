// What the broker is made of: its accounts, its cache, its events. Finds the account a request is
// about; what requests do is in the handlers beside.

package import BrokerProtocol
package import Logging
import MailModel
package import MailStore

/// The broker without its socket.
package actor Broker {
    /// What the program that composes the broker knows.
    package struct Environment: Sendable {
        /// The program and its version: `mailbrokerd 0.1.0`.
        package var server: String
        /// The configuration file.
        package var configurationFile: String
        /// The directory for messages being composed.
        package var spoolDirectory: String
        /// The socket, for `status`.
        package var socket: String
        /// The broker's process id.
        package var pid: Int
        /// How many front ends are connected.
        package var clientCount: @Sendable () -> Int
        /// Ends the broker.
        package var stop: @Sendable () -> Void

        /// An environment.
        package init(
            server: String,
            configurationFile: String,
            spoolDirectory: String,
            socket: String,
            pid: Int,
            clientCount: @escaping @Sendable () -> Int,
            stop: @escaping @Sendable () -> Void
        ) {
            self.server = server
            self.configurationFile = configurationFile
            self.spoolDirectory = spoolDirectory
            self.socket = socket
            self.pid = pid
            self.clientCount = clientCount
            self.stop = stop
        }
    }

    nonisolated let environment: Environment
    nonisolated let store: MailStore
    /// Numbered from the time in microseconds: a number of another broker's is then before all of
    /// this one's, and a client that goes on from there is told that events are missing.
    nonisolated let hub = EventHub(startingAt: DateTime.now().unixSeconds * 1_000_000)
    nonisolated let started = DateTime.now()
    nonisolated let outbox: OutboxService
    private let log: Logger
    private var accounts: [AccountSession] = []
    /// Makes texts to read, as configured.
    private(set) var renderer = TextRenderer()

    /// A broker with the accounts of its configuration.
    /// - Throws: `BrokerError` when the configuration cannot be used.
    package init(
        _ environment: Environment,
        store: MailStore,
        outbox: Outbox,
        clock: OutboxClock = .system,
        log: Logger
    ) async throws(BrokerError) {
        self.environment = environment
        self.store = store
        self.log = log
        self.outbox = OutboxService(outbox, clock: clock, hub: hub, log: log)
        try await readConfiguration()
        do {
            try await self.outbox.start()
        } catch {
            throw BrokerError(any: error)
        }
    }

    /// Logs in the accounts whose password a command gives, all at once; failures show in their
    /// state.
    package func loginByCommand() async {
        let (accounts, log) = (accounts, log)
        await withTaskGroup(of: Void.self) { group in
            for account in accounts {
                group.addTask {
                    guard await account.configuration.passwordCommand != nil else { return }
                    do throws(BrokerError) {
                        try await account.loginByCommand()
                    } catch {
                        log.warning("login failed", metadata: ["reason": "\(error.message)"])
                    }
                }
            }
        }
    }

    /// Logs every account out.
    package func close() async {
        for account in accounts { _ = await account.logout() }
        await outbox.stop()
    }

    /// Reads the configuration again: new accounts come, changed ones take their settings at the
    /// next login, removed ones stay until they log out.
    func readConfiguration() async throws(BrokerError) {
        let configuration = try Configuration(file: environment.configurationFile)
        renderer.htmlFilter = configuration.htmlFilter
        for settings in configuration.accounts {
            if let account = await account(configured: settings.name) {
                await account.configure(settings)
            } else {
                add(settings)
            }
        }
    }

    /// The account with a name or address, made up where the provider is known.
    func account(toLogIn text: String) async throws(BrokerError) -> AccountSession {
        try await readConfiguration()
        if let account = await account(named: text) { return account }
        guard let address = try? AddrSpec(text.utf8) else {
            throw BrokerError(.accountUnknown, "there is no account \(text), and it is no address")
        }
        guard let settings = KnownProvider.account(for: address) else {
            throw BrokerError(
                .accountUnknown,
                "there is no account for \(text); add one to \(environment.configurationFile)"
            )
        }
        return add(settings)
    }

    /// The account a request names, or the only one there is.
    func account(_ named: String?) async throws(BrokerError) -> AccountSession {
        if let named {
            guard let account = await account(named: named) else {
                throw BrokerError(.accountUnknown, "there is no account \(named)")
            }
            return account
        }
        var loggedIn: [AccountSession] = []
        for account in accounts where await account.isLoggedIn { loggedIn.append(account) }
        if loggedIn.count == 1 { return loggedIn[0] }
        if loggedIn.isEmpty, accounts.count == 1 { return accounts[0] }
        guard !loggedIn.isEmpty else {
            throw BrokerError(.accountLoggedOut, "no account is logged in; run: mb login ADDRESS")
        }
        throw BrokerError(
            .accountUnknown,
            "several accounts are logged in; choose one with -a NAME"
        )
    }

    /// How every account stands.
    func accountStatuses() async -> [AccountStatus] {
        var statuses: [AccountStatus] = []
        for account in accounts { statuses.append(await account.status()) }
        return statuses
    }

    /// A stored message with its mailbox and account.
    func message(
        _ id: Int64
    ) async throws(BrokerError) -> (StoredMessage, AccountSession) {
        guard let found = try locate(id) else {
            throw BrokerError(.messageNotFound, "there is no message \(id)")
        }
        return (found, try await account(found.mailbox.account))
    }

    private func locate(_ id: Int64) throws(BrokerError) -> StoredMessage? {
        do {
            guard let record = try store.message(id), let placeID = record.place,
                let mailbox = try store.mailbox(record.mailbox),
                let place = try store.mailbox(placeID)
            else { return nil }
            return StoredMessage(record: record, mailbox: mailbox, place: place)
        } catch {
            throw BrokerError(any: error)
        }
    }

    private func account(named text: String) async -> AccountSession? {
        for account in accounts where await account.configuration.isNamed(text) { return account }
        return nil
    }

    private func account(configured name: String) async -> AccountSession? {
        for account in accounts where await account.configuration.name == name { return account }
        return nil
    }

    @discardableResult
    private func add(_ settings: AccountConfiguration) -> AccountSession {
        let account = AccountSession(
            settings,
            store: store,
            outbox: outbox,
            hub: hub,
            log: log
        )
        accounts.append(account)
        return account
    }
}

/// A message of the cache and where it is.
struct StoredMessage: Sendable {
    let record: MessageRecord
    /// The mailbox it is in on the server.
    let mailbox: MailboxRecord
    /// The mailbox it is shown in.
    let place: MailboxRecord
}
