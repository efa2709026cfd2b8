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
        String(decoding: collapsed(decodeWords(Array(octets))), as: UTF8.self)
    }

    /// The text with encoded words decoded, blanks as they are, CR and LF as spaces.
    static func decodeKeepingBlanks(_ octets: [UInt8]) -> String {
        let text = decodeWords(octets)
            .map { $0 == ASCII.cr || $0 == ASCII.lf ? ASCII.space : $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// UTF-8 with the words decoded and everything else as it was.
    private static func decodeWords(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var scanner = EncodedWord.Scanner(octets)
        var words: [EncodedWord] = []
        var literalStart = 0
        var index = 0
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "="), let word = scanner.word(at: index) else {
                index += 1
                continue
            }
            let literal = octets[literalStart..<index]
            if words.isEmpty || !literal.allSatisfy(isBlank) {
                appendWords(&words, to: &result)
                result += Charset.guess(Array(literal)).utf8
            }
            if let last = words.last, !ASCII.equal(last.charset, word.charset) {
                appendWords(&words, to: &result)
            }
            words.append(word)
            index = word.end
            literalStart = index
        }
        appendWords(&words, to: &result)
        result += Charset.guess(Array(octets[literalStart...])).utf8
        return result
    }

    private static func appendWords(_ words: inout [EncodedWord], to result: inout [UInt8]) {
        guard let first = words.first else { return }
        let label = String(decoding: first.charset, as: UTF8.self)
        result += Charset.decode(EncodedWord.octets(of: words), label: label).utf8
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
