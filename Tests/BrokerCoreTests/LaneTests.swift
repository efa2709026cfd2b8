// Facts about the connection beside the one that waits for news, against scripted servers.

import BrokerProtocol
import IMAP
import Logging
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct LaneTests: WorkerScripts {
    private static let control = opening() + inbox([1]) + headers([1]) + [.hold]

    /// The list of mailboxes with their counts, as the second connection gives it.
    private static let folders = opening(
        "LIST-EXTENDED LIST-STATUS",
        mailboxes: "* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 7 UNSEEN 2)\r\n"
    )

    /// Keeps the connection of a worker busy until the answer is given.
    private func occupy(_ fixture: WorkerFixture) async throws -> JobAnswer<Void> {
        let (gate, begun) = (JobAnswer<Void>(), JobAnswer<Void>())
        #expect(try await fixture.subjects() == ["number 1"])
        Task {
            try await fixture.worker.perform(isRepeatable: false) { _, _ in
                begun.give(.success(()))
                try await gate.value()
            }
        }
        try await begun.value()
        return gate
    }

    @Test("a request does not wait for a busy connection: another one is made and used again")
    func another() async throws {
        let script: [Step] =
            Self.folders + [
                .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"),
                .send("* STATUS INBOX (MESSAGES 8 UNSEEN 2)\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([Self.control, script], connections: 2)
        let gate = try await occupy(fixture)
        let first = try await fixture.worker.folders(MailboxList.Params())
        #expect(first.mailboxes.map(\.total) == [7])
        let second = try await fixture.worker.folders(MailboxList.Params())
        #expect(second.mailboxes.map(\.total) == [8])
        #expect(fixture.server.connections == 2)
        #expect(fixture.budget.used == 1)
        gate.give(.success(()))
        _ = await fixture.lane.stop()
        #expect(fixture.budget.used == 0)
    }

    @Test("what the other connection has taken while IDLE was being ended is not looked for")
    func takenDuringIdle() async throws {
        let isTaken = Mutex(false)
        let idle: [Step] = [.expect("IDLE"), .send("+ idling\r\n")]
        let script: [Step] =
            Self.opening("IDLE") + Self.inbox([1]) + Self.headers([1]) + idle + [
                .expect("DONE"), .until { isTaken.withLock { $0 } }, .answer("* OK"),
            ] + idle + [.hold]
        let fixture = try await fixture([script, Self.folders + [.hold]], connections: 2)
        #expect(await eventually { fixture.server.lines[0].last?.contains("IDLE") == true })
        let list = try await fixture.worker.folders(MailboxList.Params())
        #expect(list.mailboxes.map(\.total) == [7])
        isTaken.withLock { $0 = true }
        #expect(
            await eventually { fixture.server.lines[0].filter { $0.contains("IDLE") }.count == 2 }
        )
    }

    @Test("the other connection is closed when it has been idle for a while")
    func closes() async throws {
        let script: [Step] =
            Self.folders + [.expect("LOGOUT"), .send("* BYE\r\n"), .answer("* OK"), .hold]
        let fixture = try await fixture([Self.control, script], connections: 2, hold: .zero)
        let gate = try await occupy(fixture)
        _ = await fixture.lane.prepare()
        #expect(await eventually { fixture.budget.used == 0 })
        #expect(await !fixture.lane.isConnected)
        gate.give(.success(()))
    }

    @Test("with one connection a request waits for it, and a free one is not left alone")
    func onlyOne() async throws {
        let script: [Step] =
            Self.control.dropLast() + [
                .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"), .answer("* OK"),
                .expect("STATUS"), .send("* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n"),
                .answer("* OK"),
                .hold,
            ]
        let fixture = try await fixture([script], connections: 1)
        let gate = try await occupy(fixture)
        let folders = Task { try await fixture.worker.folders(MailboxList.Params()) }
        #expect(await !eventually(within: .milliseconds(600)) { fixture.server.connections > 1 })
        gate.give(.success(()))
        #expect(try await folders.value.mailboxes.map(\.total) == [1])
    }

    @Test("what the other connection loses is done on the first")
    func lost() async throws {
        let script: [Step] =
            Self.control.dropLast() + [
                .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"), .answer("* OK"),
                .expect("STATUS"), .send("* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n"),
                .answer("* OK"),
                .hold,
            ]
        let dying = Self.folders.prefix(3) + [.expect("LIST"), .close]
        let fixture = try await fixture([script, Array(dying)], connections: 2)
        let gate = try await occupy(fixture)
        let folders = Task { try await fixture.worker.folders(MailboxList.Params()) }
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(await eventually { fixture.budget.used == 0 })
        gate.give(.success(()))
        #expect(try await folders.value.mailboxes.map(\.total) == [1])
        #expect(fixture.server.connections == 2)
    }

    @Test("G11: a server that takes no further login is not asked for one again")
    func limit() async throws {
        let refused: [Step] = [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* NO [LIMIT] too many"), .hold,
        ]
        let script: [Step] =
            Self.control.dropLast() + [
                .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"), .answer("* OK"),
                .expect("STATUS"), .send("* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n"),
                .answer("* OK"),
                .hold,
            ]
        let fixture = try await fixture([script, refused], connections: 3)
        let gate = try await occupy(fixture)
        let folders = Task { try await fixture.worker.folders(MailboxList.Params()) }
        #expect(await eventually { fixture.budget.isLimited })
        #expect(fixture.budget.allowed == 1)
        #expect(await fixture.lane.prepare() == false)
        gate.give(.success(()))
        #expect(try await folders.value.mailboxes.map(\.total) == [1])
        #expect(fixture.server.connections == 2)
        #expect(fixture.states.last == .live)
    }

    @Test("a list of another mailbox is live over the other connection; INBOX waits for its own")
    func lists() async throws {
        let trash: [Step] = Self.opening().prefix(3) + Self.inbox([5]) + Self.headers([5]) + [.hold]
        let fixture = try await fixture([Self.control, trash], connections: 2)
        let gate = try await occupy(fixture)
        let list = try await fixture.list(mailbox: "trash")
        #expect(list.messages.map(\.subject) == ["number 5"])
        #expect(list.live)
        #expect(fixture.server.lines[1].contains { $0.contains("SELECT \"Trash\"") })
        let fresh = Task { try await fixture.list(fresh: true) }
        #expect(
            await !eventually(within: .milliseconds(600)) {
                fixture.server.lines[1].contains { $0.contains("INBOX") }
            }
        )
        gate.give(.success(()))
        fresh.cancel()
        _ = await fixture.worker.stop()
    }

    @Test("much goes over the other connection when there is one, behind what somebody waits for")
    func order() async throws {
        let script: [Step] = Self.opening().prefix(3) + [.hold]
        let fixture = try await fixture([Self.control, script], connections: 2)
        #expect(try await fixture.subjects() == ["number 1"])
        #expect(await fixture.lane.prepare())
        let gate = JobAnswer<Void>()
        let order = Mutex<[String]>([])
        let worker = fixture.worker
        let job: @Sendable (String, IMAPWorker.Job.Place) async throws -> Bool = { name, place in
            try await worker.perform(isRepeatable: true, at: place) { other, _ in
                order.withLock { $0.append(name) }
                if name == "first" { try await gate.value() }
                return other !== worker
            }
        }
        let first = Task { try await job("first", .beside) }
        #expect(await eventually { order.withLock { $0.count } == 1 })
        let busy = try await occupy(fixture)
        let much = Task { try await job("much", .beside) }
        let soon = Task { try await job("soon", .anywhere) }
        #expect(await eventually { await fixture.lane.waiting == 2 })
        gate.give(.success(()))
        for task in [first, much, soon] { #expect(try await task.value) }
        #expect(order.withLock { $0 } == ["first", "soon", "much"])
        busy.give(.success(()))
    }

    @Test("where all connections are taken, a request waits until there is room")
    func room() async throws {
        let fixture = try await fixture([Self.control, Self.folders + [.hold]], connections: 2)
        let (gate, taken) = (try await occupy(fixture), JobAnswer<Void>())
        let other = Task {
            try await fixture.budget.open { () throws(SessionError) in
                _ = try? await taken.value()
                throw .connectionLost
            }
        }
        #expect(await eventually { fixture.budget.used == 1 })
        let folders = Task { try await fixture.worker.folders(MailboxList.Params()) }
        #expect(await !eventually(within: .milliseconds(600)) { fixture.server.connections > 1 })
        taken.give(.success(()))
        #expect(try await folders.value.mailboxes.map(\.total) == [7])
        _ = await other.result
        gate.give(.success(()))
    }

    @Test("what is fetched ahead gives way, and goes on later")
    func givesWay() async throws {
        let ending: [Step] = [.expect("LOGOUT"), .answer("* OK"), .hold]
        let fixture = try await fixture([
            Self.control, Self.opening().prefix(3) + ending,
            Self.opening().prefix(3) + Self.inbox([5]) + Self.headers([5]) + ending,
        ])
        #expect(try await fixture.subjects() == ["number 1"])
        let endpoint = Endpoint(host: "127.0.0.1", port: fixture.server.port, protection: .none)
        let address = try MailServer(endpoint, caFile: nil, pins: [])
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let lent = IMAPWorker(
            account: "alice",
            store: fixture.worker.store,
            hub: fixture.hub,
            log: log,
            connect: { () throws(SessionError) in throw .connectionLost },
            onState: { _, _ in }
        )
        let gate = JobAnswer<Void>()
        let connected = Mutex(0)
        let credential = try testCredential()
        let filler = Filler(
            lent,
            budget: ConnectionBudget(2, account: "alice", log: log),
            log: log
        ) { () throws(SessionError) in
            let isFirst = connected.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { _ = try? await gate.value() }
            return try await IMAPSession(address, credential: credential)
        }
        await filler.start()
        #expect(await eventually { connected.withLock { $0 } == 1 })
        await filler.giveWay()
        gate.give(.success(()))
        let store = fixture.worker.store
        let trash = try #require(try store.mailboxes(of: "alice").first { $0.role == .trash })
        #expect(
            await eventually {
                fixture.server.connections == 2
                    && fixture.server.lines[1].last?.contains("LOGOUT") == true
            }
        )
        #expect(try store.count(in: trash.id) == 0)
        #expect(
            try await eventually {
                await filler.start()
                return try store.count(in: trash.id) == 1
            }
        )
        _ = await filler.stop()
    }
}

