// The one error type of this module, and the words a human reads. The mapping from OpenSSL's
// numbers to codes is here so that no other file knows both. No text from the peer ever gets into a
// reason.
internal import COpenSSL

/// Why a TLS connection could not be made or could not go on.
///
/// `reason` is one line of ASCII without control characters, made of our own words, the configured
/// server name, dates, and constant texts of OpenSSL. It holds nothing that the peer wrote.
package struct TLSError: Error, Sendable, Equatable {
    /// What went wrong, stable enough to decide on.
    package enum Code: String, Sendable, Equatable, CaseIterable {
        /// A certificate of the chain is past its notAfter date.
        case certificateExpired
        /// A certificate of the chain is before its notBefore date.
        case certificateNotYetValid
        /// The server's own certificate is self-signed and not trusted.
        case selfSigned
        /// The chain does not end in a trusted certificate.
        case unknownIssuer
        /// The certificate is for other names or addresses.
        case hostNameMismatch
        /// Chain and name are fine, but the public key is not one of the pinned ones.
        case pinMismatch
        /// The certificate was refused for another reason (weak key, wrong purpose, ...).
        case certificateRejected
        /// The first bytes of the server were not a TLS record.
        case notTLS
        /// The server has no protocol version that we accept (TLS 1.2 or newer).
        case protocolVersion
        /// The handshake failed or the server left during it.
        case handshakeFailed
        /// The peer broke the record protocol, or sent a fatal alert, after the handshake.
        case connectionFailed
        /// The connection ended without close_notify: what was received may be cut short.
        case truncated
        /// The peer or the caller passed one of `TLSLimits`.
        case limitExceeded
        /// The server name, the extra certificates or the pins cannot be used.
        case invalidConfiguration
        /// The library could not do its part, for example for want of memory.
        case internalFailure
    }

    /// Whose fault an error is.
    package enum Fault: Sendable, Equatable {
        /// The other end of the connection.
        case peer
        /// The code or the configuration that used this module.
        case caller
        /// This machine or this module.
        case us
    }

    /// What went wrong.
    package let code: Code

    /// One line for a human.
    package let reason: String

    /// Whether the same attempt may succeed later without anybody changing anything.
    package let isTemporary: Bool

    /// Whose fault it is.
    package let fault: Fault

    /// Creates an error; it is the peer's and permanent unless told otherwise.
    package init(
        _ code: Code,
        reason: String,
        isTemporary: Bool = false,
        fault: Fault = .peer
    ) {
        self.code = code
        self.reason = reason
        self.isTemporary = isTemporary
        self.fault = fault
    }
}

extension TLSError {
    /// The error of a configuration that cannot be used.
    static func invalidConfiguration(_ reason: String) -> TLSError {
        TLSError(.invalidConfiguration, reason: reason, fault: .caller)
    }

    /// The error of a library call that fails only when memory is short.
    static func internalFailure(_ what: String) -> TLSError {
        TLSError(
            .internalFailure,
            reason: "OpenSSL could not \(what)",
            isTemporary: true,
            fault: .us
        )
    }

    /// The first bytes were no TLS record.
    static var notTLS: TLSError {
        TLSError(.notTLS, reason: "server did not speak TLS (port or mode wrong?)")
    }

    /// The transport ended without close_notify (RFC 8446 §6.1).
    static func truncated(host: String) -> TLSError {
        TLSError(
            .truncated,
            reason: "connection to \(host) ended without a TLS close_notify",
            isTemporary: true
        )
    }

    /// The transport ended before the handshake did.
    static func closedDuringHandshake(host: String) -> TLSError {
        TLSError(
            .handshakeFailed,
            reason: "\(host) closed the connection during the TLS handshake",
            isTemporary: true
        )
    }

    /// The peer sends, but nothing that moves the connection on.
    static func flood(host: String) -> TLSError {
        TLSError(.limitExceeded, reason: "\(host) sent too many TLS bytes without any data")
    }

    /// The caller wrote more before the end of the handshake than may wait.
    static func queueFull(host: String) -> TLSError {
        TLSError(
            .limitExceeded,
            reason: "too much was written to \(host) before the TLS handshake finished",
            fault: .caller
        )
    }
}

extension TLSError {
    /// Takes the oldest error off this thread's OpenSSL queue, empties the queue, and says in our
    /// words what it means.
    ///
    /// - Parameters:
    ///   - host: the configured server name.
    ///   - isHandshake: whether the handshake had not finished.
    /// - Returns: the error to report; the queue is empty afterwards.
    static func takeLibraryError(host: String, isHandshake: Bool) -> TLSError {
        let code = ERR_get_error()
        ERR_clear_error()
        let reason = mb_err_reason(code)
        if isHandshake, protocolVersionReasons.contains(reason) {
            return TLSError(.protocolVersion, reason: "\(host) offers no TLS 1.2 or newer")
        }
        let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
        return TLSError(
            isHandshake ? .handshakeFailed : .connectionFailed,
            reason: isHandshake
                ? "TLS handshake with \(host) failed: \(text)"
                : "TLS connection to \(host) failed: \(text)",
            isTemporary: !isHandshake || temporaryReasons.contains(reason)
        )
    }

    private static let protocolVersionReasons: Set<Int32> = [
        SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_WRONG_SSL_VERSION,
        SSL_R_WRONG_VERSION_NUMBER, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE,
    ]

    // Alerts that speak of the server's state at the moment, not of what it can do.
    private static let temporaryReasons: Set<Int32> = [
        SSL_R_TLSV1_ALERT_INTERNAL_ERROR, SSL_R_TLSV1_ALERT_USER_CANCELLED,
    ]
}
