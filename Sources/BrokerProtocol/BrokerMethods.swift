// Methods about the broker itself and its accounts.

package import MailModel

/// The first exchange: versions and limits.
package enum Hello: BrokerMethod {
    package static let name = "hello"
    package static let summary = "Versions, capabilities and limits of the broker."
    package static let permission = Permission.connect
    package static let ordering = Ordering.immediate

    /// Who calls.
    package struct Params: Sendable, Codable {
        /// The program's name, for the log.
        package var client: String?
        /// The highest protocol version the caller speaks.
        package var version: Int?

        /// A greeting from a client.
        package init(client: String? = nil, version: Int? = BrokerLimits.protocolVersion) {
            self.client = client
            self.version = version
        }
    }

    /// What the broker is.
    package struct Result: Sendable, Codable {
        /// The version of the protocol it speaks.
        package var version: Int
        /// The program and its version.
        package var server: String
        /// Names of optional abilities.
        package var capabilities: [String]
        /// The limits a client must keep.
        package var limits: [String: Int]

        /// A greeting from the broker.
        package init(server: String, capabilities: [String]) {
            version = BrokerLimits.protocolVersion
            self.server = server
            self.capabilities = capabilities
            limits = [
                "request_line": BrokerLimits.requestLineMax,
                "octets_frame": BrokerLimits.octetsFrameMax,
                "requests_in_flight": BrokerLimits.requestsInFlightMax,
                "list": BrokerLimits.listMax,
                "ids": BrokerLimits.idsMax,
            ]
        }
    }
}

/// The state of the broker and every account.
package enum Status: BrokerMethod {
    package static let name = "status"
    package static let summary = "The state of the broker and of every account."
    package static let permission = Permission.connect
    package static let ordering = Ordering.immediate
    /// Nothing is asked.
    package typealias Params = Empty

    /// The broker's state.
    package struct Result: Sendable, Codable {
        /// The broker's process id.
        package var pid: Int
        /// When it started.
        package var started: DateTime
        /// The socket it listens on.
        package var socket: String
        /// Front ends connected now, the asking one included.
        package var clients: Int
        /// The configured accounts in the order of the configuration.
        package var accounts: [AccountStatus]

        /// A state.
        package init(
            pid: Int,
            started: DateTime,
            socket: String,
            clients: Int,
            accounts: [AccountStatus]
        ) {
            self.pid = pid
            self.started = started
            self.socket = socket
            self.clients = clients
            self.accounts = accounts
        }
    }
}

/// One account's state.
package struct AccountStatus: Sendable, Codable, Equatable {
    /// Where an account stands.
    package enum State: String, Sendable, Codable {
        /// No credential is held.
        case loggedOut = "logged_out"
        /// A credential is held; a connection is being made.
        case connecting
        /// The IMAP session is there.
        case live
        /// The server cannot be reached; the broker keeps trying.
        case offline
        /// The server refused the credential; a new login is needed.
        case needsLogin = "needs_login"
    }

    /// The account's name in the configuration.
    package var name: String
    /// The account's address.
    package var address: String
    /// Where it stands.
    package var state: State
    /// The IMAP link.
    package var imap: LinkStatus
    /// The SMTP link.
    package var smtp: LinkStatus
    /// Messages with changes that the server has not been told; nil where that is unknown.
    package var waiting: Int?
    /// Messages in the outbox that are not sent; nil where that is unknown.
    package var outbox: Int?
    /// Messages in the outbox that failed or are held, and that the user has to look at.
    package var attention: Int?
    /// Why the state is not `live`, for people.
    package var problem: String?

    /// A state of an account.
    package init(
        name: String,
        address: String,
        state: State,
        imap: LinkStatus,
        smtp: LinkStatus,
        waiting: Int? = nil,
        outbox: Int? = nil,
        attention: Int? = nil,
        problem: String? = nil
    ) {
        self.name = name
        self.address = address
        self.state = state
        self.imap = imap
        self.smtp = smtp
        self.waiting = waiting
        self.outbox = outbox
        self.attention = attention
        self.problem = problem
    }
}

/// One connection to a mail server.
package struct LinkStatus: Sendable, Codable, Equatable {
    /// The configured host, or the program that is the server (`imap.command`).
    package var host: String
    /// The port; 0 for a program.
    package var port: Int
    /// Whether a connection is held now.
    package var connected: Bool
    /// `TLSv1.3`, or nil without TLS or connection.
    package var tls: String?
    /// The SASL mechanism of the last login.
    package var mechanism: String?
    /// Logins since the broker started.
    package var logins: Int

    /// A state of a connection.
    package init(
        host: String,
        port: Int,
        connected: Bool = false,
        tls: String? = nil,
        mechanism: String? = nil,
        logins: Int = 0
    ) {
        self.host = host
        self.port = port
        self.connected = connected
        self.tls = tls
        self.mechanism = mechanism
        self.logins = logins
    }
}

/// Logs an account in and verifies both IMAP and SMTP.
package enum AccountLogin: BrokerMethod {
    package static let name = "account.login"
    package static let summary =
        "Logs an account in on IMAP and SMTP; the secret travels as octets marked secret."
    package static let permission = Permission.administer
    package static let ordering = Ordering.sequential
    package static let streams = OctetStreams.upload

    /// Who logs in.
    package struct Params: Sendable, Codable {
        /// The address or the account's name in the configuration.
        package var address: String
        /// The stream that brings the secret; nil to use the configured `password_command`.
        package var secretStream: Int?

        enum CodingKeys: String, CodingKey {
            case address
            case secretStream = "secret_stream"
        }

        /// A login.
        package init(address: String, secretStream: Int?) {
            self.address = address
            self.secretStream = secretStream
        }
    }

    /// The account as it stands after the login.
    package typealias Result = AccountStatus
}

/// Ends the sessions of an account and forgets its secret.
package enum AccountLogout: BrokerMethod {
    package static let name = "account.logout"
    package static let summary = "Ends the sessions of an account and wipes its secret."
    package static let permission = Permission.administer
    package static let ordering = Ordering.sequential

    /// Which account.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the only one logged in.
        package var account: String?

        /// A logout.
        package init(account: String?) { self.account = account }
    }

    /// The account as it stands afterwards.
    package typealias Result = AccountStatus
}

/// Ends the broker.
package enum BrokerStop: BrokerMethod {
    package static let name = "broker.stop"
    package static let summary = "Logs every account out and ends the broker."
    package static let permission = Permission.administer
    package static let ordering = Ordering.sequential
    /// Nothing is asked.
    package typealias Params = Empty
    /// Nothing is answered but that it will end.
    package typealias Result = Empty
}
