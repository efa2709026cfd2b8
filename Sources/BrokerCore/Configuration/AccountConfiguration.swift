// One account as configured. A value: a change of the file makes a new one.

import MailModel
package import MailSession

/// The settings of one account.
package struct AccountConfiguration: Sendable, Equatable {
    /// Who files the copy of a sent message.
    package enum SentCopy: String, Sendable {
        /// By what is known of the provider.
        case auto
        /// The broker does.
        case always
        /// Nobody, or the server.
        case never
    }

    /// Where IMAP is spoken.
    package enum IMAPPlace: Sendable, Equatable {
        /// At a server.
        case server(Endpoint)
        /// On the standard input and output of a program, without a shell.
        case program([String])

        /// The host, or the program.
        var name: String {
            switch self {
            case .server(let endpoint): endpoint.host
            case .program(let command): command.first ?? ""
            }
        }

        /// The port; 0 for a program.
        var port: Int { if case .server(let endpoint) = self { endpoint.port } else { 0 } }
    }

    /// The name in the configuration: what `-a` takes.
    package var name: String
    /// The address.
    package var address: String
    /// The display name of the author.
    package var displayName: String?
    /// What the servers know the user as.
    package var user: String
    /// The IMAP server.
    package var imap: IMAPPlace
    /// The submission server.
    package var smtp: Endpoint
    /// A PEM file of further certificate authorities to trust.
    package var caFile: String?
    /// SHA-256 of the public keys the servers may have; empty to accept any that verifies.
    package var pins: [[UInt8]] = []
    /// The command that prints the password, without a shell.
    package var passwordCommand: [String]?
    /// Other authors the user may write as: `Name <address>` or an address.
    package var identities: [String] = []
    /// Who files the copy of a sent message.
    package var sentCopy = SentCopy.auto

    /// Whether IMAP is compressed where the server offers it.
    package var compression = Compression.auto
    /// IMAP connections at most.
    package var connections = CoreLimits.connections

    /// Whether the headers of all mailboxes are fetched before anybody asks for them.
    package var fetchesAhead = true
    /// Seconds for which a message can be taken back before it is sent.
    package var hold: Int64 = 0

    /// Whether a client means this account by a name or an address.
    func isNamed(_ text: String) -> Bool {
        Array(name.utf8) == Array(text.utf8) || ASCII.equal(address.utf8, text.utf8)
    }

    /// Whether the provider puts sent messages into Sent by itself (protocols.md 4.10).
    var isSentFiledByServer: Bool {
        KnownProvider.all.contains {
            $0.filesSentMail && ASCII.equal($0.smtp.host.utf8, smtp.host.utf8)
        }
    }

    /// Seconds for which a message is held: as asked, or as configured; nil for none.
    ///
    /// One that leaves at a time of its own is not held besides.
    func hold(asked: Int64?, isScheduled: Bool = false) -> Int64? {
        let hold = asked ?? hold
        return isScheduled || hold == 0 ? nil : hold
    }

    /// Whether the broker puts a copy of what it has sent into Sent.
    var wantsSentCopy: Bool {
        switch sentCopy {
        case .always: true
        case .never: false
        case .auto: !isSentFiledByServer
        }
    }
}

/// A provider whose settings need not be configured.
struct KnownProvider: Sendable {
    let domains: [String]
    let imap: Endpoint
    let smtp: Endpoint
    let filesSentMail: Bool

    /// Google's own documentation of its IMAP and SMTP servers; both file sent mail (4.10).
    static let all = [
        KnownProvider(
            domains: ["gmail.com", "googlemail.com"],
            imap: Endpoint(host: "imap.gmail.com", port: 993, protection: .implicit),
            smtp: Endpoint(host: "smtp.gmail.com", port: 465, protection: .implicit),
            filesSentMail: true
        )
    ]

    /// An account made up for an address of a known provider; nil for any other.
    static func account(for address: AddrSpec) -> AccountConfiguration? {
        let provider = all.first { provider in
            provider.domains.contains { ASCII.equal($0.utf8, address.domain) }
        }
        return provider.map {
            AccountConfiguration(
                name: address.text,
                address: address.text,
                displayName: nil,
                user: address.text,
                imap: .server($0.imap),
                smtp: $0.smtp
            )
        }
    }
}
