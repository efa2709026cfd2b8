// Asks for a password. It goes octet by octet from the terminal into locked memory; the terminal
// gets its echo back on every way out, a signal included.

import CPlatform
import Glibc
import MailModel

/// Reading of secrets.
enum SecretPrompt {
    /// Asks on the terminal of this process; nil where there is none.
    /// - Throws: `FrontEndError`, or `Interruption` after the terminal was put in order.
    static func ask(_ question: String) throws -> Secret? {
        let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        return try ask(question, on: terminal)
    }

    /// Asks on an open terminal; one of `signals` ends it.
    static func ask(
        _ question: String,
        on terminal: Int32,
        signals: SignalWatch = SignalWatch(SignalWatch.ending + [SIGQUIT, SIGTSTP])
    ) throws -> Secret {
        let talk = Output(descriptor: terminal)
        while true {
            guard mb_terminal_echo(terminal, 0) == 0 else {
                throw FrontEndError.system("terminal", errno: errno)
            }
            let outcome: Result<Secret, any Error>
            do {
                try talk.write(TerminalText.line(question).utf8)
                try talk.flush()
                outcome = .success(try readLine(from: terminal, until: signals))
            } catch {
                outcome = .failure(error)
            }
            _ = mb_terminal_echo(terminal, 1)
            try talk.line("")
            try talk.flush()
            if case .failure(let stop as Interruption) = outcome, stop.signal == SIGTSTP {
                kill(getpid(), SIGSTOP)
                continue
            }
            return try outcome.get()
        }
    }

    /// The first line of a descriptor without its line end.
    /// - Throws: `Interruption` for a signal, `FrontEndError`.
    static func readLine(from descriptor: Int32, until signals: SignalWatch?) throws -> Secret {
        guard let secret = Secret() else {
            throw FrontEndError.system("memory for the password", errno: errno)
        }
        var octet: UInt8 = 0
        defer { mb_wipe(&octet, 1) }
        while true {
            try wait(for: descriptor, signals)
            let count = read(descriptor, &octet, 1)
            if count == 0 || (count == 1 && octet == ASCII.lf) { break }
            guard count == 1 || errno == EINTR else {
                throw FrontEndError.system("read the password", errno: errno)
            }
            guard count == 1, octet != ASCII.cr else { continue }
            guard secret.append(octet) else {
                throw FrontEndError.badData(
                    "the password is longer than \(Secret.octetsMax) octets",
                    field: "password"
                )
            }
        }
        return secret
    }

    private static func wait(for descriptor: Int32, _ signals: SignalWatch?) throws {
        guard let signals else { return }
        while true {
            var pollers = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = poll(&pollers, 2, -1)
            if let signal = signals.take() { throw Interruption(signal: signal) }
            if ready > 0, pollers[0].revents != 0 { return }
        }
    }
}
