// What a front end itself finds wrong, before or after the broker is asked.

import Glibc

/// An error of a front end: always the caller's or the system's, never a peer's.
package struct FrontEndError: Error, Sendable, Equatable {
    /// The exit status.
    package let status: ExitStatus
    /// The stable string for `mb.error/1`.
    package let code: String
    /// One line for people; may hold what the user typed, so it is cleaned before it is shown.
    package let message: String
    /// The option or field that is wrong.
    package let field: String?

    private init(_ status: ExitStatus, _ code: String, _ message: String, field: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
    }

    /// The command line asks for what cannot be.
    package static func usage(_ message: String, field: String? = nil) -> FrontEndError {
        FrontEndError(.usage, "usage", message, field: field)
    }

    /// What was given is not right.
    package static func badData(_ message: String, field: String? = nil) -> FrontEndError {
        FrontEndError(.badData, "data.invalid", message, field: field)
    }

    /// A file or an attachment that is asked for is not there.
    package static func notFound(_ message: String) -> FrontEndError {
        FrontEndError(.noInput, "file.not_found", message)
    }

    /// A system call on a file or the terminal failed.
    package static func system(_ what: String, errno number: Int32) -> FrontEndError {
        FrontEndError(.inputOutput, "io.failed", "\(what): \(String(cString: strerror(number)))")
    }

    /// The broker sent other octets than it said.
    package static func incomplete(_ message: String) -> FrontEndError {
        FrontEndError(.protocolFault, "broker.incomplete", message)
    }

    /// The broker's program could not be started or did not become ready.
    package static func unavailable(_ message: String) -> FrontEndError {
        FrontEndError(.unavailable, "broker.absent", message)
    }
}

/// A signal ended what was going on; the program goes the way the signal asks.
package struct Interruption: Error, Sendable, Equatable {
    /// SIGINT, SIGTERM or SIGHUP.
    package let signal: Int32
}
