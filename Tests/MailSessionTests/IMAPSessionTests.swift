// Facts about one IMAP connection as its owner sees it, against a scripted server.

import IMAP
import MailModel
import MailTestSupport
import SASL
import Testing

@testable import MailSession

/// The start of a script: greeting and login by PLAIN with an initial response.
func imapLogin(capabilities: String = "IMAP4rev1 SASL-IR IDLE MOVE UIDPLUS") -> [ScriptedServer
    .Step]
{
    [
        .send("* OK [CAPABILITY \(capabilities) AUTH=PLAIN] ready\r\n"),
        .expect("AUTHENTICATE PLAIN"), .answer("* OK [CAPABILITY \(capabilities)] in"),
    ]
}

func credential(_ password: String = "secret") throws -> SASLCredential {
    let secret = try #require(Secret(password.utf8))
    return try SASLCredential(user: Array("alice".utf8), secret: secret)
}

func mailServer(_ server: ScriptedServer) throws -> MailServer {
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port, protection: .none)
    return try MailServer(endpoint, caFile: nil, pins: [])
}

@Suite struct IMAPSessionTests {
    private func session(_ script: [ScriptedServer.Step]) async throws -> (
        IMAPSession, ScriptedServer
    ) {
        let server = try ScriptedServer([imapLogin() + script])
        return (try await IMAPSession(mailServer(server), credential: credential()), server)
    }

    @Test("a login sends the credential once and reports the mechanism")
    func login() async throws {
        let (session, server) = try await session([.hold])
        #expect(session.mechanism == "PLAIN")
        #expect(session.tlsVersion == nil)
        #expect(server.lines[0].count == 1)
        session.close()
    }

