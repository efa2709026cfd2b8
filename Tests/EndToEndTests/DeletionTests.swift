// Deleting: to Trash first, for good from there, and never anything else.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct DeletionTests {
    @Test("rm moves to Trash, rm of what is in Trash says so and deletes it for good")
    func removeTwice() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "3")
            let id = "\(try await home.message("message 2").id)"
            let first = try await home.done("rm", id)
            #expect(first.output == "\(id)  moved to Trash\n")
            #expect(try await subjects(users[0], "INBOX") == ["message 1", "message 3"])
            #expect(try await subjects(users[0], "Trash") == ["message 2"])
            #expect(try await home.list("trash").map(\.subject) == ["message 2"])
            let inTrash = "\(try await home.message("message 2", in: "trash").id)"
            #expect(inTrash == id)
            let second = try await home.done("rm", id)
            #expect(second.output == "\(id)  deleted for good\n")
            #expect(second.errors == "mb: \(id) is in Trash already: deleting it for good\n")
            #expect(try await subjects(users[0], "Trash") == [])
            #expect(try await home.mb("read", id).status == 66)
        }
    }

    @Test("purge deletes from the inbox for good, without Trash")
    func purge() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            let id = "\(try await home.message("message 1").id)"
            #expect(try await home.done("purge", id).output == "\(id)  deleted for good\n")
            #expect(try await subjects(users[0], "INBOX") == ["message 2"])
            #expect(try await subjects(users[0], "Trash") == [])
        }
    }

    @Test(
        "a message somebody else has marked as deleted survives rm and purge",
        arguments: ["rm", "purge"]
    )
    func othersSurvive(verb: String) async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "3")
            let uid = try #require(
                try await Sandbox.messages(users[0], "INBOX").first { $0.subject == "message 1" }?
                    .uid
            )
            try await Sandbox.witness(users[0], "flag", "INBOX", "\(uid)", "\\Deleted")
            let id = "\(try await home.message("message 2").id)"
            try await home.done(verb, id)
            let left = try await Sandbox.messages(users[0], "INBOX")
            #expect(left.map(\.subject) == ["message 1", "message 3"])
            #expect(left[0].uid == uid)
            #expect(left[0].flags.contains("\\Deleted"))
        }
    }

    @Test("in Trash too only the message named is expunged")
    func othersInTrashSurvive() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "Trash", "2")
            try await Sandbox.witness(users[0], "flag", "Trash", "1", "\\Deleted")
            let id = "\(try await home.message("message 2", in: "trash").id)"
            try await home.done("rm", id)
            #expect(try await subjects(users[0], "Trash") == ["message 1"])
        }
    }

    @Test("several at once: each is told, and one that is not there does not stop the others")
    func several() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "4")
            _ = try await home.message("message 4")
            let ids = try await home.list("inbox").prefix(2).map { "\($0.id)" }
            let outcome = try await home.run("mb", ["rm"] + ids + ["999999"])
            #expect(outcome.status == 66)
            #expect(outcome.lines.count == 2)
            #expect(outcome.errors.contains("999999"))
            #expect(try await subjects(users[0], "Trash").count == 2)
            #expect(try await subjects(users[0], "INBOX").count == 2)
        }
    }

    @Test("what another client deletes is gone from the next list")
    func deletedElsewhere() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            let id = "\(try await home.message("message 1").id)"
            try await Sandbox.witness(users[0], "expunge", "INBOX", "1")
            try await eventually("it is gone") {
                try await home.list("inbox").map(\.subject) == ["message 2"]
            }
            #expect(try await home.mb("rm", id).status == 66)
        }
    }

    @Test("lists are newest first, with the total below")
    func newestFirst() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "30")
            try await eventually("all are there") {
                try await home.list("inbox", "-n", "50").count == 30
            }
            let listed = try await home.list("inbox", "-n", "5")
            let wanted = (26...30).reversed().map { "message \($0)" }
            #expect(listed.map(\.subject) == wanted)
            let table = try await home.done("inbox", "-n", "5")
            #expect(table.lines.count == 7)
            #expect(table.lines.last == "\(users[0].name)/INBOX  5 of 30, 30 unread, live")
        }
    }

    private func subjects(_ user: User, _ mailbox: String) async throws -> [String] {
        try await Sandbox.messages(user, mailbox).map(\.subject)
    }
}
