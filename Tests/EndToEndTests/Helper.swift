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
