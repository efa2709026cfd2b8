// Facts about an account whose IMAP server is a program.

import BrokerProtocol
import Foundation
import Logging
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct ProgramAccountTests {
    private func account(
        _ command: [String],
        smtp: ScriptedServer
    ) throws -> AccountSession {
        var configuration = AccountConfiguration(
            name: "alice",
            address: "alice@test.com",
            user: "alice",
            imap: .program(command),
            smtp: Endpoint(host: "127.0.0.1", port: smtp.port, protection: .none)
        )
        configuration.fetchesAhead = false
        let path = NSTemporaryDirectory() + "mailbroker-program-\(UUID().uuidString).db"
        let (hub, log) = (EventHub(), Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let outbox = try Outbox(path: path + ".outbox")
        return AccountSession(
            configuration,
            store: try MailStore(path: path),
            outbox: OutboxService(outbox, clock: .system, hub: hub, log: log),
            hub: hub,
            log: log
        )
    }

    private func smtp() throws -> ScriptedServer {
        try ScriptedServer([
            [
                .send("220 ready\r\n"), .expect("EHLO"), .send("250-hi\r\n250 AUTH PLAIN\r\n"),
                .expect("AUTH PLAIN"), .send("235 in\r\n"), .hold,
            ]
        ])
    }

    @Test("a login runs the program and logs in on SMTP; the status names the program")
    func login() async throws {
        let smtp = try smtp()
        let account = try account(ProgramServer.command(), smtp: smtp)
        let status = try await account.login(Secret("secret".utf8))
        #expect(status.state == .live)
        #expect(status.imap.host == "sh")
        #expect(status.imap.port == 0)
        #expect(status.imap.mechanism == nil)
        #expect(status.smtp.mechanism == "PLAIN")
        #expect(smtp.connections == 1)
        let worker = try await account.imap()
        #expect(try await worker.folders(MailboxList.Params()).mailboxes.map(\.name) == ["INBOX"])
        _ = await account.logout()
    }

    @Test("a program that cannot be run is a mistake of the configuration; SMTP is not tried")
    func notFound() async throws {
        let smtp = try smtp()
        let account = try account(["/nonexistent/imap"], smtp: smtp)
        let error = await #expect(throws: BrokerError.self) {
            try await account.login(Secret("secret".utf8))
        }
        #expect(error?.data.code == .configurationInvalid)
        #expect(error?.data.temporary == false)
        #expect(error?.message.contains("imap.command /nonexistent/imap cannot be run") == true)
        #expect(smtp.connections == 0)
    }

    @Test("a program that ends at once may work later")
    func ends() async throws {
        let account = try account(["sh", "-c", "exit 255"], smtp: try smtp())
        let error = await #expect(throws: BrokerError.self) {
            try await account.login(Secret("secret".utf8))
        }
        #expect(error?.data.code == .networkOffline)
        #expect(error?.data.temporary == true)
        #expect(error?.message.contains("status 255") == true)
    }
}
