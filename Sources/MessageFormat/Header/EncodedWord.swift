// RFC 2047 encoded words inside octets. Finds and decodes them once; never decodes its own result
// again, and never lets a decoded octet become syntax.

import MailModel

/// One encoded word as written: `=?charset*language?encoding?text?=` (RFC 2047 2).
struct EncodedWord {
    /// The charset label without a language (RFC 2231 5).
    let charset: ArraySlice<UInt8>
    /// Whether the text is base64; else it is the Q encoding.
    let isBase64: Bool
    /// The encoded text.
    let text: ArraySlice<UInt8>
    /// The index behind the closing `?=`.
    let end: Int

    /// Finds words from left to right in one pass over the octets.
    struct Scanner {
        private let octets: ArraySlice<UInt8>
        /// Where the next `?=` stands that was looked up last; `octets.endIndex` where there is
        /// none.
        private var terminator = -1

        init(_ octets: ArraySlice<UInt8>) { self.octets = octets }

        /// The word that starts at an index, or nil.
        ///
        /// Indexes must not go down from call to call.
        mutating func word(at start: Int) -> EncodedWord? {
            guard octets.endIndex - start >= 8, octets[start] == UInt8(ascii: "="),
                octets[start + 1] == UInt8(ascii: "?"),
                let charsetEnd = questionMark(from: start + 2), charsetEnd + 2 < octets.endIndex,
                octets[charsetEnd + 2] == UInt8(ascii: "?")
            else { return nil }
            let encoding = ASCII.lowercased(octets[charsetEnd + 1])
            guard encoding == UInt8(ascii: "b") || encoding == UInt8(ascii: "q") else { return nil }
            let textStart = charsetEnd + 3
            let textEnd = nextTerminator(from: textStart)
            guard textEnd < octets.endIndex else { return nil }
            let charset = octets[(start + 2)..<charsetEnd].prefix { $0 != UInt8(ascii: "*") }
            // Nothing in nothing is no word; `=?utf-8?Q??=` is an empty one.
            guard textEnd > textStart || Charset.isKnown(label: charset) else { return nil }
            let isBase64 = encoding == UInt8(ascii: "b")
            // Junk that decodes to nothing is shown as it is.
            if isBase64, textEnd > textStart,
                !octets[textStart..<textEnd].contains(where: Base64Decoder.isAlphabet)
            {
                return nil
            }
            return EncodedWord(
                charset: charset,
                isBase64: isBase64,
                text: octets[textStart..<textEnd],
                end: textEnd + 2
            )
        }

        private func questionMark(from start: Int) -> Int? {
            let limit = min(octets.endIndex, start + MessageFormatLimits.charsetLabelOctetsMax)
            guard start < limit else { return nil }
            return octets[start..<limit].firstIndex {
                $0 == UInt8(ascii: "?") || $0 <= 0x20 || $0 >= 0x7F
            }.flatMap { octets[$0] == UInt8(ascii: "?") ? $0 : nil }
        }

        private mutating func nextTerminator(from start: Int) -> Int {
            guard terminator < start else { return terminator }
            var index = start
            while index + 1 < octets.endIndex {
                if octets[index] == UInt8(ascii: "?"), octets[index + 1] == UInt8(ascii: "=") {
                    terminator = index
                    return index
                }
                index += 1
            }
            terminator = octets.endIndex
            return terminator
        }
    }

    /// The octets of words that follow each other in one charset.
    ///
    /// Some writers cut the encoded text itself, in the middle of `=C3` or of four base64
    /// characters; such texts are joined before they are decoded.
    static func octets(of words: [EncodedWord]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < words.count {
            var end = index + 1
            while end < words.count, words[end].isBase64 == words[index].isBase64 { end += 1 }
            let run = words[index..<end]
            result +=
                words[index].isBase64
                ? decodeBase64(run.map(\.text)) : decodeQ(run.flatMap(\.text))
            index = end
        }
        return result
    }

    private static func decodeBase64(_ texts: [ArraySlice<UInt8>]) -> [UInt8] {
        let sizes = texts.map {
            $0.count { Base64Decoder.isAlphabet($0) || $0 == UInt8(ascii: "=") }
        }
        let isCut = sizes.contains { $0 % 4 != 0 } && sizes.reduce(0, +) % 4 == 0
        var result: [UInt8] = []
        var decoder = Base64Decoder()
        for text in texts {
            result += decoder.decode(text)
            if !isCut { result += decoder.finish() }
        }
        return result + decoder.finish()
    }

    private static func decodeQ(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let octet = text[index]
            if octet == UInt8(ascii: "="), index + 2 < text.count,
                let high = Hexadecimal.value(text[index + 1]),
                let low = Hexadecimal.value(text[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octet == UInt8(ascii: "_") ? ASCII.space : octet)
                index += 1
            }
        }
        return result
    }
}

/// Hexadecimal digits of the MIME encodings.
enum Hexadecimal {
    /// The value of a digit in either case, or nil.
    static func value(_ octet: UInt8) -> UInt8? {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): octet - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): octet - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): octet - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The upper-case digit of a value below 16.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value & 0x0F) - 10
    }
}
