// The wire to the server is cut in the middle of something.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct InterruptionTests {
    @Test("a cut in the middle of a fetch leaves no broken file, and the next fetch has it all")
    func cutInFetch() async throws {
        try await throughProxy { home, user, cut in
            let file = home.directory.appending(path: "five.bin")
            try Octets.random(5_000_000).write(to: file)
            try await home.done(
                "send",
                "--wait",
                "-t",
                user.address,
                "-s",
                "five",
                "--body",
                "x",
                "--attach",
                file.path
            )
            let id = "\(try await home.message("five").id)"
            let target = try home.folder("target")
            try Data("2000000".utf8).write(to: cut)
            let first = try await home.mb("fetch", id, "-d", target.path)
            #expect(!FileManager.default.fileExists(atPath: cut.path), "it was cut")
            let names = try Octets.names(in: target)
            if first.status == 0 {
                #expect(names == ["five.bin"])
            } else {
                #expect(first.status == 75, "\(first)")
                #expect(names == [])
            }
            try await eventually("the next fetch has it all") {
                try await home.mb("fetch", id, "-o", home.directory.path + "/got").status == 0
            }
            let got = home.directory.appending(path: "got")
            #expect(try await Octets.sha256(got) == Octets.sha256(file))
        }
    }

    @Test("a cut in the middle of a list is healed within the same request or said to be temporary")
    func cutInList() async throws {
        try await throughProxy { home, user, cut in
            try await home.done("inbox")
            try await Sandbox.witness(user, "fill", "Archive", "50")
            try Data("300".utf8).write(to: cut)
            let outcome = try await home.mb("list", "Archive")
            #expect([0, 75].contains(outcome.status), "\(outcome)")
            try await eventually("the list is whole") {
                try await home.list("list", "Archive", "-n", "50").count == 50
            }
        }
    }

    @Test("while the server is away what is known is listed with its age, and all heals by itself")
    func serverAway() async throws {
        try await Home.with(loggedIn: false) { home, users in
            let first = try await home.wire()
            try home.configure(users[0], imapPort: first.port)
            try await home.start()
            try await home.login(users[0])
            try await Sandbox.witness(users[0], "fill", "INBOX", "3")
            try await eventually("the mails are there") { try await home.list("inbox").count == 3 }
            let logins = try #require(try await Sandbox.logins("imap", users[0]))
            first.stop()
            try await eventually("the broker has noticed") {
                try await home.done("status").output.contains("offline")
            }
            let cached = try await home.done("inbox", "--json").object
            #expect(cached["live"] as? Bool == false)
            #expect(cached["offline_since"] is String)
            #expect((cached["messages"] as? [Any])?.count == 3)
            #expect(try await home.done("inbox").output.contains(", offline since "))
            #expect(try await home.done("folders").output.contains("\noffline since "))
            #expect(try await home.done("list", "Archive").output.contains(", offline since "))
            let fresh = try await home.mb("inbox", "--fresh")
            #expect(fresh.status == 75)
            #expect(fresh.errors.hasPrefix("mb: cannot reach localhost:\(first.port)"))
            let second = try await home.wire(on: first.port)
            defer { second.stop() }
            try await eventually("it heals without a login of the user's", seconds: 60) {
                try await home.done("inbox").output.hasSuffix(", live\n")
            }
            #expect(try await Sandbox.logins("imap", users[0]) == logins + 1)
        }
    }

    @Test("a broker that starts before the network answers from the cache, and logs in when it can")
    func networkComesLate() async throws {
        try await Home.with(loggedIn: false) { home, users in
            let first = try await home.wire()
            try home.configure(users[0], imapPort: first.port)
            try home.givePasswordByCommand(users[0])
            try await Sandbox.witness(users[0], "fill", "INBOX", "3")
            try await home.start()
            try await eventually("the mails are there") {
                try await home.mb("inbox", "--json").output.contains("\"total\":3")
            }
            kill(try await home.brokerProcess(), SIGKILL)
            first.stop()
            try await eventually("another broker starts") {
                try await home.mb("start").status == 0
            }
            try await eventually("the broker knows that it is offline") {
                try await home.done("status").output.contains("offline")
            }
            let cached = try await home.done("inbox", "--json").object
            #expect(cached["live"] as? Bool == false)
            #expect((cached["messages"] as? [Any])?.count == 3)
            let second = try await home.wire(on: first.port)
            defer { second.stop() }
            try await eventually("it logs in by itself", seconds: 60) {
                try await home.done("inbox").output.hasSuffix(", live\n")
            }
        }
    }

    /// A home whose IMAP goes through a wire that is cut once when the given file is written.
    private func throughProxy(_ body: (Home, User, URL) async throws -> Void) async throws {
        try await Home.with(loggedIn: false) { home, users in
            let cut = home.directory.appending(path: "cut")
            let proxy = try await home.wire(cutBy: cut.path)
            defer { proxy.stop() }
            try home.configure(users[0], imapPort: proxy.port)
            try await home.start()
            try await home.login(users[0])
            try await body(home, users[0], cut)
        }
    }
}
