// The digest of a download, as the layers above use it without knowing OpenSSL.

import OpenSSLTLS

/// A running SHA-256 of octets as they pass.
package final class ContentDigest {
    private let digest: SHA256Digest
    /// Octets so far.
    package private(set) var count: Int64 = 0

    /// A digest of no octets; nil where there is no memory.
    package init?() {
        guard let digest = SHA256Digest() else { return nil }
        self.digest = digest
    }

    /// Adds octets.
    package func update(_ octets: [UInt8]) {
        digest.update(octets)
        count += Int64(octets.count)
    }

    /// The digest in lower-case hexadecimal; the object is of no use afterwards.
    package func finish() -> String { digest.finish() }
}
