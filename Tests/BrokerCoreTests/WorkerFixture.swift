// An IMAPWorker on a scripted server, and what the server says in most scripts.

import BrokerProtocol
import Foundation
import Logging
import MailModel
import MailSession
import MailStore
import MailTestSupport
import SASL
import Synchronization
import Testing

@testable import BrokerCore

/// The states a worker reported.
final class WorkerStates: Sendable {
    private let states = Mutex<[AccountStatus.State]>([])

    var last: AccountStatus.State? { states.withLock { $0.last } }

    func append(_ state: AccountStatus.State) { states.withLock { $0.append(state) } }
}

/// Ends a worker when its test is over: what hundreds of them keep open would pass 1,024
/// descriptors, from which on Foundation does not see programs end.
final class WorkerEnd: Sendable {
    private let worker: IMAPWorker

    init(of worker: IMAPWorker) { self.worker = worker }

    deinit { Task { [worker] in _ = await worker.stop() } }
}

/// A worker on a server, with what it reported.
struct WorkerFixture {
    let worker: IMAPWorker
    let end: WorkerEnd
    let server: ScriptedServer
    let states: WorkerStates
    let hub: EventHub
    let lane: Lane
    let budget: ConnectionBudget

    func list(
        mailbox: String = "inbox",
        limit: Int = 10,
        fresh: Bool? = nil
    ) async throws -> MessageList.Result {
        let encoded = try await worker.list(
            MessageList.Params(mailbox: mailbox, limit: limit, fresh: fresh)
        )
        let decoder = JSONDecoder()
        return try decoder.decode(MessageList.Result.self, from: Data(encoded))
    }

    /// How many IDLEs a connection has seen.
    func idles(_ connection: Int) -> Int {
        guard server.connections > connection else { return 0 }
        return server.lines[connection].filter { $0.contains("IDLE") }.count
    }

    /// The numbers of the messages the store shows in INBOX.
    func cached() async -> [Int64] {
        let store = worker.store
        let inbox = (try? store.mailboxes(of: "alice"))?.first { $0.role == .inbox }
        let records = inbox.flatMap { try? store.messages(in: $0.id, limit: 100) }
        return records?.map(\.id) ?? []
    }

    /// A stored message as handlers give it to the worker.
    func stored(_ id: Int64) async throws -> StoredMessage {
        let store = worker.store
        let record = try #require(try store.message(id))
        let place = try #require(record.place)
        return StoredMessage(
            record: record,
            mailbox: try #require(try store.mailbox(record.mailbox)),
            place: try #require(try store.mailbox(place))
        )
    }

    /// The messages of INBOX, newest first, as requests about them name them.
    func storedMessages() async throws -> [StoredMessage] {
        var messages: [StoredMessage] = []
        for summary in try await list().messages { messages.append(try await stored(summary.id)) }
        return messages
    }

    /// Cuts the connection and waits for the next one.
    ///
    /// Somebody asks for something all the time, which ends the pause between the two.
    func reconnects() async -> Bool {
        let before = server.connections
        try? await worker.perform(isRepeatable: false) { _, session in
            session.close()
            throw SessionError.connectionLost
        }
        return await eventually {
            await settle()
            return server.connections > before
        }
    }

    /// Waits until the worker has done what it is doing.
    func settle() async { try? await worker.perform(isRepeatable: true) { _, _ in } }

    func subjects() async throws -> [String] {
        try await list().messages.map { $0.subject ?? "" }
    }
}

/// The credential of the tests' account.
func testCredential() throws -> SASLCredential {
    let secret = try #require(Secret("secret".utf8))
    return try SASLCredential(user: Array("alice".utf8), secret: secret)
}

/// Scripts of servers, and workers on them.
protocol WorkerScripts {}

extension WorkerScripts {
    typealias Step = ScriptedServer.Step

