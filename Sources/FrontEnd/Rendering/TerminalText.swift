// Text from outside on its way to a person's eyes: nothing in it may act on a terminal, hide or
// turn around what it stands for (reliability.md C15-C18, C21). Scalars only, never `Character`.

/// Cleans text for terminals, pipes and logs.
package enum TerminalText {
    /// Text of several lines: LF stays, a tab becomes spaces, CR LF becomes LF.
    package static func clean(_ text: String) -> String {
        var cleaner = TextCleaner(isSingleLine: false)
        cleaner.add(text.unicodeScalars)
        return cleaner.text
    }

    /// Text that must stay on one line; cut to `octetsMax` octets before it is looked at.
    package static func line(
        _ text: String,
        octetsMax: Int = FrontEndLimits.lineOctetsMax
    ) -> String {
        var cleaner = TextCleaner(isSingleLine: true)
        cleaner.add(cut(text, octetsMax: octetsMax).unicodeScalars)
        return cleaner.text
    }

    /// The first octets of a text, cut in front of a scalar.
    static func cut(_ text: String, octetsMax: Int) -> Substring {
        let octets = text.utf8
        guard
            var end = octets.index(
                octets.startIndex,
                offsetBy: octetsMax,
                limitedBy: octets.endIndex
            )
        else { return text[...] }
        while end > octets.startIndex, end < octets.endIndex, octets[end] & 0xC0 == 0x80 {
            end = octets.index(before: end)
        }
        return text[..<end]
    }

    /// How a scalar is shown instead of itself, or nil where it may stand as it is.
    static func marker(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x00...0x1F: String(UnicodeScalarView([picture(0x2400 + scalar.value)]))
        case 0x7F: "\u{2421}"
        case 0x80...0x9F: "<\(hexadecimal(scalar.value, 2))>"
        case 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xFFF9...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
            "<U+\(hexadecimal(scalar.value, 4))>"
        default: nil
        }
    }

    private typealias UnicodeScalarView = String.UnicodeScalarView

    /// The control picture of a C0 control, which is always a scalar.
    private static func picture(_ value: UInt32) -> Unicode.Scalar {
        Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Collects clean text.
private struct TextCleaner {
    let isSingleLine: Bool
    private var scalars = String.UnicodeScalarView()
    private var isAfterCR = false

    init(isSingleLine: Bool) { self.isSingleLine = isSingleLine }

    var text: String { String(scalars) }

    mutating func add(_ text: some Sequence<Unicode.Scalar>) {
        for scalar in text {
            switch scalar {
            case "\r":
                // A CR of its own ends the line too: on a terminal it would write over it.
                lineEnd()
                isAfterCR = true
                continue
            case "\n": if !isAfterCR { lineEnd() }
            case "\t":
                scalars.append(
                    contentsOf: isSingleLine ? " ".unicodeScalars : "    ".unicodeScalars
                )
            default:
                if let marker = TerminalText.marker(for: scalar) {
                    scalars.append(contentsOf: marker.unicodeScalars)
                } else {
                    scalars.append(scalar)
                }
            }
            isAfterCR = false
        }
    }

    private mutating func lineEnd() { scalars.append(isSingleLine ? " " : "\n") }
}
