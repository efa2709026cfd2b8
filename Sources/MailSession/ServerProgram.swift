// A program that is a mail server on its standard input and output, as long as a link to it lives:
// started without a shell, ended and reaped when the link is, with nothing of it left behind.

import CPlatform
import Glibc
import NIOCore
import Synchronization

/// How a program ended.
enum ProgramEnd: Sendable, Equatable {
    /// By itself.
    case status(Int32)
    /// By a signal.
    case signal(Int32)
    /// The system does not tell.
    case unknown

    /// What `waitpid` told.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .status(waitStatus >> 8 & 0xFF) : .signal(signal)
    }

    /// `with status 3`.
    var text: String {
        switch self {
        case .status(let status): return "with status \(status)"
        case .signal(let number):
            let name = strsignal(number).map { " (\(String(cString: $0)))" } ?? ""
            return "by signal \(number)\(name)"
        case .unknown: return "with an unknown status"
        }
    }
}

/// A running server program.
final class ServerProgram: Sendable {
    /// The program as configured, for errors.
    let name: String
    /// Its end, told once it has been reaped.
    private let promise: EventLoopPromise<ProgramEnd>
    private let pid: pid_t
    /// Whether the number may be another's by now.
    private let isReaped = Mutex(false)

    private init(_ name: String, _ pid: pid_t, _ loop: any EventLoop) {
        self.name = name
        self.pid = pid
        promise = loop.makePromise()
    }

    /// Starts a program, looked for in PATH.
    ///
    /// - Returns: the program and our end of the socket it reads and writes.
    static func start(
        _ command: [String],
        on loop: any EventLoop
    ) throws(SessionError) -> (program: ServerProgram, socket: CInt) {
        guard let name = command.first else {
            throw .program("imap.command is empty", isTemporary: false)
        }
        var socket: CInt = -1
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        let pid = mb_spawn_serving(&arguments, &socket)
        guard pid > 0 else { throw Self.cannotRun(name, errno) }
        let program = ServerProgram(name, pid, loop)
        if let error = program.startWaiting() {
            close(socket)
            program.signal(SIGKILL)
            program.waitForEnd()
            throw Self.cannotRun(name, error)
        }
        return (program, socket)
    }

    /// How it ended, once it has.
    func end() async -> ProgramEnd { (try? await promise.futureResult.get()) ?? .unknown }

    /// Has it end, now that the socket is closed: by itself, which most do then, or by SIGTERM, or
    /// by SIGKILL.
    func release(on loop: any EventLoop) {
        let wait = TimeAmount(SessionLimits.programEndWait)
        let asked = loop.scheduleTask(in: wait) { self.signal(SIGTERM) }
        let forced = loop.scheduleTask(in: wait + TimeAmount(SessionLimits.programTermWait)) {
            self.signal(SIGKILL)
        }
        promise.futureResult.whenComplete { _ in
            asked.cancel()
            forced.cancel()
        }
    }

    /// Signals it and all it has started, unless it has ended.
    private func signal(_ number: Int32) {
        isReaped.withLock { if !$0 { kill(-pid, number) } }
    }

    /// Waits for its end on a thread of its own, so that it is reaped when it ends, whatever the
    /// link does; the error where there is none.
    private func startWaiting() -> Int32? {
        var thread = pthread_t()
        let retained = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ServerProgram>.fromOpaque(context).takeRetainedValue().waitForEnd()
                return nil
            },
            retained.toOpaque()
        )
        guard error == 0 else {
            retained.release()
            return error
        }
        pthread_detach(thread)
        return nil
    }

    private func waitForEnd() {
        var info = siginfo_t()
        var waited: Int32
        repeat {
            waited = waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT)
        } while waited != 0 && errno == EINTR
        let hasEnded = waited == 0
        let end = isReaped.withLock { isReaped -> ProgramEnd in
            isReaped = true
            // Until it is reaped nobody else has its number.
            if hasEnded { kill(-pid, SIGTERM) }
            var status: Int32 = 0
            return waitpid(pid, &status, 0) == pid ? ProgramEnd(waitStatus: status) : .unknown
        }
        promise.succeed(end)
    }

    private static func cannotRun(_ name: String, _ error: Int32) -> SessionError {
        let reason = String(cString: strerror(error))
        return .program("imap.command \(name) cannot be run: \(reason)", isTemporary: false)
    }
}
