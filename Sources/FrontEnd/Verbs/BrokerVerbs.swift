// The broker itself: its state, its start and its end.

import ArgumentParser
import BrokerClient
import BrokerProtocol
import CPlatform
import Glibc
import MailModel

struct StatusVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the state of the broker and of every account."
    )
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let status = try session.call(Status.self, Empty())
        try session.answer(common, .status, status) { status in
            for line in StatusView.lines(status, now: Int64(time(nil))) {
                try session.output.line(line)
            }
        }
        return .ok
    }
}

struct StartVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the broker."
    )
    @OptionGroup var common: CommonOptions

    private struct Answer: Encodable {
        let alreadyRunning: Bool
        let text: String

        enum CodingKeys: String, CodingKey {
            case text
            case alreadyRunning = "already_running"
        }
    }

    func perform(in session: Session) throws -> ExitStatus {
        let answer: Answer
        do {
            let status = try session.call(Status.self, Empty())
            answer = Answer(
                alreadyRunning: true,
                text: "the broker is already running (pid \(status.pid))"
            )
        } catch BrokerClientError.absent {
            answer = Answer(alreadyRunning: false, text: try Self.start())
        }
        try session.answer(common, .started, answer) { answer in
            if !answer.text.utf8.isEmpty { try session.output.line(TerminalText.line(answer.text)) }
        }
        return .ok
    }

    /// Runs the broker's program, which leaves the terminal when it is ready; gives its one line.
    private static func start() throws -> String {
        let program = Companion.path(of: "mailbrokerd")
        var output: Int32 = -1
        let child = Companion.withArguments([program]) { mb_spawn_reading($0, -1, 0, &output) }
        guard child > 0 else {
            throw FrontEndError.unavailable("\(program): \(String(cString: strerror(errno)))")
        }
        defer { close(output) }
        let line = try readyLine(from: output)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // WIFEXITED and WEXITSTATUS are macros.
        guard status & 0x7F == 0, status >> 8 & 0xFF == 0 else {
            throw FrontEndError.unavailable(
                "mailbrokerd did not start\(line.isEmpty ? "" : ": ")\(line)"
            )
        }
        return line
    }

    private static func readyLine(from descriptor: Int32) throws -> String {
        var line: [UInt8] = []
        while line.count < FrontEndLimits.readyLineMax {
            let octet = try FileReading.read(descriptor, atMost: 1, "mailbrokerd")
            guard let octet = octet.first, octet != ASCII.lf else { break }
            line.append(octet)
        }
        return String(decoding: line, as: UTF8.self)
    }
}

struct StopVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Log every account out and end the broker."
    )
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let answer = try session.call(BrokerStop.self, Empty())
        waitForEnd(session)
        session.disconnect()
        try session.answer(common, .stopped, answer) { _ in
            try session.output.line("the broker has stopped")
        }
        return .ok
    }

    /// The broker closes its connections last.
    private func waitForEnd(_ session: Session) {
        while let descriptor = session.descriptor {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, FrontEndLimits.stopWaitMilliseconds) > 0 else { return }
            do { try session.receiveEvents() } catch { return }
        }
    }
}

/// Programs that are installed beside this one.
enum Companion {
    /// The path of a program beside this one, else its bare name for a search of PATH.
    static func path(of program: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let octets = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        guard let slash = octets.lastIndex(of: UInt8(ascii: "/")) else { return program }
        let path = String(decoding: octets[...slash], as: UTF8.self) + program
        return access(path, X_OK) == 0 ? path : program
    }

    /// Puts another program in the place of this one; comes back only when that failed, with errno.
    static func replaceProcess(_ program: String, _ arguments: [String]) -> Int32 {
        withArguments([program] + arguments) { vector in
            if let name = vector[0] { _ = execvp(name, vector) }
        }
        return errno
    }

    /// Lends an argument vector that ends with NULL.
    static func withArguments<Result>(
        _ arguments: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return body(copies)
    }
}
