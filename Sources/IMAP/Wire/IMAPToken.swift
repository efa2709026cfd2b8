// Cuts a response into tokens, tolerantly and without recursion: whatever the octets are, there are
// tokens. What they mean is the interpreters' business.

internal import MailModel

/// One token of a response; the text stays in the frame.
enum IMAPToken: Sendable, Equatable {
    /// `(`.
    case open
    /// `)`.
    case close
    /// Octets without quotes, with the brackets of `BODY[...]<0>` where they belong to it.
    case atom(Range<Int>)
    /// The inside of a quoted string; whether it has backslashes to take out.
    case quoted(Range<Int>, isEscaped: Bool)
    /// A literal, by its index in the frame.
    case literal(Int)
}

/// The tokens of one frame and a place among them.
struct IMAPTokens: Sendable {
    /// The response.
    let frame: IMAPFrame
    /// Its tokens.
    let tokens: [IMAPToken]
    /// Whether a quoted string did not end, or there were more tokens than allowed.
    let isDamaged: Bool
    /// The next token to be read.
    var index = 0

    /// Cuts a frame from an index on.
    init(_ frame: IMAPFrame, from start: Int = 0) {
        var scanner = IMAPTokenScanner(frame: frame, position: start)
        scanner.scan()
        self.frame = frame
        tokens = scanner.tokens
        isDamaged = scanner.isDamaged
    }

    /// Whether every token has been read.
    var isAtEnd: Bool { index >= tokens.count }

    /// The next token, which stays; nil at the end.
    var peek: IMAPToken? { peek(0) }

    /// A token further on, which stays; nil behind the end.
    func peek(_ distance: Int) -> IMAPToken? {
        let place = index + distance
        return place < tokens.count ? tokens[place] : nil
    }

    /// Reads the next token if it is the one named.
    mutating func take(_ token: IMAPToken) -> Bool {
        guard peek == token else { return false }
        index += 1
        return true
    }

    /// The octets of a string or atom, NIL not treated apart; nil for parentheses and for a literal
    /// whose content was not kept.
    func octets(of token: IMAPToken?) -> [UInt8]? {
        switch token {
        case .atom(let range), .quoted(let range, isEscaped: false):
            Array(frame.octets[range])
        case .quoted(let range, isEscaped: true):
            Self.unescaped(frame.octets[range])
        case .literal(let index):
            frame.literals[index].fate == .kept
                ? Array(frame.octets[frame.literals[index].content]) : nil
        case .open, .close, nil:
            nil
        }
    }

    /// Whether a token is the atom NIL.
    func isNil(_ token: IMAPToken?) -> Bool {
        guard case .atom(let range)? = token else { return false }
        return IMAPKeyword.equal(frame.octets[range], "NIL")
    }

    /// The text of an atom, not copied; nil for anything else.
    func atom(_ token: IMAPToken?) -> ArraySlice<UInt8>? {
        guard case .atom(let range)? = token else { return nil }
        return frame.octets[range]
    }

    /// Whether a token is a string: quoted or a literal.
    func isString(_ token: IMAPToken?) -> Bool {
        switch token {
        case .quoted, .literal: true
        default: false
        }
    }

    /// Reads an atom, or nothing.
    mutating func takeAtom() -> ArraySlice<UInt8>? {
        guard let atom = atom(peek) else { return nil }
        index += 1
        return atom
    }

    /// Reads an astring or nstring; nil for NIL and for a list, which is read past.
    mutating func takeNString() -> [UInt8]? {
        let token = peek
        if token == .open {
            skipValue()
            return nil
        }
        guard let token, token != .close else { return nil }
        index += 1
        return isNil(token) ? nil : octets(of: token)
    }

    /// Reads past one value: a string, an atom, or a list with all that is in it.
    ///
    /// Stays at `)`.
    mutating func skipValue() {
        var depth = 0
        while let token = peek {
            switch token {
            case .open:
                depth += 1
            case .close:
                guard depth > 0 else { return }
                depth -= 1
            case .atom, .quoted, .literal:
                break
            }
            index += 1
            guard depth > 0 else { return }
        }
    }

