// Unstructured header text for people: unfolded, encoded words decoded once, blanks collapsed. The
// result may hold control characters (whoever displays it makes them visible) but never CR or LF.

import MailModel

/// Unstructured text (RFC 5322 2.2.1) with encoded words (RFC 2047).
package enum HeaderText {
    /// The text of a field body or display name.
    ///
    /// Words are recognised anywhere, as writers put them anywhere; adjacent words of one charset
    /// are joined as octets first, so that a character may be cut between them. Other octets are
    /// UTF-8 if valid, else windows-1252. Runs of blanks become one space and ends are trimmed.
    package static func decode(_ octets: some Sequence<UInt8>) -> String {
        decode(FieldOctets.array(octets)[...])
    }

    /// The same for an array.
    package static func decode(_ octets: [UInt8]) -> String { decode(octets[...]) }

    /// The same for a slice.
    package static func decode(_ octets: ArraySlice<UInt8>) -> String {
        let trimmed = ASCII.trimmed(octets)
        // Most texts are plain: nothing to decode, to unfold or to collapse.
        if isPlain(trimmed) { return String(decoding: trimmed, as: UTF8.self) }
        return String(decoding: collapsed(decodeWords(trimmed)), as: UTF8.self)
    }

    /// Whether octets are ASCII without line ends, encoded words and runs of blanks.
    private static func isPlain(_ octets: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0
        for octet in octets {
            switch octet {
            case 0x21...0x7F:
                if octet == UInt8(ascii: "?"), last == UInt8(ascii: "=") { return false }
            case ASCII.space:
                if last == ASCII.space { return false }
            default:
                return false
            }
            last = octet
        }
        return true
    }

    /// The text with encoded words decoded, blanks as they are, CR and LF as spaces.
    static func decodeKeepingBlanks(_ octets: [UInt8]) -> String {
        let text = decodeWords(octets[...])
            .map { $0 == ASCII.cr || $0 == ASCII.lf ? ASCII.space : $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// UTF-8 with the words decoded and everything else as it was.
    private static func decodeWords(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var scanner = EncodedWord.Scanner(octets)
        var words: [EncodedWord] = []
        var literalStart = octets.startIndex
        var index = literalStart
        while index < octets.endIndex {
            guard octets[index] == UInt8(ascii: "="), let word = scanner.word(at: index) else {
                index += 1
                continue
            }
            let literal = octets[literalStart..<index]
            if words.isEmpty || !literal.allSatisfy(isBlank) {
                appendWords(&words, to: &result)
                if !literal.isEmpty { result += Charset.guess(literal).utf8 }
            }
            if let last = words.last, !ASCII.equal(last.charset, word.charset) {
                appendWords(&words, to: &result)
            }
            words.append(word)
            index = word.end
            literalStart = index
        }
        appendWords(&words, to: &result)
        if literalStart < octets.endIndex {
            result += Charset.guess(octets[literalStart...]).utf8
        }
        return result
    }

    private static func appendWords(_ words: inout [EncodedWord], to result: inout [UInt8]) {
        guard let first = words.first else { return }
        let text = EncodedWord.octets(of: words)
        let label = CharsetLabel(first.charset)
        result += Charset.decode(text, as: label).utf8
        words.removeAll(keepingCapacity: true)
    }

    private static func collapsed(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var isAfterBlank = true
        for octet in octets {
            let blank = isBlank(octet)
            if !blank {
                result.append(octet)
            } else if !isAfterBlank {
                result.append(ASCII.space)
            }
            isAfterBlank = blank
        }
        if isAfterBlank, !result.isEmpty { result.removeLast() }
        return result
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || octet == ASCII.tab || octet == ASCII.cr || octet == ASCII.lf
    }
}
