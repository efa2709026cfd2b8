// Python programs of contrib/test.d that run beside a test: they print a port, then serve until
// they are ended.

import Foundation
import Testing

/// A program that serves on a port of this machine.
struct Helper {
    /// Where it listens.
    let port: Int
    private let process: pid_t

    /// Starts a program in a home and waits for the port it prints.
    init(_ program: String, _ arguments: [String], in home: Home) async throws {
        let place = try home.folder("helper-" + UUID().uuidString)
        for name in ["input", "output", "errors"] {
            try Data().write(to: place.appending(path: name))
        }
        let path = Sandbox.root.appending(path: "contrib/test.d/\(program)").path
        process = try Command.spawn(
            ["/usr/bin/python3", path] + arguments,
            home.environment,
            place,
            place.path
        )
        var line = ""
        try await eventually("\(program) is ready") {
            line = try String(contentsOf: place.appending(path: "output"), encoding: .utf8)
            return line.hasSuffix("\n")
        }
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Ends it.
    func stop() {
        kill(process, SIGKILL)
        _ = Command.wait(for: process)
    }
}

extension Home {
    /// A wire to the IMAP server that is cut once when a file is written, on a given port or on any
    /// that is free.
    func wire(cutBy file: String = "/none", on port: Int? = nil) async throws -> Helper {
        let words = ["\(Sandbox.portBase + 993)", file] + (port.map { ["\($0)"] } ?? [])
        return try await Helper("cutting-proxy.py", words, in: self)
    }

    /// Adds an account whose IMAP server is at a port, at the end of a wire.
    func configure(_ user: User, imapPort: Int) throws {
        try configure(
            user,
            imap: "{ host = \"localhost\", port = \(imapPort), tls = \"implicit\" }",
            smtp: "{ host = \"localhost\", port = \(Sandbox.portBase + 465) }",
            certificateAuthority: Sandbox.certificateAuthority
        )
    }
}
