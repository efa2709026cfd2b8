// Every bad certificate is refused with the right code and words, and no application byte gets to
// the server; the good ones pass.
import COpenSSL
import Testing

@testable import OpenSSLTLS

@Suite struct PeerVerificationTests {
    struct BadServer: Sendable, CustomTestStringConvertible {
        let certificate: TestAuthority.Certificate
        var name = "localhost"
        let code: TLSError.Code
        let reason: String
        var testDescription: String { "\(certificate.rawValue) for \(name)" }
    }

    static let badServers = [
        BadServer(
            certificate: .expired,
            code: .certificateExpired,
            reason: "certificate of localhost expired on 2021-02-03"
        ),
        BadServer(
            certificate: .future,
            code: .certificateNotYetValid,
            reason: "certificate of localhost is not valid before 2090-04-05 "
                + "(is this machine's clock right?)"
        ),
        BadServer(
            certificate: .selfSigned,
            code: .selfSigned,
            reason: "certificate of localhost is self-signed and not trusted"
        ),
        BadServer(
            certificate: .foreign,
            code: .unknownIssuer,
            reason: "certificate of localhost comes from an issuer that is not trusted"
        ),
        BadServer(
            certificate: .withoutIssuer,
            code: .unknownIssuer,
            reason: "certificate of localhost comes from an issuer that is not trusted"
        ),
        BadServer(
            certificate: .expiredIssuer,
            code: .certificateExpired,
            reason: "issuer certificate of localhost expired on 2019-03-04"
        ),
        BadServer(
            certificate: .clientOnly,
            code: .certificateRejected,
            reason: "certificate of localhost was refused: unsuitable certificate purpose"
        ),
        mismatch(.wrongHost),
        mismatch(.wrongHost, "127.0.0.1"),
        mismatch(.commonNameOnly),
        mismatch(.partialWildcard),
        mismatch(.partialWildcardLabel, "imap.good.example"),
        mismatch(.wildcard, "good.example"),
        mismatch(.wildcard, "a.imap.good.example"),
        mismatch(.addressOnly),
        mismatch(.addressAsName, "127.0.0.1"),
        mismatch(.good, "127.0.0.2"),
        mismatch(.good, "::1"),
        mismatch(.good, "localhost.example"),
    ]

    private static func mismatch(
        _ certificate: TestAuthority.Certificate,
        _ name: String = "localhost"
    ) -> BadServer {
        BadServer(
            certificate: certificate,
            name: name,
            code: .hostNameMismatch,
            reason: "certificate of the server is not for \(name)"
        )
    }

    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    @Test("a bad certificate is refused before any application byte", arguments: badServers)
    func refused(bad: BadServer) throws {
        let context = try TLSContext.trusting(authority, serverName: bad.name)
        for maximumVersion in [0, TLS1_2_VERSION] {
            let pair = try ConnectionPair(
                context,
                MemoryTLSServerContext(
                    bad.certificate,
                    authority: authority,
                    maximumVersion: maximumVersion
                )
            )
            let error = try #require(tlsError { try pair.connect() })
            #expect(error.code == bad.code)
            #expect(error.reason == bad.reason)
            #expect(!error.isTemporary)
            #expect(error.fault == .peer)
            #expect(pair.client.phase == .failed)
            #expect(pair.client.summary == nil)
            pair.server.receive(pair.takeClientOutput())
            #expect(!pair.server.isEstablished)
            #expect(pair.server.received.isEmpty)
            #expect(pair.server.errorReason != nil, "the server got an alert")
            #expect(context.sessions.next() == nil)
        }
    }

    @Test(
        "a certificate for the name or address is accepted",
        arguments: [
            (TestAuthority.Certificate.good, "localhost"), (.good, "localhost."),
            (.good, "LOCALHOST"), (.good, "127.0.0.1"), (.addressOnly, "127.0.0.1"),
            (.wildcard, "imap.good.example"), (.rsa, "localhost"),
        ]
    )
    func accepted(certificate: TestAuthority.Certificate, name: String) throws {
        let pair = try ConnectionPair(
            TLSContext.trusting(authority, serverName: name),
            MemoryTLSServerContext(certificate, authority: authority)
        )
        try pair.connect()
        #expect(pair.client.phase == .established)
    }

    @Test("a self-signed certificate in the extra trust file is accepted for its name only")
    func trustedSelfSigned() throws {
        let server = try MemoryTLSServerContext(.selfSigned, authority: authority)
        for (name, code) in [("localhost", nil), ("other.example", .hostNameMismatch)]
            as [(String, TLSError.Code?)]
        {
            let context = try TLSContext(
                TLSConfiguration(
                    serverName: name,
                    trustedCertificatesFile: authority.chainFile(.selfSigned)
                )
            )
            let pair = try ConnectionPair(context, server)
            #expect(tlsError { try pair.connect() }?.code == code)
        }
    }

    @Test("a pinned key is accepted, also when resumed", arguments: [Int32(0), TLS1_2_VERSION])
    func pinMatch(maximumVersion: Int32) throws {
        let digest = try authority.publicKeyDigest(.good)
        let context = try TLSContext.trusting(
            authority,
            pins: [[UInt8](repeating: 1, count: 32), digest]
        )
        let server = try MemoryTLSServerContext(
            authority: authority,
            maximumVersion: maximumVersion
        )
        for isResumed in [false, true] {
            let pair = try ConnectionPair(context, server)
            try pair.connect()
            #expect(pair.client.summary?.isResumed == isResumed)
            #expect(pair.client.summary?.peerSPKISHA256 == digest)
        }
    }

    @Test("another key than the pinned one is refused", arguments: [Int32(0), TLS1_2_VERSION])
    func pinMismatch(maximumVersion: Int32) throws {
        let pair = try ConnectionPair(
            TLSContext.trusting(authority, pins: [authority.publicKeyDigest(.good)]),
            MemoryTLSServerContext(.rsa, authority: authority, maximumVersion: maximumVersion)
        )
        let error = try #require(tlsError { try pair.connect() })
        #expect(
            error
                == TLSError(
                    .pinMismatch,
                    reason: "public key of localhost is not one of the pinned keys"
                )
        )
        pair.server.receive(pair.takeClientOutput())
        #expect(!pair.server.isEstablished)
        #expect(pair.server.received.isEmpty)
    }

    @Test("a matching pin excuses neither chain nor name nor dates")
    func pinIsNotEnough() throws {
        let pins = [try authority.publicKeyDigest(.good)]
        for (certificate, code) in [
            (.foreign, .unknownIssuer), (.selfSigned, .selfSigned),
            (.wrongHost, .hostNameMismatch), (.expired, .certificateExpired),
        ] as [(TestAuthority.Certificate, TLSError.Code)] {
            let pair = try ConnectionPair(
                TLSContext.trusting(authority, pins: pins),
                MemoryTLSServerContext(certificate, authority: authority)
            )
            #expect(tlsError { try pair.connect() }?.code == code)
        }
    }
}