    /// Reads past everything up to and with the `)` of the list one is in.
    mutating func skipRestOfList() {
        while let token = peek, token != .close { skipValue() }
        _ = take(.close)
    }

    private static func unescaped(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var isEscaped = false
        for octet in octets {
            if !isEscaped, octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(octet)
                isEscaped = false
            }
        }
        return result
    }
}

/// One pass over a frame.
private struct IMAPTokenScanner {
    let frame: IMAPFrame
    var position: Int
    var tokens: [IMAPToken] = []
    var isDamaged = false
    private var nextLiteral = 0
    /// Whether a `]` may still come; a search that failed is not repeated for every bracket.
    private var mayCloseSection = true

    init(frame: IMAPFrame, position: Int) {
        self.frame = frame
        self.position = position
    }

    mutating func scan() {
        let octets = frame.octets
        while position < octets.count {
            guard tokens.count < IMAPLimits.tokensMax else {
                isDamaged = true
                return
            }
            if takeLiteral() { continue }
            switch octets[position] {
            case ASCII.space, ASCII.tab, ASCII.cr:
                position += 1
            case UInt8(ascii: "("):
                tokens.append(.open)
                position += 1
            case UInt8(ascii: ")"):
                tokens.append(.close)
                position += 1
            case UInt8(ascii: "\""):
                scanQuoted(octets)
            default:
                scanAtom(octets)
            }
        }
    }

    private var literalStart: Int {
        nextLiteral < frame.literals.count ? frame.literals[nextLiteral].start : Int.max
    }

    private mutating func takeLiteral() -> Bool {
        while literalStart < position { nextLiteral += 1 }
        guard literalStart == position else { return false }
        tokens.append(.literal(nextLiteral))
        position = frame.literals[nextLiteral].end
        nextLiteral += 1
        return true
    }

    private mutating func scanQuoted(_ octets: [UInt8]) {
        let start = position + 1
        var isEscaped = false
        var index = start
        // No quoted string crosses a literal: the line before it has ended.
        let end = min(octets.count, literalStart)
        while index < end, octets[index] != UInt8(ascii: "\"") {
            if octets[index] == UInt8(ascii: "\\") {
                isEscaped = true
                index += 1
            }
            index += 1
        }
        isDamaged = isDamaged || index >= end
        let last = min(index, end)
        tokens.append(.quoted(start..<last, isEscaped: isEscaped))
        position = min(last + 1, end)
    }

    private mutating func scanAtom(_ octets: [UInt8]) {
        let start = position
        let end = min(octets.count, literalStart)
        while position < end, !Self.endsAtom(octets[position]) {
            if octets[position] == UInt8(ascii: "["), isSection(octets[start..<position]) {
                skipSection(octets, end)
            } else {
                position += 1
            }
        }
        tokens.append(.atom(start..<position))
    }

    /// Whether a bracket behind these octets holds a section (RFC 3501 7.4.2, RFC 3516 4.3);
    /// anywhere else a bracket is an ordinary octet of a flag or name.
    private func isSection(_ word: ArraySlice<UInt8>) -> Bool {
        IMAPKeyword.isAny(
            word,
            of: ["BODY", "BODY.PEEK", "BINARY", "BINARY.SIZE", "BINARY.PEEK"]
        )
    }

    /// Moves behind the `]` of a section; to the end of the atom where there is none.
    private mutating func skipSection(_ octets: [UInt8], _ end: Int) {
        var isQuoted = false
        var index = position + 1
        while index < end, mayCloseSection {
            if octets[index] == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if octets[index] == UInt8(ascii: "]"), !isQuoted {
                position = index + 1
                return
            }
            index += 1
        }
        isDamaged = true
        mayCloseSection = false
        position += 1
    }

    private static func endsAtom(_ octet: UInt8) -> Bool {
        switch octet {
        case ASCII.space, ASCII.tab, ASCII.cr, UInt8(ascii: "("), UInt8(ascii: ")"): true
        default: false
        }
    }
}
