// What another client does is seen, on every server; and the means to compare.

import Foundation
import Testing

extension ServerSuiteTests {
    @Test("a message that comes while the inbox is watched shows by itself", arguments: servers)
    func push(server: MailServer) async throws {
        try await server.with { home, users, _ in
            try await Sandbox.witness(users[0], "fill", "INBOX", "1")
            _ = try await home.message("message 1")
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            try await Sandbox.witness(users[0], "expunge", "INBOX", "#1")
            // A server may look every minute only.
            try await eventually("it shows", seconds: 90) {
                try await home.list("inbox").map(\.subject) == ["message 2", "message 1"]
            }
        }
    }

    @Test(
        "what another client changes is in the next fresh list of each mailbox",
        arguments: servers
    )
    func resync(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let work = "\(prefix)Work"
            try await fill(home, users[0], work)
            try await changeElsewhere(users[0], work)
            #expect(try await agree(home, users[0], ["INBOX", work]))
            // And back again, now with the mailboxes in the other order.
            try await Sandbox.witness(users[0], "move", work, "#6", "INBOX")
            try await Sandbox.witness(users[0], "expunge", "INBOX", "#2")
            #expect(try await agree(home, users[0], [work, "INBOX"]))
        }
    }

    @Test(
        "what another client changed while no broker ran is in the first list",
        arguments: servers
    )
    func resyncAfterRestart(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let work = "\(prefix)Work"
            try await fill(home, users[0], work)
            let ids = try await home.list("inbox").reduce(into: [:]) { $0[$1.subject] = $1.id }
            let broker = try await home.brokerProcess()
            try await home.done("stop")
            try await eventually("the broker ends") { Command.hasEnded(broker) }
            try await changeElsewhere(users[0], work)
            try await home.start()
            try await home.login(users[0])
            #expect(try await agree(home, users[0], [work, "INBOX"]))
            // The same numbers name what is still where it was.
            let stayed = ["message 2", "message 3", "message 6"]
            let now = try await home.list("inbox").filter { stayed.contains($0.subject ?? "") }
            #expect(now.map(\.id) == stayed.reversed().compactMap { ids[$0] })
        }
    }

    @Test("under a new UIDVALIDITY nothing is taken for what it was", arguments: servers)
    func newEpoch(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let work = "\(prefix)Work"
            try await fill(home, users[0], work)
            let old = try await home.list("list", work).map(\.id)
            #expect(old.count == 6)
            try await Sandbox.witness(users[0], "recreate", work)
            try await Sandbox.witness(users[0], "fill", work, "6", "twin")
            // The same UIDs, sizes and subjects, and other messages.
            for verb in ["rm", "purge"] {
                #expect(try await home.mb(verb, "\(old[0])").status == 66)
            }
            #expect(try await Sandbox.messages(users[0], work).count == 6)
            #expect(try await agree(home, users[0], [work]))
            let new = try await home.list("list", work).map(\.id)
            #expect(new.count == 6)
            #expect(Set(old).isDisjoint(with: new))
            #expect(try await home.mb("read", "\(old[1])").status == 66)
            #expect(try await home.done("read", "\(new[1])").output.contains("Hello."))
        }
    }

    @Test("a mailbox another client renames has its new name, and only that", arguments: servers)
    func rename(server: MailServer) async throws {
        try await server.with { home, users, prefix in
            let (old, new) = ("\(prefix)Work", "\(prefix)Büro")
            try await fill(home, users[0], old)
            try await Sandbox.witness(users[0], "rename", old, "\(prefix)B&APw-ro")
            let names = try await folders(home).map(\.name)
            #expect(names.contains(new))
            #expect(!names.contains(old))
            let listed = try await home.list("list", new)
            #expect(listed.count == 6)
            #expect(try await home.mb("list", old).status == 66)
            #expect(try await home.done("read", "\(listed[0].id)").output.contains("Hello."))
            try await home.done("rm", "\(listed[0].id)")
            #expect(try await Sandbox.messages(users[0], "\(prefix)B&APw-ro").count == 5)
        }
    }

    @Test(
        "three accounts at once each have their own mail, and nothing of the others",
        arguments: servers
    )
    func threeAccounts(server: MailServer) async throws {
        try await server.with(users: 3) { home, users, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, user) in users.enumerated() {
                    group.addTask { try await use(home, user, count: index + 2) }
                }
                try await group.waitForAll()
            }
            let status = try await home.done("status", "--json").object
            let accounts = status["accounts"] as? [[String: Any]] ?? []
            #expect(accounts.count == 3)
            #expect(accounts.allSatisfy { $0["state"] as? String == "live" })
        }
    }

    /// Lists, flags, removes and sends in one account.
    private func use(_ home: Home, _ user: User, count: Int) async throws {
        try await Sandbox.witness(user, "fill", "INBOX", "\(count)")
        let first = try await home.message("message 1", account: user).id
        let last = try await home.message("message \(count)", account: user).id
        try await home.done("flag", "\(first)")
        try await home.done("rm", "\(last)")
        let words = [
            "-a", user.name, "send", "--wait", "-t", user.address, "-s", user.name, "--body", "x",
        ]
        let outcome = try await home.run("mb", words)
        #expect(outcome.status == 0, "\(outcome)")
        let inbox = try await Sandbox.messages(user, "INBOX").filter { $0.subject != user.name }
        #expect(inbox.map(\.subject) == (1..<count).map { "message \($0)" })
        #expect(inbox.map { lasting($0.flags) }.first == ["\\Flagged"])
        for (role, subject) in [("trash", "message \(count)"), ("sent", user.name)] {
            let folder = try await folders(home, user).first { $0.role == role }
            let name = try #require(folder?.name, "\(role)")
            #expect(try await subjects(user, name) == [subject])
        }
        #expect(try await agree(home, user, ["INBOX"]))
    }

    /// Fills INBOX and another mailbox with six messages each, and has both listed.
    private func fill(_ home: Home, _ user: User, _ mailbox: String) async throws {
        try await Sandbox.witness(user, "create", mailbox)
        for name in ["INBOX", mailbox] { try await Sandbox.witness(user, "fill", name, "6") }
        try await home.done("folders", "--fresh")
        #expect(try await agree(home, user, ["INBOX", mailbox]))
    }

    /// Changes something of every kind in both mailboxes.
    private func changeElsewhere(_ user: User, _ mailbox: String) async throws {
        for (name, other) in [("INBOX", mailbox), (mailbox, "INBOX")] {
            try await Sandbox.witness(user, "flag", name, "#1", "\\Seen")
            try await Sandbox.witness(user, "flag", name, "#3", "\\Flagged")
            try await Sandbox.witness(user, "expunge", name, "#4")
            try await Sandbox.witness(user, "move", name, "#4", other)
            try await Sandbox.witness(user, "fill", name, "1")
        }
    }

    /// Whether fresh lists say what the other client sees; tells what differs.
    func agree(_ home: Home, _ user: User, _ mailboxes: [String]) async throws -> Bool {
        var agree = true
        for mailbox in mailboxes {
            let listed = try await home.list(
                "list",
                mailbox,
                "--fresh",
                "-n",
                "100",
                account: user
            ).map { "\($0.subject ?? "") \($0.size) \($0.flags.sorted())" }
            let name = mailbox.replacing("Büro", with: "B&APw-ro")
            let there = try await Sandbox.messages(user, name).map {
                let flags = lasting($0.flags).map { $0.lowercased().replacing("\\", with: "") }
                return "\($0.subject) \($0.size) \(flags.sorted())"
            }
            #expect(listed.sorted() == there.sorted(), "\(mailbox)")
            agree = agree && listed.sorted() == there.sorted()
        }
        return agree
    }

    /// The flags without \Recent, which is not the message's.
    func lasting(_ flags: [String]) -> [String] {
        flags.filter { $0 != "\\Recent" }.sorted()
    }

    func subjects(_ user: User, _ mailbox: String) async throws -> [String] {
        try await Sandbox.messages(user, mailbox).map(\.subject)
    }

    /// The mailboxes the other client sees.
    func names(_ user: User) async throws -> [String] {
        try JSONDecoder().decode([String].self, from: await Sandbox.witness(user, "mailboxes"))
    }

    /// The mailboxes the broker has, after it has asked the server.
    func folders(_ home: Home, _ user: User? = nil) async throws -> [Folder] {
        let selection = user.map { ["-a", $0.name] } ?? []
        let outcome = try await home.run("mb", selection + ["folders", "--fresh", "--json"])
        try #require(outcome.status == 0, "\(outcome)")
        return try JSONDecoder().decode(FoldersAnswer.self, from: outcome.octets).mailboxes
    }

    /// A mailbox of `mb folders --json`.
    struct Folder: Decodable, Sendable {
        let name: String
        let role: String?
        let total: Int?
        let unseen: Int?
    }

    private struct FoldersAnswer: Decodable {
        let mailboxes: [Folder]
    }
}
