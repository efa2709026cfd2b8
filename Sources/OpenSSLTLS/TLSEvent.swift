// What the handler tells the handlers behind it when the connection may be used.
// Values only, no pointers of the library.

/// An inbound user event of `TLSClientHandler`.
package enum TLSEvent: Sendable, Equatable {
    /// The handshake is finished and the server is who it has to be; sent once, before any data.
    case established(TLSSummary)
}

/// What a finished handshake agreed on.
package struct TLSSummary: Sendable, Equatable {
    /// The protocol version as OpenSSL names it, for example `TLSv1.3`.
    package var version: String

    /// The cipher suite as OpenSSL names it, for example `TLS_AES_256_GCM_SHA384`.
    package var cipher: String

    /// Whether an earlier session was resumed.
    package var isResumed: Bool

    /// SHA-256 of the SubjectPublicKeyInfo of the server's certificate, 32 bytes; can be pinned.
    package var peerSPKISHA256: [UInt8]

    /// Creates a summary.
    package init(version: String, cipher: String, isResumed: Bool, peerSPKISHA256: [UInt8]) {
        self.version = version
        self.cipher = cipher
        self.isResumed = isResumed
        self.peerSPKISHA256 = peerSPKISHA256
    }
}
