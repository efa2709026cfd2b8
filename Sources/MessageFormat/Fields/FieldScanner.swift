// A cursor over the octets of one structured field: blanks, comments, quoted strings and words. It
// knows no field's grammar; the readers beside it do. What is unbalanced is an ordinary octet from
// then on, so that no input makes it look twice at the same octets.

import MailModel

/// Walks over a structured field body (RFC 5322 2.2.2, 3.2) from left to right.
struct FieldScanner {
    private let octets: [UInt8]
    private(set) var index = 0
    private var isCommentUnbalanced = false
    private var isQuoteUnbalanced = false

    /// A cursor at the start; no more than a limit of octets is looked at.
    init(_ octets: [UInt8], limit: Int = MessageFormatLimits.fieldOctetsMax) {
        self.octets = octets.count <= limit ? octets : Array(octets[..<limit])
    }

    /// Whether all octets are used up.
    var isAtEnd: Bool { index >= octets.count }

    /// The octet under the cursor, or nil at the end.
    var current: UInt8? { index < octets.count ? octets[index] : nil }

    /// Goes over an octet if it is the one under the cursor.
    mutating func take(_ octet: UInt8) -> Bool {
        guard current == octet else { return false }
        index += 1
        return true
    }

    /// Goes over one octet, whatever it is.
    mutating func skip() { index = min(index + 1, octets.count) }

    /// Goes over white space, line ends and NUL.
    mutating func skipBlanks() {
        while index < octets.count, octets[index] <= ASCII.space { index += 1 }
    }

    /// Goes over white space and comments (RFC 5322 3.2.2 CFWS).
    mutating func skipComments() {
        skipBlanks()
        while comment() != nil { skipBlanks() }
    }

    /// The text of the comment under the cursor without its own parentheses; nil where none is or
    /// where it is never closed.
    mutating func comment() -> ArraySlice<UInt8>? {
        guard current == UInt8(ascii: "("), !isCommentUnbalanced else { return nil }
        var depth = 0
        var end = index
        while end < octets.count {
            switch octets[end] {
            case UInt8(ascii: "\\"): end += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            end += 1
            if depth == 0 {
                defer { index = end }
                return octets[(index + 1)..<(end - 1)]
            }
        }
        isCommentUnbalanced = true
        return nil
    }

    /// The content of the quoted string under the cursor, unquoted; nil where none is or where it
    /// is never closed.
    mutating func quotedString() -> [UInt8]? {
        guard current == UInt8(ascii: "\""), !isQuoteUnbalanced else { return nil }
        var end = index + 1
        while end < octets.count {
            if octets[end] == UInt8(ascii: "\\") {
                end += 1
            } else if octets[end] == UInt8(ascii: "\"") {
                defer { index = end + 1 }
                return QuotedString.unquoted(octets[index...end])
            }
            end += 1
        }
        isQuoteUnbalanced = true
        return nil
    }

    /// The octets up to the first one that ends a word, which stays under the cursor.
    mutating func word(until isEnd: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        while index < octets.count, !isEnd(octets[index]) { index += 1 }
        return octets[start..<index]
    }

    /// The octets between an opening octet under the cursor and its closing one, which is gone
    /// over; to the end where it is missing.
    mutating func enclosed(by closing: UInt8) -> ArraySlice<UInt8> {
        skip()
        defer { skip() }
        return word { $0 == closing }
    }

    /// What is left, without moving.
    var rest: ArraySlice<UInt8> { octets[min(index, octets.count)...] }
}
