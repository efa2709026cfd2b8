// Changes made while the server is away reach it when it comes back, also when the broker was
// killed in between.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct OfflineChangeTests {
    @Test("rm, flag and mv made offline show at once, survive kill -9 and reach the server")
    func offlineChanges() async throws {
        try await Home.with(loggedIn: false) { home, users in
            let first = try await home.wire()
            try home.configure(users[0], imapPort: first.port)
            try home.givePasswordByCommand(users[0])
            try await Sandbox.witness(users[0], "fill", "INBOX", "4")
            try await home.start()
            try await eventually("the mails are there") {
                try await home.mb("inbox", "--json").output.contains("\"total\":4")
            }
            let ids = try await home.list("inbox").map { "\($0.id)" }
            try #require(ids.count == 4)
            first.stop()
            try await eventually("the broker has noticed") {
                try await home.done("status").output.contains("offline")
            }
            let removed = try await home.done("rm", ids[0])
            #expect(removed.output.contains("moved to Trash, when the server can be told"))
            try await home.done("flag", ids[1])
            try await home.done("mv", ids[2], "Archive")
            #expect(try await home.done("status").output.contains(", 3 changes wait"))
            let shown = try await home.list("inbox")
            #expect(shown.map { "\($0.id)" } == [ids[1], ids[3]])
            #expect(try await home.done("inbox", "--json").output.contains("[\"flagged\"]"))

            kill(try await home.brokerProcess(), SIGKILL)
            try await eventually("another broker starts") {
                try await home.mb("start").status == 0
            }
            try await eventually("the changes are still there") {
                try await home.done("status").output.contains(", 3 changes wait")
            }
            let second = try await home.wire(on: first.port)
            defer { second.stop() }
            try await eventually("the server has all changes", seconds: 60) {
                try await home.done("inbox")
                return try await !home.done("status").output.contains("wait")
            }
            let inbox = try await Sandbox.messages(users[0], "INBOX")
            #expect(inbox.map(\.flags) == [[], ["\\Flagged"]])
            #expect(try await Sandbox.messages(users[0], "Trash").count == 1)
            #expect(try await Sandbox.messages(users[0], "Archive").count == 1)
            // The same numbers name the same messages, wherever they are now.
            #expect(try await home.list("trash").map { "\($0.id)" } == [ids[0]])
            #expect(try await home.list("list", "Archive").map { "\($0.id)" } == [ids[2]])
        }
    }

    @Test("what was read or fetched once can be read and fetched while the server is away")
    func offlineReading() async throws {
        try await Home.with(loggedIn: false) { home, users in
            let wire = try await home.wire()
            try home.configure(users[0], imapPort: wire.port)
            try await home.start()
            try await home.login(users[0])
            let file = home.directory.appending(path: "three.bin")
            try Octets.random(3_000_000).write(to: file)
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "kept",
                "--body",
                "the text",
                "--attach",
                file.path
            )
            let id = "\(try await home.message("kept").id)"
            let read = try await home.done("read", id)
            try await home.done("fetch", id, "-o", home.directory.path + "/first")
            try await Sandbox.witness(users[0], "fill", "INBOX", "1")
            let other = "\(try await home.message("message 1").id)"
            wire.stop()
            try await eventually("the broker has noticed") {
                try await home.done("status").output.contains("offline")
            }
            #expect(try await home.done("read", id).output == read.output)
            try await home.done("fetch", id, "-o", home.directory.path + "/second")
            let second = home.directory.appending(path: "second")
            #expect(try await Octets.sha256(second) == Octets.sha256(file))
            #expect(try await home.mb("read", other).status == 75)
        }
    }
}
