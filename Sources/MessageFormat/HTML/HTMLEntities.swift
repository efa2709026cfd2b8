// Character references of HTML: numbers, and the names that mail uses. Decoded once.

import MailModel

/// Character references (HTML 13.5).
enum HTMLEntities {
    /// Octets with their character references decoded, as UTF-8.
    ///
    /// Unknown ones stay as they are.
    static func decode(_ octets: [UInt8], _ range: Range<Int>) -> [UInt8] {
        guard octets[range].contains(UInt8(ascii: "&")) else { return Array(octets[range]) }
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            if octets[index] == UInt8(ascii: "&"),
                let found = reference(octets[index..<range.upperBound])
            {
                result.append(
                    contentsOf: UTF8.encode(found.scalar) ?? UTF8.encodedReplacementCharacter
                )
                index += found.length
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return result
    }

    /// The character reference that octets begin with, `&` included, and its length.
    static func reference(
        _ octets: ArraySlice<UInt8>
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        let body = octets.dropFirst().prefix(MessageFormatLimits.entityOctetsMax)
        guard let first = body.first, first > ASCII.space else { return nil }
        if first == UInt8(ascii: "#") { return number(body) }
        let name = body.prefix { isAlphanumeric($0) }
        guard !name.isEmpty else { return nil }
        if name.endIndex < body.endIndex, body[name.endIndex] == UInt8(ascii: ";") {
            return HTMLEntityNames.scalar(name).map { ($0, 2 + name.count) }
        }
        if let scalar = unclosed(name), octets.dropFirst(1 + name.count).first != equals {
            return (scalar, 1 + name.count)
        }
        // These are joined to the next word by hand-made mail: `&nbsp` is in no query.
        for known in ["nbsp", "amp", "lt", "gt", "quot"] where name.starts(with: known.utf8) {
            let head = name.prefix(known.utf8.count)
            return HTMLEntityNames.scalar(head).map { ($0, 1 + head.count) }
        }
        return nil
    }

    /// A name without a semicolon: those of Latin-1, whose names HTML 2 had.
    ///
    /// QUIRK: not before `=`, in text as well, so that links in plain text stay whole; browsers
    /// spare attributes only.
    private static func unclosed(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let scalar = HTMLEntityNames.scalar(name) else { return nil }
        switch scalar.value {
        case 0x22, 0x26, 0x3C, 0x3E: return scalar
        case 0xA0...0xFF:
            let later = ["pm", "div", "half", "angst", "centerdot"]
            return later.contains { name.elementsEqual($0.utf8) } ? nil : scalar
        default: return nil
        }
    }

    private static let equals = UInt8(ascii: "=")

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        octet &- 0x30 < 10 || (octet | 0x20) &- 0x61 < 26
    }

    private static func number(
        _ body: ArraySlice<UInt8>
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        var digits = body.dropFirst()
        let isHexadecimal = digits.first.map { $0 | 0x20 == UInt8(ascii: "x") } ?? false
        if isHexadecimal { digits = digits.dropFirst() }
        var value: UInt32 = 0
        var end = digits.startIndex
        while end < digits.endIndex, let digit = Hexadecimal.value(digits[end]),
            isHexadecimal || digit < 10
        {
            value = min(value, 0x110000) &* (isHexadecimal ? 16 : 10) &+ UInt32(digit)
            end += 1
        }
        guard end > digits.startIndex else { return nil }
        if (0x80...0x9F).contains(value) {
            value = UInt32(Charset.windows1252CodePoint(UInt8(value)))
        }
        let isClosed = end < digits.endIndex && digits[end] == UInt8(ascii: ";")
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        return (scalar ?? "\u{FFFD}", end - body.startIndex + 1 + (isClosed ? 1 : 0))
    }
}
