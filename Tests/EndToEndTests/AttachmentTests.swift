// Attachments there and back: every size, every name, and nothing outside the directory.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct AttachmentTests {
    @Test("0 B, 1 B, 5 MB and 60 MB come back as they went, under their names")
    func sizes() async throws {
        try await Home.with { home, users in
            let names = ["empty file.bin", "один ü ✓.txt", "it's \"5\" MB.dat", "sixty.tar.gz"]
            let sizes = [0, 1, 5_000_000, 60_000_000]
            let source = try home.folder("source")
            for (name, size) in zip(names, sizes) {
                try Octets.random(size).write(to: source.appending(path: name))
            }
            let attach = names.flatMap { ["--attach", source.appending(path: $0).path] }
            let sent = try await home.run(
                "mb",
                ["send", "--wait", "-t", users[0].address, "-s", "sizes", "--body", "x"] + attach
            )
            try #require(sent.status == 0, "\(sent)")
            let id = "\(try await home.message("sizes").id)"
            let target = try home.folder("target")
            let fetched = try await home.run("mb-fetch", [id, "-d", target.path, "--json"])
            try #require(fetched.status == 0, "\(fetched)")
            #expect(try Octets.names(in: target) == Set(names))
            for name in names {
                let (before, after) = (source.appending(path: name), target.appending(path: name))
                #expect(try await Octets.sha256(before) == Octets.sha256(after), "\(name)")
                let mode = try FileManager.default.attributesOfItem(atPath: after.path)
                #expect(mode[.posixPermissions] as? Int == 0o600)
            }
            let files = fetched.object["files"] as? [[String: Any]] ?? []
            #expect(files.map { $0["size"] as? Int } == sizes)
            let large = try await Octets.sha256(source.appending(path: names[3]))
            #expect(files.last?["sha256"] as? String == large)
        }
    }

    @Test("a message that has just come can be fetched, whatever connection was open before")
    func justArrived() async throws {
        try await Home.with { home, users in
            let file = home.directory.appending(path: "a.bin")
            try Octets.random(5_000_000).write(to: file)
            for number in 1...3 {
                let words = ["-t", users[0].address, "-s", "new \(number)", "--body", "x"]
                let sent = try await home.run(
                    "mb",
                    ["send", "--wait", "--attach", file.path] + words
                )
                try #require(sent.status == 0, "\(sent)")
                let id = "\(try await home.message("new \(number)").id)"
                let target = try home.folder("target-\(number)")
                try await home.done("fetch", id, "-d", target.path)
                let fetched = target.appending(path: "a.bin")
                #expect(try await Octets.sha256(fetched) == Octets.sha256(file))
            }
        }
    }

    @Test("two attachments of one name become two files, and a second fetch adds two more")
    func sameName() async throws {
        try await Home.with { home, users in
            var attach: [String] = []
            for text in ["one", "two"] {
                let file = try home.folder("from-\(text)").appending(path: "same.txt")
                try Data(text.utf8).write(to: file)
                attach += ["--attach", file.path]
            }
            let sent = try await home.run(
                "mb",
                ["send", "--wait", "-t", users[0].address, "-s", "same", "--body", "x"] + attach
            )
            #expect(sent.status == 0)
            let id = "\(try await home.message("same").id)"
            let target = try home.folder("target")
            try await home.done("fetch", id, "-d", target.path)
            #expect(try Octets.text(target, "same.txt") == "one")
            #expect(try Octets.text(target, "same (1).txt") == "two")
            try await home.done("fetch", id, "-d", target.path)
            #expect(try Octets.names(in: target).count == 4)
            #expect(try Octets.text(target, "same (3).txt") == "two")
            #expect(try Octets.text(target, "same.txt") == "one")
        }
    }

    @Test("one part goes to standard output, octet by octet")
    func standardOutput() async throws {
        try await Home.with { home, users in
            let octets = Octets.random(100_000)
            let file = home.directory.appending(path: "a.bin")
            try octets.write(to: file)
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "out",
                "--body",
                "x",
                "--attach",
                file.path
            )
            let id = try await home.message("out").id
            #expect(try await home.run("mb-fetch", ["\(id):2", "-o", "-"]).octets == octets)
            #expect(try await home.run("mb-fetch", ["\(id):9", "-o", "-"]).status == 66)
        }
    }

    @Test("hostile names are made safe, and nothing is written outside the directory")
    func hostileNames() async throws {
        try await Home.with { home, users in
            let names = [
                "../../x", "/etc/cron.d/x", "..", ".hidden", "a/../../b", "..\\..\\c", "nul\u{0}l",
                "bidi\u{202E}gpj.exe", "esc\u{1B}[31m", "line\nend",
                String(repeating: "n", count: 300),
                String(repeating: "ü", count: 150) + ".pdf", "link", "", "e\u{301}", "é",
            ]
            try await Sandbox.witness(
                users[0],
                "append",
                "INBOX",
                input: Data(Self.message(names).utf8)
            )
            let id = "\(try await home.message("hostile").id)"
            let canary = try home.folder("canary")
            let target = try home.folder("canary/deep/er/target")
            let trap = canary.appending(path: "trap")
            try Data("untouched".utf8).write(to: trap)
            try FileManager.default.createSymbolicLink(
                at: target.appending(path: "link"),
                withDestinationURL: trap
            )
            let before = Octets.tree(canary, except: target)
            let outside = Octets.tree(home.directory, except: canary)
            let fetched = try await home.run("mb-fetch", [id, "-d", target.path])
            try #require(fetched.status == 0, "\(fetched)")
            #expect(Octets.tree(canary, except: target) == before)
            let changed = Octets.tree(home.directory, except: canary).subtracting(outside)
            #expect(changed.filter { !$0.contains("cache.db") && !$0.hasPrefix("tmp/") } == [])
            // No Set: names that look the same may be different octets.
            let written = try FileManager.default.contentsOfDirectory(atPath: target.path)
                .filter { $0 != "link" }
            #expect(written.count == names.count)
            var contents: Set<String> = []
            for name in written {
                #expect(name.utf8.count <= 255)
                #expect(!name.hasPrefix("."))
                #expect(!name.unicodeScalars.contains(where: Self.isHostile), "\(name)")
                contents.insert(try Octets.text(target, name))
            }
            #expect(contents == Set(names.indices.map { "content \($0)" }))
            let said = fetched.output.unicodeScalars
            #expect(!said.contains { !"/\n".unicodeScalars.contains($0) && Self.isHostile($0) })
        }
    }

    /// What a file name for people must not hold: controls and marks that turn text around.
    private static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F: true
        default: scalar == "/"
        }
    }

    /// A message with one small attachment for each name, named by RFC 2231, which can say
    /// anything.
    private static func message(_ names: [String]) -> String {
        let head = """
            From: Mallory <mallory@test.com>
            To: you@test.com
            Subject: hostile
            Message-ID: <hostile@test.com>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="b"


            """
        let parts = names.enumerated().map { number, name in
            let octets = name.utf8.map { octet in
                let digits = String(octet, radix: 16, uppercase: true)
                return "%" + (digits.count == 1 ? "0" : "") + digits
            }.joined()
            return """
                --b
                Content-Type: application/octet-stream
                Content-Disposition: attachment; filename*=utf-8''\(octets)

                content \(number)

                """
        }
        return head + parts.joined() + "--b--\n"
    }
}

