// What the way to the next server can carry. The composer keeps to it; that a message which needs
// more than the server offers is not sent, or is composed again, is the sender's business.

/// The form of a message on the wire.
package enum WireForm: Sendable, Hashable, CaseIterable {
    /// ASCII alone (RFC 5322): understood everywhere.
    case sevenBit
    /// Bodies may hold octets from 0x80 on in lines of at most 998 (8BITMIME, RFC 6152).
    case eightBit
    /// Addresses may hold UTF-8 as well (SMTPUTF8, RFC 6531, which includes 8BITMIME). Names and
    /// texts in headers remain encoded words: not every reader behind such a server knows more.
    case internationalized

    /// Whether a body may be 8bit.
    var allowsEightBit: Bool { self != .sevenBit }
    /// Whether an address may hold UTF-8.
    var allowsUTF8Addresses: Bool { self == .internationalized }
}
