// Facts about the owner of an IMAP connection: what it does when connections drop, refuse or
// change, against scripted servers.

import BrokerProtocol
import Foundation
import IMAP
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct IMAPWorkerTests: WorkerScripts {
    @Test("INBOX is fetched once and then answered without a word to the server")
    func answersFromStore() async throws {
        let fixture = try await fixture([
            Self.login + Self.inbox([1, 2]) + Self.headers([1, 2]) + Self.idle + [.hold]
        ])
        #expect(try await fixture.subjects().sorted() == ["number 1", "number 2"])
        #expect(await eventually { fixture.server.lines[0].last?.contains("IDLE") == true })
        let before = fixture.server.lines[0].count
        for _ in 0..<50 { _ = try await fixture.subjects() }
        #expect(fixture.server.lines[0].count == before)
    }

    @Test("a dropped connection is made again by itself, and the next list works")
    func reconnects() async throws {
        let first = Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [.close]
        let second =
            Self.login + Self.inbox([1]) + [
                .expect("UID FETCH"), .send("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"),
                .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(try await fixture.subjects() == ["number 1"])
        #expect(fixture.server.connections == 2)
    }

    /// A worker that knows one message and whose server has gone.
    private func cutOff() async throws -> WorkerFixture {
        let first = Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [.close]
        let fixture = try await fixture([first, [.hold]])
        #expect(await eventually { fixture.server.connections == 2 })
        return fixture
    }

    @Test("without a connection lists are answered from the cache, and say since when")
    func answersOffline() async throws {
        let fixture = try await cutOff()
        let list = try await fixture.list()
        #expect(list.messages.map(\.subject) == ["number 1"])
        #expect(!list.live)
        let since = try #require(list.offlineSince)
        #expect(since.unixSeconds >= list.asOf.unixSeconds)
        let folders = try await fixture.worker.folders(MailboxList.Params())
        #expect(folders.mailboxes.map(\.name) == ["INBOX", "Trash"])
        #expect(folders.mailboxes.map(\.total) == [1, nil])
        #expect(folders.offlineSince == since)
    }

    @Test("an inbox that was watched is as of when the server was last heard")
    func ageOfWatched() async throws {
        let first =
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [
                .expect("DONE"), .send("A0005 OK ended\r\n"), .expect("NOOP"), .answer("* OK"),
            ] + Self.idle + [.close]
        let fixture = try await fixture([first, [.hold]])
        #expect(await eventually { fixture.idles(0) == 1 })
        let store = fixture.worker.store
        let inbox = try #require(try store.mailboxes(of: "alice").first { $0.role == .inbox })
        var change = MailboxChange(state: try #require(inbox.state))
        change.state.confirmedAt = 1000
        _ = try store.apply(change, to: inbox.id)
        try await fixture.worker.perform(isRepeatable: true) { _, session in
            _ = try await session.execute(.noop)
        }
        #expect(await eventually { fixture.server.connections == 2 })
        let list = try await fixture.list()
        let since = try #require(list.offlineSince)
        #expect(!list.live)
        #expect(since.unixSeconds - list.asOf.unixSeconds < 60)
    }

    @Test("a mailbox that was never listed is not answered from the cache")
    func unknownOffline() async throws {
        let fixture = try await cutOff()
        let task = Task {
            try await fixture.worker.list(MessageList.Params(mailbox: "trash", limit: 10))
        }
        _ = await fixture.worker.stop()
        await #expect(throws: BrokerError.self) { try await task.value }
    }

    @Test("a fresh list waits for the connection and asks the server")
    func fresh() async throws {
        let first = Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [.close]
        let flags: [Step] = [
            .expect("UID FETCH"), .send("* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"), .answer("* OK"),
        ]
        let second =
            Self.login + Self.inbox([1]) + flags + Self.idle + [
                .expect("DONE"), .send("A0005 OK ended\r\n"), .expect("NOOP"),
                .send("* 1 FETCH (FLAGS (\\Flagged))\r\n"), .answer("* OK"),
                .expect("UID FETCH"), .send("* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n"),
                .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(await eventually { fixture.server.lines[1].last?.contains("IDLE") == true })
        let list = try await fixture.list(fresh: true)
        #expect(list.live)
        #expect(list.offlineSince == nil)
        #expect(list.messages.map(\.flags) == [[.flagged]])
    }

    @Test("a worker that begins without a connection makes one, and asks no more of anybody")
    func beginsOffline() async throws {
        let fixture = try await fixture(
            [Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [.hold]],
            isConnected: false
        )
        #expect(try await eventually { try await fixture.subjects() == ["number 1"] })
        #expect(fixture.server.connections == 1)
        #expect(await fixture.worker.offlineSince == nil)
    }

    @Test("a refused credential is tried once; requests are told so and nothing is tried again")
    func refusedCredential() async throws {
        let first = Self.login + Self.inbox([]) + Self.idle + [.close]
        let refused: [Step] = [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* NO [AUTHENTICATIONFAILED] changed"), .hold,
        ]
        let fixture = try await fixture([first, refused])
        #expect(
            await eventually { fixture.states.last == .needsLogin }
        )
        await #expect(throws: BrokerError.self) { try await fixture.subjects() }
        #expect(fixture.server.connections == 2)
    }

    @Test("new mail while idling becomes an event with the message")
    func newMail() async throws {
        let script =
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [
                .send("* 2 EXISTS\r\n"), .expect("DONE"), .send("A0005 OK ended\r\n"),
                .expect("UID FETCH 2:*"),
                .send(
                    "* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 20 BODY[HEADER.FIELDS (SUBJECT)] {16}"
                ),
                .send("\r\nSubject: new\r\n\r\n)\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([script])
        let (_, lines) = fixture.hub.subscribe(after: 0)
        for await line in lines {
            let event = try Wire.params(Event.self, of: Array(line.dropLast()))
            guard event.event == .messageNew else { continue }
            #expect(event.message?.subject == "new")
            #expect(event.role == .inbox)
            break
        }
    }

    @Test("A33: another UIDVALIDITY drops what was stored: old UIDs name other messages")
    func uidValidity() async throws {
        let first = Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [.close]
        let second =
            Self.login + Self.inbox([7], validity: "2") + Self.headers([7]) + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(
            try await eventually { try await fixture.subjects() == ["number 7"] }
        )
    }

    @Test("a caller that goes away is answered at once, though the server is not")
    func cancelled() async throws {
        let fixture = try await fixture([
            Self.login + Self.inbox([]) + Self.idle + [.expect("DONE"), .hold]
        ])
        #expect(await eventually { fixture.server.lines[0].last?.contains("IDLE") == true })
        let task = Task {
            try await fixture.worker.perform(isRepeatable: true) { _, session in
                _ = try await session.execute(.noop)
            }
        }
        #expect(await eventually { fixture.server.lines[0].contains("DONE") })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("a logout does not wait for a connection that is only being made")
    func stopsWhileConnecting() async throws {
        let first = Self.login + Self.inbox([]) + Self.idle + [.close]
        let fixture = try await fixture([first, [.hold]])
        #expect(await eventually { fixture.server.connections == 2 })
        let began = ContinuousClock.now
        _ = await fixture.worker.stop()
        #expect(ContinuousClock.now - began < CoreLimits.farewellWait)
    }

    /// A fixture with one message of 10 octets in INBOX, and what the server says about it after.
    private func reading(_ steps: [Step]) async throws -> (WorkerFixture, StoredMessage) {
        let fixture = try await fixture([
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle
                + [.expect("DONE"), .send("A0005 OK ended\r\n")] + steps + [.hold]
        ])
        #expect(await eventually { fixture.server.lines[0].last?.contains("IDLE") == true })
        let encoded = try await fixture.worker.list(
            MessageList.Params(account: nil, mailbox: "inbox", limit: 10)
        )
        let list = try JSONDecoder().decode(MessageList.Result.self, from: Data(encoded))
        let id = try #require(list.messages.first).id
        return (fixture, try await fixture.stored(id))
    }

    @Test(
        "C34: octets that a server announced and did not send are counted",
        arguments: [("0123456789", nil), ("01234", 5)] as [(String, Int64?)]
    )
    func shortMessage(body: String, missing: Int64?) async throws {
        let (fixture, message) = try await reading([
            .expect("BODY.PEEK[]<0"),
            .send("* 1 FETCH (UID 1 BODY[]<0> {\(body.utf8.count)}\r\n\(body))\r\n"),
            .answer("* OK"),
        ])
        let download = Download(message: message, section: "", encoding: "binary", announced: 10)
        let received = Mutex<[UInt8]>([])
        let summary = try await download.run(by: fixture.worker) { octets in
            received.withLock { $0 += octets }
        }
        #expect(received.withLock { $0 } == Array(body.utf8))
        #expect(summary.missing == missing)
    }

    @Test("a message that has no end is not downloaded for ever")
    func endless() async throws {
        let window = String(repeating: "x", count: Int(SessionLimits.bodyWindow))
        let part: [Step] = [
            .expect("BODY.PEEK[]"),
            .send("* 1 FETCH (UID 1 BODY[] {\(window.utf8.count)}\r\n\(window))\r\n"),
            .answer("* OK"),
        ]
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + part + part + part + part
            + [.hold]
        let fixture = try await fixture([script])
        let message = try #require(try await fixture.storedMessages().first)
        let download = Download(message: message, section: "", encoding: "binary", announced: 10)
        let error = await #expect(throws: BrokerError.self) {
            _ = try await download.run(by: fixture.worker) { _ in }
        }
        #expect(error?.data.code == .protocolError)
        #expect(
            await eventually {
                fixture.server.lines[0].filter { $0.contains("BODY.PEEK[]") }.count == 2
            }
        )
    }
}
