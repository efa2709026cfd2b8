// A TLS server in memory, written straight on OpenSSL, to be the other end of the code under test.
// It records every application byte it gets and every alert it is sent.
import COpenSSL

/// The certificate, versions and ticket keys that several connections of a test server share.
final class MemoryTLSServerContext {
    struct SetupFailure: Error {}

    let pointer: OpaquePointer

    // `maximumVersion` 0 means the library's highest; without `resumes` no ticket and no session
    // id is given out.
    init(
        _ certificate: TestAuthority.Certificate = .good,
        authority: TestAuthority,
        maximumVersion: Int32 = 0,
        resumes: Bool = true
    ) throws {
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw SetupFailure() }
        self.pointer = pointer
        guard SSL_CTX_set_cipher_list(pointer, "ALL:@SECLEVEL=0") == 1,
            mb_ssl_ctx_set_min_version(pointer, TLS1_VERSION) == 1,
            mb_ssl_ctx_set_max_version(pointer, maximumVersion) == 1,
            SSL_CTX_use_certificate_chain_file(pointer, authority.chainFile(certificate)) == 1,
            SSL_CTX_use_PrivateKey_file(
                pointer,
                authority.keyFile(certificate),
                SSL_FILETYPE_PEM
            ) == 1
        else { throw SetupFailure() }
        guard !resumes else { return }
        let noTicket: UInt64 = 1 << 14  // SSL_OP_NO_TICKET, which Swift does not import
        SSL_CTX_set_options(pointer, noTicket)
        SSL_CTX_set_num_tickets(pointer, 0)
        mb_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
    }

    deinit { SSL_CTX_free(pointer) }
}

/// One connection of the test server.
final class MemoryTLSServer {
    private let context: MemoryTLSServerContext
    private let ssl: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer

    /// Every application byte of the client.
    private(set) var received: [UInt8] = []
    private(set) var isEstablished = false
    private(set) var hasReceivedCloseNotify = false
    /// The library's reason number of the first error, for example a fatal alert of the client.
    private(set) var errorReason: Int32?
    /// The name of the client's server name indication.
    var serverName: String? {
        SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    }

    init(_ context: MemoryTLSServerContext) throws {
        guard let ssl = SSL_new(context.pointer), let input = BIO_new(BIO_s_mem()),
            let output = BIO_new(BIO_s_mem())
        else { throw MemoryTLSServerContext.SetupFailure() }
        self.context = context
        self.ssl = ssl
        self.input = input
        self.output = output
        SSL_set_bio(ssl, input, output)
        SSL_set_accept_state(ssl)
    }

    deinit {
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
        SSL_free(ssl)
    }

    /// Takes bytes of the client; what they bring is in the properties afterwards.
    func receive(_ bytes: [UInt8]) {
        guard errorReason == nil, !bytes.isEmpty else { return }
        _ = BIO_write(input, bytes, Int32(bytes.count))
        ERR_clear_error()
        if !isEstablished {
            let result = SSL_do_handshake(ssl)
            guard result == 1 else { return note(result) }
            isEstablished = true
        }
        var buffer = [UInt8](repeating: 0, count: 20_000)
        while true {
            let result = SSL_read(ssl, &buffer, Int32(buffer.count))
            guard result > 0 else { return note(result) }
            received += buffer.prefix(Int(result))
        }
    }

    /// Sends application bytes.
    func send(_ bytes: [UInt8]) {
        _ = SSL_write(ssl, bytes, Int32(bytes.count))
    }

    /// Says close_notify.
    func sendCloseNotify() {
        _ = SSL_shutdown(ssl)
    }

    /// Sends a key update that asks for an answer.
    func sendKeyUpdate() {
        _ = SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
        _ = SSL_do_handshake(ssl)
    }

    /// The bytes for the client since the last call.
    func takeOutput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
        guard !bytes.isEmpty else { return [] }
        let count = BIO_read(output, &bytes, Int32(bytes.count))
        return Array(bytes.prefix(Int(max(0, count))))
    }

    private func note(_ result: Int32) {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: break
        case SSL_ERROR_ZERO_RETURN: hasReceivedCloseNotify = true
        default: errorReason = mb_err_reason(ERR_get_error())
        }
        ERR_clear_error()
    }
}
