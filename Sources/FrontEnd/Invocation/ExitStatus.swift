// The exit statuses of every front end (design.md section 5) and the one table from what can go
// wrong to a status. sysexits.h by number, because a script compares numbers.

package import BrokerClient
package import BrokerProtocol

/// An exit status of sysexits.h.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    /// Done.
    case ok = 0
    /// The command line is wrong.
    case usage = 64
    /// What was given is wrong: an address, a file that changed while it was read.
    case badData = 65
    /// No such message, mailbox, part or file.
    case noInput = 66
    /// No such account.
    case noAccount = 67
    /// The broker is not running.
    case unavailable = 69
    /// A fault of ours.
    case internalFault = 70
    /// Reading or writing failed.
    case inputOutput = 74
    /// The same may succeed later.
    case temporary = 75
    /// A peer broke its protocol.
    case protocolFault = 76
    /// Refused: authentication or policy.
    case refused = 77
    /// The configuration is wrong.
    case configuration = 78

    /// The status of an error the broker answered with.
    package init(_ error: BrokerError) {
        self = error.data.temporary ? .temporary : ExitStatus(error.data.code)
    }

    /// The status of a code, for an error that is not marked temporary.
    package init(_ code: BrokerError.Code) {
        self =
            switch code {
            case .requestMalformed, .internalError: .internalFault
            case .requestInvalid: .usage
            case .requestUnknown, .protocolError: .protocolFault
            case .requestLimit, .messageInvalid, .sendConflict: .badData
            case .requestCancelled, .sendUnknown, .sendNotConfirmed, .networkOffline,
                .networkTimeout:
                .temporary
            case .accountUnknown: .noAccount
            case .accountLoggedOut, .authenticationFailed, .authenticationRequired, .sendRefused,
                .tlsFailed, .serverRefused, .policyDenied:
                .refused
            case .mailboxNotFound, .messageNotFound, .partNotFound: .noInput
            case .configurationInvalid: .configuration
            case .storageFailed: .inputOutput
            }
    }

    /// The status of a broken connection to the broker.
    package init(_ error: BrokerClientError) {
        self =
            switch error {
            case .noSocketPath: .configuration
            case .absent: .unavailable
            case .untrusted: .refused
            case .connectionLost: .temporary
            case .protocolMismatch: .protocolFault
            case .system: .inputOutput
            }
    }
}
