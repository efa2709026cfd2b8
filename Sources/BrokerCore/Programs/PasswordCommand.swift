// A password from a command of the user's own configuration: its first line straight into locked
// memory.

import BrokerProtocol
import Glibc
import MailModel

/// Runs password commands.
enum PasswordCommand {
    /// The first line a command prints.
    static func run(_ command: [String]) async throws(BrokerError) -> Secret {
        let outcome = await ChildProgram.waiting {
            Result { () throws(BrokerError) in try read(command) }
        }
        return try outcome.get()
    }

    private static func read(_ command: [String]) throws(BrokerError) -> Secret {
        guard let secret = Secret() else {
            throw BrokerError(.internalError, "no locked memory for the password")
        }
        guard let child = ChildProgram(command, wait: CoreLimits.passwordCommandWait) else {
            throw fault("cannot be run: \(String(cString: strerror(errno)))")
        }
        let isComplete = takeLine(from: child, into: secret)
        child.end(isDone: false)  // it has had its say: nothing of it may stay behind
        guard isComplete else { throw fault("printed no password within 30 s") }
        guard secret.count > 0 else { throw fault("printed an empty line") }
        return secret
    }

    /// Reads up to the first line end or the end of the output; false when time is up.
    private static func takeLine(from child: ChildProgram, into secret: Secret) -> Bool {
        while secret.count < CoreLimits.passwordOctetsMax {
            guard child.waitForOutput() else { return false }
            var octet: UInt8 = 0
            guard Glibc.read(child.output, &octet, 1) == 1 else { return secret.count > 0 }
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
