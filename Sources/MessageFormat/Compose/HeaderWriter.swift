// Header fields as they go on the wire: ASCII, folded, encoded words only where needed. Everything
// given to it has passed `DraftCheck`; a fold is the only place where it writes a line end inside a
// field.

import MailModel

/// Writes a header section field by field.
struct HeaderWriter {
    /// The octets so far.
    private(set) var octets: [UInt8] = []
    /// Octets in the current line.
    private var column = 0

    private static let preferred = MessageFormatLimits.lineOctetsPreferred

    /// A field of one short ASCII value.
    mutating func field(_ name: String, _ value: String) {
        begin(name)
        for word in value.utf8.split(separator: ASCII.space) { write(Array(word)) }
        end()
    }

    /// An unstructured field (RFC 5322 3.6.5) in UTF-8.
    mutating func text(_ name: String, _ value: [UInt8]) {
        begin(name)
        writeText(value)
        end()
    }

    /// A field of mailboxes; nothing for none.
    mutating func mailboxes(_ name: String, _ mailboxes: [Draft.Mailbox]) {
        guard !mailboxes.isEmpty else { return }
        begin(name)
        for (index, mailbox) in mailboxes.enumerated() {
            let comma = index + 1 < mailboxes.count ? [UInt8(ascii: ",")] : []
            if let phrase = mailbox.name, !phrase.isEmpty {
                writePhrase(phrase)
                write([UInt8(ascii: "<")] + mailbox.address.octets + [UInt8(ascii: ">")] + comma)
            } else {
                write(mailbox.address.octets + comma)
            }
        }
        end()
    }

    /// A field of message ids; nothing for none.
    mutating func messageIDs(_ name: String, _ ids: [String]) {
        guard !ids.isEmpty else { return }
        begin(name)
        for id in ids { write(Array("<\(id)>".utf8)) }
        end()
    }

    /// A field of a token and parameters, each parameter on a line of its own where needed.
    mutating func parameters(_ name: String, _ token: String, _ parameters: [[UInt8]]) {
        begin(name)
        for (index, item) in ([Array(token.utf8)] + parameters).enumerated() {
            write(item + (index < parameters.count ? [UInt8(ascii: ";")] : []))
        }
        end()
    }

    /// The empty line that ends a section.
    mutating func endSection() { end() }

    private mutating func begin(_ name: String) {
        octets += name.utf8
        octets.append(UInt8(ascii: ":"))
        column = name.utf8.count + 1
    }

    private mutating func end() {
        octets += [ASCII.cr, ASCII.lf]
        column = 0
    }

    /// A word with a space before it, on a new line if it does not fit.
    private mutating func write(_ word: [UInt8]) {
        if column + 1 + word.count > Self.preferred, column > 1 { fold() } else { space() }
        octets += word
        column += word.count
    }

    private mutating func space() {
        // A folded line has begun with its space already.
        guard column > 1 else { return }
        octets.append(ASCII.space)
        column += 1
    }

    private mutating func fold() {
        octets += [ASCII.cr, ASCII.lf, ASCII.space]
        column = 1
    }

    /// The words that need encoding and all between them are encoded, the others stay readable.
    private mutating func writeText(_ value: [UInt8]) {
        let words = value.split(separator: ASCII.space, omittingEmptySubsequences: false)
        // A blank at an end, two in a row or a word too long for a line survive only when encoded.
        let isFragile =
            words.contains { $0.isEmpty || $0.count > Self.preferred * 2 } && !value.isEmpty
        let first = isFragile ? 0 : words.firstIndex(where: Self.needsEncoding)
        let last = isFragile ? words.count - 1 : words.lastIndex(where: Self.needsEncoding)
        guard let first, let last else {
            for word in words where !word.isEmpty { write(Array(word)) }
            return
        }
        for word in words[..<first] { write(Array(word)) }
        writeEncoded(Array(words[first...last].joined(separator: [ASCII.space])))
        for word in words[(last + 1)...] { write(Array(word)) }
    }

