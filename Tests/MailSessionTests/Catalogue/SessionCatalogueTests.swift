// Rows of the catalogue (reliability.md 2.A) where a socket matters: waits, floods, cuts and
// segments, as the owner of a session sees them.

import IMAP
import MailModel
import MailTestSupport
import Testing

@testable import MailSession

@Suite struct SessionCatalogueTests {
    private func session(_ script: [ScriptedServer.Step]) async throws -> (
        IMAPSession, ScriptedServer
    ) {
        let server = try ScriptedServer([imapLogin() + script])
        return (try await IMAPSession(mailServer(server), credential: credential()), server)
    }

    private let fetchBody = IMAPCommand.uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])

    /// What ends a link on which a command is never answered, when a wait is set for it.
    private func end(of command: IMAPCommand, _ script: [ScriptedServer.Step]) async throws
        -> SessionError?
    {
        let server = try ScriptedServer([imapLogin() + script + [.hold]])
        let machine = try IMAPConnection(security: .plaintext, credential: credential())
        let link = try await Link.connect(to: mailServer(server), machine: machine)
        for await event in link.events {
            switch event {
            case .machine(.ready):
                try await link.act { $0.submit(command).actions }
                try await link.setWait(.milliseconds(200))
            case .ended(let error): return error
            default: continue
            }
        }
        return nil
    }

    // MARK: Waits and sizes

    @Test("A09: a literal that is announced and does not come ends the wait, not the broker")
    func silentLiteral() async throws {
        let error = try await end(
            of: fetchBody,
            [.expect("FETCH"), .send("* 1 FETCH (BODY[1] {4294967295}\r\n0123456789")]
        )
        guard case .timedOut? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTemporary == true)
    }

    @Test("A09: a body larger than any that is asked for ends the connection")
    func endlessBody() async throws {
        let block = String(repeating: "x", count: 13 << 20)
        let (session, _) = try await session(
            [.expect("UID FETCH"), .send("* 1 FETCH (UID 7 BODY[1] {4294967295}\r\n")]
                + Array(repeating: .send(block), count: 5) + [.hold]
        )
        let error = await #expect(throws: SessionError.self) {
            _ = try await session.execute(fetchBody)
        }
        guard case .imap(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.code == .literalTooLarge)
    }

    @Test("A40: more responses than any command asks for are refused, one by one taken")
    func endlessResponses() {
        let many = Array(repeating: IMAPUntagged.exists(1), count: SessionLimits.responsesMax - 1)
        var answer = IMAPAnswer(untagged: many)
        let taken = [answer.take(.exists(2)), answer.take(.exists(3))]
        #expect(taken == [true, false])
        #expect(answer.untagged.last == .exists(2))
    }

    @Test("A40: what a server sends while nobody listens stays in the socket until somebody does")
    func unheardFlood() async throws {
        let size = 40_000_000
        let body = String(repeating: "x", count: size)
        let server = try ScriptedServer([
            imapLogin() + [
                .expect("FETCH"), .send("* 1 FETCH (BODY[1] {\(size)}\r\n" + body), .hold,
            ]
        ])
        let machine = try IMAPConnection(security: .plaintext, credential: credential())
        let link = try await Link.connect(to: mailServer(server), machine: machine)
        for await event in link.events { if case .machine(.ready) = event { break } }
        let command = fetchBody
        try await link.act { $0.submit(command).actions }
        let backlog = link.events.backlog
        let most = SessionLimits.backlogOctetsMax
        #expect(await eventually { backlog.count > most })
        #expect(await !eventually(within: .milliseconds(500)) { backlog.count > most * 3 / 2 })
        var octets = 0
        for await event in link.events {
            if case .machine(.bodyChunk(let chunk)) = event { octets += chunk.count }
            if octets == size { break }
        }
        #expect(octets == size)
        link.close()
    }

    // MARK: Numbers

    @Test("A16: EXPUNGE of a number that cannot be takes nothing off the count, and is news")
    func impossibleExpunge() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .send("* 3 EXISTS\r\n"), .answer("* OK in"), .expect("NOOP"),
            .send("* 0 EXPUNGE\r\n* 77 EXPUNGE\r\n"), .answer("* OK"), .expect("NOOP"),
            .send("* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n"), .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        _ = try await session.execute(.noop)
        #expect(await session.exists == 3)
        #expect(await session.takeNews().hasUnknownChanges)
        _ = try await session.execute(.noop)
        #expect(await session.exists == 2)
        session.close()
    }

    @Test("A16: four thousand million messages are a number, and nothing is made for them")
    func hugeCount() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .send("* 4294967295 EXISTS\r\n"), .answer("* OK in"),
            .expect("NOOP"), .send("* 4294967295 EXPUNGE\r\n* VANISHED 1:4294967295\r\n"),
            .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        #expect(await session.exists == 4_294_967_295)
        _ = try await session.execute(.noop)
        #expect(await session.exists == 0)
        #expect(await session.takeNews().vanished == [UIDSet(ranges: [.init(1, 4_294_967_295)])])
        session.close()
    }

    @Test("A33: a mailbox that is renumbered while it is open costs the connection")
    func renumbered() async throws {
        let (session, server) = try await session([
            .expect("SELECT"), .send("* OK [UIDVALIDITY 5] v\r\n"), .answer("* OK in"),
            .expect("NOOP"), .send("* OK [UIDVALIDITY 5] the same\r\n"), .answer("* OK"),
            .expect("NOOP"), .send("* OK [UIDVALIDITY 4] another\r\n"), .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        _ = try await session.execute(.noop)
        let error = await #expect(throws: SessionError.self) {
            _ = try await session.execute(.noop)
        }
        #expect(error?.endsConnection == true)
        #expect(error?.isTemporary == true)
        #expect(server.lines[0].count == 4)
    }

    // MARK: IDLE

    @Test("A40: IDLE that the server does not begin ends after the wait")
    func idleWithoutPlus() async throws {
        let error = try await end(of: .idle, [.expect("IDLE"), .send("* 2 EXISTS\r\n")])
        guard case .timedOut? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A40: ten thousand OKs while idling are no news; what comes behind them is")
    func idleFlood() async throws {
        let flood = String(repeating: "* OK Still here\r\n", count: 10_000)
        let (session, server) = try await session([
            .expect("IDLE"), .send("+ idling\r\n" + flood + "* 4 EXISTS\r\n"), .expect("DONE"),
            .answer("A0002 OK ended"), .expect("NOOP"), .answer("* OK"), .hold,
        ])
        try await session.waitForNews()
        #expect(await session.takeNews().hasArrivals)
        _ = try await session.execute(.noop)
        #expect(server.lines[0].dropFirst() == ["A0002 IDLE", "DONE", "A0003 NOOP"])
        session.close()
    }

    @Test("A40: a count that changes ten thousand times while idling ends one IDLE once")
    func flappingCount() async throws {
        let flood = String(repeating: "* 4 EXISTS\r\n* 3 EXISTS\r\n", count: 5000)
        let (session, server) = try await session([
            .expect("IDLE"), .send("+ idling\r\n" + flood), .expect("DONE"),
            .answer("A0002 OK ended"), .expect("NOOP"), .answer("* OK"), .hold,
        ])
        try await session.waitForNews()
        let news = await session.takeNews()
        #expect(news.hasArrivals)
        #expect(news.hasUnknownChanges)
        _ = try await session.execute(.noop)
        #expect(await session.exists == 3)
        #expect(server.lines[0].dropFirst() == ["A0002 IDLE", "DONE", "A0003 NOOP"])
        session.close()
    }

    @Test("A40, Q25, Q66: an IDLE is made anew before ten minutes are over")
    func idleRenewal() {
        #expect(SessionLimits.idleRenewal <= .seconds(10 * 60))
    }

    @Test("A41: COMPRESS is offered, and no session asks for it")
    func compress() async throws {
        let capabilities = "IMAP4rev1 SASL-IR ENABLE COMPRESS=DEFLATE"
        let server = try ScriptedServer([
            imapLogin(capabilities: capabilities) + [.expect("NOOP"), .answer("* OK"), .hold]
        ])
        let session = try await IMAPSession(mailServer(server), credential: credential())
        _ = try await session.execute(.noop)
        #expect(server.lines[0].count == 2)
        #expect(!server.lines[0].contains { $0.contains("COMPRESS") })
        session.close()
    }

    // MARK: Segments and cuts

    private static let answer =
        "* 1 FETCH (UID 7 BODY[1] {12}\r\nA0002 OK\r\n)( FLAGS (\\Seen))\r\nA0002 OK done\r\n"

    @Test("A42, G01: an answer of one octet per segment and one in a single one are the same")
    func segments() async throws {
        var answers: [IMAPAnswer] = []
        for pieces in [[Self.answer], Self.answer.unicodeScalars.map { String($0) }] {
            let (session, _) = try await session(
                [.expect("UID FETCH")] + pieces.map { .send($0) } + [.hold]
            )
            answers.append(try await session.execute(fetchBody))
            session.close()
        }
        for answer in answers {
            #expect(answer.body == Array("A0002 OK\r\n)(".utf8))
            #expect(answer.messages.map(\.uid) == [UID(7)])
            #expect(answer.messages.map(\.flags) == [[.seen]])
            #expect(answer.untagged.count == 1)
        }
    }

    @Test("A43, G04, G05: cut behind any octet an answer is whole, or a retry may mend it")
    func cutAnywhere() async throws {
        let octets = Array(Self.answer.utf8)
        for end in 0...octets.count {
            let part = String(decoding: octets[..<end], as: UTF8.self)
            let (session, _) = try await session([.expect("UID FETCH"), .send(part), .close])
            do {
                let answer = try await session.execute(fetchBody)
                #expect(end == octets.count)
                #expect(answer.body == Array("A0002 OK\r\n)(".utf8))
            } catch {
                #expect(end < octets.count)
                #expect(error.isTemporary)
                #expect(error.endsConnection)
            }
        }
    }
}
