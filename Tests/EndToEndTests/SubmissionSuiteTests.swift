// What must hold on every submission server: Exim, which the sandbox has, and Postfix and Dovecot's
// submission service where contrib/dev/submission has started them, which says their ports in
// MAILBROKER_TEST_POSTFIX and MAILBROKER_TEST_SUBMISSION.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct SubmissionSuiteTests {
    @Test("a text in UTF-8 arrives as it was written", arguments: SubmissionServer.all)
    func text(server: SubmissionServer) async throws {
        try await server.with(["alice", "bob"]) { home, users in
            let text = "Grüße ✓,\n.\n..dot\nFrom here\n\(String(repeating: "lang ", count: 300))\n"
            let sent = try await home.mb(
                "-a",
                users[0].name,
                "send",
                "--wait",
                "-t",
                users[1].address,
                "-s",
                "Grüße ✓",
                "-",
                input: text
            )
            try #require(sent.status == 0, "\(sent)")
            let message = try await home.message("Grüße ✓", account: users[1])
            let shown = try await home.done("-a", users[1].name, "read", "\(message.id)", "--json")
            #expect((shown.object["body"] as? [String: Any])?["text"] as? String == text)
            #expect(try await Sandbox.messages(users[0], "Sent").map(\.subject) == ["Grüße ✓"])
        }
    }

    @Test(
        "an attachment of 25 MB arrives octet by octet, by BDAT where it is offered",
        arguments: SubmissionServer.all
    )
    func attachment(server: SubmissionServer) async throws {
        try await server.with(["alice"]) { home, users in
            let file = home.directory.appending(path: "large.bin")
            try Octets.random(25_000_000).write(to: file)
            let sent = try await home.mb(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "large",
                "--body",
                "x",
                "--attach",
                file.path
            )
            try #require(sent.status == 0, "\(sent)")
            let id = "\(try await home.message("large").id)"
            let target = try home.folder("target")
            try await home.done("fetch", id, "-d", target.path)
            let fetched = target.appending(path: "large.bin")
            #expect(try await Octets.sha256(fetched) == Octets.sha256(file))
            guard server == .exim else { return }
            // Exim marks what came by BDAT (RFC 3030) so.
            let log = URL(filePath: Sandbox.directory).appending(path: "log/exim-mainlog")
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            let taken = lines.filter { $0.contains(" <= \(users[0].address) ") }
            #expect(taken.count == 1)
            #expect(taken.allSatisfy { $0.contains(" K ") })
        }
    }

    @Test(
        "of three recipients with one refused nobody gets it, and two with --partial",
        arguments: SubmissionServer.all
    )
    func refusedRecipient(server: SubmissionServer) async throws {
        try await server.with(["alice", "bob"]) { home, users in
            func send(_ subject: String, _ options: [String]) async throws -> Outcome {
                let recipients = "\(users[0].address),nobody-here@test.com,\(users[1].address)"
                let words = [
                    "-a", users[0].name, "send", "--wait", "-t", recipients, "-s", subject,
                ]
                return try await home.run("mb", words + ["--body", "x"] + options)
            }
            let refused = try await send("to all", [])
            #expect(refused.status == 77, "\(refused)")
            #expect(refused.errors.contains("nobody-here@test.com"), "\(refused)")
            let partial = try await send("to some", ["--partial"])
            #expect(partial.errors.contains("nobody-here@test.com"), "\(partial)")
            for user in users {
                _ = try await home.message("to some", account: user)
                #expect(try await Sandbox.messages(user, "INBOX").map(\.subject) == ["to some"])
            }
        }
    }

    @Test(
        "an address in UTF-8 is for servers that take it, and refused before others see it",
        arguments: SubmissionServer.all
    )
    func internationalAddress(server: SubmissionServer) async throws {
        try await server.with(["alice"]) { home, users in
            let sent = try await home.mb(
                "send",
                "--wait",
                "-t",
                "grüße@test.com",
                "-s",
                "x",
                "--body",
                "x"
            )
            switch server {
            case .postfix: #expect(sent.status == 0, "\(sent)")
            case .exim:
                #expect(sent.status == 77)
                #expect(sent.errors.contains("there is no account"), "\(sent)")
            case .dovecot:
                #expect(sent.status == 77)
                #expect(sent.errors.contains("SMTPUTF8"), "\(sent)")
            }
        }
    }

    @Test("a report of delivery comes where it is asked for", arguments: SubmissionServer.all)
    func report(server: SubmissionServer) async throws {
        try await server.with(["alice", "bob"]) { home, users in
            for (subject, events) in [("quiet", "never"), ("reported", "success")] {
                try await home.done(
                    "-a",
                    users[0].name,
                    "send",
                    "--wait",
                    "-t",
                    users[1].address,
                    "-s",
                    subject,
                    "--body",
                    "x",
                    "--dsn",
                    events,
                    "--dsn-return",
                    "headers"
                )
                _ = try await home.message(subject, account: users[1])
            }
            try await eventually("the report comes") {
                try await !Sandbox.messages(users[0], "INBOX").isEmpty
            }
            let reports = try await Sandbox.messages(users[0], "INBOX")
            #expect(reports.count == 1)
            let raw = try await Sandbox.raw(users[0], "INBOX", uid: reports[0].uid)
            let text = String(decoding: raw, as: UTF8.self).lowercased()
            #expect(text.contains("report-type=delivery-status"))
            #expect(text.contains("original-recipient: rfc822;\(users[1].address)"))
            #expect(text.contains("subject: reported"))
        }
    }

    @Test(
        "B23, B24: what looks like the end of a message is part of it",
        arguments: SubmissionServer.all
    )
    func smuggling(server: SubmissionServer) async throws {
        try await server.with(["alice"]) { home, users in
            let evil =
                "MAIL FROM:<evil@test.com>\r\nRCPT TO:<\(users[0].address)>\r\nDATA\r\n"
                + "Subject: smuggled\r\n\r\nx"
            let ends = ["\r\n.\r\n", "\n.\n", "\n.\r\n", "\r.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r"]
            for (number, end) in ends.enumerated() {
                let message = "Subject: body \(number)\r\n\r\nbefore\(end)\(evil)\(end)after\r\n"
                try await home.done("sendmail", "-i", users[0].address, input: message)
            }
            // It leaves in the order it came: what a server took apart is there before the last.
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "last",
                "--body",
                "x"
            )
            _ = try await home.message("last")
            let seen = try await Sandbox.messages(users[0], "INBOX")
            let expected = (0..<ends.count).map { "body \($0)" } + ["last"]
            #expect(seen.map(\.subject).sorted() == expected)
            for message in seen where message.subject != "last" {
                let raw = try await Sandbox.raw(users[0], "INBOX", uid: message.uid)
                let text = String(decoding: raw, as: UTF8.self)
                #expect(text.contains("before\r\n.\r\nMAIL FROM"), "\(message.subject)")
                #expect(text.contains("x\r\n.\r\nafter\r\n"), "\(message.subject)")
            }
        }
    }
}

/// A submission server of this run.
enum SubmissionServer: String, Sendable, CustomTestStringConvertible {
    case exim, postfix, dovecot

    static var all: [SubmissionServer] {
        [.exim, .postfix, .dovecot].filter { $0.port != nil }
    }

    var testDescription: String { rawValue }

    private var port: Int? {
        let variables = ProcessInfo.processInfo.environment
        switch self {
        case .exim: return Sandbox.portBase + 465
        case .postfix: return variables["MAILBROKER_TEST_POSTFIX"].flatMap { Int($0) }
        case .dovecot: return variables["MAILBROKER_TEST_SUBMISSION"].flatMap { Int($0) }
        }
    }

    /// Gives a test a home with accounts that send over this server, logged in.
    func with(_ names: [String], _ body: (Home, [User]) async throws -> Void) async throws {
        let port = try #require(port)
        try await Home.with { home in
            var users: [User] = []
            for name in names { users.append(try await home.addUser(name)) }
            let text = try String(contentsOf: home.configuration, encoding: .utf8)
            let other = text.replacingOccurrences(
                of: "port = \(Sandbox.portBase + 465)",
                with: "port = \(port)"
            )
            try home.write(configuration: other)
            return users
        } body: {
            try await body($0, $1)
        }
    }
}
