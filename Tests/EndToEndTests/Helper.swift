// Python programs of contrib/test.d that run beside a test: they print a port, then serve until their
// standard input ends.

import Foundation
import Testing

/// A program that serves on a port of this machine.
final class Helper {
    /// Where it listens.
    let port: Int
    private let process: Process
    private let input: Pipe

    /// Starts a program and reads the port it prints.
    init(_ program: String, _ arguments: [String]) throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        let path = Sandbox.root.appending(path: "contrib/test.d/\(program)").path
        process.arguments = [path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Ends it.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
