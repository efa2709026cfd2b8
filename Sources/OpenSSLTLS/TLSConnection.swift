// One TLS client connection as a machine of bytes: ciphertext in and out through two memory BIOs,
// plaintext in and out. No channel, socket, clock or event loop. One thread at a time.
// It must never give or take plaintext before the handshake is finished and the peer verified.
internal import COpenSSL

/// A TLS client connection without a transport.
///
/// Call `start()`, send what `readCiphertext` gives, pass what arrives to `receive`, and repeat.
/// After an error nothing but `readCiphertext` (for the alert) may be used.
final class TLSConnection {
    /// Where the connection stands.
    enum Phase: Equatable {
        case handshaking
        case established
        /// The peer's close_notify has arrived and all plaintext before it was read.
        case peerClosed
        case failed
    }

    /// What one read gave.
    enum ReadResult: Equatable {
        case plaintext(count: Int)
        case needsCiphertext
        case peerClosed
    }

    private(set) var phase = Phase.handshaking
    /// What was negotiated; nil before the handshake is finished.
    private(set) var summary: TLSSummary?

    private let context: TLSContext
    private let ssl: OpaquePointer
    private let fromPeer: OpaquePointer
    private let toPeer: OpaquePointer
    private var refusal: PeerRefusal?
    private var hasSeenRecordHeader = false
    private var hasSentCloseNotify = false
    // Bytes of the handshake, then bytes since the last plaintext.
    private var idleBytes = 0

    /// Creates a connection that offers the newest session of its context.
    init(context: TLSContext) throws(TLSError) {
        ERR_clear_error()
        guard let ssl = context.makeLibraryConnection() else {
            throw .internalFailure("create a connection")
        }
        let buffers = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
        guard let input = buffers.0, let output = buffers.1 else {
            BIO_free(buffers.0)
            BIO_free(buffers.1)
            SSL_free(ssl)
            throw .internalFailure("create a buffer")
        }
        self.context = context
        self.ssl = ssl
        fromPeer = input
        toPeer = output
        mb_bio_set_retry_when_empty(input)
        mb_bio_set_retry_when_empty(output)
        SSL_set_bio(ssl, input, output)
        SSL_set_connect_state(ssl)
        guard mb_ssl_set_owner(ssl, Unmanaged.passUnretained(self).toOpaque()) == 1 else {
            throw .internalFailure("own a connection")
        }
        try PeerVerification.expect(context.identity, on: ssl)
        if let session = context.sessions.next() {
            // A session that the library does not take costs a full handshake and nothing else.
            _ = SSL_set_session(ssl, session.pointer)
            ERR_clear_error()
        }
    }

    deinit {
        // Without this the library declares the newest session unusable, as if a transport that
        // just went away (a laptop's lid) were an attack on it.
        if phase == .established || phase == .peerClosed {
            SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        }
        SSL_free(ssl)
    }

    // MARK: Ciphertext

    /// Makes the first flight.
    func start() throws(TLSError) {
        try advanceHandshake()
    }

