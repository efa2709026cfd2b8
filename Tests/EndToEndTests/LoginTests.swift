// Logging in: once, on both servers, and what happens when it does not succeed.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct LoginTests {
    @Test("after one login, 100 inboxes are one IMAP login on the server")
    func hundredInboxes() async throws {
        try await Home.with { home, users in
            for _ in 0..<100 { try await home.done("inbox") }
            #expect(try await Sandbox.logins("imap", users[0]) == 1)
            #expect(try await Sandbox.logins("smtp", users[0]) == 1)
        }
    }

    @Test("when the server ends the IMAP connection, the next inbox works with one login more")
    func serverEndsConnection() async throws {
        try await Home.with { home, users in
            try await home.done("inbox")
            let ended = try await Sandbox.run("kill-imap", users[0].name)
            #expect(ended.hasPrefix("ended 1 connections"))
            try await home.done("inbox", "--fresh")
            #expect(try await Sandbox.logins("imap", users[0]) == 2)
            for _ in 0..<5 { try await home.done("inbox") }
            #expect(try await Sandbox.logins("imap", users[0]) == 2)
        }
    }

    @Test("login says which servers were verified, and logs in on both")
    func bothServers() async throws {
        try await Home.with(loggedIn: false) { home, users in
            try await home.start()
            let outcome = try await home.login(users[0])
            #expect(outcome.output.hasPrefix("Logged in as \(users[0].address): "))
            #expect(outcome.output.contains("IMAP localhost:\(Sandbox.portBase + 993) (TLSv1.3"))
            #expect(outcome.output.contains("SMTP localhost:\(Sandbox.portBase + 465) (TLSv1.3"))
            #expect(try await Sandbox.logins("imap", users[0]) == 1)
            #expect(try await Sandbox.logins("smtp", users[0]) == 1)
        }
    }

    @Test("a wrong password: the server's reason, 77, one attempt on the server, nothing stored")
    func wrongPassword() async throws {
        try await Home.with(loggedIn: false) { home, users in
            try await home.start()
            let secret = "not-the-password-4711"
            let outcome = try await home.mb(
                "login",
                "--password-stdin",
                users[0].address,
                input: secret + "\n"
            )
            #expect(outcome.status == 77)
            #expect(outcome.errors == "mb: Login unsuccessful: Authentication failed.\n")
            #expect(outcome.output == "")
            let imap = try await Sandbox.failures("imap", users[0])
            let smtp = try await Sandbox.failures("smtp", users[0])
            #expect((imap, smtp) == (1, 0))
            #expect(try await home.mb("inbox").status == 77)
            #expect(try await Sandbox.failures("imap", users[0]) == 1)
            #expect(try await Sandbox.logins("imap", users[0]) == 0)
            #expect(home.files(holding: Data(secret.utf8)) == [])
        }
    }

    @Test("the right password is in no file either")
    func passwordIsNotStored() async throws {
        try await Home.with { home, users in
            try await home.done("inbox")
            #expect(home.files(holding: Data(users[0].password.utf8)) == [])
        }
    }

    @Test(
        "an empty password or address is said so, and no connection is made",
        arguments: [
            ("", "ADDRESS", "the password is empty"), ("secret", "", "the address is empty"),
            ("secret", "  ", "the address is empty"),
        ]
    )
    func nothingGiven(password: String, address: String, reason: String) async throws {
        try await Home.with(loggedIn: false) { home, users in
            let log = home.directory.appending(path: "recorded")
            let words = ["imap", "implicit", "/none", "/none", log.path]
            let server = try await Helper("recording-server.py", words, in: home)
            defer { server.stop() }
            let place = "{ host = \"localhost\", port = \(server.port), tls = \"implicit\" }"
            let authority = Sandbox.certificateAuthority
            try home.configure(users[0], imap: place, smtp: place, certificateAuthority: authority)
            try await home.start()
            let name = address == "ADDRESS" ? users[0].address : address
            let outcome = try await home.mb(
                "login",
                "--password-stdin",
                name,
                input: password + "\n"
            )
            #expect(outcome.status == 64)
            #expect(outcome.errors == "mb: \(reason)\n")
            #expect(!FileManager.default.fileExists(atPath: log.path))
            // With something given the same server is reached, so it would have noticed.
            _ = try await home.mb("login", "--password-stdin", users[0].address, input: "x\n")
            #expect(try String(contentsOf: log, encoding: .utf8).hasPrefix("-- connection\n"))
        }
    }

    @Test("login works over STARTTLS on both servers")
    func startTLS() async throws {
        try await Home.with(loggedIn: false) { home, users in
            let (imap, smtp) = (Sandbox.portBase + 143, Sandbox.portBase + 587)
            try home.configure(
                users[0],
                imap: "{ host = \"localhost\", port = \(imap), tls = \"starttls\" }",
                smtp: "{ host = \"localhost\", port = \(smtp), tls = \"starttls\" }",
                certificateAuthority: Sandbox.certificateAuthority
            )
            try await home.start()
            let outcome = try await home.login(users[0])
            #expect(outcome.output.contains("IMAP localhost:\(imap) (TLSv1.3"))
            #expect(outcome.output.contains("SMTP localhost:\(smtp) (TLSv1.3"))
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "own",
                "--body",
                "x"
            )
            _ = try await home.message("own")
        }
    }

    @Test("logout says QUIT and LOGOUT, and afterwards the account asks for a login")
    func logout() async throws {
        try await Home.with { home, users in
            try await home.done("inbox")
            let outcome = try await home.done("logout")
            #expect(outcome.output == "Logged out: \(users[0].address)\n")
            try await eventually("the servers have logged the end") {
                let log = try await Sandbox.run("log", "-n", "20000")
                let lines = log.split(separator: "\n").filter { $0.contains(users[0].address) }
                return lines.contains { $0.contains("Disconnected: Logged out") }
                    && lines.contains { $0.contains("C=EHLO,AUTH,QUIT") }
            }
            let after = try await home.mb("inbox")
            #expect(after.status == 77)
            #expect(after.errors.contains("run: mb login \(users[0].address)"))
            try await home.login(users[0])
            try await home.done("inbox")
        }
    }

    @Test("password_command logs in when the broker starts")
    func passwordCommand() async throws {
        try await Home.with(loggedIn: false) { home, users in
            try home.givePasswordByCommand(users[0])
            try await home.start()
            try await eventually("the account is live") {
                try await home.mb("inbox").status == 0
            }
            #expect(try await Sandbox.logins("imap", users[0]) == 1)
        }
    }

    @Test("two accounts live side by side, and -a chooses between them")
    func twoAccounts() async throws {
        try await Home.with(users: ["alice", "bob"]) { home, users in
            let (alice, bob) = (users[0], users[1])
            let unclear = try await home.mb("inbox")
            #expect(unclear.status == 67)
            #expect(unclear.errors.contains("-a"))
            try await home.done(
                "-a",
                alice.name,
                "send",
                "--wait",
                "-t",
                bob.address,
                "-s",
                "to bob",
                "--body",
                "x"
            )
            _ = try await home.message("to bob", account: bob)
            #expect(try await home.list("inbox", account: alice).isEmpty)
            let byAddress = try await home.done("-a", bob.address, "inbox", "--json")
            #expect(byAddress.output.contains("to bob"))
            try await home.done("logout", alice.name)
            try await home.done("inbox")
            #expect(try await home.mb("-a", "nobody", "inbox").status == 67)
        }
    }
}

extension Home {
    /// The files below this home that hold some octets.
    func files(holding octets: Data) -> [String] {
        let names =
            FileManager.default.enumerator(atPath: directory.path)?
            .compactMap { $0 as? String } ?? []
        return names.filter { name in
            let text = try? Data(contentsOf: directory.appending(path: name))
            return text?.range(of: octets) != nil
        }
    }
}
