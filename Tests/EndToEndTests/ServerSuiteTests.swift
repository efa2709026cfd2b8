// What must hold on every mail server, whatever it offers: Dovecot, and Cyrus and Courier where
// they are (MailServer). The other client is Python's imaplib.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct ServerSuiteTests {
    @Test(
        "a list has the newest first, the total, and nothing of another mailbox",
        arguments: servers
    )
    func list(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            try await Sandbox.witness(users[0], "create", "\(prefix)Work")
            try await Sandbox.witness(users[0], "fill", "\(prefix)Work", "2")
            try await Sandbox.witness(users[0], "fill", "INBOX", "12")
            let answer = try await home.done("inbox", "--fresh", "-n", "3", "--json")
            let inbox = try JSONDecoder().decode(ListAnswer.self, from: answer.octets)
            #expect(inbox.total == 12)
            #expect(inbox.messages.map(\.subject) == ["message 12", "message 11", "message 10"])
            #expect(inbox.messages.allSatisfy { $0.unseen })
            try await home.done("folders", "--fresh")
            let work = try await home.list("list", "\(prefix)Work")
            #expect(work.map(\.subject) == ["message 2", "message 1"])
            #expect(try await agree(home, users[0], ["INBOX", "\(prefix)Work"]))
        }
    }

    @Test("folders has every mailbox of the server, with its counts", arguments: servers)
    func folders(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            try await Sandbox.witness(users[0], "create", "\(prefix)Work")
            try await Sandbox.witness(users[0], "fill", "\(prefix)Work", "3")
            try await Sandbox.witness(users[0], "flag", "\(prefix)Work", "#1", "\\Seen")
            let folders = try await folders(home)
            #expect(folders.map(\.name).sorted() == (try await names(users[0])).sorted())
            let work = try #require(folders.first { $0.name == "\(prefix)Work" })
            #expect(work.total == 3)
            #expect(work.unseen == 2)
            #expect(folders.first?.role == "inbox")
        }
    }

    @Test("a message is read as it is on the server, and stays unseen", arguments: servers)
    func read(server: MailServer) async throws {
        try await server.with { home, users, _ in
            let file = Octets.random(70_000)
            try await Sandbox.witness(users[0], "append", "INBOX", input: Self.message(with: file))
            let id = "\(try await home.message("Grüße").id)"
            let shown = try await home.done("read", id, "--json").object
            let text = (shown["body"] as? [String: Any])?["text"] as? String
            #expect(text == "Schöne Grüße,\n.\nFrom here\n")
            let uid = try await Sandbox.messages(users[0], "INBOX").map(\.uid)
            let raw = try await Sandbox.raw(users[0], "INBOX", uid: try #require(uid.first))
            #expect(try await home.done("raw", id).octets == raw)
            #expect(try await home.list("inbox").map(\.size) == [Int64(raw.count)])
            let target = try home.folder("target")
            try await home.done("fetch", id, "-d", target.path)
            #expect(try Data(contentsOf: target.appending(path: "file.bin")) == file)
            #expect(try await agree(home, users[0], ["INBOX"]))
            #expect(try await home.list("inbox").map(\.unseen) == [true])
        }
    }

    @Test("flags are set and taken away, and others' flags stay", arguments: servers)
    func flags(server: MailServer) async throws {
        try await server.with { home, users, _ in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            try await Sandbox.witness(users[0], "flag", "INBOX", "#2", "\\Answered")
            let id = "\(try await home.message("message 2").id)"
            for (verb, flags) in [
                ("seen", ["\\Answered", "\\Seen"]),
                ("flag", ["\\Answered", "\\Flagged", "\\Seen"]),
                ("unseen", ["\\Answered", "\\Flagged"]), ("unflag", ["\\Answered"]),
            ] {
                try await home.done(verb, id)
                let seen = try await Sandbox.messages(users[0], "INBOX")
                #expect(seen.map { lasting($0.flags) } == [[], flags], "after \(verb)")
                #expect(try await agree(home, users[0], ["INBOX"]))
            }
        }
    }

    @Test("labels are keywords where the server has no labels", arguments: servers)
    func labels(server: MailServer) async throws {
        try await server.with { home, users, _ in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            let id = "\(try await home.message("message 2").id)"
            try await home.done("label", id, "+Work", "+later")
            try await home.done("important", id)
            try await home.done("label", id, "-later")
            let seen = try await Sandbox.messages(users[0], "INBOX")
            #expect(seen.map { lasting($0.flags) } == [[], ["$Important", "Work"]])
            let listed = try await home.list("inbox", "--fresh")
            #expect(listed.map(\.labels) == [["Work", "important"], []])
            for (label, count) in [("work", 1), ("important", 1), ("later", 0)] {
                let found = try await home.done("search", "label:\(label)", "--json").object
                #expect((found["messages"] as? [Any])?.count == count, "\(label)")
            }
            #expect(try await home.mb("label", id, "+two words").status == 64)
            #expect(try await agree(home, users[0], ["INBOX"]))
        }
    }

    @Test("what another client moves keeps its number", arguments: servers)
    func movedElsewhere(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let work = "\(prefix)Work"
            try await Sandbox.witness(users[0], "create", work)
            try await Sandbox.witness(users[0], "fill", "INBOX", "3")
            try await home.done("folders", "--fresh")
            let ids = [
                try await home.message("message 2").id, try await home.message("message 3").id,
            ]
            #expect(try await home.list("list", work, "--fresh").isEmpty)
            // Its new mailbox is looked at last, and then first.
            try await Sandbox.witness(users[0], "move", "INBOX", "#2", work)
            try await eventually("message 2 has left INBOX") {
                try await home.list("inbox", "--fresh").count == 2
            }
            #expect(try await home.list("list", work, "--fresh").map(\.id) == [ids[0]])
            try await Sandbox.witness(users[0], "move", "INBOX", "#2", work)
            #expect(try await home.list("list", work, "--fresh").count == 2)
            try await eventually("message 3 has its number back") {
                _ = try await home.list("inbox", "--fresh")
                return try await home.list("list", work, "--fresh").map(\.id).sorted() == ids
            }
            #expect(try await agree(home, users[0], ["INBOX", work]))
        }
    }

    @Test(
        "rm moves to Trash, which is made where there is none, mv and cp elsewhere; flags stay",
        arguments: servers
    )
    func move(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let work = "\(prefix)Work"
            try await Sandbox.witness(users[0], "create", work)
            try await Sandbox.witness(users[0], "fill", "INBOX", "4")
            try await Sandbox.witness(users[0], "flag", "INBOX", "#2", "\\Flagged")
            try await home.done("folders", "--fresh")
            let id = "\(try await home.message("message 2").id)"
            try await home.done("rm", id)
            try await home.done("mv", "\(try await home.message("message 3").id)", work)
            try await home.done("cp", "\(try await home.message("message 4").id)", work)
            let trash = try #require(try await folders(home).first { $0.role == "trash" }?.name)
            let inTrash = try await Sandbox.messages(users[0], trash)
            #expect(inTrash.map(\.subject) == ["message 2"])
            #expect(inTrash.map { lasting($0.flags) } == [["\\Flagged"]])
            #expect(try await subjects(users[0], "INBOX") == ["message 1", "message 4"])
            #expect(try await subjects(users[0], work) == ["message 3", "message 4"])
            #expect(try await home.list("trash").map { "\($0.id)" } == [id])
            #expect(try await home.done("read", id).output.contains("Hello."))
            #expect(try await agree(home, users[0], ["INBOX", trash, work]))
        }
    }

    @Test(
        "deletion for good takes the message named and no other that is marked",
        arguments: servers
    )
    func delete(server: MailServer) async throws {
        try await server.with { home, users, _ in
            try await Sandbox.witness(users[0], "fill", "INBOX", "4")
            try await Sandbox.witness(users[0], "flag", "INBOX", "#1", "\\Deleted")
            let purged = "\(try await home.message("message 3").id)"
            let removed = "\(try await home.message("message 4").id)"
            #expect(try await home.done("purge", purged).output.contains("deleted for good"))
            try await home.done("rm", removed)
            #expect(try await home.done("rm", removed).output.contains("deleted for good"))
            #expect(try await subjects(users[0], "INBOX") == ["message 1", "message 2"])
            let trash = try #require(try await folders(home).first { $0.role == "trash" }?.name)
            #expect(try await subjects(users[0], trash) == [])
            #expect(try await home.mb("read", purged).status == 66)
            #expect(try await agree(home, users[0], ["INBOX", trash]))
        }
    }

    @Test(
        "what is sent is filed in Sent once, seen, with Bcc and octet for octet",
        arguments: servers
    )
    func append(server: MailServer) async throws {
        try await server.with { home, users, _ in
            let address = users[0].address
            let outcome = try await home.run(
                "mb",
                [
                    "send", "--wait", "-t", address, "-b", address, "-s", "Grüße ✓", "--body",
                    "a\n.\nü",
                ]
            )
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.errors == "")
            let sent = try #require(try await folders(home).first { $0.role == "sent" }?.name)
            let filed = try await Sandbox.messages(users[0], sent)
            #expect(filed.map(\.subject) == ["Grüße ✓"])
            #expect(filed.map { lasting($0.flags) } == [["\\Seen"]])
            #expect(filed.map(\.bcc) == [address])
            let id = "\(try await home.message("Grüße ✓", in: "sent").id)"
            let raw = try await Sandbox.raw(users[0], sent, uid: filed[0].uid)
            #expect(try await home.done("raw", id).octets == raw)
            #expect(try await agree(home, users[0], [sent]))
        }
    }

    static let servers = MailServer.all

    /// A message with a text and an attachment.
    private static func message(with file: Data) -> Data {
        let encoded = file.base64EncodedString(options: .lineLength76Characters)
        let text = """
            From: Friend <friend@test.com>
            To: me@test.com
            Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
            Message-ID: <read@test.com>
            Date: Mon, 23 Nov 2026 08:00:00 +0000
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit

            Schöne Grüße,
            .
            From here

            --b
            Content-Type: application/octet-stream; name=file.bin
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename=file.bin

            \(encoded)
            --b--

            """
        return Data(text.utf8)
    }
}
