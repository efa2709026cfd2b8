// The one error type of this module. Server text is kept as octets: showing it is somebody else's
// work, and what came before TLS is not kept at all.

/// Why a connection cannot go on, or why a command was not sent.
package struct IMAPError: Error, Sendable, Hashable {
    /// What went wrong, stable enough to decide on.
    package enum Code: String, Sendable, Equatable, CaseIterable {
        /// The transport ended.
        case connectionClosed
        /// The server said `* BYE`.
        case bye
        /// The first line was no greeting, or a line before the login was no response.
        case invalidGreeting
        /// The server claims an authenticated session where TLS should have come first.
        case unexpectedPreauth
        /// A session that should be authenticated already is not, and there is no credential.
        case credentialMissing
        /// The server does not offer STARTTLS.
        case startTLSMissing
        /// The server did not answer STARTTLS with OK.
        case startTLSRefused
        /// Octets came in clear behind the answer to STARTTLS.
        case injectedOctets
        /// Octets came in clear behind the answer to COMPRESS, or what came after it is no deflate
        /// stream.
        case compressionDamaged
        /// The caller has not said that TLS stands.
        case transportNotSecured
        /// The server offers no way to log in that the credential can use.
        case noUsableMechanism
        /// The server refused the login.
        case authenticationFailed
        /// The exchange of the mechanism broke.
        case authenticationAborted
        /// The server did not answer CAPABILITY.
        case capabilityRefused
        /// A tagged answer to no command of ours, or to one not sent in full.
        case desynchronised
        /// `+` where nothing waits for it.
        case unexpectedContinuation
        /// A literal whose size is no number.
        case invalidLiteral
        /// A line over its limit.
        case lineTooLong
        /// A literal over its limit.
        case literalTooLarge
        /// More literals in a response than allowed.
        case tooManyLiterals
        /// A response over its limit.
        case responseTooLarge
        /// More lines or octets before the login than allowed.
        case loginTooLong
        /// The UIDs of the open mailbox have been given anew.
        case uidValidityChanged
        /// The answer to APPEND came before the message was sent in full.
        case appendInterrupted
        /// More octets of a message than were announced, or none were asked for.
        case appendOverrun
        /// The connection is not ready for commands, or has ended.
        case notReady
        /// Too many commands wait.
        case queueFull
        /// The server does not offer what the command needs.
        case capabilityMissing
        /// The command would be longer than servers take.
        case commandTooLong
        /// An argument that cannot be put into a command.
        case invalidArgument
        /// The system gave no locked memory for a secret.
        case outOfMemory
    }

    /// Whose fault an error is.
    package enum Fault: Sendable, Equatable {
        /// The server, or the network.
        case peer
        /// The code or configuration that used this module.
        case caller
        /// This machine.
        case us
    }

    /// What went wrong.
    package let code: Code
    /// The server's own text, as octets, bounded; empty where there is none or it came in clear.
    package let serverText: [UInt8]
    /// The response code that came with it.
    package let responseCode: IMAPResponseCode?
    /// Where in the stream from the server it was seen, in octets since the connection or TLS
    /// began.
    package let offset: UInt64?
    /// Whether the same attempt may succeed later without anybody changing anything.
    package let isTemporary: Bool

    /// An error; what is not named is absent.
    package init(
        _ code: Code,
        serverText: [UInt8] = [],
        responseCode: IMAPResponseCode? = nil,
        offset: UInt64? = nil,
        isTemporary: Bool? = nil
    ) {
        self.code = code
        self.serverText = Array(serverText.prefix(IMAPLimits.textOctetsMax))
        self.responseCode = responseCode
        self.offset = offset
        self.isTemporary = isTemporary ?? code.isTemporary
    }

    /// Whose fault it is.
    package var fault: Fault {
        switch code {
        case .transportNotSecured, .credentialMissing, .appendOverrun, .notReady, .queueFull,
            .capabilityMissing, .commandTooLong, .invalidArgument:
            .caller
        case .outOfMemory:
            .us
        default:
            .peer
        }
    }
}

extension IMAPError.Code {
    /// Whether trying again later is worth it where the server did not say.
    fileprivate var isTemporary: Bool {
        switch self {
        case .connectionClosed, .bye, .uidValidityChanged, .appendInterrupted, .queueFull,
            .outOfMemory:
            true
        default: false
        }
    }
}

extension IMAPError: CustomStringConvertible {
    /// One line for a human, of our own words only.
    package var description: String {
        switch code {
        case .connectionClosed: "the connection ended"
        case .bye: "the server closed the session"
        case .invalidGreeting: "the server does not speak IMAP"
        case .unexpectedPreauth: "the server claims a login before TLS"
        case .credentialMissing: "the session is not authenticated and there is no credential"
        case .startTLSMissing: "the server does not offer STARTTLS"
        case .startTLSRefused: "the server refused STARTTLS"
        case .injectedOctets: "octets were injected before TLS"
        case .compressionDamaged: "the compressed stream makes no sense"
        case .transportNotSecured: "TLS is not established"
        case .noUsableMechanism: "the server offers no usable way to log in"
        case .authenticationFailed: "the server refused the login"
        case .authenticationAborted: "the authentication exchange broke"
        case .capabilityRefused: "the server refused CAPABILITY"
        case .desynchronised: "the server answered a command that was not sent"
        case .unexpectedContinuation: "the server asked for more than there is"
        case .invalidLiteral: "the server announced a literal without a valid size"
        case .lineTooLong: "the server sent a line that is too long"
        case .literalTooLarge: "the server sent a literal that is too large"
        case .tooManyLiterals: "the server sent too many literals in one response"
        case .responseTooLarge: "the server sent a response that is too large"
        case .loginTooLong: "the server sent too much before the login"
        case .uidValidityChanged: "the server has renumbered the open mailbox"
        case .appendInterrupted: "the server answered before the message was sent"
        case .appendOverrun: "more octets of a message than announced"
        case .notReady: "the connection is not ready for commands"
        case .queueFull: "too many commands wait"
        case .capabilityMissing: "the server does not offer what the command needs"
        case .commandTooLong: "the command is too long"
        case .invalidArgument: "an argument cannot be sent"
        case .outOfMemory: "no locked memory for a secret"
        }
    }
}
