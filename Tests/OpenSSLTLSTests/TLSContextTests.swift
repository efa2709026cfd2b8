// What a context refuses, and which sessions it keeps for the next connection.
import COpenSSL
import Testing

@testable import OpenSSLTLS

@Suite struct TLSContextTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    @Test(
        "an extra trust file that holds no certificate is refused",
        arguments: ["", "/nonexistent.pem", "/dev/null", "/etc/passwd", "a\0b"]
    )
    func badTrustFile(path: String) {
        let error = tlsError {
            _ = try TLSContext(
                TLSConfiguration(serverName: "localhost", trustedCertificatesFile: path)
            )
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.fault == .caller)
    }

    @Test("a context without extra trust uses the system's store")
    func systemStoreOnly() throws {
        _ = try TLSContext(TLSConfiguration(serverName: "imap.example.org"))
    }

    @Test("pins of another length, and too many pins, are refused")
    func badPins() throws {
        let pin = [UInt8](repeating: 7, count: 32)
        for pins in [[[]], [Array(pin.dropLast())], [pin, pin + [1]]] as [[[UInt8]]] {
            let error = tlsError { _ = try TLSContext.trusting(authority, pins: pins) }
            #expect(error?.code == .invalidConfiguration)
        }
        let many = [[UInt8]](repeating: pin, count: TLSLimits.pinsMax + 1)
        #expect(
            tlsError { _ = try TLSContext.trusting(authority, pins: many) }?.code
                == .invalidConfiguration
        )
    }

    private func connect(
        _ context: TLSContext,
        _ server: MemoryTLSServerContext
    ) throws -> TLSSummary {
        let pair = try ConnectionPair(context, server)
        try pair.connect()
        pair.server.send(Array("x".utf8))
        try pair.run()
        #expect(pair.delivered == Array("x".utf8))
        return try #require(pair.client.summary)
    }

    @Test(
        "the second connection of a context resumes, another context does not",
        arguments: [Int32(0), TLS1_2_VERSION]
    )
    func resumption(maximumVersion: Int32) throws {
        let context = try TLSContext.trusting(authority)
        let server = try MemoryTLSServerContext(
            authority: authority,
            maximumVersion: maximumVersion
        )
        let first = try connect(context, server)
        #expect(!first.isResumed)
        for _ in 0..<6 {
            let next = try connect(context, server)
            #expect(next.isResumed)
            #expect(next.peerSPKISHA256 == first.peerSPKISHA256)
            #expect(next.version == first.version)
        }
        #expect(try !connect(TLSContext.trusting(authority), server).isResumed)
    }

    @Test("a session that the server has forgotten costs a full handshake and nothing else")
    func forgottenSession() throws {
        let context = try TLSContext.trusting(authority)
        _ = try connect(context, MemoryTLSServerContext(authority: authority))
        let summary = try connect(context, MemoryTLSServerContext(authority: authority))
        #expect(!summary.isResumed)
    }

    @Test("a session of a good server does not let a bad one in")
    func badServerAfterGoodSession() throws {
        let context = try TLSContext.trusting(authority)
        _ = try connect(context, MemoryTLSServerContext(authority: authority))
        let pair = try ConnectionPair(
            context,
            MemoryTLSServerContext(.foreign, authority: authority)
        )
        #expect(tlsError { try pair.connect() }?.code == .unknownIssuer)
        #expect(pair.client.phase == .failed)
    }

    @Test("a TLS 1.3 session is offered once, and no more than the limit is kept")
    func singleUse() throws {
        let context = try TLSContext.trusting(authority)
        let server = try MemoryTLSServerContext(authority: authority)
        for _ in 0..<4 {
            let pair = try ConnectionPair(context, server)
            try pair.connect()
        }
        var seen: Set<OpaquePointer> = []
        var sessions: [ResumableSession] = []
        while let session = context.sessions.next() {
            #expect(session.isSingleUse)
            seen.insert(session.pointer)
            sessions.append(session)
        }
        #expect(seen.count == sessions.count)
        #expect((1...TLSLimits.sessionsMax).contains(seen.count))
    }

    @Test("a refused server leaves no session behind")
    func noSessionOfRefusedServer() throws {
        for maximumVersion in [0, TLS1_2_VERSION] {
            let context = try TLSContext.trusting(
                authority,
                pins: [[UInt8](repeating: 0, count: 32)]
            )
            let pair = try ConnectionPair(
                context,
                MemoryTLSServerContext(authority: authority, maximumVersion: maximumVersion)
            )
            #expect(tlsError { try pair.connect() }?.code == .pinMismatch)
            #expect(context.sessions.next() == nil)
        }
    }
}
