// What a caller says about one server: its name, extra trust, pins; and the check of the name.
// No OpenSSL and no file access here.
internal import Glibc

/// How to authenticate one TLS server.
///
/// Verification cannot be switched off. TLS 1.2 is the lowest version and that cannot be changed.
package struct TLSConfiguration: Sendable {
    /// The host name as configured (ASCII, internationalised names as A-labels) or an IP literal.
    ///
    /// One trailing dot is ignored. At most `TLSLimits.serverNameBytesMax` bytes.
    package var serverName: String

    /// A PEM file of certificates trusted in addition to the system's store, or nil.
    package var trustedCertificatesFile: String?

    /// The allowed SHA-256 digests of the leaf's SubjectPublicKeyInfo; empty means no pin.
    ///
    /// With pins, the chain and the name must verify as well. At most `TLSLimits.pinsMax`.
    package var pinnedSPKISHA256: [[UInt8]]

    /// Creates a configuration; `TLSContext` checks it.
    package init(
        serverName: String,
        trustedCertificatesFile: String? = nil,
        pinnedSPKISHA256: [[UInt8]] = []
    ) {
        self.serverName = serverName
        self.trustedCertificatesFile = trustedCertificatesFile
        self.pinnedSPKISHA256 = pinnedSPKISHA256
    }
}

/// A checked server name, told apart by how a certificate has to match it.
enum ServerIdentity: Sendable, Equatable {
    /// A host name without trailing dot: matched against dNSName, sent as SNI.
    case hostName(String)
    /// An IPv4 or IPv6 literal: matched against iPAddress, never sent as SNI (RFC 6066 §3).
    case address(String)

    /// The name or address as text; letters, digits and `-_.:` only.
    var text: String {
        switch self {
        case .hostName(let text), .address(let text): text
        }
    }

    /// Checks a configured server name.
    ///
    /// Only letters, digits, hyphen, underscore and dots between non-empty labels pass. That is
    /// narrower than it has to be: OpenSSL takes a name with a leading dot as "any subdomain", and
    /// a NUL, space or line end would reach SNI and messages.
    init(_ configured: String) throws(TLSError) {
        var name = Array(configured.utf8)
        guard !name.contains(0) else {
            throw .invalidConfiguration("server name holds a NUL")
        }
        if Self.isAddress(configured) {
            self = .address(configured)
            return
        }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        guard !name.isEmpty else { throw .invalidConfiguration("server name is empty") }
        guard name.count <= TLSLimits.serverNameBytesMax else {
            throw .invalidConfiguration(
                "server name is longer than \(TLSLimits.serverNameBytesMax) bytes"
            )
        }
        guard name.allSatisfy(Self.isNameByte) else {
            throw .invalidConfiguration("server name holds a byte that no host name has")
        }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...TLSLimits.serverNameLabelBytesMax).contains(label.count) else {
                throw .invalidConfiguration("server name has an empty or an overlong label")
            }
        }
        let text = String(decoding: name, as: UTF8.self)
        // "192.0.2.1." would be matched as a DNS name that looks like an address.
        self = Self.isAddress(text) ? .address(text) : .hostName(text)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default:
            false
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return text.withCString { literal in
            inet_pton(AF_INET, literal, &address) == 1
                || inet_pton(AF_INET6, literal, &address) == 1
        }
    }
}
