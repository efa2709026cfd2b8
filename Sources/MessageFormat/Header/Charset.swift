// Octets in a named charset to text, by iconv of the C library. Decoding comes first and making
// text safe for a terminal comes after it, elsewhere: nothing here removes control characters.

import Glibc
import MailModel

/// Charset decoding by the label policy of the WHATWG (encoding.spec.whatwg.org, section 4.2).
package enum Charset {
    /// How the text of some octets was found.
    package enum Finding: String, Sendable {
        /// As the label says.
        case declared
        /// As the label says, but for C1 octets of latin-1, which are read as windows-1252.
        case declaredC1 = "declared-c1"
        /// 8-bit octets without a label or under us-ascii that are UTF-8.
        case guessUTF8 = "guess-utf8"
        /// 8-bit octets without a label or under us-ascii that are not UTF-8.
        case guess1252 = "guess-1252"
        /// As the label says, and some octets mean nothing there.
        case invalid
        /// The label names no charset that is known.
        case unknownCharset = "unknown-charset"
    }

    /// The text of a part's content.
    ///
    /// Never fails: what cannot be decoded becomes U+FFFD.
    ///
    /// Without a label, with `us-ascii` and with an unknown label the octets are UTF-8 if valid and
    /// windows-1252 otherwise. A leading byte order mark is dropped.
    package static func decode(_ octets: [UInt8], label: String?) -> String {
        let label = CharsetLabel(label)
        let hasMark = octets.first == 0xEF && octets.starts(with: [0xEF, 0xBB, 0xBF])
        guard hasMark, label == .utf8 || label == .undeclared else {
            return decode(octets, as: label)
        }
        return decode(Array(octets.dropFirst(3)), as: label)
    }

    /// The text of some octets of a header; U+FEFF is a character like any other there.
    static func decode(_ octets: [UInt8], as label: CharsetLabel) -> String {
        switch label {
        case .undeclared: guess(octets)
        case .utf8: String(decoding: octets, as: UTF8.self)
        case .windows1252: decodeWindows1252(octets)
        case .utf16(let isBigEndian): decodeUTF16(octets, isBigEndian: isBigEndian)
        case .iso2022JP: decodeISO2022JP(octets)
        case .iconv(let name): convert(octets, from: name) ?? guess(octets)
        }
    }

    /// How `decode` finds the text of some octets; `text` is what it made of them.
    package static func finding(_ octets: [UInt8], label: String?, text: String) -> Finding {
        let isWide = octets.contains { $0 >= 0x80 }
        let charset = CharsetLabel(label)
        if charset == .undeclared {
            if let label, !label.utf8.isEmpty, !isKnown(label: label.utf8) {
                return .unknownCharset
            }
            guard isWide else { return .declared }
            return String(validating: octets, as: UTF8.self) == nil ? .guess1252 : .guessUTF8
        }
        if charset == .windows1252 {
            let hasC1 = octets.contains { (0x80...0x9F).contains($0) }
            let isLatin1 = !(label.map { ASCII.hasPrefix($0.utf8, "windows") } ?? false)
            return hasC1 && isLatin1 ? .declaredC1 : .declared
        }
        return text.unicodeScalars.contains("\u{FFFD}") ? .invalid : .declared
    }

    /// Whether a label names a charset that is decoded as such.
    package static func isKnown(label: some Sequence<UInt8>) -> Bool {
        CharsetLabel(label) != .undeclared || CharsetLabel.isUndeclared(label)
    }

    /// The same for a slice.
    static func isKnown(label: ArraySlice<UInt8>) -> Bool {
        ASCII.equal(label, "utf-8") || CharsetLabel(label) != .undeclared
            || CharsetLabel.isUndeclared(label)
    }

    /// UTF-8 if valid, else windows-1252.
    static func guess(_ octets: [UInt8]) -> String { guess(octets[...]) }

    /// The same for a slice.
    static func guess(_ octets: ArraySlice<UInt8>) -> String {
        String(validating: octets, as: UTF8.self) ?? decodeWindows1252(Array(octets))
    }

    /// 0x80...0x9F of windows-1252; the five unassigned ones are U+FFFD: the WHATWG index has C1
    /// controls there, which no text means.
    private static let windows1252: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
        0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
    ]

    /// The code point of a windows-1252 octet.
    static func windows1252CodePoint(_ octet: UInt8) -> UInt16 {
        (0x80...0x9F).contains(octet) ? windows1252[Int(octet) - 0x80] : UInt16(octet)
    }

    /// The UTF-8 is written here: `String(decoding:as: UTF16)` over a mapped sequence is many
    /// times slower.
    private static func decodeWindows1252(_ octets: [UInt8]) -> String {
        let text = [UInt8](unsafeUninitializedCapacity: octets.count * 3) { buffer, count in
            for octet in octets {
                let point = windows1252CodePoint(octet)
                if point < 0x80 {
                    buffer[count] = octet
                    count += 1
                    continue
                }
                if point >= 0x800 {
                    buffer[count] = 0xE0 | UInt8(truncatingIfNeeded: point >> 12)
                    buffer[count + 1] = 0x80 | UInt8(truncatingIfNeeded: point >> 6) & 0x3F
                    count += 1
                } else {
                    buffer[count] = 0xC0 | UInt8(truncatingIfNeeded: point >> 6)
                }
                buffer[count + 1] = 0x80 | UInt8(truncatingIfNeeded: point) & 0x3F
                count += 2
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func decodeUTF16(_ octets: [UInt8], isBigEndian: Bool) -> String {
        var isBigEndian = isBigEndian
        var start = 0
        if octets.starts(with: [0xFE, 0xFF]) {
            (isBigEndian, start) = (true, 2)
        } else if octets.starts(with: [0xFF, 0xFE]) {
            (isBigEndian, start) = (false, 2)
        }
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2 + 1)
        for index in stride(from: start, to: octets.count - 1, by: 2) {
            let (first, second) = (UInt16(octets[index]), UInt16(octets[index + 1]))
            units.append(isBigEndian ? first << 8 | second : second << 8 | first)
        }
        if (octets.count - start) % 2 == 1 { units.append(0xFFFD) }
        return String(decoding: units, as: UTF16.self)
    }

    /// ISO-2022-JP in all its dialects, by way of EUC-JP: the C library's own tables know neither
    /// half-width katakana nor the NEC characters that mail holds (RFC 1468, WHATWG 12.2).
    private static func decodeISO2022JP(_ octets: [UInt8]) -> String {
        var euc: [UInt8] = []
        euc.reserveCapacity(octets.count)
        var prefix: UInt8? = nil
        var isShifted = false
        var index = 0
        while index < octets.count {
            if octets[index] == 0x1B, let set = CharacterSet2022(octets[(index + 1)...]) {
                (isShifted, prefix) = (set.isShifted, set.prefix)
                index += 1 + set.length
                continue
            }
            let octet = octets[index]
            index += 1
            guard isShifted, (0x21...0x7E).contains(octet) else {
                // An 8-bit octet is none of this charset; 0xFF is none of EUC-JP either.
                euc.append(octet < 0x80 ? octet : 0xFF)
                continue
            }
            if let prefix { euc.append(prefix) }
            euc.append(octet | 0x80)
            guard prefix != 0x8E, index < octets.count, octets[index] > 0x20 else { continue }
            euc.append(octets[index] | 0x80)
            index += 1
        }
        return convert(euc, from: "EUC-JP-MS") ?? guess(octets)
    }

    /// The set an escape sequence designates, without its ESC.
    private struct CharacterSet2022 {
        let length: Int
        let isShifted: Bool
        let prefix: UInt8?

        init?(_ octets: ArraySlice<UInt8>) {
            if octets.starts(with: "(B".utf8) || octets.starts(with: "(J".utf8) {
                (length, isShifted, prefix) = (2, false, nil)
            } else if octets.starts(with: "(I".utf8) {
                (length, isShifted, prefix) = (2, true, 0x8E)
            } else if octets.starts(with: "$@".utf8) || octets.starts(with: "$B".utf8) {
                (length, isShifted, prefix) = (2, true, nil)
            } else if octets.starts(with: "$(D".utf8) {
                (length, isShifted, prefix) = (3, true, 0x8F)
            } else {
                return nil
            }
        }
    }
}

extension Charset {
    /// Octets converted by iconv; nil where the C library has no such charset.
    private static func convert(_ octets: [UInt8], from name: String) -> String? {
        let descriptor = iconv_open("UTF-8", name)
        guard descriptor != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(descriptor) }
        var text: [UInt8] = []
        text.reserveCapacity(octets.count + octets.count / 2)
        var input = octets
        input.withUnsafeMutableBytes { run(descriptor, $0, into: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Feeds all input; each octet that cannot be decoded becomes one U+FFFD.
    private static func run(
        _ descriptor: iconv_t?,
        _ input: UnsafeMutableRawBufferPointer,
        into text: inout [UInt8]
    ) {
        let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
        var block = [UInt8](repeating: 0, count: 16_384)
        var next = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var remaining = input.count
        while remaining > 0 {
            let before = remaining
            let failure = step(descriptor, &next, &remaining, &block, into: &text)
            if failure == 0 || failure == E2BIG, remaining < before || failure == 0 { continue }
            text.append(contentsOf: replacement)
            guard failure == EILSEQ, remaining > 0 else { break }
            next = next?.advanced(by: 1)
            remaining -= 1
        }
        // A stateful charset may still owe characters.
        var nothing: UnsafeMutablePointer<CChar>? = nil
        var none = 0
        _ = step(descriptor, &nothing, &none, &block, into: &text)
    }

    /// One call of iconv; its error number, or 0.
    private static func step(
        _ descriptor: iconv_t?,
        _ next: inout UnsafeMutablePointer<CChar>?,
        _ remaining: inout Int,
        _ block: inout [UInt8],
        into text: inout [UInt8]
    ) -> Int32 {
        block.withUnsafeMutableBytes { bytes in
            var output = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            var room = bytes.count
            let isFlush = next == nil
            let result =
                isFlush
                ? iconv(descriptor, nil, nil, &output, &room)
                : iconv(descriptor, &next, &remaining, &output, &room)
            let failure = result == -1 ? errno : 0
            text.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - room)])
            )
            return failure
        }
    }
}
