// The connection as a machine of bytes: every way to cut the wire gives the same plaintext, and
// every end says what it was.
import COpenSSL
import Testing

@testable import OpenSSLTLS

@Suite struct TLSConnectionTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    private func pair(
        _ certificate: TestAuthority.Certificate = .good,
        maximumVersion: Int32 = 0
    ) throws -> ConnectionPair {
        try ConnectionPair(
            TLSContext.trusting(authority),
            MemoryTLSServerContext(
                certificate,
                authority: authority,
                maximumVersion: maximumVersion
            )
        )
    }

    @Test(
        "a good server is accepted and bytes go both ways",
        arguments: [
            (TestAuthority.Certificate.good, Int32(0), "TLSv1.3"),
            (.rsa, 0, "TLSv1.3"),
            (.good, TLS1_2_VERSION, "TLSv1.2"),
            (.rsa, TLS1_2_VERSION, "TLSv1.2"),
        ]
    )
    func goodServer(
        certificate: TestAuthority.Certificate,
        maximumVersion: Int32,
        version: String
    ) throws {
        let pair = try pair(certificate, maximumVersion: maximumVersion)
        #expect(pair.client.summary == nil)
        try pair.connect()
        #expect(pair.client.phase == .established)
        let summary = try #require(pair.client.summary)
        #expect(summary.version == version)
        #expect(!summary.isResumed)
        #expect(try summary.peerSPKISHA256 == authority.publicKeyDigest(certificate))
        #expect(pair.server.serverName == "localhost")
        try pair.send(Array("a1 NOOP\r\n".utf8))
        pair.server.send(Array("* OK hello\r\n".utf8))
        try pair.run()
        #expect(pair.server.received == Array("a1 NOOP\r\n".utf8))
        #expect(pair.delivered == Array("* OK hello\r\n".utf8))
    }

    @Test("plaintext before the handshake is refused and nothing of it is sent")
    func earlyPlaintext() throws {
        let pair = try pair()
        #expect(tlsError { try pair.send(Array("early".utf8)) }?.fault == .caller)
        #expect(pair.takeClientOutput().isEmpty)
        try pair.connect()
        #expect(pair.client.phase == .established)
        #expect(pair.server.received.isEmpty)
    }

    @Test("no server name is sent for an IP literal")
    func noServerNameForAddress() throws {
        let pair = try ConnectionPair(
            TLSContext.trusting(authority, serverName: "127.0.0.1"),
            MemoryTLSServerContext(authority: authority)
        )
        try pair.connect()
        #expect(pair.client.phase == .established)
        #expect(pair.server.serverName == nil)
    }

    @Test("byte by byte gives the same plaintext", arguments: [Int32(0), TLS1_2_VERSION])
    func byteByByte(maximumVersion: Int32) throws {
        let pair = try pair(maximumVersion: maximumVersion)
        try pair.connect(pieces: { 1 })
        let text = (0..<3000).map { UInt8($0 % 251) }
        pair.server.send(text)
        pair.server.send(Array("end".utf8))
        try pair.run(pieces: { 1 })
        #expect(pair.delivered == text + Array("end".utf8))
    }

    @Test(
        "every split of the server's flight gives a connection",
        arguments: [Int32(0), TLS1_2_VERSION]
    )
    func everySplit(maximumVersion: Int32) throws {
        let context = try TLSContext.trusting(authority)
        // A resumed handshake has no certificate: the whole flight is wanted each time.
        let server = try MemoryTLSServerContext(
            authority: authority,
            maximumVersion: maximumVersion,
            resumes: false
        )
        var split = 1
        while true {
            let pair = try ConnectionPair(context, server)
            try pair.client.start()
            pair.server.receive(pair.takeClientOutput())
            let flight = pair.server.takeOutput()
            guard split < flight.count else { break }
            try pair.feedClient(flight.prefix(split))
            #expect(pair.delivered.isEmpty)
            try pair.feedClient(flight.dropFirst(split))
            try pair.run()
            try #require(pair.client.phase == .established, "split at \(split)")
            split += 1
        }
        #expect(split > 500)
    }

    @Test("random splits give the same plaintext", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func randomSplits(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pair = try pair()
        try pair.connect(pieces: { Int.random(in: 1...700, using: &generator) })
        var expected: [UInt8] = []
        for _ in 0..<20 {
            let count = Int.random(in: 1...40_000, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            pair.server.send(bytes)
            expected += bytes
        }
        try pair.run(pieces: { Int.random(in: 1...5000, using: &generator) })
        #expect(pair.delivered == expected, "seed \(seed)")
    }

    @Test("a transport that ends without close_notify is truncated, with it is clean")
    func ends() throws {
        let cut = try pair()
        try cut.connect()
        cut.server.send(Array("half".utf8))
        try cut.run()
        #expect(
            cut.client.transportEnded()
                == TLSError(
                    .truncated,
                    reason: "connection to localhost ended without a TLS close_notify",
                    isTemporary: true
                )
        )
        let clean = try pair()
        try clean.connect()
        clean.server.send(Array("whole".utf8))
        clean.server.sendCloseNotify()
        try clean.run()
        #expect(clean.delivered == Array("whole".utf8))
        #expect(clean.client.phase == .peerClosed)
        #expect(clean.client.transportEnded() == nil)
        clean.client.sendCloseNotify()
        clean.client.sendCloseNotify()
        try clean.run()
        #expect(clean.server.hasReceivedCloseNotify)
        #expect(clean.server.errorReason == nil)
    }

    @Test("a transport that ends at any byte of the handshake is a temporary failure")
    func endsInHandshake() throws {
        for cut in stride(from: 0, to: 600, by: 37) {
            let pair = try pair()
            try pair.client.start()
            pair.server.receive(pair.takeClientOutput())
            try pair.feedClient(pair.server.takeOutput().prefix(cut))
            let error = try #require(pair.client.transportEnded())
            #expect(error.code == .handshakeFailed)
            #expect(error.isTemporary)
            #expect(
                error.reason == "localhost closed the connection during the TLS handshake"
            )
            #expect(pair.client.phase == .failed)
        }
    }

    @Test("a flipped bit ends the connection and delivers nothing of its record")
    func flippedBit() throws {
        let pair = try pair()
        try pair.connect()
        pair.server.send(Array("secret".utf8))
        var wire = pair.server.takeOutput()
        wire[wire.count - 1] ^= 1
        let error = tlsError { try pair.feedClient(wire) }
        #expect(error?.code == .connectionFailed)
        #expect(pair.delivered.isEmpty)
        #expect(pair.client.phase == .failed)
        pair.server.send(Array("more".utf8))
        try pair.feedClient(pair.server.takeOutput())
        #expect(pair.delivered.isEmpty)
    }

    @Test("key updates are answered, a flood of them is refused")
    func keyUpdates() throws {
        let pair = try pair()
        try pair.connect()
        pair.server.sendKeyUpdate()
        pair.server.send(Array("one".utf8))
        try pair.run()
        try pair.send(Array("two".utf8))
        try pair.run()
        #expect(pair.delivered == Array("one".utf8))
        #expect(pair.server.received == Array("two".utf8))
        var count = 0
        let error = tlsError {
            while count < 100_000 {
                pair.server.sendKeyUpdate()
                try pair.run()
                count += 1
            }
        }
        #expect(error?.code == .limitExceeded)
        #expect(error?.reason == "localhost sent too many TLS bytes without any data")
        #expect(count > 100)
    }

    @Test("bytes without end in a handshake are refused")
    func handshakeFlood() throws {
        let pair = try pair()
        try pair.client.start()
        // HelloRequests, which a client of TLS 1.2 has to ignore (RFC 5246 §7.4.1.1).
        let record: [UInt8] = [22, 3, 3, 0x40, 0] + [UInt8](repeating: 0, count: 0x4000)
        var count = 0
        let error = tlsError {
            while count < 100 {
                try pair.feedClient(record)
                count += 1
            }
        }
        #expect(error?.code == .limitExceeded)
        #expect(count == 16)
    }
}
