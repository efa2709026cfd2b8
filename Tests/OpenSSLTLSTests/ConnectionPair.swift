// A TLSConnection and a MemoryTLSServer with the wire between them in the test's hands.
import COpenSSL

@testable import OpenSSLTLS

/// Both ends of one connection in memory.
final class ConnectionPair {
    let client: TLSConnection
    let server: MemoryTLSServer
    /// All plaintext the client has delivered.
    var delivered: [UInt8] = []

    init(_ context: TLSContext, _ server: MemoryTLSServerContext) throws {
        client = try TLSConnection(context: context)
        self.server = try MemoryTLSServer(server)
    }

    /// The client's bytes for the server since the last call.
    func takeClientOutput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: client.ciphertextBytes)
        let count = bytes.withUnsafeMutableBytes { client.readCiphertext(into: $0) }
        return Array(bytes.prefix(count))
    }

    /// Gives the client bytes of the wire and reads what plaintext they bring.
    func feedClient(_ bytes: some Collection<UInt8>) throws {
        let result = Array(bytes).withUnsafeBytes { raw in
            Result { () throws(TLSError) in try client.receive(raw) }
        }
        try result.get()
        try readAll()
    }

    /// Moves bytes both ways, the server's in pieces of the given sizes, until nothing moves.
    func run(pieces: () -> Int = { Int.max }) throws {
        while true {
            let toServer = takeClientOutput()
            server.receive(toServer)
            var toClient = server.takeOutput()[...]
            if toServer.isEmpty, toClient.isEmpty { return }
            while !toClient.isEmpty {
                let piece = toClient.prefix(pieces())
                toClient = toClient.dropFirst(piece.count)
                try feedClient(piece)
            }
        }
    }

    /// Does the handshake.
    func connect(pieces: () -> Int = { Int.max }) throws {
        try client.start()
        try run(pieces: pieces)
    }

    /// Sends plaintext of the client.
    func send(_ bytes: [UInt8]) throws {
        let result = bytes.withUnsafeBytes { raw in
            Result { () throws(TLSError) in try client.writePlaintext(raw) }
        }
        try result.get()
    }

    private func readAll() throws {
        var buffer = [UInt8](repeating: 0, count: TLSLimits.plaintextChunkBytes)
        while true {
            let result = buffer.withUnsafeMutableBytes { raw in
                Result { () throws(TLSError) in try client.readPlaintext(into: raw) }
            }
            guard case .plaintext(let count) = try result.get() else { return }
            delivered += buffer.prefix(count)
        }
    }
}

extension TLSContext {
    /// A context that trusts the authority of the tests.
    static func trusting(
        _ authority: TestAuthority,
        serverName: String = "localhost",
        pins: [[UInt8]] = []
    ) throws(TLSError) -> TLSContext {
        try TLSContext(
            TLSConfiguration(
                serverName: serverName,
                trustedCertificatesFile: authority.authorityFile,
                pinnedSPKISHA256: pins
            )
        )
    }
}

/// The error that a body ends with, or nil.
func tlsError(_ body: () throws -> Void) -> TLSError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TLSError
    }
}

/// A fixed pseudo-random sequence (SplitMix64), so that a failure can be repeated by its seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
