// A line of the console as words, the way a shell splits one: quotes and backslashes, nothing else.
// No variables, no patterns, no commands.

/// Splitting of command lines.
package enum WordSplitter {
    /// Why a line cannot be split.
    package enum Fault: Error, Sendable, Equatable {
        /// A quote that is not closed, and where it begins.
        case openQuote(UInt8, offset: Int)
        /// A backslash with nothing behind it.
        case trailingBackslash(offset: Int)
    }

    /// The words of a line in UTF-8; octets that are no UTF-8 become U+FFFD.
    package static func words(_ line: [UInt8]) throws(Fault) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isInWord = false
        var quote: (octet: UInt8, offset: Int)?
        var index = 0
        while index < line.count {
            let octet = line[index]
            switch (quote?.octet, octet) {
            case (nil, 0x20), (nil, 0x09):
                if isInWord { words.append(String(decoding: word, as: UTF8.self)) }
                (word, isInWord) = ([], false)
            case (nil, UInt8(ascii: "\"")), (nil, UInt8(ascii: "'")):
                quote = (octet, index)
                isInWord = true
            case (let open?, _) where octet == open: quote = nil
            case (nil, UInt8(ascii: "\\")), (UInt8(ascii: "\"")?, UInt8(ascii: "\\")):
                guard index + 1 < line.count else { throw .trailingBackslash(offset: index) }
                index += 1
                // Within double quotes a backslash takes the meaning of itself and the quote only.
                let isLiteral = quote != nil && !Self.isEscapable(line[index])
                word += isLiteral ? [octet, line[index]] : [line[index]]
                isInWord = true
            default:
                word.append(octet)
                isInWord = true
            }
            index += 1
        }
        if let quote { throw .openQuote(quote.octet, offset: quote.offset) }
        if isInWord { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }

    /// A word with backslashes where splitting would take it apart.
    package static func escaped(_ word: String) -> String {
        var octets: [UInt8] = []
        for octet in word.utf8 {
            if octet == 0x20 || octet == 0x09 || octet == UInt8(ascii: "'") || isEscapable(octet) {
                octets.append(UInt8(ascii: "\\"))
            }
            octets.append(octet)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func isEscapable(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\")
    }
}
