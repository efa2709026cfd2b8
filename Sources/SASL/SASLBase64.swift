// Base64 (RFC 4648 4) for answers that hold a password: octets go in one at a time and their
// encoding comes out in locked memory, so that no growing array leaves copies behind.

internal import MailModel

/// Writes the base64 form of octets into a `Secret`.
struct SASLBase64Writer {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    private let output: Secret
    private var group: UInt32 = 0
    private var groupOctets = 0
    private var isFull = false

    /// A writer that appends to a secret.
    init(into output: Secret) { self.output = output }

    /// Takes one octet.
    mutating func write(_ octet: UInt8) {
        group = group << 8 | UInt32(octet)
        groupOctets += 1
        if groupOctets == 3 { flush() }
    }

    /// Takes octets in order.
    mutating func write(_ octets: some Sequence<UInt8>) {
        for octet in octets { write(octet) }
    }

    /// Writes what is left and its padding; false when the secret could not hold everything.
    mutating func finish() -> Bool {
        if groupOctets > 0 { flush() }
        return !isFull
    }

    private mutating func flush() {
        let bits = group << UInt32(8 * (3 - groupOctets))
        for index in 0..<4 {
            let digit = Self.alphabet[Int(bits >> UInt32(18 - 6 * index)) & 0x3F]
            if !output.append(index <= groupOctets ? digit : UInt8(ascii: "=")) { isFull = true }
        }
        group = 0
        groupOctets = 0
    }
}

/// What a challenge may look like.
enum SASLBase64 {
    /// Whether octets are base64 with correct padding; nothing at all is.
    static func isValid(_ octets: ArraySlice<UInt8>) -> Bool {
        guard octets.count % 4 == 0 else { return false }
        var digits = octets
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        return digits.allSatisfy { octet in
            switch octet {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default:
                false
            }
        }
    }
}
