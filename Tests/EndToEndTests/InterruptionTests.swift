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

    @Test("while the server is away inboxes answer from the cache and say as of when")
    func serverAway() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            try await eventually("both are there") { try await home.list("inbox").count == 2 }
            let proxy = try await Helper(
                "cutting-proxy.py",
                ["\(Sandbox.portBase + 993)", "/none"],
                in: home
            )
            let text = try String(contentsOf: home.configuration, encoding: .utf8)
            let before = "port = \(Sandbox.portBase + 993)"
            let changed = text.replacing(before, with: "port = \(proxy.port)")
            try Data(changed.utf8).write(to: home.configuration)
            try await home.done("stop")
            try await home.start()
            try await home.login(users[0])
            #expect(try await home.list("inbox").count == 2)
            proxy.stop()
            try await eventually("the list is told to be old") {
                let outcome = try await home.mb("inbox")
                return outcome.status == 0 && outcome.lines.count == 4
                    && outcome.output.contains("2 of 2") && outcome.output.contains("as of")
            }
        }
    }

    /// A home whose IMAP goes through a wire that is cut once when the given file is written.
    private func throughProxy(_ body: (Home, User, URL) async throws -> Void) async throws {
        try await Home.with(loggedIn: false) { home, users in
            let cut = home.directory.appending(path: "cut")
            let proxy = try await Helper(
                "cutting-proxy.py",
                ["\(Sandbox.portBase + 993)", cut.path],
                in: home
            )
            defer { proxy.stop() }
            try home.configure(
                users[0],
                imap: "{ host = \"localhost\", port = \(proxy.port), tls = \"implicit\" }",
                smtp: "{ host = \"localhost\", port = \(Sandbox.portBase + 465) }",
                certificateAuthority: Sandbox.certificateAuthority
            )
            try await home.start()
            try await home.login(users[0])
            try await body(home, users[0], cut)
        }
    }
}
