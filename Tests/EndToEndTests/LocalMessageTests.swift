// Messages in files: `mb parse`, `mb read --file`, the HTML filter, and the conformance with
// independent programs that CI holds.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct LocalMessageTests {
    /// Starts a broker without an account and gives a test its home.
    private func withBroker(_ body: (Home) async throws -> Void) async throws {
        try await Home.with(users: [], loggedIn: false) { home, _ in
            try await home.start()
            try await body(home)
        }
    }

    private func file(_ home: Home, _ name: String, _ text: String) throws -> String {
        let url = home.directory.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// What `mb read --file` makes of a text.
    private func read(_ home: Home, _ text: String) async throws -> Outcome {
        try await home.run("mb", ["read", "--file", file(home, "a.eml", text)])
    }

    @Test("mb parse prints the fields and parts of a file, without an account")
    func parse() async throws {
        try await withBroker { home in
            let path = try file(
                home,
                "a.eml",
                "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\nSubject: caf\u{65}\u{301}\n"
                    + "Content-Type: text/plain; charset=utf-8\n\nhello\n"
            )
            let outcome = try await home.run("mb", ["parse", path])
            #expect(outcome.status == 0, "\(outcome)")
            let object = outcome.object
            #expect(object["schema"] as? String == "mb.parse/1")
            #expect(object["file"] as? String == path)
            let subject = object["subject"] as? String
            #expect(subject.map { Array($0.utf8) } == Array("caf\u{E9}".utf8))
            let part = try #require((object["parts"] as? [[String: Any]])?.first)
            // printf 'hello\n' | sha256sum
            let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
            #expect(part["sha256"] as? String == digest)
            #expect(part["text_sha256"] as? String == digest)
            #expect(part["filename"] is NSNull)
        }
    }

    @Test(
        "C36: a message over 64 MiB is refused, and a file that cannot be parsed is its own line"
    )
    func unreadable() async throws {
        try await withBroker { home in
            let good = try file(home, "good.eml", "Subject: x\n\ny")
            let large = home.directory.appending(path: "large.eml").path
            let handle = fopen(large, "w")
            #expect(handle != nil)
            ftruncate(fileno(handle), 65 << 20)
            fclose(handle)
            let outcome = try await home.run("mb", ["parse", "/nonexistent.eml", large, good])
            #expect(outcome.status == 66)
            #expect(outcome.lines.count == 3)
            let text = outcome.lines.joined()
            #expect(text.contains("file.not_found"))
            #expect(text.contains("larger than 64 MiB"))
            #expect(text.contains("\"subject\":\"x\""))
        }
    }

    @Test("mb read --file renders HTML, an attachment and a bounce, and nothing connects (C25)")
    func readFile() async throws {
        try await withBroker { home in
            let witness = try Listener()
            let outcome = try await read(
                home,
                """
                From: News <news@example.org>
                Subject: Offer
                Content-Type: multipart/mixed; boundary=b

                --b
                Content-Type: text/html; charset=utf-8

                <p>Hello <a href="http://127.0.0.1:\(witness.port)/l">link</a>\
                <img src="http://127.0.0.1:\(witness.port)/t.png" width=600></p>
                --b
                Content-Type: application/pdf; name="a.pdf"
                Content-Transfer-Encoding: base64

                AAAA
                --b--
                """
            )
            #expect(outcome.status == 0, "\(outcome)")
            let text = outcome.lines.joined(separator: "\n")
            #expect(text.hasPrefix("From: News <news@example.org>\n"), "\(text)")
            #expect(text.contains("Hello link [1]"), "\(text)")
            #expect(text.contains("a.pdf"))
            #expect(!text.contains("save with"))
            #expect(!witness.hasConnection)
            // The control: a connection would have been seen.
            let script =
                "import socket; socket.create_connection(('127.0.0.1', \(witness.port)))"
            let control = try await Command.run(
                "/usr/bin/python3",
                ["-c", script],
                environment: home.environment
            )
            #expect(control.status == 0, "\(control)")
            #expect(witness.hasConnection)
        }
    }

    @Test("a bounce says who did not get which message")
    func bounce() async throws {
        try await withBroker { home in
            let outcome = try await read(
                home,
                """
                From: MAILER-DAEMON@example.org
                Subject: Undelivered
                Content-Type: multipart/report; report-type=delivery-status; boundary=b

                --b

                Sorry.
                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; mx.example.org

                Final-Recipient: rfc822; bob@example.net
                Action: failed
                Status: 5.1.1
                Diagnostic-Code: smtp; 550 no such user
                --b
                Content-Type: message/rfc822

                Message-ID: <sent.1@example.org>
                Subject: Lunch

                text
                --b--
                """
            )
            #expect(
                outcome.lines.contains(
                    "[not delivered to bob@example.net: 5.1.1 550 no such user; "
                        + "it was <sent.1@example.org>]"
                ),
                "\(outcome)"
            )
        }
    }

    @Test(
        "an invitation of a forwarded message, and a sibling of an encoded one, are not taken for it"
    )
    func notOwn() async throws {
        try await withBroker { home in
            let forwarded = try await read(
                home,
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee\n--b\n"
                    + "Content-Type: message/rfc822\n\nContent-Type: text/calendar\n\n"
                    + "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:theirs\nEND:VEVENT\n"
                    + "END:VCALENDAR\n--b--\n"
            )
            #expect(!forwarded.lines.joined().contains("theirs"), "\(forwarded)")
            // "Message-ID: <right@x>\n\ny" in base64.
            let bounce = try await read(
                home,
                "Content-Type: multipart/report; boundary=b\n\n--b\n"
                    + "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\n"
                    + "Final-Recipient: rfc822; c@d\nAction: failed\nStatus: 5.0.0\n--b\n"
                    + "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
                    + "TWVzc2FnZS1JRDogPHJpZ2h0QHg+Cgp5\n--b\nMessage-ID: <wrong@x>\n\nz\n--b--\n"
            )
            #expect(bounce.lines.joined().contains("it was <right@x>"), "\(bounce)")
        }
    }

    @Test("html_filter of the configuration renders HTML in place of the built-in way")
    func filter() async throws {
        try await Home.with(users: [], loggedIn: false) { home, _ in
            let folder = home.configuration.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data("html_filter = [\"tr\", \"a-z\", \"A-Z\"]\n".utf8).write(
                to: home.configuration
            )
            chmod(home.configuration.path, 0o600)
            try await home.start()
            let outcome = try await read(home, "Content-Type: text/html\n\n<b>hello</b>")
            #expect(outcome.lines.contains("<B>HELLO</B>"), "\(outcome)")
        }
    }

    @Test(
        "at least 98 % of the corpora's messages have every firm field right",
        .enabled(if: Sandbox.corpora != nil, "corpora not found at ../shared/corpora")
    )
    func conformance() async throws {
        try await withBroker { home in
            let script = Sandbox.root.appending(path: "contrib/dev/conformance").path
            let variables = ["MAILBROKER_BIN": Sandbox.programs]
            let outcome = try await Command.run(
                script,
                [],
                environment: home.environment.merging(variables) { $1 }
            )
            let words = (outcome.lines.last ?? "").split(separator: " ")
            let passed = try #require(words.first.flatMap { Int($0) }, "\(outcome)")
            let failed = try #require(words.count > 2 ? Int(words[2]) : nil)
            #expect(passed * 100 >= 98 * (passed + failed), "\(outcome.lines)")
        }
    }
}

/// A socket that listens on loopback and accepts nothing.
private final class Listener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && listen(descriptor, 4) == 0
                    && getsockname(descriptor, pointer, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    deinit { close(descriptor) }

    /// Whether somebody has connected.
    var hasConnection: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) == 1
    }
}
