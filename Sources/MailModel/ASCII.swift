// ASCII over octets: protocol case folding and numbers, the same in every locale and never through
// `Character` (design.md section 7).

/// Operations of the protocols' own character set on octets.
///
/// Inlinable, because a generic call into another module costs several times as much as the work.
package enum ASCII {
    /// Carriage return.
    package static let cr: UInt8 = 0x0D
    /// Line feed.
    package static let lf: UInt8 = 0x0A
    /// Space.
    package static let space: UInt8 = 0x20
    /// Horizontal tab.
    package static let tab: UInt8 = 0x09

    /// The lower-case octet of an ASCII letter; any other octet as it is.
    @inlinable @inline(__always)
    package static func lowercased(_ octet: UInt8) -> UInt8 {
        octet &- 0x41 < 26 ? octet | 0x20 : octet
    }

    /// The upper-case octet of an ASCII letter; any other octet as it is.
    @inlinable @inline(__always)
    package static func uppercased(_ octet: UInt8) -> UInt8 {
        octet &- 0x61 < 26 ? octet & 0xDF : octet
    }

    /// Whether two octet strings are equal when ASCII letters are folded.
    @inlinable
    package static func equal(_ left: some Sequence<UInt8>, _ right: some Sequence<UInt8>) -> Bool {
        var rest = right.makeIterator()
        for octet in left {
            guard let other = rest.next(), lowercased(octet) == lowercased(other) else {
                return false
            }
        }
        return rest.next() == nil
    }

    /// Whether octets equal a constant of ours, ASCII letters folded.
    @inlinable
    package static func equal(_ left: some Sequence<UInt8>, _ constant: StaticString) -> Bool {
        constant.withUTF8Buffer { equal(left, $0) }
    }

    /// Whether octets begin with a constant of ours, ASCII letters folded.
    @inlinable
    package static func hasPrefix(_ octets: some Sequence<UInt8>, _ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { prefix in
            var rest = octets.makeIterator()
            return prefix.allSatisfy { octet in
                rest.next().map { lowercased($0) == lowercased(octet) } ?? false
            }
        }
    }

    /// The number written in ASCII digits alone; nil for none, for anything else, and for more than
    /// 64 bits.
    @inlinable
    package static func decimal(_ octets: some Collection<UInt8>) -> UInt64? {
        guard !octets.isEmpty else { return nil }
        var value: UInt64 = 0
        for octet in octets {
            guard (0x30...0x39).contains(octet) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(octet - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// Octets without spaces and tabs at either end.
    @inlinable
    package static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = octets
        while let first = slice.first, first == space || first == tab { slice.removeFirst() }
        while let last = slice.last, last == space || last == tab { slice.removeLast() }
        return slice
    }
}