    /// Takes bytes from the transport and moves the handshake on.
    ///
    /// Plaintext that they hold waits for `readPlaintext`, which has to be called until it says
    /// `needsCiphertext`.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        guard phase == .handshaking || phase == .established, !bytes.isEmpty else { return }
        var rest = bytes[...]
        if !hasSeenRecordHeader, let first = rest.first {
            try checkFirstByte(first)
            hasSeenRecordHeader = true
        }
        try countIdle(bytes.count)
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(Int(Int32.max)))
            let written = Int(BIO_write(fromPeer, part.baseAddress, Int32(part.count)))
            guard written > 0 else { throw fail(.internalFailure("buffer received bytes")) }
            rest = rest.dropFirst(written)
        }
        if phase == .handshaking { try advanceHandshake() }
    }

    /// How many bytes wait to be sent.
    var ciphertextBytes: Int { BIO_ctrl_pending(toPeer) }

    /// Moves bytes to be sent into a buffer; returns how many.
    func readCiphertext(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = Int32(clamping: buffer.count)
        guard count > 0 else { return 0 }
        return max(0, Int(BIO_read(toPeer, buffer.baseAddress, count)))
    }

    /// What it means that the transport has ended here; nil if it ended as TLS wants it.
    func transportEnded() -> TLSError? {
        switch phase {
        case .handshaking:
            return fail(.closedDuringHandshake(host: context.identity.text))
        case .established:
            // The session is as good as before; only the data may be cut short.
            return .truncated(host: context.identity.text)
        case .peerClosed, .failed:
            return nil
        }
    }

    // MARK: Plaintext

    /// Decrypts at most one record into a buffer.
    func readPlaintext(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(TLSError) -> ReadResult {
        switch phase {
        case .established: break
        case .handshaking, .failed: return .needsCiphertext
        case .peerClosed: return .peerClosed
        }
        ERR_clear_error()
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if result == 1 {
            idleBytes = 0
            return .plaintext(count: count)
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            return .needsCiphertext
        case SSL_ERROR_ZERO_RETURN:
            phase = .peerClosed
            return .peerClosed
        default:
            throw failFromLibrary()
        }
    }

    /// Encrypts bytes; the ciphertext waits for `readCiphertext`.
    func writePlaintext(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        guard phase == .established else {
            throw TLSError(
                .connectionFailed,
                reason: "TLS connection to \(context.identity.text) is not open for data",
                fault: .caller
            )
        }
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        var count = 0
        // Without SSL_MODE_ENABLE_PARTIAL_WRITE and with a memory BIO it is all or an error.
        guard SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count) == 1, count == bytes.count
        else { throw failFromLibrary() }
    }

    /// Says close_notify, once, if there is anybody to say it to.
    func sendCloseNotify() {
        guard phase == .established || phase == .peerClosed, !hasSentCloseNotify else { return }
        hasSentCloseNotify = true
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
        ERR_clear_error()
    }

    // MARK: Handshake

    private func advanceHandshake() throws(TLSError) {
        guard phase == .handshaking else { return }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            try establish()
            return
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return
        case SSL_ERROR_ZERO_RETURN: throw fail(.closedDuringHandshake(host: context.identity.text))
        default: throw failFromLibrary()
        }
    }

    /// Checks once more what the handshake has to have proved, and opens the way for plaintext.
    ///
    /// A resumed handshake shows no certificate: the pin is compared with the session's.
    private func establish() throws(TLSError) {
        guard SSL_get_verify_result(ssl) == Int(X509_V_OK),
            let leaf = SSL_get0_peer_certificate(ssl),
            let digest = PeerVerification.spkiSHA256(of: leaf),
            context.pins.isEmpty || context.pins.contains(digest)
        else {
            throw fail(
                TLSError(
                    .certificateRejected,
                    reason: "\(context.identity.text) did not prove who it is"
                )
            )
        }
        summary = TLSSummary(
            version: Self.text(SSL_get_version(ssl)),
            cipher: Self.text(SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))),
            isResumed: SSL_session_reused(ssl) == 1,
            peerSPKISHA256: digest
        )
        idleBytes = 0
        phase = .established
    }

    /// The first byte of a server is the type of its first record: handshake or alert.
    private func checkFirstByte(_ byte: UInt8) throws(TLSError) {
        guard Int32(byte) == SSL3_RT_HANDSHAKE || Int32(byte) == SSL3_RT_ALERT else {
            throw fail(.notTLS)
        }
    }

    private func countIdle(_ count: Int) throws(TLSError) {
        let limit =
            phase == .handshaking ? TLSLimits.handshakeBytesMax : TLSLimits.idleBytesMax
        // Bytes that came before this call were read to the end; a large delivery is no flood.
        guard idleBytes <= limit else {
            throw fail(.flood(host: context.identity.text))
        }
        let (sum, isOverflow) = idleBytes.addingReportingOverflow(count)
        idleBytes = isOverflow ? Int.max : sum
    }

    private static func text(_ constant: UnsafePointer<CChar>?) -> String {
        constant.map { String(cString: $0) } ?? "unknown"
    }

    private func fail(_ error: TLSError) -> TLSError {
        phase = .failed
        return error
    }

    private func failFromLibrary() -> TLSError {
        let host = context.identity.text
        let isHandshake = phase == .handshaking
        phase = .failed
        let error = TLSError.takeLibraryError(host: host, isHandshake: isHandshake)
        return refusal.map { .refused($0, host: host) } ?? error
    }
}

extension TLSConnection {
    /// The library's question whether a server is who it has to be; 1 means yes.
    static func verify(_ store: OpaquePointer) -> Int32 {
        guard let ssl = mb_x509_store_ctx_get_ssl(store), let connection = owner(of: ssl) else {
            X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED)
            return 0
        }
        connection.refusal = PeerVerification.refusal(of: store, pins: connection.context.pins)
        return connection.refusal == nil ? 1 : 0
    }

    /// Takes over a new session of the library; 1 means that its reference is ours now.
    ///
    /// The library reports a session only after the server's Finished was checked, which comes
    /// after the verification.
    static func keep(_ session: OpaquePointer, of ssl: OpaquePointer) -> Int32 {
        guard let connection = owner(of: ssl) else { return 0 }
        connection.context.sessions.insert(ResumableSession(owning: session))
        return 1
    }

    // The library calls back only while `connection` is inside one of its own calls, or in
    // SSL_free of its `deinit`, which asks for neither a verification nor a session.
    private static func owner(of ssl: OpaquePointer) -> TLSConnection? {
        mb_ssl_get_owner(ssl).map {
            Unmanaged<TLSConnection>.fromOpaque($0).takeUnretainedValue()
        }
    }
}