/// Files and what is in them.
enum Octets {
    static func random(_ count: Int) -> Data {
        guard count > 0 else { return Data() }
        // Not from /dev/urandom: a signal ends such a read, and FileHandle ends the process then.
        var state = UInt64.random(in: 1...UInt64.max)
        var words = [UInt64](repeating: 0, count: count / 8 + 1)
        for index in words.indices {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            words[index] = state
        }
        return words.withUnsafeBytes { Data($0.prefix(count)) }
    }

    /// By the program everybody has.
    static func sha256(_ file: URL) async throws -> String {
        let outcome = try await Command.run(
            "/usr/bin/sha256sum",
            ["-b", "--", file.path],
            environment: ["LC_ALL": "C"]
        )
        // A name with a backslash makes sha256sum begin its line with one.
        return String(outcome.output.drop { $0 == "\\" }.prefix(64))
    }

    static func text(_ directory: URL, _ name: String) throws -> String {
        try String(contentsOf: directory.appending(path: name), encoding: .utf8)
    }

    static func names(in directory: URL) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: directory.path))
    }

    /// Every path below a directory with its size and time of change.
    static func tree(_ directory: URL, except branch: URL) -> Set<String> {
        let names =
            FileManager.default.enumerator(atPath: directory.path)?
            .compactMap { $0 as? String } ?? []
        let excluded = branch.path.dropFirst(directory.path.count + 1)
        return Set(
            names.filter { !$0.hasPrefix(excluded) && !excluded.hasPrefix($0) }.map { name in
                let path = directory.appending(path: name).path
                guard let facts = try? FileManager.default.attributesOfItem(atPath: path) else {
                    return name
                }
                let date = facts[.modificationDate] as? Date
                return "\(name) \(facts[.size] ?? 0) \(date?.timeIntervalSince1970 ?? 0)"
            }
        )
    }
}

extension Home {
    /// Makes a folder in this home.
    func folder(_ path: String) throws -> URL {
        let place = directory.appending(path: path)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        return place
    }
}
