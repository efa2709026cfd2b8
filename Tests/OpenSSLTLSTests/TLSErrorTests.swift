// Servers that do not speak TLS, or not one we speak, and what is said about them.
import COpenSSL
import Testing

@testable import OpenSSLTLS

@Suite struct TLSErrorTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    private func errorOfServer(saying bytes: [UInt8], piece: Int) throws -> TLSError? {
        let pair = try ConnectionPair(
            TLSContext.trusting(authority),
            MemoryTLSServerContext(authority: authority)
        )
        try pair.client.start()
        return tlsError {
            var rest = bytes[...]
            while !rest.isEmpty {
                try pair.feedClient(rest.prefix(piece))
                rest = rest.dropFirst(piece)
            }
        }
    }

    @Test(
        "a plaintext server is told to be one",
        arguments: [
            "* OK IMAP4rev1 ready\r\n", "220 mail.example ESMTP\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n", "\0", "\r\n",
        ]
    )
    func plaintextServer(greeting: String) throws {
        for piece in [1, 5, 1000] {
            let error = try errorOfServer(saying: Array(greeting.utf8), piece: piece)
            #expect(
                error
                    == TLSError(
                        .notTLS,
                        reason: "server did not speak TLS (port or mode wrong?)"
                    )
            )
        }
    }

    @Test("a server that has TLS 1.1 only refuses us", arguments: [TLS1_VERSION, TLS1_1_VERSION])
    func oldServer(version: Int32) throws {
        let pair = try ConnectionPair(
            TLSContext.trusting(authority),
            MemoryTLSServerContext(authority: authority, maximumVersion: version)
        )
        let error = try #require(tlsError { try pair.connect() })
        #expect(
            error
                == TLSError(
                    .protocolVersion,
                    reason: "localhost offers no TLS 1.2 or newer"
                )
        )
        #expect(pair.server.received.isEmpty)
    }

    @Test("a server that answers with an older version is refused", arguments: [UInt8(0), 1, 2])
    func serverHelloOfOldVersion(minor: UInt8) throws {
        // ServerHello, no session id, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
        let body = [3, minor] + [UInt8](repeating: 5, count: 32) + [0, 0, 0x2F, 0]
        let message = [2, 0, 0, UInt8(body.count)] + body
        let record = [22, 3, minor, 0, UInt8(message.count)] + message
        for piece in [1, 1000] {
            let error = try errorOfServer(saying: record, piece: piece)
            #expect(error?.code == .protocolVersion)
            #expect(error?.isTemporary == false)
        }
    }

    @Test(
        "a fatal alert in the handshake has its own words",
        arguments: [
            (UInt8(40), TLSError.Code.handshakeFailed, false), (70, .protocolVersion, false),
            (80, .handshakeFailed, true), (112, .handshakeFailed, false),
        ]
    )
    func alerts(alert: UInt8, code: TLSError.Code, isTemporary: Bool) throws {
        for piece in [1, 1000] {
            let error = try #require(
                try errorOfServer(saying: [21, 3, 3, 0, 2, 2, alert], piece: piece)
            )
            #expect(error.code == code)
            #expect(error.isTemporary == isTemporary)
            #expect(error.reason.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        }
    }

    @Test("close_notify instead of a handshake is a temporary failure")
    func closeNotifyInHandshake() throws {
        let error = try errorOfServer(saying: [21, 3, 3, 0, 2, 1, 0], piece: 1000)
        #expect(error?.code == .handshakeFailed)
        #expect(error?.isTemporary == true)
    }
}
