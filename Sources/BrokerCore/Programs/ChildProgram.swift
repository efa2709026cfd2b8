// A program of the user's configuration while it runs: argv without a shell, its output through a
// pipe, its stderr nowhere, and nothing of it left behind (reliability.md E03).

import CPlatform
import Dispatch
import Glibc

/// A running child.
struct ChildProgram {
    /// The reading end of its standard output.
    let output: Int32
    private let pid: pid_t
    private let deadline: ContinuousClock.Instant

    /// Starts a program with `input` as its standard input, or with none.
    ///
    /// It may run for `wait`. Nil, with `errno`, where it cannot be run.
    init?(_ command: [String], input: Int32 = -1, wait: Duration) {
        var output: Int32 = -1
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        pid = mb_spawn_reading(&arguments, input, 1, &output)
        guard pid > 0 else { return nil }
        self.output = output
        deadline = .now + wait
    }

    /// Waits until there is output to read or the output ends; false when time is up.
    func waitForOutput() -> Bool {
        var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            guard milliseconds > 0 else { return false }
            let ready = poll(&poller, 1, Int32(clamping: milliseconds))
            if ready < 0, errno == EINTR { continue }
            return ready > 0
        }
    }

    /// Ends it and all it has started.
    ///
    /// - Parameter isDone: whether its output has ended, so that its own end is waited for.
    /// - Returns: whether it had ended by itself, with status 0.
    @discardableResult
    func end(isDone: Bool) -> Bool {
        close(output)
        var status: Int32 = 0
        if isDone, waitForExit(&status) {
            kill(-pid, SIGKILL)
            return status == 0
        }
        kill(-pid, SIGKILL)
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return false
    }

    /// Runs blocking work on a thread that may wait: not one of the cooperative pool.
    static func waiting<Answer: Sendable>(
        _ work: @escaping @Sendable () -> Answer
    ) async -> Answer {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: work()) }
        }
    }

    private func waitForExit(_ status: inout Int32) -> Bool {
        while ContinuousClock.now < deadline {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { return true }
            guard ended == 0 || errno == EINTR else { return false }
            usleep(CoreLimits.childExitPollMicroseconds)
        }
        return false
    }
}
