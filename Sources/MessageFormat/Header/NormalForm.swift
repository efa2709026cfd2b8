// Canonical composition: one spelling for texts that look the same, so that they compare and hash
// as equal. The Unicode data is the standard library's.

@_spi(_Unicode) import Swift

/// Unicode normal forms (UAX #15).
package enum NormalForm {
    /// A text in NFC.
    package static func composed(_ text: String) -> String {
        // Below U+0300 nothing composes and nothing has another spelling: in UTF-8 that is every
        // octet below 0xCC.
        guard text.utf8.contains(where: { $0 >= 0xCC }) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text._nfc { scalars.append(scalar) }
        return String(scalars)
    }
}
