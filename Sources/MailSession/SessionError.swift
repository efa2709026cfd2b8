// One error for both protocols, as the layers above see it: what kind of fault, whose words, and
// whether another try can help.

package import IMAP
import OpenSSLTLS
package import SMTP

/// Why a session to a mail server failed or refused something.
package enum SessionError: Error, Sendable {
    /// No TCP connection: the network's or the server's fault, with the system's words.
    case unreachable(String)
    /// The program that is the server cannot be run, has ended or is not logged in.
    case program(String, isTemporary: Bool)
    /// No progress within the time a phase has.
    case timedOut(String)
    /// The connection ended where it should not have.
    case connectionLost
    /// The TLS connection failed or was refused, with the reason for people.
    case tls(reason: String, isTemporary: Bool)
    /// The IMAP connection failed.
    case imap(IMAPError)
    /// The SMTP connection failed.
    case smtp(SMTPError)
    /// The server answered NO or BAD to a command.
    case refused(command: String, IMAPResult)
    /// The broker's own files failed while the session was used.
    case storage(String)

    /// Whether the same thing may work later without anybody changing anything.
    package var isTemporary: Bool {
        switch self {
        case .unreachable, .timedOut, .connectionLost: true
        case .tls(_, let isTemporary), .program(_, let isTemporary): isTemporary
        case .imap(let error): error.isTemporary
        case .smtp(let error): error.isTemporary
        case .refused, .storage: false
        }
    }

    /// Whether only a new credential can help: trying the old one again could lock the user out.
    package var refusesCredential: Bool {
        switch self {
        case .imap(let error): error.code == .authenticationFailed && !error.isTemporary
        case .smtp(let error): error.stopsAccount
        default: false
        }
    }

    /// Whether the connection is of no use any more.
    package var endsConnection: Bool {
        switch self {
        case .refused, .storage: false
        default: true
        }
    }

    /// The form of a TLS error here.
    static func tls(_ error: TLSError) -> SessionError {
        .tls(reason: error.reason, isTemporary: error.isTemporary)
    }
}
