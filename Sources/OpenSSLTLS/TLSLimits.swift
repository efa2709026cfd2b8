// Every bound of this module: names, pins, sessions, queued writes and bytes that bring no data.
// Only constants; the places that enforce them say what happens when one is passed.

/// The limits of the TLS module.
///
/// Sizes are in bytes. None of them can be changed at run time.
package enum TLSLimits {
    /// The longest server name, without a trailing dot (RFC 1035 §2.3.4).
    package static let serverNameBytesMax = 253

    /// The longest label of a server name (RFC 1035 §2.3.4).
    package static let serverNameLabelBytesMax = 63

    /// How many pins one configuration may hold.
    package static let pinsMax = 16

    /// The length of one pin: a SHA-256 digest.
    package static let pinBytes = 32

    /// How many sessions a context keeps for resumption; the oldest goes first.
    package static let sessionsMax = 4

    /// Plaintext that may wait for the handshake to finish.
    package static let queuedPlaintextBytesMax = 1 << 20

    /// Writes that may wait for the handshake to finish.
    package static let queuedWritesMax = 1024

    /// Wire bytes that a server may spend on a handshake before it is refused.
    ///
    /// OpenSSL itself refuses a certificate list of more than 100 KiB.
    package static let handshakeBytesMax = 256 << 10

    /// Wire bytes after the handshake that may pass without one byte of plaintext.
    ///
    /// Room for a full record and many tickets; a flood of key updates, tickets or empty records
    /// passes it soon (RFC 8446 §4.6.3 sets no bound of its own).
    package static let idleBytesMax = 64 << 10

    /// The largest plaintext delivered at once: the content of one record (RFC 8446 §5.1).
    package static let plaintextChunkBytes = 16 << 10

    /// The most plaintext encrypted before the ciphertext is taken out of the library.
    package static let encryptChunkBytes = 64 << 10
}
