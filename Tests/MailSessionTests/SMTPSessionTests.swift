// Facts about one submission connection as its owner sees it, against a scripted server.

import MailModel
import MailTestSupport
import SMTP
import Testing

@testable import MailSession

@Suite struct SMTPSessionTests {
    private static let login: [ScriptedServer.Step] = [
        .send("220 ready\r\n"), .expect("EHLO"),
        .send("250-hi\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 AUTH PLAIN\r\n"),
        .expect("AUTH PLAIN"), .send("235 in\r\n"),
    ]
    private static let accepted: [ScriptedServer.Step] = [
        .expect("RCPT"), .send("250 ok\r\n250 ok\r\n"), .expect("DATA"), .send("354 go\r\n"),
    ]

    private func session(_ script: [ScriptedServer.Step]) async throws -> (
        SMTPSession, ScriptedServer
    ) {
        let server = try ScriptedServer([Self.login + script])
        return (try await SMTPSession(mailServer(server), credential: credential()), server)
    }

    private func envelope() throws -> SMTPEnvelope {
        SMTPEnvelope(
            sender: try AddrSpec("a@x".utf8),
            recipients: [try AddrSpec("b@x".utf8)],
            size: 12,
            needs8Bit: false
        )
    }

    private func submit(_ session: SMTPSession) async throws -> SMTPOutcome {
        var pieces: [[UInt8]] = [Array("Hi\r\n".utf8), Array("\r\n.dot".utf8)]
        return try await session.submit(try envelope()) {
            pieces.isEmpty ? nil : pieces.removeFirst()
        }
    }

    @Test("a message is sent with its dots doubled and its last line ended")
    func sends() async throws {
        let (session, server) = try await session(
            Self.accepted + [.expect("..dot"), .expect("."), .send("250 queued as 1\r\n"), .hold]
        )
        let outcome = try await submit(session)
        #expect(outcome.verdict == .sent)
        #expect(server.lines[0].suffix(4) == ["Hi", "", "..dot", "."])
        await session.quit()
    }

    @Test("a connection that ends between the dot and its answer leaves the outcome unknown (B08)")
    func unknown() async throws {
        let (session, _) = try await session(
            Self.accepted + [.expect("..dot"), .expect("."), .close]
        )
        let outcome = try await submit(session)
        #expect(outcome.verdict == .unknown)
    }

    @Test("a connection that ends before the server wants the message can be tried again (B14)")
    func beforeBody() async throws {
        let (session, _) = try await session([.expect("RCPT"), .close])
        let outcome = try await submit(session)
        #expect(outcome.verdict == .deferred)
    }

    @Test("a body that fails is never ended by a dot")
    func failingBody() async throws {
        struct Failure: Error {}
        let (session, server) = try await session(Self.accepted + [.hold])
        await #expect(throws: Failure.self) {
            _ = try await session.submit(try envelope()) { throw Failure() }
        }
        #expect(await eventually { !server.lines[0].contains(".") })
        #expect(await !session.isUsable)
    }

    @Test("two messages go over one connection")
    func reuse() async throws {
        let once = Self.accepted + [.expect("."), .expect("."), .send("250 ok\r\n")]
        let (session, server) = try await session(once + once + [.hold])
        #expect(try await submit(session).verdict == .sent)
        #expect(try await submit(session).verdict == .sent)
        #expect(server.connections == 1)
        await session.quit()
    }

    @Test("535 is a refused credential with the server's words (B15)")
    func refusedLogin() async throws {
        let server = try ScriptedServer([
            [
                .send("220 ready\r\n"), .expect("EHLO"), .send("250-hi\r\n250 AUTH PLAIN\r\n"),
                .expect("AUTH"), .send("535 5.7.8 bad credentials\r\n"), .hold,
            ]
        ])
        let address = try mailServer(server)
        let error = await #expect(throws: SessionError.self) {
            _ = try await SMTPSession(address, credential: credential())
        }
        #expect(error?.refusesCredential == true)
        #expect(server.connections == 1)
    }
}
