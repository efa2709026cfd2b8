// The rows of reliability.md B that are about what a user gives to be sent, by the whole product:
// what must not be sent is refused before anything is taken in.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct SubmissionCatalogueTests {
    /// Submits a message that nobody gets within an hour.
    private func held(_ home: Home, _ words: [String]) async throws -> Outcome {
        let all = ["send", "--hold", "1h", "--body", "x"] + words
        return try await home.run("mb", all)
    }

    private func outboxItems(_ home: Home) async throws -> [[String: Any]] {
        try await home.done("outbox", "list", "--json").object["items"] as? [[String: Any]] ?? []
    }

    @Test("B20, B22: what would end a line of the header or the envelope is refused")
    func lineEnds() async throws {
        try await Home.with { home, users in
            for end in ["\r\n", "\n", "\r"] {
                let evil = "x\(end)Bcc: evil@test.com"
                for words in [
                    ["-t", users[0].address, "-s", evil],
                    ["-t", "\(evil) <\(users[0].address)>", "-s", "x"],
                    ["-t", "a@test.com>\(end)RCPT TO:<evil@test.com", "-s", "x"],
                ] {
                    let refused = try await held(home, words)
                    #expect([64, 65].contains(refused.status), "\(refused)")
                }
            }
            #expect(try await outboxItems(home).isEmpty)
        }
    }

    @Test("B22: other separators of lines are text, and the header has one subject")
    func separators() async throws {
        try await Home.with { home, users in
            let subject = "a\u{85}b\u{2028}Bcc: evil@test.com"
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                subject,
                "--body",
                "x"
            )
            try await eventually("it arrives") {
                try await Sandbox.messages(users[0], "INBOX").count == 1
            }
            let seen = try await Sandbox.messages(users[0], "INBOX")
            let raw = try await Sandbox.raw(users[0], "INBOX", uid: seen[0].uid)
            let header = String(decoding: raw, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
            let lines = header.components(separatedBy: "\r\n").map { $0.lowercased() }
            #expect(lines.filter { $0.hasPrefix("subject:") }.count == 1)
            #expect(lines.filter { $0.hasPrefix("bcc:") }.isEmpty)
            #expect(header.unicodeScalars.allSatisfy { $0.isASCII })
        }
    }

    @Test("B26: the domain of an address is what stands behind its quoted local part")
    func quotedLocalPart() async throws {
        try await Home.with { home, _ in
            let address = "\"xclow3n@gmail.com x\"@internal.domain"
            try #require(try await held(home, ["-t", address, "-s", "x"]).status == 0)
            let recipients = try await outboxItems(home).first?["recipients"] as? [[String: Any]]
            #expect(recipients?.map { $0["address"] as? String } == [address])
        }
    }

    @Test(
        "B27, B29: an address with a comment in its domain, or with what nobody sees, is refused",
        arguments: [
            "user@good-corp.com(x)evil.com", "a@b\u{200D}.com", "a\u{200B}b@test.com",
            "a@\u{202E}moc.tset",
        ]
    )
    func deceivingAddress(address: String) async throws {
        try await Home.with { home, _ in
            let refused = try await held(home, ["-t", address, "-s", "x"])
            #expect([64, 65].contains(refused.status), "\(refused)")
            let program = try await home.mb("sendmail", "-t", input: "To: \(address)\n\nx\n")
            #expect([64, 65].contains(program.status), "\(program)")
            #expect(try await outboxItems(home).isEmpty)
        }
    }

    @Test("B28: nested groups and endless separators are refused, and the broker lives")
    func nestedGroups() async throws {
        try await Home.with { home, _ in
            for list in [
                String(repeating: "a:", count: 1000) + String(repeating: ";", count: 1000),
                String(repeating: ";", count: 100_000),
            ] {
                let refused = try await held(home, ["-t", list, "-s", "x"])
                #expect([64, 65].contains(refused.status), "\(refused.status)")
            }
            #expect(try await outboxItems(home).isEmpty)
        }
    }

    @Test("B31: only a file with an end can be attached")
    func strangeFiles() async throws {
        try await Home.with { home, users in
            let fifo = home.directory.appending(path: "fifo").path
            try #require(mkfifo(fifo, 0o600) == 0)
            for file in [fifo, "/dev/zero", home.directory.path, "/nonexistent"] {
                let words = ["-t", users[0].address, "-s", "x", "--attach", file]
                let refused = try await held(home, words)
                #expect(refused.status != 0, "\(file)")
                #expect(refused.errors.contains(file), "\(refused)")
            }
            #expect(try await outboxItems(home).isEmpty)
        }
    }

    @Test("B32: a message that is too large is refused with the limit, and leaves no row")
    func tooLarge() async throws {
        try await Home.with { home, users in
            let file = home.directory.appending(path: "huge.bin")
            try Data().write(to: file)
            try #require(truncate(file.path, 300_000_000) == 0)
            let words = ["-t", users[0].address, "-s", "x", "--attach", file.path]
            let refused = try await held(home, words)
            #expect(refused.status == 65, "\(refused)")
            #expect(refused.errors.contains("256 MiB"), "\(refused)")
            #expect(try await outboxItems(home).isEmpty)
        }
    }

    @Test("B33: Bcc is in the envelope and in the copy, and not in the octets that are sent")
    func blindCopy() async throws {
        try await Home.with { home, users in
            let words = ["-t", users[0].address, "-b", "secret@test.com", "-s", "x"]
            try #require(try await held(home, words).status == 0)
            try await home.done("stop")
            let database = home.environment["XDG_STATE_HOME"].map { $0 + "/mailbroker/outbox.db" }
            let script = """
                import sqlite3, sys
                row = sqlite3.connect(sys.argv[1]).execute(
                    "SELECT header, copy_header, (SELECT group_concat(CAST(address AS TEXT)) "
                    "FROM recipient) FROM message").fetchone()
                print(b"secret" in row[0], b"Bcc: secret@test.com" in row[1], "secret@" in row[2])
                """
            let found = try await home.runPython(script, try #require(database))
            #expect(found.output == "False True True\n", "\(found)")
        }
    }
}

extension Home {
    /// Runs a script of Python in the home's surroundings.
    fileprivate func runPython(_ script: String, _ arguments: String...) async throws -> Outcome {
        try await Command.run(
            "/usr/bin/python3",
            ["-c", script] + arguments,
            environment: environment,
            input: Data(),
            directory: directory.path
        )
    }
}
