// Who the peer is: what OpenSSL is told to verify, the pin that comes on top, and what a refusal
// means in words. It runs inside the handshake, so a refused server gets an alert and no data.
// It never overrules the library: a verdict can only become stricter here.
internal import COpenSSL
internal import Glibc

/// The outcome of checking one server, kept by the connection that asked for it.
struct PeerRefusal: Equatable {
    /// The library's number (`X509_V_ERR_*`).
    let verifyCode: Int32
    /// Whether the leaf itself is at fault, not one of its issuers.
    let isLeaf: Bool
    /// The refused certificate's first day of validity, as far as it can be told.
    let notBefore: CalendarDay?
    /// The refused certificate's last day of validity, as far as it can be told.
    let notAfter: CalendarDay?
    /// Whether chain and name were fine and the pin was not.
    let isPinMismatch: Bool
}

/// A day of the Gregorian calendar in UTC.
struct CalendarDay: Equatable {
    let year: Int
    let month: Int
    let day: Int

    /// The day of an ASN.1 time, or nil where the library cannot read it.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var fields = tm()
        guard let time, ASN1_TIME_to_tm(time, &fields) == 1 else { return nil }
        year = Int(fields.tm_year) + 1900
        month = Int(fields.tm_mon) + 1
        day = Int(fields.tm_mday)
    }

    /// ISO 8601, `2026-01-02`.
    var text: String {
        "\(Self.padded(year, to: 4))-\(Self.padded(month, to: 2))-\(Self.padded(day, to: 2))"
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// The checks of a server certificate that belong to one context.
enum PeerVerification {
    /// Tells a connection which name or address the certificate must be for.
    ///
    /// RFC 9525 §6.3: the subject's common name is never looked at, and `*` must be a whole label.
    static func expect(_ identity: ServerIdentity, on ssl: OpaquePointer) throws(TLSError) {
        guard let parameters = SSL_get0_param(ssl) else {
            throw .internalFailure("prepare the verification")
        }
        X509_VERIFY_PARAM_set_hostflags(
            parameters,
            UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        )
        let isSet =
            switch identity {
            case .hostName(let name):
                X509_VERIFY_PARAM_set1_host(parameters, name, name.utf8.count) == 1
                    && mb_ssl_set_server_name(ssl, name) == 1
            case .address(let literal):
                X509_VERIFY_PARAM_set1_ip_asc(parameters, literal) == 1
            }
        guard isSet else { throw .internalFailure("set the expected server name") }
    }

    /// Verifies a chain as the library would and then compares the pin.
    ///
    /// - Returns: nil if the server is who it has to be, else why not.
    static func refusal(of store: OpaquePointer, pins: [[UInt8]]) -> PeerRefusal? {
        let isVerified = X509_verify_cert(store) == 1
        let code = X509_STORE_CTX_get_error(store)
        guard isVerified, code == X509_V_OK else {
            let certificate = X509_STORE_CTX_get_current_cert(store)
            return PeerRefusal(
                verifyCode: code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code,
                isLeaf: X509_STORE_CTX_get_error_depth(store) <= 0,
                notBefore: certificate.flatMap { CalendarDay(X509_get0_notBefore($0)) },
                notAfter: certificate.flatMap { CalendarDay(X509_get0_notAfter($0)) },
                isPinMismatch: false
            )
        }
        guard !pins.isEmpty else { return nil }
        if let leaf = X509_STORE_CTX_get0_cert(store), let digest = spkiSHA256(of: leaf),
            pins.contains(digest)
        {
            return nil
        }
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
        return PeerRefusal(
            verifyCode: X509_V_ERR_APPLICATION_VERIFICATION,
            isLeaf: true,
            notBefore: nil,
            notAfter: nil,
            isPinMismatch: true
        )
    }

    /// SHA-256 of a certificate's SubjectPublicKeyInfo, or nil if the library cannot encode it.
    static func spkiSHA256(of certificate: OpaquePointer) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: TLSLimits.pinBytes)
        return mb_x509_spki_sha256(certificate, &digest) == 1 ? digest : nil
    }

    /// Whether now is within a certificate's dates.
    static func isCurrent(_ certificate: OpaquePointer) -> Bool {
        X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0
            && X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0
    }
}

extension TLSError {
    /// Says in words why a server was refused.
    static func refused(_ refusal: PeerRefusal, host: String) -> TLSError {
        if refusal.isPinMismatch {
            return TLSError(
                .pinMismatch,
                reason: "public key of \(host) is not one of the pinned keys"
            )
        }
        let subject = refusal.isLeaf ? "certificate of \(host)" : "issuer certificate of \(host)"
        switch refusal.verifyCode {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            let when = refusal.notAfter.map { " on \($0.text)" } ?? ""
            return TLSError(.certificateExpired, reason: "\(subject) expired\(when)")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            let when = refusal.notBefore.map { " before \($0.text)" } ?? " yet"
            return TLSError(
                .certificateNotYetValid,
                reason: "\(subject) is not valid\(when) (is this machine's clock right?)"
            )
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return TLSError(.selfSigned, reason: "\(subject) is self-signed and not trusted")
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_CERT_UNTRUSTED,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return TLSError(
                .unknownIssuer,
                reason: "certificate of \(host) comes from an issuer that is not trusted"
            )
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            return TLSError(
                .hostNameMismatch,
                reason: "certificate of the server is not for \(host)"
            )
        default:
            let text = X509_verify_cert_error_string(Int(refusal.verifyCode))
                .map { String(cString: $0) }
            return TLSError(
                .certificateRejected,
                reason: "\(subject) was refused: \(text ?? "unknown error")"
            )
        }
    }
}