    private static func needsEncoding(_ word: ArraySlice<UInt8>) -> Bool {
        var isAfterEquals = false
        for octet in word {
            if octet >= 0x80 || (isAfterEquals && octet == UInt8(ascii: "?")) { return true }
            isAfterEquals = octet == UInt8(ascii: "=")
        }
        return false
    }

    /// A display name (RFC 5322 3.2.5): bare, quoted or encoded.
    private mutating func writePhrase(_ name: [UInt8]) {
        let words = name.split(separator: ASCII.space, omittingEmptySubsequences: false)
        let wordMax = Self.preferred - 18
        let isBare = words.allSatisfy {
            !$0.isEmpty && $0.count <= wordMax && $0.allSatisfy(Self.isAtomText)
        }
        if words.contains(where: Self.needsEncoding) {
            writeEncoded(name)
        } else if isBare {
            for word in words { write(Array(word)) }
        } else if name.count <= wordMax {
            write(Self.quoted(name))
        } else {
            writeEncoded(name)
        }
    }

    /// A quoted-string (RFC 5322 3.2.4).
    static func quoted(_ text: [UInt8]) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for octet in text {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(octet)
        }
        return result + [UInt8(ascii: "\"")]
    }

    /// atext (RFC 5322 3.2.3).
    private static func isAtomText(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
        }
    }

    /// Encoded words (RFC 2047 2), each in a line of at most 76 characters.
    private mutating func writeEncoded(_ text: [UInt8]) {
        var encoder = EncodedWordEncoder(text)
        while !encoder.isAtEnd {
            let room = min(
                MessageFormatLimits.encodedWordOctetsMax,
                76 - column - (column > 1 ? 1 : 0)
            )
            if let word = encoder.next(octetsMax: room) {
                space()
                octets += word
                column += word.count
            } else {
                fold()
            }
        }
    }
}

/// Cuts UTF-8 text into encoded words, never inside a scalar (RFC 2047 5).
struct EncodedWordEncoder {
    private let text: [UInt8]
    private var index = 0
    private let isBase64: Bool

    private static let frameCount = "=?UTF-8?B??=".utf8.count

    init(_ text: [UInt8]) {
        self.text = text
        let quotedCount = text.reduce(0) { $0 + Self.quotedSize($1) }
        isBase64 = (text.count + 2) / 3 * 4 < quotedCount
    }

    var isAtEnd: Bool { index >= text.count }

    /// The next word of at most `octetsMax` characters; nil where not one scalar fits.
    mutating func next(octetsMax: Int) -> [UInt8]? {
        let room = octetsMax - Self.frameCount
        var end = index
        var size = 0
        while end < text.count {
            let next = min(end + UTF8Text.length(leading: text[end]), text.count)
            let grown =
                isBase64
                ? (next - index + 2) / 3 * 4
                : size + text[end..<next].reduce(0) { $0 + Self.quotedSize($1) }
            guard grown <= room else { break }
            (end, size) = (next, grown)
        }
        guard end > index else { return nil }
        defer { index = end }
        let chunk = Array(text[index..<end])
        let head = Array((isBase64 ? "=?UTF-8?B?" : "=?UTF-8?Q?").utf8)
        return head + (isBase64 ? AttachmentEncoder.base64(chunk) : Self.quoted(chunk))
            + [UInt8(ascii: "?"), UInt8(ascii: "=")]
    }

    /// Characters that one octet takes in the Q encoding.
    private static func quotedSize(_ octet: UInt8) -> Int {
        isPlain(octet) || octet == ASCII.space ? 1 : 3
    }

    private static func quoted(_ octets: [UInt8]) -> [UInt8] {
        octets.flatMap { octet -> [UInt8] in
            if isPlain(octet) { return [octet] }
            if octet == ASCII.space { return [UInt8(ascii: "_")] }
            return [
                UInt8(ascii: "="), Hexadecimal.digit(octet >> 4), Hexadecimal.digit(octet & 15),
            ]
        }
    }

    /// What may stand bare in an encoded word of a phrase (RFC 2047 5 (3)): used everywhere.
    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!*+-/".utf8.contains(octet)
        }
    }
}
