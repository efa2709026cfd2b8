// Sending: who gets what, what Sent holds, and what is refused before anything leaves.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct SendingTests {
    @Test(
        "nobody sees who got a blind copy, everybody has the mail, Sent has it once with Bcc, seen"
    )
    func blindCopies() async throws {
        try await Home.with(users: ["alice", "bob", "carol", "dave"]) { home, users in
            let (alice, bob, carol, dave) = (users[0], users[1], users[2], users[3])
            try await home.done(
                "-a",
                alice.name,
                "send",
                "--wait",
                "-t",
                bob.address,
                "-b",
                carol.address,
                "-b",
                dave.address,
                "-s",
                "blind",
                "--body",
                "Hello."
            )
            for user in [bob, carol, dave] {
                _ = try await home.message("blind", account: user)
                let delivered = try await Sandbox.messages(user, "INBOX")
                #expect(delivered.map(\.subject) == ["blind"])
                #expect(delivered.map(\.bcc) == [nil])
                let octets = try await Sandbox.raw(user, "INBOX", uid: delivered[0].uid)
                let header = String(decoding: octets, as: UTF8.self).lowercased()
                #expect(!header.contains("\nbcc:"))
                let others = [carol, dave].filter { $0.name != user.name }
                for other in others { #expect(!header.contains(other.name)) }
            }
            let sent = try await Sandbox.messages(alice, "Sent")
            #expect(sent.map(\.subject) == ["blind"])
            #expect(sent[0].flags.contains("\\Seen"))
            #expect(sent[0].to == bob.address)
            #expect(sent[0].bcc == "\(carol.address), \(dave.address)")
            #expect(try await Sandbox.messages(alice, "INBOX").isEmpty)
        }
    }

    @Test("a sent message has Date, Message-ID and the text as it was")
    func headers() async throws {
        try await Home.with { home, users in
            let text = "Grüße,\n.\n..dot\n\(String(repeating: "long ", count: 300))\nFrom here\n"
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "Grüße ✓ für dich",
                "-",
                input: text
            )
            let message = try await home.message("Grüße ✓ für dich")
            let seen = try await Sandbox.messages(users[0], "INBOX")
            #expect(seen.map(\.subject) == ["Grüße ✓ für dich"])
            #expect(seen[0].messageID.hasPrefix("<") && seen[0].messageID.hasSuffix("@test.com>"))
            let raw = try await Sandbox.raw(users[0], "INBOX", uid: seen[0].uid)
            #expect(String(decoding: raw, as: UTF8.self).contains("\r\nDate: "))
            #expect(try await home.done("raw", "\(message.id)").octets == raw)
            let shown = try await home.done("read", "\(message.id)", "--json").object
            let body = shown["body"] as? [String: Any]
            #expect(body?["text"] as? String == text)
        }
    }

    @Test("the same key sends the same message once, and is refused for another")
    func keys() async throws {
        try await Home.with { home, users in
            let file = home.directory.appending(path: "a.txt")
            func send(_ text: String, _ attached: String) async throws -> Int32 {
                try Data(attached.utf8).write(to: file)
                let words = [
                    "send", "--wait", "--key", "k", "-t", users[0].address, "-s", "keyed", "--body",
                    text, "--attach", file.path,
                ]
                return try await home.run("mb", words).status
            }
            #expect(try await send("ab", "c") == 0)
            #expect(try await send("ab", "c") == 0)
            // The same octets, divided otherwise.
            #expect(try await send("a", "bc") == 65)
            _ = try await home.message("keyed")
            #expect(try await Sandbox.messages(users[0], "INBOX").count == 1)
            #expect(try await Sandbox.messages(users[0], "Sent").count == 1)
        }
    }

    @Test("reading does not mark a message as seen, read --seen does")
    func reading() async throws {
        try await Home.with { home, users in
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "new",
                "--body",
                "x"
            )
            let id = "\(try await home.message("new").id)"
            try await home.done("read", id)
            try await home.done("raw", id)
            #expect(
                try await Sandbox.messages(users[0], "INBOX")[0].flags.contains("\\Seen") == false
            )
            try await home.done("read", "--seen", id)
            #expect(try await Sandbox.messages(users[0], "INBOX")[0].flags.contains("\\Seen"))
            #expect(try await home.message("new").unseen == false)
        }
    }

    @Test(
        "what is missing is named, exits 64, and nothing leaves",
        arguments: [
            (["-s", "x", "--body", "y"], ["no recipient"]),
            (["-t", "ME", "--body", "y"], ["the subject is empty"]),
            (["-t", "ME", "-s", "x"], ["the body is empty"]),
            (
                ["-t", "ME", "-s", " ", "--body", " \n"],
                ["the subject is empty", "the body is empty"]
            ),
            (["--allow-empty"], ["no recipient"]),
            (["-t", " , ", "--allow-empty"], ["no recipient"]),
        ]
    )
    func missing(arguments: [String], reasons: [String]) async throws {
        try await Home.with { home, users in
            let words = arguments.map { $0 == "ME" ? users[0].address : $0 }
            let outcome = try await home.run("mb", ["send"] + words)
            #expect(outcome.status == 64)
            for reason in reasons { #expect(outcome.errors.contains(reason)) }
            #expect(try await Sandbox.messages(users[0], "Sent").isEmpty)
        }
    }

    @Test("--allow-empty sends without subject and text")
    func allowEmpty() async throws {
        try await Home.with { home, users in
            try await home.done("send", "--wait", "-t", users[0].address, "--allow-empty")
            try await eventually("it arrives") {
                try await Sandbox.messages(users[0], "INBOX").map(\.subject) == [""]
            }
        }
    }

    @Test(
        "CR and LF are refused by name of the field, and nothing leaves",
        arguments: [
            ("to", ["-t", "ME\nBcc: x@test.com", "-s", "x"]),
            ("cc", ["-t", "ME", "-c", "a@test.com\r"]),
            ("bcc", ["-t", "ME", "-b", "\na@test.com"]),
            ("subject", ["-t", "ME", "-s", "x\r\nBcc: y"]),
            ("subject", ["-t", "ME", "-s", "x\ny"]),
            ("file name", ["-t", "ME", "--attach", "FILE"]),
        ]
    )
    func lineEnds(field: String, arguments: [String]) async throws {
        try await Home.with { home, users in
            let file = home.directory.appending(path: "a\nb.txt").path
            try Data("x".utf8).write(to: URL(filePath: file))
            let words = arguments.map {
                $0.replacing("ME", with: users[0].address).replacing("FILE", with: file)
            }
            let outcome = try await home.run("mb", ["send", "--wait", "--body", "text"] + words)
            #expect([64, 65].contains(outcome.status))
            #expect(outcome.errors.contains(field))
            #expect(outcome.errors.contains("not allowed"))
            #expect(try await Sandbox.messages(users[0], "Sent").isEmpty)
        }
    }

    @Test(
        "CR, LF and NUL that reach the broker by its socket are refused by name of the field",
        arguments: ["to", "subject", "name"],
        ["\\r", "\\n", "\\u0000"]
    )
    func lineEndsOnTheSocket(field: String, octet: String) async throws {
        try await Home.with { home, users in
            func value(_ name: String, _ usual: String) -> String {
                name == field ? "\(usual)\(octet)" : usual
            }
            let request = """
                {"jsonrpc":"2.0","id":1,"method":"message.send","params":{\
                "to":["\(value("to", users[0].address))"],"subject":"\(value("subject", "s"))",\
                "body_stream":1,"attachments":[{"stream":2,"name":"\(value("name", "n.txt"))"}]}}
                """
            let answer = try await home.ask(request + "\n" + Home.end(1) + Home.end(2))
            #expect(answer.contains("\"error\""))
            #expect(answer.contains(field))
            #expect(try await Sandbox.messages(users[0], "Sent").isEmpty)
        }
    }
}

extension Home {
    /// The frame that ends a stream.
    static func end(_ stream: Int) -> String {
        """
        {"jsonrpc":"2.0","method":"octets","params":{"stream":\(stream),"length":0}}

        """
    }

    /// Sends octets to the broker's socket with socat and gives what it says within a second or
    /// two.
    func ask(_ text: String) async throws -> String {
        let socket = directory.appending(path: "run/mailbroker/broker.sock").path
        return try await Command.run(
            "/usr/bin/socat",
            ["-t", "3", "-", "UNIX-CONNECT:\(socket)"],
            environment: environment,
            input: Data(text.utf8)
        ).output
    }
}
