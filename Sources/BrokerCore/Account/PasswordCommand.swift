// A password from a command of the user's own configuration: argv without a shell, its first line
// straight into locked memory, its stderr nowhere (reliability.md E03).

import BrokerProtocol
import CPlatform
import Dispatch
import Glibc
import MailModel

/// Runs password commands.
enum PasswordCommand {
    /// The first line a command prints.
    static func run(_ command: [String]) async throws(BrokerError) -> Secret {
        let outcome = await withCheckedContinuation { continuation in
            // The command may wait for a person: not on a thread of the cooperative pool.
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(BrokerError) in try read(command) }
                )
            }
        }
        return try outcome.get()
    }

    private static func read(_ command: [String]) throws(BrokerError) -> Secret {
        guard let secret = Secret() else {
            throw BrokerError(.internalError, "no locked memory for the password")
        }
        var output: Int32 = -1
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        let child = mb_spawn_reading(&arguments, 1, &output)
        guard child > 0 else {
            throw fault("cannot be run: \(String(cString: strerror(errno)))")
        }
        defer { close(output) }
        let isComplete = takeLine(from: output, into: secret)
        kill(-child, SIGKILL)  // it has had its say: nothing of it may stay behind
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard isComplete else { throw fault("printed no password within 30 s") }
        guard secret.count > 0 else { throw fault("printed an empty line") }
        return secret
    }

    /// Reads up to the first line end or the end of the output; false when time is up.
    private static func takeLine(from output: Int32, into secret: Secret) -> Bool {
        let deadline = ContinuousClock.now + CoreLimits.passwordCommandWait
        while secret.count < CoreLimits.passwordOctetsMax {
            let left = ContinuousClock.now.duration(to: deadline)
            var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let milliseconds = Int32(clamping: left.components.seconds * 1000)
            guard milliseconds > 0, poll(&poller, 1, milliseconds) > 0 else { return false }
            var octet: UInt8 = 0
            guard Glibc.read(output, &octet, 1) == 1 else { return secret.count > 0 }
            if octet == ASCII.lf { return true }
            if octet != ASCII.cr { secret.append(octet) }
            octet = 0
        }
        return false
    }

    private static func fault(_ line: String) -> BrokerError {
        BrokerError(.authenticationRequired, "password_command \(line)")
    }
}
