// Messages that a server cannot give (protocols.md section 5, Q39, Q51, Q86): they cost nothing but
// themselves.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct DamagedMessageTests: WorkerScripts {
    private static let lost = "(the mail server cannot give this message)"

    /// The answer to a question for UIDs and flags.
    private static func listing(_ uids: [Int]) -> [Step] {
        [.expect("(UID FLAGS)")]
            + uids.enumerated().map { .send("* \($0 + 1) FETCH (UID \($1) FLAGS ())\r\n") }
            + [.answer("* OK")]
    }

    /// The answers to questions for single headers.
    private static func singles(_ uids: [Int]) -> [Step] {
        uids.flatMap { uid in
            [.expect("UID FETCH \(uid) (")] + headers([uid]).dropFirst()
        }
    }

    private static func bare(_ uid: Int) -> [Step] {
        [
            .expect("UID FETCH \(uid) (UID FLAGS INTERNALDATE RFC822.SIZE)"),
            .send(
                "* 1 FETCH (UID \(uid) FLAGS (\\Seen) RFC822.SIZE 7 "
                    + "INTERNALDATE \"01-Jan-2026 10:00:00 +0000\")\r\n"
            ),
            .answer("* OK"),
        ]
    }

    private static func refused(_ uid: Int, _ answer: String) -> [Step] {
        [.expect("UID FETCH \(uid) ("), .answer(answer)]
    }

    @Test(
        "Q39: a message that the server always refuses is listed without its header",
        arguments: ["* NO [UNAVAILABLE] Server error", "* BAD internal error"]
    )
    func refusedMessage(answer: String) async throws {
        let script =
            Self.opening() + Self.inbox([1, 2, 3]) + [.expect("FETCH 1:3"), .answer(answer)]
            + Self.listing([1, 2, 3]) + Self.singles([3]) + Self.refused(2, answer)
            + Self.refused(2, answer) + Self.bare(2) + Self.singles([1]) + [.hold]
        let fixture = try await fixture([script])
        #expect(Set(try await fixture.subjects()) == ["number 3", "number 1", Self.lost])
        let list = try await fixture.list()
        #expect(list.total == 3)
        #expect(list.messages.filter { !$0.unseen }.map(\.subject) == [Self.lost])
        #expect(list.messages.first?.size == 7)
        #expect(fixture.server.connections == 1)
    }

    @Test("Q51: a message that ends every connection is found and listed, and the rest syncs")
    func endsConnection() async throws {
        let start = Self.opening() + Self.inbox([1, 2, 3])
        let whole: [Step] = start + [.expect("FETCH 1:3"), .close]
        let careful = start + Self.listing([1, 2, 3])
        let cut: [Step] = [.expect("UID FETCH 2 ("), .send("* 2 FETCH (UID 2 BODY["), .close]
        let last =
            careful + [.expect("UID FETCH 1,3 (")] + Self.headers([1, 3]).dropFirst()
            + Self.bare(2) + [.hold]
        let fixture = try await fixture([
            whole, whole, careful + Self.singles([3]) + cut, careful + cut, last,
        ])
        #expect(
            await eventually {
                let subjects = try? await fixture.subjects()
                return subjects.map { Set($0) } == ["number 3", "number 1", Self.lost]
            }
        )
        #expect(fixture.server.connections == 5)
        #expect(fixture.states.last == .live)
        fixture.hub.publish(Event(event: .outboxChanged))
        var told = 0
        for await line in fixture.hub.subscribe(after: 0).lines {
            let text = String(decoding: line, as: UTF8.self)
            if text.contains("message.unreadable") { told += 1 }
            if text.contains("outbox.changed") { break }
        }
        #expect(told == 1)
    }

    @Test("Q51: what cannot even be given without its header is listed with its flags")
    func givesNothing() {
        var doubts = FetchDoubts(epoch: UIDValidity(1))
        let uids = [UID(1), UID(2), UID(3)]
        #expect(doubts.parts(of: uids) == [[UID(1)], [UID(2)], [UID(3)]])
        for _ in 0..<2 { doubts.fail([UID(2)]) }
        #expect(doubts.isDamaged(UID(2)))
        #expect(!doubts.isHopeless(UID(2)))
        #expect(doubts.parts(of: uids) == [[UID(2)], [UID(1), UID(3)]])
        doubts.fail([UID(2)])
        #expect(doubts.isHopeless(UID(2)))
        #expect(doubts.finish() == [UID(2)])
        #expect(doubts.finish() == [])
    }

    @Test("Q51: of 2000 messages one is found by three failures, of more no more")
    func parts() {
        var doubts = FetchDoubts(epoch: UIDValidity(1))
        var part = (1...2000).map { UID($0) }
        var failures = 0
        while part.count > 1 {
            let parts = doubts.parts(of: part)
            #expect(parts.joined().count == part.count)
            guard let first = parts.last else { return }
            doubts.fail(first)
            part = first
            failures += 1
        }
        #expect(failures == 3)
    }

    @Test("Q86: what came before a NO counts, and what is gone since is not looked for")
    func partialSuccess() async throws {
        let refusal = "* NO Some of the requested messages no longer exist"
        let script =
            Self.opening() + Self.inbox([1, 2, 3]) + [.expect("FETCH 1:3")]
            + Self.headers([1, 3]).dropFirst().dropLast() + [.answer(refusal)]
            + Self.listing([1, 3]) + [
                .expect("UID SEARCH"), .send("* SEARCH 1 3\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(await eventually { await fixture.cached().count == 2 })
        #expect(fixture.server.connections == 1)
        #expect(!fixture.server.lines[0].contains { $0.contains("UID FETCH 2") })
    }

    @Test("Q39: a server that refuses all headers is at fault, and no message")
    func refusesEverything() async throws {
        let refusal = Step.answer("* NO [UNAVAILABLE] out of order")
        let singles: [Step] = [3, 2, 1].flatMap { uid -> [Step] in
            [.expect("UID FETCH \(uid) ("), refusal, .expect("UID FETCH \(uid) ("), refusal]
                + Self.bare(uid)
        }
        let broken =
            Self.opening() + Self.inbox([1, 2, 3]) + [.expect("FETCH 1:3"), refusal]
            + Self.listing([1, 2, 3]) + singles
        let whole = Self.opening() + Self.inbox([1, 2, 3]) + Self.headers([1, 2, 3]) + [.hold]
        let fixture = try await fixture([broken + [.hold], whole])
        #expect(await eventually { fixture.states.last == .offline })
        #expect(await fixture.cached().isEmpty)
        #expect(await eventually { await fixture.cached().count == 3 })
        #expect(try await fixture.subjects() == ["number 3", "number 2", "number 1"])
    }

    @Test("Q39: a new message that the server refuses does not keep the others from being listed")
    func resync() async throws {
        let refusal = "* NO [UNAVAILABLE] Server error"
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + [
                .expect("NOOP"), .send("* 3 EXISTS\r\n"), .answer("* OK"),
                .expect("UID FETCH 2:*"), .answer(refusal),
            ] + Self.listing([2, 3]) + Self.singles([3]) + Self.refused(2, refusal)
            + Self.refused(2, refusal) + Self.bare(2) + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        let list = try await fixture.list(fresh: true)
        #expect(Set(list.messages.compactMap(\.subject)) == ["number 1", "number 3", Self.lost])
        #expect(fixture.server.connections == 1)
    }
}
