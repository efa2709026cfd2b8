// Facts about the configuration file.

import BrokerProtocol
import Foundation
import MailModel
import MailSession
import Testing

@testable import BrokerCore

@Suite struct ConfigurationTests {
    @Test("an account takes its settings from the file")
    func account() throws {
        let configuration = try Configuration(
            text: """
                [account.work]
                address = "alice@test.com"
                name = "Alice Example"
                user = "alice"
                imap = { host = "imap.test.com", tls = "starttls" }
                smtp = { host = "smtp.test.com", port = 2465 }
                ca_file = "/etc/ca.pem"
                password_command = ["pass", "show", "work"]
                identities = ["Alice <a@test.com>"]
                sent_copy = "never"
                hold = "2m"
                """
        )
        let account = try #require(configuration.accounts.first)
        #expect(account.name == "work")
        #expect(account.user == "alice")
        #expect(
            account.imap
                == .server(Endpoint(host: "imap.test.com", port: 143, protection: .startTLS))
        )
        #expect(account.smtp == Endpoint(host: "smtp.test.com", port: 2465, protection: .implicit))
        #expect(account.passwordCommand == ["pass", "show", "work"])
        #expect(!account.wantsSentCopy)
        #expect(!account.isSentFiledByServer)
        #expect(account.hold == 120)
    }

    @Test("imap may be a program with its arguments; smtp stands beside it")
    func imapCommand() throws {
        let configuration = try Configuration(
            text: """
                [account.work]
                address = "alice@test.com"
                imap = { command = ["ssh", "host", "/usr/lib/dovecot/imap"] }
                smtp = { host = "smtp.test.com" }
                """
        )
        let account = try #require(configuration.accounts.first)
        #expect(account.imap == .program(["ssh", "host", "/usr/lib/dovecot/imap"]))
        #expect(account.imap.name == "ssh")
        #expect(account.imap.port == 0)
        let gmail = try Configuration(
            text: "[account.g]\naddress = \"a@gmail.com\"\nimap = { command = [\"x\"] }"
        )
        #expect(gmail.accounts.first?.imap == .program(["x"]))
    }

    @Test(
        "imap.command is a list of texts that begins with a program, with nothing beside it",
        arguments: [
            ("imap = { command = [] }", "command must be a list of texts"),
            ("imap = { command = \"ssh\" }", "command must be a list of texts"),
            ("imap = { command = [\"a\", 1] }", "command must be a list of texts"),
            ("imap = { command = [\"\"] }", "command must begin with a program"),
            ("imap = { command = [\"a\"], host = \"h\" }", "must be no other setting"),
            ("imap = { command = [\"a\"], port = 1 }", "must be no other setting"),
            ("imap = { command = [\"a\"], tls = \"none\" }", "must be no other setting"),
            ("imap = { comand = [\"a\"] }", "known are host, port, tls, command"),
            ("smtp = { command = [\"a\"] }", "unknown setting command"),
        ]
    )
    func imapCommandMistakes(line: String, reason: String) throws {
        let error = #expect(throws: BrokerError.self) {
            try Configuration(text: "[account.a]\naddress = \"a@gmail.com\"\n\(line)")
        }
        #expect(error?.data.code == .configurationInvalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("html_filter is a program with its arguments, and an empty one is a mistake")
    func htmlFilter() throws {
        let configuration = try Configuration(text: "html_filter = [\"w3m\", \"-dump\"]")
        #expect(configuration.htmlFilter == ["w3m", "-dump"])
        #expect(try Configuration(text: "").htmlFilter == nil)
        let error = #expect(throws: BrokerError.self) {
            try Configuration(text: "html_filter = []")
        }
        #expect(error?.message.contains("html_filter must be a list of texts") == true)
    }

    @Test("Gmail's servers need not be configured, and Gmail files sent mail itself")
    func gmail() throws {
        let configuration = try Configuration(text: "[account.g]\naddress = \"me@GMail.com\"")
        let account = try #require(configuration.accounts.first)
        let imap = Endpoint(host: "imap.gmail.com", port: 993, protection: .implicit)
        #expect(account.imap == .server(imap))
        #expect(!account.wantsSentCopy)
        #expect(account.isSentFiledByServer)
        #expect(account.hold == 0)
    }

    @Test(
        "a mistake is an error that names the place, never a silent default (E02)",
        arguments: [
            ("[account.a\n", "line 1"),
            ("colour = 1", "unknown setting colour"),
            ("[account.a]\naddress = \"x\"", "address has no @"),
            ("[account.a]\naddress = \"a@b\"", "imap and smtp must be set"),
            ("[account.a]\naddress = \"a@gmail.com\"\nadress = \"b\"", "unknown setting adress"),
            ("[account.a]\naddress = 5", "address must be a text"),
            ("[account.a]\naddress = \"a@gmail.com\"\nsent_copy = \"yes\"", "sent_copy must be"),
            (
                "[account.a]\naddress = \"a@b\"\nimap = { host = \"h\", port = 70000 }",
                "port must be a number"
            ),
            (
                "[account.a]\naddress = \"a@b\"\nimap = { host = \"h\", tls = \"none\" }",
                "for servers on this machine only"
            ),
            (
                "[account.a]\naddress = \"a@gmail.com\"\npin_sha256 = [\"12\"]",
                "64 hexadecimal digits"
            ),
            ("[account.a]\naddress = \"a@gmail.com\"\nuser = \"x\\ny\"", "control characters"),
        ]
    )
    func mistakes(text: String, reason: String) throws {
        let error = #expect(throws: BrokerError.self) { try Configuration(text: text) }
        #expect(error?.data.code == .configurationInvalid)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("a missing file is an empty configuration; one that others may change is refused (E01)")
    func files() throws {
        let path = NSTemporaryDirectory() + "mailbroker-config-\(UUID().uuidString).toml"
        #expect(try Configuration(file: path).accounts.isEmpty)
        try Data("".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        chmod(path, 0o622)
        let error = #expect(throws: BrokerError.self) { try Configuration(file: path) }
        #expect(error?.message.contains("chmod go-w") == true)
        chmod(path, 0o600)
        #expect(try Configuration(file: path).accounts.isEmpty)
    }

    @Test("Q70: a certificate may be pinned, with colons and in either case")
    func pins() throws {
        let digits = String(repeating: "Ab:", count: 31) + "cD"
        let configuration = try Configuration(
            text: "[account.a]\naddress = \"a@gmail.com\"\npin_sha256 = [\"\(digits)\"]"
        )
        let expected = [UInt8](repeating: 0xAB, count: 31) + [0xCD]
        #expect(configuration.accounts.first?.pins == [expected])
    }
}

@Suite struct PasswordCommandTests {
    @Test("the first line of the output is the password, without its line end")
    func firstLine() async throws {
        let secret = try await PasswordCommand.run(["printf", "hunter2\\r\\nsecond line\\n"])
        #expect(secret.withUnsafeBytes { Array($0) } == Array("hunter2".utf8))
    }

    @Test("a command without a line end still gives its password")
    func noLineEnd() async throws {
        let secret = try await PasswordCommand.run(["printf", "hunter2"])
        #expect(secret.withUnsafeBytes { Array($0) } == Array("hunter2".utf8))
    }

    @Test("no shell is involved")
    func noShell() async throws {
        let secret = try await PasswordCommand.run(["echo", "$(id); `id`"])
        #expect(secret.withUnsafeBytes { Array($0) } == Array("$(id); `id`".utf8))
    }

    @Test(
        "a command that is not there, says nothing or an empty line is an error (E03)",
        arguments: [["/nonexistent/command"], ["true"], ["echo", ""]]
    )
    func failures(command: [String]) async {
        let error = await #expect(throws: BrokerError.self) {
            _ = try await PasswordCommand.run(command)
        }
        #expect(error?.data.code == .authenticationRequired)
    }
}
