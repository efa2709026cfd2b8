// Rows A40, A43 and A45 of the catalogue (reliability.md 2.A): servers that never stop talking, cut
// the connection or send everybody away, and what the owner of the connection makes of them.

import BrokerProtocol
import Foundation
import MailModel
import MailStore
import MailTestSupport
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct ConnectionCatalogueTests: WorkerScripts {
    @Test("A40: a count that flaps ten thousand times is one look at the mailbox")
    func flappingCount() async throws {
        let flood = String(repeating: "* 2 EXISTS\r\n* 1 EXISTS\r\n", count: 5000)
        let script =
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [
                .send(flood), .expect("DONE"), .send("A0005 OK ended\r\n"),
                .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"),
                .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 2 })
        #expect(fixture.server.lines[0].filter { $0.contains("FETCH") }.count == 2)
        #expect(try await fixture.subjects() == ["number 1"])
    }

    @Test("A40: a server with news in every answer is asked once a second, after a few at once")
    func newsInEveryAnswer() async throws {
        let news = "* 1 FETCH (FLAGS ())\r\n"
        let look: [Step] = [
            .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"),
        ]
        let again = Array(repeating: look + [.send(news), .answer("* OK")], count: 4).flatMap { $0 }
        let script =
            Self.login + Self.inbox([1]) + Self.headers([1]).dropLast() + [
                .send(news), .answer("* OK"),
            ] + again + look + [.answer("* OK")] + Self.idle + [.hold]
        let began = ContinuousClock.now
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 1 })
        #expect(fixture.server.lines[0].filter { $0.contains("FETCH") }.count == 6)
        #expect(ContinuousClock.now - began >= .seconds(1))
    }

    @Test("A43, G04: cut behind any octet of a sync, the store is as before or after")
    func cutAnywhere() async throws {
        let header = "BODY[HEADER.FIELDS (SUBJECT)] {12}\r\nSubject: old"
        let turns: [(String, String)] = [
            ("LIST", "* LIST () \"/\" INBOX\r\nA0002 OK\r\n"),
            ("SELECT", "* 2 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\nA0003 OK in\r\n"),
            (
                "FETCH",
                "* 1 FETCH (UID 1 FLAGS () \(header))\r\n* 2 FETCH (UID 2 \(header))\r\nA0004 OK\r\n"
            ),
        ]
        let farewell: [Step] = [.expect("LOGOUT"), .answer("* OK bye")]
        let whole = Self.opening() + Self.inbox([1, 2]) + Self.headers([1, 2]) + farewell
        for number in turns.indices {
            let octets = Array(turns[number].1.utf8)
            // What the whole turn does is where the next one begins.
            for end in 0..<octets.count {
                var cut = Array(Self.opening().prefix(3))
                for (word, answer) in turns[..<number] { cut += [.expect(word), .send(answer)] }
                let part = String(decoding: octets[..<end], as: UTF8.self)
                cut += [.expect(turns[number].0), .send(part), .close]
                let stored = Mutex<[Int]>([])
                let fixture = try await fixture([cut, whole]) { store in
                    let boxes = (try? store.mailboxes(of: "alice")) ?? []
                    let count = boxes.reduce(0) { $0 + ((try? store.count(in: $1.id)) ?? -1) }
                    stored.withLock { $0.append(count) }
                }
                let subjects = try await fixture.subjects()
                #expect(subjects == ["number 2", "number 1"], "cut at \(end) of \(turns[number])")
                #expect(stored.withLock { $0 } == [0], "cut at \(end) of \(turns[number])")
                _ = await fixture.worker.stop()
            }
        }
    }

    /// A server that says goodbye to everybody who has logged in.
    private static let goodbye: [Step] = [
        .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
        .expect("AUTHENTICATE"), .answer("* OK [CAPABILITY IMAP4rev1 IDLE] in"),
        .expect("LIST"), .send("* BYE too many connections\r\n"), .hold,
    ]

    @Test("A45, Q87, G07: a server that sends everybody away is tried after ever longer pauses")
    func byeInALoop() async throws {
        let fixture = try await fixture([Self.goodbye])
        #expect(await eventually { fixture.states.last == .offline })
        // Pauses are at random between 0 and 4, 8, 16, 32 and 64 s: that five of them pass within
        // this half second happens once in 10^10 runs.
        #expect(
            await !eventually(within: .milliseconds(500)) { fixture.server.connections > 5 }
        )
        #expect(await fixture.worker.offlineSince != nil)
        #expect(await fixture.worker.stop() == false)
    }

    @Test("A45: while a request waits too, a login follows another at once only once")
    func byeWhileSomebodyWaits() async throws {
        let fixture = try await fixture([Self.goodbye])
        let waiting = Task { try await fixture.list() }
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(
            await !eventually(within: .milliseconds(800)) { fixture.server.connections > 2 }
        )
        _ = await fixture.worker.stop()
        await #expect(throws: BrokerError.self) { try await waiting.value }
    }

    @Test("A45, G07: pauses grow to five minutes at most")
    func pauses() {
        #expect(CoreLimits.reconnectPauseMin == .seconds(2))
        #expect(CoreLimits.reconnectPauseMax == .seconds(300))
    }
}
