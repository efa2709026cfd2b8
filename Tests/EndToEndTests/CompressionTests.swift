// A compressed connection (RFC 4978) to a real server, beneath TLS.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct CompressionTests {
    @Test("compressed, a message of 5 MB comes back as it went, and new mail is pushed")
    func compressed() async throws {
        try await Home.with(loggedIn: false) { home, users in
            try home.addSetting("compress = \"always\"")
            try await home.start()
            try await home.login(users[0])
            let source = try home.folder("source").appending(path: "5.dat")
            try Octets.random(5_000_000).write(to: source)
            let sent = try await home.run(
                "mb",
                [
                    "send", "-t", users[0].address, "-s", "packed", "--body", "x", "--attach",
                    source.path,
                ]
            )
            try #require(sent.status == 0, "\(sent)")
            let id = "\(try await home.message("packed").id)"
            let target = try home.folder("target")
            try await home.done("fetch", id, "-d", target.path)
            let after = target.appending(path: "5.dat")
            #expect(try await Octets.sha256(source) == Octets.sha256(after))
        }
    }
}