    /// Greeting, login and the list of mailboxes.
    static var login: [Step] {
        [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS] in"),
            .expect("LIST"),
            .send("* LIST () \"/\" INBOX\r\n* LIST (\\Trash) \"/\" Trash\r\n"),
            .answer("* OK"),
        ]
    }

    /// Greeting, login and a list of mailboxes, of a server that offers some capabilities.
    ///
    /// Without IDLE a client waits quietly, and the next request finds the connection as it is.
    static func opening(
        _ capabilities: String = "UIDPLUS MOVE",
        mailboxes: String = "* LIST () \"/\" INBOX\r\n* LIST (\\Trash) \"/\" Trash\r\n"
    ) -> [Step] {
        [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* OK [CAPABILITY IMAP4rev1 \(capabilities)] in"),
            .expect("LIST"), .send(mailboxes), .answer("* OK"),
        ]
    }

    /// The opening of a mailbox with some messages.
    static func inbox(_ uids: [Int], validity: String = "1") -> [Step] {
        [
            .expect("SELECT"), .send("* \(uids.count) EXISTS\r\n"),
            .send("* OK [UIDVALIDITY \(validity)] v\r\n"), .answer("* OK in"),
        ]
    }

    /// The headers of messages.
    static func headers(_ uids: [Int]) -> [Step] {
        [.expect("FETCH")]
            + uids.enumerated().map { index, uid in
                let header = "Subject: number \(uid)\r\n\r\n"
                return .send(
                    "* \(index + 1) FETCH (UID \(uid) FLAGS () RFC822.SIZE \(uid * 10) "
                        + "BODY[HEADER.FIELDS (SUBJECT)] {\(header.utf8.count)}\r\n\(header))\r\n"
                )
            } + [.answer("* OK")]
    }

    /// The beginning of an IDLE.
    static var idle: [Step] { [.expect("IDLE"), .send("+ idling\r\n")] }

    /// A worker on a server that plays scripts, one for each connection.
    ///
    /// `onConnect` sees the store whenever the worker makes a connection by itself.
    func fixture(
        _ scripts: [[Step]],
        isConnected: Bool = true,
        watchesAll: Bool = false,
        connections: Int = 1,
        hold: Duration = CoreLimits.laneHold,
        onConnect: @escaping @Sendable (MailStore) throws(SessionError) -> Void = { _ in }
    ) async throws -> WorkerFixture {
        let server = try ScriptedServer(scripts)
        let endpoint = Endpoint(host: "127.0.0.1", port: server.port, protection: .none)
        let address = try MailServer(endpoint, caFile: nil, pins: [])
        let credential = try testCredential()
        let path = NSTemporaryDirectory() + "mailbroker-worker-\(UUID().uuidString).db"
        let states = WorkerStates()
        let hub = EventHub()
        let store = try MailStore(path: path)
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let connect: IMAPWorker.Connect = { () throws(SessionError) in
            try onConnect(store)
            return try await IMAPSession(address, credential: credential)
        }
        let budget = ConnectionBudget(connections, account: "alice", log: log)
        let lent = IMAPWorker(
            account: "alice",
            store: store,
            hub: hub,
            log: log,
            connect: connect,
            onState: { _, _ in }
        )
        let lane = Lane(lent, budget: budget, log: log, hold: hold, connect: connect)
        let worker = IMAPWorker(
            account: "alice",
            store: store,
            hub: hub,
            log: log,
            watchesAll: watchesAll,
            lane: lane,
            connect: connect,
            onState: { state, _ in states.append(state) }
        )
        // With all tests at once, three seconds may be too short for a server beside them.
        await worker.wait(forChanges: .seconds(60))
        await worker.start(
            isConnected ? try await IMAPSession(address, credential: credential) : nil
        )
        return WorkerFixture(
            worker: worker,
            end: WorkerEnd(of: worker),
            server: server,
            states: states,
            hub: hub,
            lane: lane,
            budget: budget
        )
    }
}
