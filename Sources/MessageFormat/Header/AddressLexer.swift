// Tokens of an address list (RFC 5322 3.2). One pass: what turns out to be unbalanced is read as
// ordinary text from then on, so that no input makes it look twice at the same octets.

import MailModel

/// A token of an address field.
enum AddressToken {
    /// An atom, quoted string or domain literal.
    case word(AddressWord)
    /// A comment's text without its own parentheses.
    case comment(ArraySlice<UInt8>)
    /// One of `< > , ; :`.
    case special(UInt8)
}

/// An atom or quoted string.
struct AddressWord {
    /// As written, quotes included: this is what an addr-spec is made of.
    let raw: ArraySlice<UInt8>
    /// Without quotes and backslashes: this is what a display name is made of.
    let text: ArraySlice<UInt8>
    /// Whether it stood in quotes.
    let isQuoted: Bool
    /// Whether white space or a comment stood before it.
    let isApart: Bool
}

/// Cuts an address field into tokens.
struct AddressLexer {
    private let octets: [UInt8]
    private var index = 0
    private var isApart = true
    private var isQuoteUnbalanced = false
    private var isCommentUnbalanced = false
    private var isLiteralUnbalanced = false
    private var scanner: EncodedWord.Scanner
    /// Where the next blank stands that was looked up last.
    private var blank = -1

    init(_ octets: [UInt8]) {
        self.octets = octets
        scanner = EncodedWord.Scanner(octets[...])
    }

    /// The next token; nil at the end.
    mutating func next() -> AddressToken? {
        while index < octets.count {
            let octet = octets[index]
            switch octet {
            case ASCII.space, ASCII.tab, ASCII.cr, ASCII.lf, 0:
                index += 1
                isApart = true
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ","), UInt8(ascii: ";"),
                UInt8(ascii: ":"):
                index += 1
                isApart = true
                return .special(octet)
            case UInt8(ascii: "("):
                if let text = comment() {
                    isApart = true
                    return .comment(text)
                }
                index += 1
                isApart = true
            case UInt8(ascii: "\""):
                if let word = quotedString() { return .word(word) }
                index += 1
                isApart = true
            default:
                return .word(atom())
            }
        }
        return nil
    }

    private mutating func comment() -> ArraySlice<UInt8>? {
        guard !isCommentUnbalanced else { return nil }
        var hasEscapes = false
        var depth = 0
        var end = index
        while end < octets.count {
            switch octets[end] {
            case UInt8(ascii: "\\"):
                hasEscapes = true
                end += 1
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            default: break
            }
            end += 1
            if depth == 0 {
                let text = octets[(index + 1)..<(end - 1)]
                index = end
                return hasEscapes ? Self.withoutEscapes(text) : text
            }
        }
        isCommentUnbalanced = true
        return nil
    }

    private mutating func quotedString() -> AddressWord? {
        guard !isQuoteUnbalanced else { return nil }
        var hasEscapes = false
        var end = index + 1
        while end < octets.count {
            switch octets[end] {
            case UInt8(ascii: "\""):
                let text = octets[(index + 1)..<end]
                defer { (index, isApart) = (end + 1, false) }
                return AddressWord(
                    raw: octets[index...end],
                    text: hasEscapes ? Self.withoutEscapes(text) : text,
                    isQuoted: true,
                    isApart: isApart
                )
            case UInt8(ascii: "\\"):
                hasEscapes = true
                end += 2
            default:
                end += 1
            }
        }
        isQuoteUnbalanced = true
        return nil
    }

    /// The octets without the backslashes of quoted pairs (RFC 5322 3.2.1).
    private static func withoutEscapes(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var isEscaped = false
        for octet in octets {
            isEscaped = !isEscaped && octet == UInt8(ascii: "\\")
            if !isEscaped { result.append(octet) }
        }
        return result[...]
    }

    private mutating func atom() -> AddressWord {
        let start = index
        while index < octets.count {
            switch octets[index] {
            case UInt8(ascii: "="):
                // An encoded word may hold commas and brackets that are no syntax.
                if let word = scanner.word(at: index), !hasBlank(before: word.end) {
                    index = word.end
                } else {
                    index += 1
                }
                continue
            case UInt8(ascii: "["):
                if skipDomainLiteral(from: start) { continue }
            case let octet where isBlank(octet) || Self.endsAtom(octet):
                return finishAtom(from: start)
            default:
                break
            }
            index += 1
        }
        return finishAtom(from: start)
    }

    private mutating func finishAtom(from start: Int) -> AddressWord {
        let raw = octets[start..<index]
        defer { isApart = false }
        return AddressWord(raw: raw, text: raw, isQuoted: false, isApart: isApart)
    }

    /// Skips `[...]` after an `@`, so that the colons of an IPv6 address are no syntax.
    private mutating func skipDomainLiteral(from start: Int) -> Bool {
        guard !isLiteralUnbalanced, index > start, octets[index - 1] == UInt8(ascii: "@") else {
            return false
        }
        guard let end = octets[index...].firstIndex(of: UInt8(ascii: "]")) else {
            isLiteralUnbalanced = true
            return false
        }
        index = end + 1
        return true
    }

    /// Whether a blank stands before an index; looked for once, however often it is asked.
    private mutating func hasBlank(before end: Int) -> Bool {
        if blank < index {
            blank = octets[index...].firstIndex(where: isBlank) ?? octets.endIndex
        }
        return blank < end
    }

    private func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || octet == ASCII.tab || octet == ASCII.cr || octet == ASCII.lf
            || octet == 0
    }

    private static func endsAtom(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: ":"), UInt8(ascii: "("), UInt8(ascii: "\""):
            true
        default:
            false
        }
    }
}
