// Servers that are not who they say, and servers that talk before they should: refused with the
// reason, and no credential leaves.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct CertificateTests {
    static let password = "the-secret-0815"

    @Test(
        "a certificate that does not verify is refused with the reason, and no credential is sent",
        arguments: ["imap", "smtp"],
        [
            ("wrong-host implicit", "not for localhost"), ("expired implicit", "expired"),
            ("self-signed implicit", "self-signed"), ("wrong-host starttls", "not for localhost"),
            ("expired starttls", "expired"), ("self-signed starttls", "self-signed"),
        ]
    )
    func badCertificate(protocolName: String, kind: (name: String, reason: String)) async throws {
        let words = kind.name.split(separator: " ").map(String.init)
        try await Self.login(protocolName, certificate: words[0], mode: words[1]) { outcome, log in
            #expect(outcome.status == 77, "\(outcome)")
            let reason = outcome.errors.lowercased()
            let other = kind.reason.replacing("-", with: " ")
            #expect(reason.contains(kind.reason) || reason.contains(other), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(log.contains("-- connection"))
            Self.expectNoCredential(log)
        }
    }

    @Test(
        "the same server with a good certificate does get the credential, so the others would have",
        arguments: ["imap", "smtp"],
        ["implicit", "starttls"]
    )
    func goodCertificate(protocolName: String, mode: String) async throws {
        try await Self.login(protocolName, certificate: "good", mode: mode) { outcome, log in
            #expect(outcome.status == 77)
            #expect(outcome.errors.contains("Login unsuccessful: "), "\(outcome.errors)")
            #expect(outcome.errors.contains("recorded"))
            #expect(log.contains("-- tls"))
            #expect(Self.credentials(log) == 1)
        }
    }

    @Test(
        "octets that come in the clear behind the go-ahead for STARTTLS end the connection",
        arguments: ["imap", "smtp"]
    )
    func injection(protocolName: String) async throws {
        try await Self.login(
            protocolName,
            certificate: "good",
            mode: "starttls",
            trick: ["inject"]
        ) { outcome, log in
            #expect(outcome.status != 0 && outcome.status != 70, "\(outcome)")
            #expect(!log.contains("-- tls"))
            Self.expectNoCredential(log)
        }
    }

    @Test(
        "a server that suddenly offers no STARTTLS gets no login in the clear",
        arguments: ["imap", "smtp"]
    )
    func stripping(protocolName: String) async throws {
        try await Self.login(
            protocolName,
            certificate: "good",
            mode: "starttls",
            trick: ["strip"]
        ) { outcome, log in
            #expect(outcome.status == 77, "\(outcome)")
            #expect(outcome.errors.contains("STARTTLS"), "\(outcome.errors)")
            Self.expectNoCredential(log)
        }
    }

    /// Logs in where one of the two servers is the recording one, and gives what happened.
    private static func login(
        _ protocolName: String,
        certificate: String,
        mode: String,
        trick: [String] = [],
        _ check: (Outcome, String) throws -> Void
    ) async throws {
        try await Home.with(loggedIn: false) { home, users in
            let place = try home.folder("pki")
            let made = try await Command.run(
                Sandbox.root.appending(path: "contrib/test.d/certificates.sh").path,
                [place.path],
                environment: home.environment
            )
            try #require(made.status == 0, "\(made)")
            let log = home.directory.appending(path: "recorded")
            let files = ["crt", "key"].map { place.appending(path: "\(certificate).\($0)").path }
            let server = try await Helper(
                "recording-server.py",
                [protocolName, mode] + files + [log.path] + trick,
                in: home
            )
            defer { server.stop() }
            let trusted = place.appending(path: "both.crt")
            let authorities = try ["\(place.path)/ca.crt", Sandbox.certificateAuthority]
                .map { try Data(contentsOf: URL(filePath: $0)) }
            try (authorities[0] + authorities[1]).write(to: trusted)
            func endpoint(_ name: String, _ real: Int) -> String {
                name == protocolName
                    ? "{ host = \"localhost\", port = \(server.port), tls = \"\(mode)\" }"
                    : "{ host = \"localhost\", port = \(Sandbox.portBase + real) }"
            }
            try home.configure(
                users[0],
                imap: endpoint("imap", 993),
                smtp: endpoint("smtp", 465),
                certificateAuthority: trusted.path
            )
            try await home.start()
            // The real server of the two knows the user's own password.
            let secret = protocolName == "imap" ? password : users[0].password
            let outcome = try await home.mb(
                "login",
                "--password-stdin",
                users[0].address,
                input: secret + "\n"
            )
            let text = String(decoding: (try? Data(contentsOf: log)) ?? Data(), as: UTF8.self)
            try check(outcome, text)
            #expect(try await home.mb("inbox").status == 77)
        }
    }

    private static func expectNoCredential(
        _ log: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(credentials(log) == 0, "\(log)", sourceLocation: sourceLocation)
        for word in [password, Data(password.utf8).base64EncodedString(), "secret "] {
            #expect(!log.contains(word), sourceLocation: sourceLocation)
        }
    }

    /// Commands that carry or announce a credential.
    private static func credentials(_ log: String) -> Int {
        // CR LF is one Character to Swift, so lines are split by octets.
        log.uppercased().utf8.split(separator: UInt8(ascii: "\n")).map { String($0) ?? "" }.count {
            $0.contains("AUTHENTICATE ") || $0.contains(" LOGIN ") || $0.hasPrefix("AUTH ")
        }
    }
}
