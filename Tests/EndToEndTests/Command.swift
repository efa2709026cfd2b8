// Running of programs: a command line, an environment, octets in, octets and a status out. The
// output goes through files, so that a daemon that keeps a descriptor open does not hold a test up.

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
        let child = try spawn([path] + arguments, environment, files.place, directory)
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

    /// What puts a program into its directory, and into a session without a terminal.
    private static let launcher = "cd \"$1\" && shift && exec /usr/bin/setsid \"$@\""

    /// Keeps what this process was given, such as the pipe of its own output, from its children:
    /// whoever waits for the end of such a pipe would wait for every daemon a test leaves.
    private static let hasClosedRest: Bool = {
        for descriptor in Int32(3)..<1024 {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
        return true
    }()

    /// Starts a program.
    ///
    /// Foundation's Process waits until every descendant is gone, a daemon as well.
    /// Its standard input, output and errors are the files of these names in a directory.
    static func spawn(
        _ words: [String],
        _ environment: [String: String],
        _ place: URL,
        _ directory: String
    ) throws -> pid_t {
        _ = hasClosedRest
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let write = O_WRONLY | O_TRUNC
        for (number, name) in ["input", "output", "errors"].enumerated() {
            let path = place.appending(path: name).path
            let mode = number == 0 ? O_RDONLY : write
            posix_spawn_file_actions_addopen(&actions, Int32(number), path, mode, 0)
        }
        // The threads that run tests block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let words = ["/bin/sh", "-c", launcher, "sh", directory] + words
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
    static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Whether a process has ended.
    ///
    /// The runner of the tests adopts detached brokers and leaves them
    /// as zombies, which `kill` still finds: those are collected here.
    static func hasEnded(_ process: pid_t) -> Bool {
        waitpid(process, nil, WNOHANG) == process || kill(process, 0) != 0
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
