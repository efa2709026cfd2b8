// Times as people write them in settings and options: `10s`, `5m`, `2h`, `3d`.

/// Reads lengths of time.
package enum TimeSpan {
    /// Most digits of a number.
    private static let digitsMax = 9

    /// Seconds of `10s`, `5m`, `2h`, `3d` or `1w`; a number alone is seconds.
    ///
    /// Nil for anything else.
    package static func seconds(_ text: some Collection<UInt8>) -> Int64? {
        var digits = Array(text)
        var unit: Int64 = 1
        if let last = digits.last, let named = self.unit(last) {
            unit = named
            digits.removeLast()
        }
        guard digits.count <= digitsMax, let number = ASCII.decimal(digits) else { return nil }
        return Int64(number) * unit
    }

    private static func unit(_ octet: UInt8) -> Int64? {
        switch octet {
        case UInt8(ascii: "s"): 1
        case UInt8(ascii: "m"): 60
        case UInt8(ascii: "h"): 3600
        case UInt8(ascii: "d"): 86_400
        case UInt8(ascii: "w"): 7 * 86_400
        default: nil
        }
    }
}