    @Test("a refused login carries the server's words and is not tried again")
    func refusedLogin() async throws {
        let server = try ScriptedServer([
            [
                .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
                .expect("AUTHENTICATE"), .answer("* NO [AUTHENTICATIONFAILED] Go away"), .hold,
            ]
        ])
        let server1 = try mailServer(server)
        let error = await #expect(throws: SessionError.self) {
            _ = try await IMAPSession(server1, credential: credential("wrong"))
        }
        #expect(error?.refusesCredential == true)
        guard case .imap(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.serverText == Array("Go away".utf8))
        #expect(server.connections == 1)
    }

    @Test("NO to a command is that command's error; the connection goes on")
    func refusedCommand() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .answer("* NO [NONEXISTENT] no such mailbox"), .expect("NOOP"),
            .answer("* OK done"), .hold,
        ])
        let error = await #expect(throws: SessionError.self) {
            _ = try await session.execute(.select(MailboxName("x".utf8), readOnly: false))
        }
        #expect(error?.endsConnection == false)
        _ = try await session.execute(.noop)
        session.close()
    }

    @Test("nothing is waited for after a NO: the connection outlives the wait of its command")
    func waitEndsWithRefusal() async throws {
        let (session, _) = try await session([
            .expect("NOOP"), .answer("* NO not now"), .expect("NOOP"), .answer("* OK"), .hold,
        ])
        let answer = try await session.ask(.noop, wait: .seconds(5))
        guard case .no = answer.refusal else {
            Issue.record("\(answer)")
            return
        }
        // Longer than the wait: a connection that still waited would be gone.
        #expect(await !eventually(within: .seconds(6)) { await session.hasNews })
        _ = try await session.execute(.noop)
        session.close()
    }

    @Test("Q86: what a server sent before its NO is there")
    func dataBeforeRefusal() async throws {
        let (session, _) = try await session([
            .expect("UID FETCH"), .send("* 1 FETCH (UID 7 FLAGS ())\r\n"),
            .answer("* NO Some of the requested messages no longer exist"), .hold,
        ])
        let answer = try await session.ask(.uidFetch(.from(UID(7)), [.uid, .flags]))
        #expect(answer.messages.map(\.uid) == [UID(7)])
        #expect(answer.refusal != nil)
        session.close()
    }

    @Test("without IDLE the end of the connection is noticed at once, with the server's last words")
    func endWhilePolling() async throws {
        let server = try ScriptedServer([
            imapLogin(capabilities: "IMAP4rev1 SASL-IR") + [
                .expect("NOOP"), .answer("* OK"), .send("* BYE good night\r\n"), .close,
            ]
        ])
        let session = try await IMAPSession(mailServer(server), credential: credential())
        _ = try await session.execute(.noop)
        let began = ContinuousClock.now
        let error = await #expect(throws: SessionError.self) { try await session.waitForNews() }
        #expect(ContinuousClock.now - began < SessionLimits.pollPause / 2)
        guard case .imap(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.code == .bye)
        #expect(reason.serverText == Array("good night".utf8))
    }

    @Test("A43: a connection cut inside a literal is an error, not a short body")
    func cutLiteral() async throws {
        let (session, _) = try await session([
            .expect("UID FETCH"), .send("* 1 FETCH (UID 7 BODY[1] {100}\r\nonly ten o"), .close,
        ])
        let error = await #expect(throws: SessionError.self) {
            let uids = UIDSet([UID(7)])
            _ = try await session.execute(.uidFetch(.uids(uids), [.uid, .section("1")]))
        }
        #expect(error?.endsConnection == true)
        #expect(error?.isTemporary == true)
    }

    @Test("A42: the octets of a section come whole, whatever pieces they travelled in")
    func body() async throws {
        let (session, _) = try await session([
            .expect("UID FETCH"), .send("* 1 FETCH (UID 7 BODY[1] {11}\r\nhello"),
            .send(" world)\r\n"), .answer("* OK"), .hold,
        ])
        let answer = try await session.execute(
            .uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])
        )
        #expect(answer.body == Array("hello world".utf8))
        #expect(answer.messages.first?.uid == UID(7))
        session.close()
    }

    @Test("EXISTS while idling ends the wait, and the count is known")
    func idleNews() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .send("* 3 EXISTS\r\n"), .answer("* OK [READ-WRITE] in"),
            .expect("IDLE"), .send("+ idling\r\n* 4 EXISTS\r\n"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        #expect(await session.exists == 3)
        let waiting = Task { try await session.waitForNews() }
        #expect(await eventually { await session.exists == 4 })
        session.close()
        _ = await waiting.result
        let news = await session.takeNews()
        #expect(news.hasArrivals)
        #expect(!news.hasUnknownChanges)
    }

    @Test("DONE is sent when the owner needs the connection, and the session is of use again")
    func idleEnds() async throws {
        let (session, server) = try await session([
            .expect("IDLE"), .send("+ idling\r\n"), .expect("DONE"),
            .send("A0002 OK ended\r\n"), .expect("NOOP"), .answer("* OK"), .hold,
        ])
        let waiting = Task { try await session.waitForNews() }
        #expect(await eventually { server.lines[0].contains { $0.contains("IDLE") } })
        await session.endIdle()
        try await waiting.value
        _ = try await session.execute(.noop)
        session.close()
    }

    @Test("a call to end the idling that comes just before it is not lost")
    func endBeforeIdle() async throws {
        let (session, server) = try await session([.hold])
        await session.endIdle()
        try await session.waitForNews()
        #expect(server.lines[0].count == 1)
        session.close()
    }

    @Test("EXPUNGE takes one off the count and is news; FETCH of our own asking is not")
    func counts() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .send("* 3 EXISTS\r\n"), .answer("* OK in"),
            .expect("UID FETCH"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"), .answer("* OK"),
            .expect("NOOP"), .send("* 2 EXPUNGE\r\n"), .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        _ = try await session.execute(.uidFetch(.from(UID(1)), [.uid, .flags]))
        #expect(await !session.hasNews)
        _ = try await session.execute(.noop)
        #expect(await session.exists == 2)
        let news = await session.takeNews()
        #expect(news.hasUnknownChanges)
        #expect(!news.hasArrivals)
        session.close()
    }

    @Test("news that name UIDs are spelt out, also those that come while another command runs")
    func speltOut() async throws {
        let (session, _) = try await session([
            .expect("SELECT"), .send("* 9 EXISTS\r\n"), .answer("* OK in"),
            .expect("UID FETCH"), .send("* 2 FETCH (UID 7 FLAGS (\\Seen) MODSEQ (5))\r\n"),
            .send("* VANISHED 3,5:6\r\n* 1 FETCH (UID 1 BODY[1] {2}\r\nhi)\r\n"),
            .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.select(.inbox, readOnly: false))
        _ = try await session.execute(.uidFetch(.from(UID(1)), [.uid, .section("1")]))
        let news = await session.takeNews()
        #expect(news.flags == [UID(7): [.seen]])
        #expect(news.vanished == [UIDSet([UID(3), UID(5), UID(6)])])
        #expect(!news.hasUnknownChanges)
        #expect(await session.exists == 6)
        session.close()
    }

    @Test("a FETCH without UID says only that something changed, one without flags nothing")
    func notSpeltOut() async throws {
        let (session, _) = try await session([
            .expect("NOOP"), .send("* 2 FETCH (UID 7 MODSEQ (5))\r\n"), .answer("* OK"),
            .expect("NOOP"), .send("* 2 FETCH (FLAGS (\\Seen))\r\n"), .answer("* OK"), .hold,
        ])
        _ = try await session.execute(.noop)
        #expect(await !session.hasNews)
        _ = try await session.execute(.noop)
        #expect(await session.takeNews().hasUnknownChanges)
        session.close()
    }

    @Test("what ENABLE has switched on is known")
    func enabled() async throws {
        let capabilities = "IMAP4rev1 SASL-IR ENABLE CONDSTORE QRESYNC"
        let server = try ScriptedServer([
            imapLogin(capabilities: capabilities) + [
                .expect("ENABLE QRESYNC"), .send("* ENABLED QRESYNC\r\n"), .answer("* OK"), .hold,
            ]
        ])
        let session = try await IMAPSession(mailServer(server), credential: credential())
        _ = try await session.execute(.enable(["QRESYNC"]))
        #expect(await session.enabled.has("QRESYNC"))
        session.close()
    }

    @Test("nothing is sent to a server whose first line is no greeting (A04)")
    func noGreeting() async throws {
        let server = try ScriptedServer([[.send("SSH-2.0-OpenSSH_9.2\r\n"), .hold]])
        let address = try mailServer(server)
        await #expect(throws: SessionError.self) {
            _ = try await IMAPSession(address, credential: credential())
        }
        #expect(server.lines[0].isEmpty)
    }

    @Test("a port where nobody listens is unreachable, with the system's words")
    func refusedConnection() async throws {
        let endpoint = Endpoint(host: "127.0.0.1", port: 1, protection: .none)
        let address = try MailServer(endpoint, caFile: nil, pins: [])
        let error = await #expect(throws: SessionError.self) {
            _ = try await IMAPSession(address, credential: credential())
        }
        guard case .unreachable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "127.0.0.1:1: Connection refused")
    }

    @Test("STARTTLS with octets behind its OK ends the connection before any credential (A01)")
    func injected() async throws {
        let server = try ScriptedServer([
            [
                .send("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready\r\n"),
                .expect("STARTTLS"), .send("A0001 OK begin\r\n* CAPABILITY IMAP4rev1\r\n"), .hold,
            ]
        ])
        let endpoint = Endpoint(host: "127.0.0.1", port: server.port, protection: .startTLS)
        let address = try MailServer(endpoint, caFile: nil, pins: [])
        let error = await #expect(throws: SessionError.self) {
            _ = try await IMAPSession(address, credential: credential())
        }
        guard case .imap(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.code == .injectedOctets)
        #expect(!server.lines[0].contains { $0.contains("AUTHENTICATE") })
    }
}
