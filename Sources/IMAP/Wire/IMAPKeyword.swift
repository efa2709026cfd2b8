// Compares received words with the words of the protocol. Every response goes through here several
// times, so it is one plain loop over octets.

internal import MailModel

/// Comparison with constants of ours, ASCII letters folded.
enum IMAPKeyword {
    /// Whether a word is a keyword.
    static func equal(_ word: ArraySlice<UInt8>, _ keyword: StaticString) -> Bool {
        word.count == keyword.utf8CodeUnitCount && begins(word, keyword)
    }

    /// Whether a word is one of some keywords.
    static func isAny(_ word: ArraySlice<UInt8>, of keywords: [StaticString]) -> Bool {
        keywords.contains { equal(word, $0) }
    }

    /// Whether octets begin with a keyword.
    static func begins(_ octets: ArraySlice<UInt8>, _ keyword: StaticString) -> Bool {
        guard octets.count >= keyword.utf8CodeUnitCount else { return false }
        return keyword.withUTF8Buffer { keyword in
            var index = octets.startIndex
            for expected in keyword {
                guard ASCII.lowercased(octets[index]) == ASCII.lowercased(expected) else {
                    return false
                }
                index += 1
            }
            return true
        }
    }

    /// Whether octets end in a keyword.
    static func ends(_ octets: ArraySlice<UInt8>, _ keyword: StaticString) -> Bool {
        equal(octets.suffix(keyword.utf8CodeUnitCount), keyword)
    }
}
