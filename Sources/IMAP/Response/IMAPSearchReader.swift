// Reads what a search found. Message numbers come by the million, so a SEARCH line is read in one
// pass without tokens, and runs stay runs.

internal import MailModel

/// Readers of SEARCH and ESEARCH (RFC 3501 7.2.5, RFC 4731 3).
enum IMAPSearchReader {
    /// The numbers of a SEARCH response.
    ///
    /// What is no number ends them; 0 is left out.
    static func search(_ text: ArraySlice<UInt8>) -> IMAPResponse {
        var ranges: [UIDSet.Range] = []
        var position = text.startIndex
        while position < text.endIndex {
            if text[position] == ASCII.space {
                position += 1
                continue
            }
            let word = text[position...].prefix { $0 != ASCII.space }
            guard let number = IMAPNumber.number32(word) else {
                // `(MODSEQ n)` behind the numbers (RFC 7162 3.1.5).
                return word.first == UInt8(ascii: "(") ? .search(ranges, tag: nil) : .skipped
            }
            position = word.endIndex
            append(number, to: &ranges)
        }
        return .search(ranges, tag: nil)
    }

    /// The `ALL` set of an ESEARCH response; none at all is an empty result.
    static func esearch(_ tokens: inout IMAPTokens) -> IMAPResponse {
        var tag: [UInt8]?
        if tokens.take(.open) {
            if let word = tokens.takeAtom(), IMAPKeyword.equal(word, "TAG") {
                tag = tokens.takeNString()
            }
            tokens.skipRestOfList()
        }
        var ranges: [UIDSet.Range] = []
        while !tokens.isAtEnd {
            guard let name = tokens.takeAtom() else {
                // QUIRK: some servers put MODSEQ in parentheses here, as in SEARCH.
                guard tokens.peek == .open else { return .skipped }
                tokens.skipValue()
                continue
            }
            if IMAPKeyword.equal(name, "UID") { continue }
            if IMAPKeyword.equal(name, "ALL") {
                guard let text = tokens.takeAtom(), let set = UIDSet(parsing: text) else {
                    return .skipped
                }
                ranges = set.ranges
            } else {
                tokens.skipValue()
            }
        }
        return .search(ranges, tag: tag)
    }

    private static func append(_ number: UInt32, to ranges: inout [UIDSet.Range]) {
        guard number > 0 else { return }  // QUIRK: some servers list UID 0.
        if let last = ranges.last, last.first <= last.last, last.last < UInt32.max,
            last.last + 1 == number
        {
            ranges[ranges.count - 1] = UIDSet.Range(last.first, number)
        } else {
            ranges.append(UIDSet.Range(number, number))
        }
    }
}

/// What the answers to one search add up to.
struct IMAPSearchResult: Sendable {
    private var ranges: [UIDSet.Range] = []

    /// Adds a response's part; false when there are more than may be kept.
    mutating func add(_ more: [UIDSet.Range]) -> Bool {
        guard ranges.count + more.count <= IMAPLimits.searchNumbersMax else { return false }
        ranges.append(contentsOf: more)
        return true
    }

    /// All of it: sorted, overlapping and adjacent runs joined.
    var set: UIDSet { UIDSet(joining: ranges) }
}
