// SHA-256 by the system's OpenSSL, for streams: what the front ends compare files by.
internal import COpenSSL

/// A running SHA-256.
package final class SHA256Digest {
    private let context: OpaquePointer

    /// A digest of no octets; nil where OpenSSL has no memory.
    package init?() {
        guard let context = EVP_MD_CTX_new() else { return nil }
        self.context = context
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { return nil }
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds octets.
    package func update(_ octets: [UInt8]) {
        octets.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    }

    /// The digest in lower-case hexadecimal; the object is of no use afterwards.
    package func finish() -> String {
        let size = Int(EVP_MD_get_size(EVP_sha256()))
        let octets = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1 ? size : 0
        }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}
