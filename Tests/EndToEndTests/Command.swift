// Running of programs: a command line, an environment, octets in, octets and a status out. The output
// goes through files, so that a daemon that keeps a descriptor open does not hold a test up.

import Foundation

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

/// A program did not start, or something took longer than anybody would wait.
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
        seconds: Int = 120
    ) async throws -> Outcome {
        let files = try Files(input)
        defer { files.remove() }
        let command = ([path] + arguments).joined(separator: " ")
        let child = try spawn([path] + arguments, environment, files, directory)
        let watchdog = Task {
            try await Task.sleep(for: .seconds(seconds))
            kill(child, SIGKILL)
        }
        defer { watchdog.cancel() }
        let status = await withCheckedContinuation { continuation in
            // A thread of its own: waiting must not take one of those that run the tests.
            Thread.detachNewThread { continuation.resume(returning: wait(for: child)) }
        }
        return Outcome(
            command: command,
            status: status,
            octets: try files.contents("output"),
            errors: String(decoding: try files.contents("errors"), as: UTF8.self)
        )
    }

    /// Starts a program in a session of its own, without a terminal and with no other descriptor.
    ///
    /// Foundation's Process waits until every descendant is gone, a daemon as well.
    private static func spawn(
        _ words: [String],
        _ environment: [String: String],
        _ files: Files,
        _ directory: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let write = O_WRONLY | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, files.path("input"), O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, files.path("output"), write, 0)
        posix_spawn_file_actions_addopen(&actions, 2, files.path("errors"), write, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, directory)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSID))
        let vector = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (vector + variables).forEach { free($0) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, words[0], &actions, &attributes, vector, variables)
        guard failure == 0 else {
            throw DeadlinePassed(description: "\(words[0]): \(String(cString: strerror(failure)))")
        }
        return child
    }

    /// The exit status of a child; 128 and the number of the signal that ended it.
    private static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// The files of one run.
    private struct Files {
        let place: URL

        init(_ text: Data) throws {
            place = Sandbox.workDirectory.appending(path: "io-" + UUID().uuidString)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try text.write(to: place.appending(path: "input"))
            for name in ["output", "errors"] { try Data().write(to: place.appending(path: name)) }
        }

        func path(_ name: String) -> String { place.appending(path: name).path }

        func contents(_ name: String) throws -> Data {
            try Data(contentsOf: place.appending(path: name))
        }

        func remove() {
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
