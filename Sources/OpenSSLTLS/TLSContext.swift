// What the connections to one server share: the library's SSL_CTX, the checked configuration and
// the sessions. Made once per account and endpoint; immutable apart from the session cache.
// Creating one reads certificate files and so blocks: not on an event loop.
internal import COpenSSL

/// The shared state of all TLS connections to one server.
///
/// One per account and endpoint: the sessions it keeps are offered to that server only, and were
/// verified against that configuration only.
///
/// The system's trust store is OpenSSL's default (`SSL_CERT_FILE` and `SSL_CERT_DIR` move it).
/// `SSLKEYLOGFILE` is ignored.
package final class TLSContext: Sendable {
    let identity: ServerIdentity
    let pins: [[UInt8]]
    let sessions: TLSSessionCache

    // SAFETY: set once; after `init` no setter of the SSL_CTX is called, and SSL_new may be called
    // from any thread on an SSL_CTX that is no longer changed.
    private nonisolated(unsafe) let library: OpaquePointer

    /// Checks a configuration and loads the trusted certificates.
    ///
    /// - Throws: `TLSError` with code `invalidConfiguration` for a name, file or pin that cannot
    ///   be used, `internalFailure` if the library is out of memory.
    package init(_ configuration: TLSConfiguration) throws(TLSError) {
        identity = try ServerIdentity(configuration.serverName)
        pins = try Self.checkedPins(configuration.pinnedSPKISHA256)
        sessions = TLSSessionCache()
        ERR_clear_error()
        guard let library = SSL_CTX_new(TLS_client_method()) else {
            throw .internalFailure("create a context")
        }
        // `deinit` frees it from here on, whatever throws below.
        self.library = library
        try setProtocol()
        try loadTrust(configuration.trustedCertificatesFile)
        keepSessions()
    }

    deinit {
        SSL_CTX_free(library)
    }

    /// A new library connection of this context; the caller frees it.
    func makeLibraryConnection() -> OpaquePointer? {
        SSL_new(library)
    }

    private static func checkedPins(_ pins: [[UInt8]]) throws(TLSError) -> [[UInt8]] {
        guard pins.count <= TLSLimits.pinsMax else {
            throw .invalidConfiguration("more than \(TLSLimits.pinsMax) pinned keys")
        }
        for pin in pins where pin.count != TLSLimits.pinBytes {
            throw .invalidConfiguration("a pinned key is not \(TLSLimits.pinBytes) bytes long")
        }
        return pins
    }

    private func setProtocol() throws(TLSError) {
        guard mb_ssl_ctx_set_min_version(library, TLS1_2_VERSION) == 1,
            mb_ssl_ctx_set_max_version(library, 0) == 1
        else { throw .internalFailure("set the protocol versions") }
        mb_ssl_ctx_set_client_options(library)
        mb_ssl_ctx_set_mode(library, Int(SSL_MODE_RELEASE_BUFFERS))
        SSL_CTX_set_keylog_callback(library, nil)
        SSL_CTX_set_verify(library, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(
            library,
            { store, _ in store.map { TLSConnection.verify($0) } ?? 0 },
            nil
        )
    }

    private func loadTrust(_ file: String?) throws(TLSError) {
        guard SSL_CTX_set_default_verify_paths(library) == 1 else {
            throw .internalFailure("use the system's trust store")
        }
        guard let file else { return }
        guard !file.utf8.isEmpty, !file.utf8.contains(0),
            SSL_CTX_load_verify_file(library, file) == 1
        else {
            ERR_clear_error()
            throw .invalidConfiguration("no certificate could be read from the extra trust file")
        }
    }

    private func keepSessions() {
        mb_ssl_ctx_set_session_cache_mode(
            library,
            Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL)
        )
        SSL_CTX_sess_set_new_cb(library) { ssl, session in
            guard let ssl, let session else { return 0 }
            return TLSConnection.keep(session, of: ssl)
        }
    }
}
