// Facts about login and logout.

import BrokerProtocol
import Testing

@testable import FrontEnd

@Suite struct AccountVerbsTests {
    private static let account = AccountStatus(
        name: "alice",
        address: "alice@test.com",
        state: .live,
        imap: LinkStatus(
            host: "localhost",
            port: 10993,
            connected: true,
            tls: "TLSv1.3",
            mechanism: "PLAIN",
            logins: 1
        ),
        smtp: LinkStatus(
            host: "localhost",
            port: 10465,
            connected: true,
            tls: "TLSv1.3",
            mechanism: "PLAIN",
            logins: 1
        )
    )

    private static func broker() throws -> FakeBroker {
        try FakeBroker { request, connection in try connection.reply(request, account) }
    }

    @Test("the password of standard input travels as a secret and nowhere else")
    func passwordStdin() throws {
        let broker = try Self.broker()
        let input = Array("s3cret pässword\r\nsecond line\n".utf8)
        let captured = CapturedSession(socket: broker.path, input: input)
        #expect(captured.run("login", "alice@test.com", "--password-stdin") == 0)
        #expect(
            captured.out.text == """
                Logged in as alice@test.com: IMAP localhost:10993 (TLSv1.3, PLAIN), \
                SMTP localhost:10465 (TLSv1.3, PLAIN)

                """
        )
        let request = try broker.request(0)
        #expect(request.secret == Array("s3cret pässword".utf8))
        #expect(request.line.count(of: "s3cret") == 0)
        #expect(try request.params(AccountLogin.Params.self).address == "alice@test.com")
    }

    @Test("an empty password is said so and nothing is asked", arguments: ["", "\n", "\r\n"])
    func emptyPassword(input: String) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path, input: Array(input.utf8))
        #expect(captured.run("login", "alice@test.com", "--password-stdin") == 64)
        #expect(captured.err.text == "mb: the password is empty\n")
        #expect(broker.requests.isEmpty)
    }

    @Test("an empty address is said so and nothing is asked")
    func emptyAddress() throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("login", "") == 64)
        #expect(captured.err.text == "mb: the address is empty\n")
        #expect(broker.requests.isEmpty)
    }

    @Test("a password longer than a secret holds is refused")
    func longPassword() throws {
        let broker = try Self.broker()
        let input = Array(repeating: UInt8(ascii: "x"), count: 20_000)
        let captured = CapturedSession(socket: broker.path, input: input)
        #expect(captured.run("login", "alice@test.com", "--password-stdin") == 65)
        #expect(broker.requests.isEmpty)
    }

    @Test("without a terminal the configured command is used")
    func passwordCommand() throws {
        let broker = try Self.broker()
        #expect(CapturedSession(socket: broker.path).run("login", "alice@test.com") == 0)
        #expect(try broker.request(0).params(AccountLogin.Params.self).secretStream == nil)
    }

    @Test("a wrong password shows the server's reason and exits 77")
    func wrongPassword() throws {
        let broker = try FakeBroker { request, connection in
            let error = BrokerError(
                .authenticationFailed,
                "Login unsuccessful: [AUTHENTICATIONFAILED] Authentication failed.",
                server: "[AUTHENTICATIONFAILED] Authentication failed."
            )
            try connection.fail(request, error)
        }
        let captured = CapturedSession(socket: broker.path, input: Array("wrong\n".utf8))
        #expect(captured.run("login", "alice@test.com", "--password-stdin") == 77)
        #expect(
            captured.err.text
                == "mb: Login unsuccessful: [AUTHENTICATIONFAILED] Authentication failed.\n"
        )
        #expect(broker.requests.count == 1)
    }

    @Test(
        "logout names the account, by argument or option",
        arguments: [["logout", "alice"], ["-a", "alice", "logout"]]
    )
    func logout(arguments: [String]) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        #expect(MailCommand.run(arguments, session: captured.session) == 0)
        #expect(captured.out.text == "Logged out: alice@test.com\n")
        #expect(try broker.request(0).params(AccountLogout.Params.self).account == "alice")
    }
}
