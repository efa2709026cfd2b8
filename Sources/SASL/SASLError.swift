// The one error type of this module. It holds no octet of a credential and none of the server's.

/// Why an exchange could not be started or could not go on.
package enum SASLError: Error, Sendable, Equatable {
    /// The user name is empty, too long or has a NUL (RFC 4616 2).
    case invalidUser
    /// The password or token is empty or has a NUL (RFC 4616 2).
    case invalidSecret
    /// The answer would not fit the locked memory of a `Secret`.
    case credentialTooLong
    /// The system gave no locked memory.
    case outOfMemory
    /// The challenge is longer than `SASLLimits.challengeOctetsMax`.
    case challengeTooLong
    /// The challenge is not base64 where the mechanism asks for it.
    case invalidChallenge
    /// The server asked once more than the mechanism has answers for.
    case unexpectedChallenge

    /// Whose fault an error is.
    package enum Fault: Sendable, Equatable {
        /// The server.
        case peer
        /// The code or the configuration that used this module.
        case caller
        /// This machine.
        case us
    }

    /// Whose fault it is.
    package var fault: Fault {
        switch self {
        case .invalidUser, .invalidSecret, .credentialTooLong: .caller
        case .outOfMemory: .us
        case .challengeTooLong, .invalidChallenge, .unexpectedChallenge: .peer
        }
    }

    /// Whether the same attempt may succeed later without anybody changing anything.
    package var isTemporary: Bool { self == .outOfMemory }

    /// One line for a human, of our own words only.
    package var reason: String {
        switch self {
        case .invalidUser: "the user name is empty, too long or holds a NUL"
        case .invalidSecret: "the password is empty or holds a NUL"
        case .credentialTooLong: "the user name and password are too long"
        case .outOfMemory: "no locked memory for the password"
        case .challengeTooLong: "the server's challenge is too long"
        case .invalidChallenge: "the server's challenge is not base64"
        case .unexpectedChallenge: "the server asked again after the last answer"
        }
    }
}