@Suite struct ConnectionBudgetTests {
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func refuse(
        _ budget: ConnectionBudget,
        _ error: SessionError
    ) async {
        await #expect(throws: SessionError.self) {
            try await budget.open { () throws(SessionError) in throw error }
        }
    }

    @Test("with one connection there is none beside it")
    func one() async throws {
        let budget = ConnectionBudget(1, account: "a", log: Self.log)
        let session = try await budget.open { () throws(SessionError) in throw .connectionLost }
        #expect(session == nil)
        #expect(budget.allowed == 1)
        #expect(!budget.isLimited)
    }

    @Test("a failure that says nothing of a limit leaves the budget as it is")
    func otherFailures() async {
        let budget = ConnectionBudget(3, account: "a", log: Self.log)
        await refuse(budget, .connectionLost)
        await refuse(budget, .imap(IMAPError(.bye, serverText: Array("Shutting down".utf8))))
        #expect(budget.allowed == 3)
        #expect(budget.used == 0)
        #expect(!budget.isLimited)
    }

    private static let refusals = [
        IMAPError(.authenticationFailed, responseCode: .condition(.limit), isTemporary: true),
        IMAPError(
            .authenticationFailed,
            serverText: Array("Too many simultaneous connections. (Failure)".utf8),
            isTemporary: true
        ),
        IMAPError(
            .bye,
            serverText: Array("Maximum number of connections from user+IP exceeded".utf8)
        ),
        IMAPError(.authenticationFailed, serverText: Array("wrong".utf8)),
    ]

    @Test("G11, Q10, Q53: a server's limit is what it takes from then on")
    func limit() async {
        for refusal in Self.refusals {
            let budget = ConnectionBudget(3, account: "a", log: Self.log)
            await refuse(budget, .imap(refusal))
            #expect(budget.allowed == 1)
            #expect(budget.used == 0)
            #expect(budget.isLimited)
        }
    }
}
