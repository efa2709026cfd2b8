// Running of programs: a command line, an environment, octets in, octets and a status out. The output
// goes through files, so that a daemon that keeps a descriptor open does not hold a test up.

import Foundation
import Testing

/// What a program did.
struct Outcome: Sendable, CustomStringConvertible {
    let command: String
    /// The exit status; 128 and the number of the signal that ended it.
    let status: Int32
    let octets: Data
    let errors: String

    /// Standard output as text.
    var output: String { String(decoding: octets, as: UTF8.self) }
    /// Standard output as lines without their ends.
    var lines: [String] { output.split(separator: "\n").map(String.init) }
    /// Standard output as the JSON object it is.
    var object: [String: Any] {
        (try? JSONSerialization.jsonObject(with: octets)) as? [String: Any] ?? [:]
    }
    var description: String {
        "\(command)\nstatus \(status)\nstdout: \(output.prefix(2000))\nstderr: \(errors)"
    }
}

/// A program took longer than anybody would wait.
struct DeadlinePassed: Error, CustomStringConvertible {
    let description: String
}

/// Programs that are run to their end.
enum Command {
    /// Runs a program and waits for its end without holding a thread.
    static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        input: Data = Data(),
        directory: String = NSTemporaryDirectory(),
        seconds: Int = 240
    ) async throws -> Outcome {
        let files = try Files(input)
        defer { files.remove() }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: directory)
        process.standardInput = files.input
        process.standardOutput = files.output
        process.standardError = files.errors
        let command = ([path] + arguments).joined(separator: " ")
        let watchdog = Task {
            try await Task.sleep(for: .seconds(seconds))
            process.terminate()
        }
        defer { watchdog.cancel() }
        try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let isSignal = process.terminationReason == .uncaughtSignal
        return Outcome(
            command: command,
            status: isSignal ? 128 + process.terminationStatus : process.terminationStatus,
            octets: try files.contents("output"),
            errors: String(decoding: try files.contents("errors"), as: UTF8.self)
        )
    }

    /// The files of one run.
    private struct Files {
        let place: URL
        let input: FileHandle
        let output: FileHandle
        let errors: FileHandle

        init(_ text: Data) throws {
            place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try text.write(to: place.appending(path: "input"))
            for name in ["output", "errors"] { try Data().write(to: place.appending(path: name)) }
            input = try FileHandle(forReadingFrom: place.appending(path: "input"))
            output = try FileHandle(forWritingTo: place.appending(path: "output"))
            errors = try FileHandle(forWritingTo: place.appending(path: "errors"))
        }

        func contents(_ name: String) throws -> Data {
            try Data(contentsOf: place.appending(path: name))
        }

        func remove() {
            for handle in [input, output, errors] { try? handle.close() }
            try? FileManager.default.removeItem(at: place)
        }
    }
}

/// Waits until something holds; the deadline is far beyond what it takes.
func eventually(
    _ what: String,
    seconds: Double = 30,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw DeadlinePassed(description: "\(seconds) s passed: \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}
