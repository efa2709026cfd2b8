// Row A44 of the catalogue (reliability.md 2.A): the end of TLS, against an implementation's own
// server program.

import IMAP
import MailModel
import MailTestSupport
import Testing

@testable import MailSession

@Suite struct TLSCatalogueTests {
    /// A session with a server that has just been asked for a body, and the question.
    private func asking() async throws -> (
        TLSServerProcess, IMAPSession, Task<IMAPAnswer, any Error>
    ) {
        let server = try TLSServerProcess()
        let port = try #require(await server.port())
        let endpoint = Endpoint(host: "127.0.0.1", port: port, protection: .implicit)
        let address = try MailServer(endpoint, caFile: server.caFile, pins: [])
        let connecting = Task { try await IMAPSession(address, credential: credential()) }
        try server.send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n")
        #expect(await server.hears("A0001 AUTHENTICATE PLAIN"))
        try server.send("A0001 OK [CAPABILITY IMAP4rev1] in\r\n")
        let session = try await connecting.value
        #expect(session.tlsVersion == "TLSv1.3")
        let asking = Task {
            try await session.execute(
                .uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])
            )
        }
        #expect(await server.hears("A0002 UID FETCH 7"))
        return (server, session, asking)
    }

    @Test("A44, G05: TLS that ends without close_notify inside a literal leaves no body")
    func insideLiteral() async throws {
        let (server, session, asking) = try await asking()
        let before = await session.lastHeard
        try server.send("* 1 FETCH (UID 7 BODY[1] {100}\r\nonly ten o")
        #expect(await eventually { await session.lastHeard > before })
        server.kill()
        let error = await #expect(throws: SessionError.self) { _ = try await asking.value }
        guard case .tls(let reason, let isTemporary) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "connection to 127.0.0.1 ended without a TLS close_notify")
        #expect(isTemporary)
        #expect(error?.endsConnection == true)
    }

    @Test("A44, G05: TLS that ends without close_notify takes nothing from the last answer")
    func behindAnswer() async throws {
        let (server, session, asking) = try await asking()
        try server.send("* 1 FETCH (UID 7 BODY[1] {11}\r\nhello world)\r\nA0002 OK done\r\n")
        let answer = try await asking.value
        server.kill()
        #expect(answer.body == Array("hello world".utf8))
        let error = await #expect(throws: SessionError.self) {
            _ = try await session.execute(.noop)
        }
        #expect(error?.isTemporary == true)
        #expect(error?.endsConnection == true)
    }
}
