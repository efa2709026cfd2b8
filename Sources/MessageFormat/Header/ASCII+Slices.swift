// The comparisons of `ASCII` for arrays and slices. The same answers as the general ones of
// MailModel; those are many times slower because the compiler knows no type there.

import MailModel

extension ASCII {
    /// Whether a slice equals a constant of ours, ASCII letters folded.
    static func equal(_ left: ArraySlice<UInt8>, _ constant: StaticString) -> Bool {
        constant.withUTF8Buffer { $0.count } == left.count && hasPrefix(left, constant)
    }

    /// Whether an array equals a constant of ours, ASCII letters folded.
    static func equal(_ left: [UInt8], _ constant: StaticString) -> Bool {
        equal(left[...], constant)
    }

    /// Whether two slices are equal when ASCII letters are folded.
    static func equal(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { folded($0) == folded($1) }
    }

    /// Whether a slice begins with a constant of ours, ASCII letters folded.
    static func hasPrefix(_ octets: ArraySlice<UInt8>, _ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { prefix in
            guard octets.count >= prefix.count else { return false }
            return zip(octets, prefix).allSatisfy { folded($0) == folded($1) }
        }
    }

    /// Whether an array begins with a constant of ours, ASCII letters folded.
    static func hasPrefix(_ octets: [UInt8], _ prefix: StaticString) -> Bool {
        hasPrefix(octets[...], prefix)
    }

    private static func folded(_ octet: UInt8) -> UInt8 {
        octet >= 0x41 && octet <= 0x5A ? octet | 0x20 : octet
    }
}
