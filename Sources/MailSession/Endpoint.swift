// Where a server is and how the connection to it is protected.

import NIOPosix
import OpenSSLTLS

/// A mail server to connect to.
package struct Endpoint: Sendable, Equatable {
    /// How a connection is protected.
    package enum Protection: String, Sendable, Equatable {
        /// TLS from the first octet (RFC 8314).
        case implicit
        /// STARTTLS, required.
        case startTLS = "starttls"
        /// None; for a server on this machine only.
        case none
    }

    /// The host name or IP address, as configured: also what the certificate must name.
    package var host: String
    /// The TCP port.
    package var port: Int
    /// How the connection is protected.
    package var protection: Protection

    /// An endpoint.
    package init(host: String, port: Int, protection: Protection) {
        self.host = host
        self.port = port
        self.protection = protection
    }

    /// `host:port`.
    package var text: String { "\(host):\(port)" }

    /// Whether the host is this machine by its name or address: the only place where a connection
    /// without TLS is allowed.
    package var isLoopback: Bool {
        let octets = Array(host.utf8)
        return octets == Array("localhost".utf8) || octets == Array("::1".utf8)
            || octets.starts(with: Array("127.".utf8))
    }
}

/// A server with what is needed to trust it: made once per account and login, because it keeps the
/// TLS sessions to resume.
package struct MailServer: Sendable {
    /// Where it is.
    package let endpoint: Endpoint
    let tls: TLSContext?
    /// Whether IMAP is compressed where the server offers it.
    let compresses: Bool
    /// Who finds the addresses of its host; nil for the system.
    var resolver: (any Resolver & Sendable)?

    /// A server whose certificate the system's authorities, or those of a PEM file, must confirm;
    /// with `pins`, the SHA-256 of its public key must be one of them as well.
    ///
    /// - Throws: `SessionError.tls` when the host name or the file cannot be used.
    package init(
        _ endpoint: Endpoint,
        caFile: String?,
        pins: [[UInt8]],
        compression: Compression = .never
    ) throws(SessionError) {
        self.endpoint = endpoint
        compresses = compression.isWanted(overNetwork: !endpoint.isLoopback)
        guard endpoint.protection != .none else {
            tls = nil
            return
        }
        do {
            tls = try TLSContext(
                TLSConfiguration(
                    serverName: endpoint.host,
                    trustedCertificatesFile: caFile,
                    pinnedSPKISHA256: pins
                )
            )
        } catch {
            throw .tls(error)
        }
    }
}

/// How an IMAP server is reached.
package enum IMAPServer: Sendable {
    /// Over the network, where a login follows.
    case network(MailServer)
    /// As a program that speaks IMAP on its standard input and output, logged in from the beginning
    /// (RFC 3501 7.1.4): argv, without a shell.
    case program([String], compresses: Bool)
}

/// Whether IMAP is compressed where the server offers it (RFC 4978).
///
/// TLS itself never compresses here, and what is compressed holds no secret: it begins behind the
/// login.
package enum Compression: String, Sendable, Equatable {
    /// Over a network; on this machine it only costs time.
    case auto
    /// Always.
    case always
    /// Never.
    case never

    /// Whether it is wanted for octets that go over a network, or do not.
    package func isWanted(overNetwork isNetwork: Bool) -> Bool {
        switch self {
        case .auto: isNetwork
        case .always: true
        case .never: false
        }
    }
}

/// Timeouts of connections to mail servers (protocols.md 2.4, 4.7).
package enum SessionLimits {
    /// One TCP connection attempt, all addresses together.
    package static let connectWait = Duration.seconds(30)
    /// Between the connection and the end of the login; Dovecot delays failed logins by 15 s.
    package static let loginWait = Duration.seconds(120)
    /// Without any progress while a command runs.
    package static let commandWait = Duration.seconds(60)
    /// Between DONE and the tagged answer to IDLE: a dead connection shows here.
    package static let idleEndWait = Duration.seconds(15)
    /// The same, and without any progress while a command runs, where the connection may be dead.
    package static let probeWait = Duration.seconds(3)
    /// For the answer to LOGOUT or QUIT; the connection is closed whatever comes.
    package static let farewellWait = Duration.seconds(2)
    /// Between the end of a link to a program and SIGTERM for it: most end by themselves.
    package static let programEndWait = Duration.seconds(1)
    /// Between SIGTERM and SIGKILL.
    package static let programTermWait = Duration.seconds(2)
    /// One IDLE command (RFC 2177 asks for less than 29 minutes; NATs forget sooner).
    package static let idleRenewal = Duration.seconds(9 * 60)
    /// Between two questions for news, where the server has no IDLE.
    package static let pollPause = Duration.seconds(30)
    /// Messages, or ranges of them, whose news are kept; of more it is only known that there are
    /// some.
    package static let newsMax = 10_000
    /// Octets from the server whose meaning waits for its reader, before no more are read.
    package static let backlogOctetsMax = 4 * 1024 * 1024
    /// Untagged responses that one command may bring.
    package static let responsesMax = 1_000_000
    /// Octets of bodies that one command may bring, whatever it asked for.
    package static let bodyOctetsMax = 64 * 1024 * 1024
    /// Octets that are inflated at once.
    package static let inflatedPiece = 64 * 1024
    /// Octets that one piece of what is sent may take compressed at least.
    package static let deflatedPiece = 256
    /// Octets of a body fetched by one command: what other requests wait for at most.
    package static let bodyWindow: UInt64 = 1024 * 1024
}
