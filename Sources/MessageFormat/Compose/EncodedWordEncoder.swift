// Text of any script as encoded words (RFC 2047). Where a word may stand and how lines are folded
// is the header writer's business.

import MailModel

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

    /// The next word of at most `octetsMax` characters; nil where a new line is needed for one.
    ///
    /// QUIRK: base64 is padded in the last word only. GMime up to 3.2.13 joins the base64 of
    /// adjacent words and drops what follows a padding (mu issue 2461), and so does postal-mime
    /// (issue 68). Where no group of whole scalars fills whole groups of three octets, one scalar
    /// goes ahead in the Q encoding.
    mutating func next(octetsMax: Int, isLineFresh: Bool) -> [UInt8]? {
        let room = octetsMax - Self.frameCount
        guard isBase64 else { return take(quotedEnd(room: room), isBase64: false) }
        let end = base64End(room: room)
        if end > index { return take(end, isBase64: true) }
        guard isLineFresh else { return nil }
        let scalarEnd = scalarEnd(from: index)
        return take(quotedSize(index..<scalarEnd) <= room ? scalarEnd : index, isBase64: false)
    }

    /// How far the Q encoding gets in a number of characters.
    private func quotedEnd(room: Int) -> Int {
        var (end, size) = (index, 0)
        while end < text.count {
            let next = scalarEnd(from: end)
            size += quotedSize(end..<next)
            guard size <= room else { break }
            end = next
        }
        return end
    }

    /// How far base64 gets without padding, or with it to the end.
    private func base64End(room: Int) -> Int {
        let limit = index + max(room, 0) / 4 * 3
        guard text.count > limit else { return text.count }
        var (end, aligned) = (index, index)
        while end <= limit {
            if (end - index) % 3 == 0 { aligned = end }
            end = scalarEnd(from: end)
        }
        return aligned
    }

    private func scalarEnd(from start: Int) -> Int {
        guard start < text.count else { return text.count + 1 }
        return min(start + UTF8Text.length(leading: text[start]), text.count)
    }

    private func quotedSize(_ range: Range<Int>) -> Int {
        text[range].reduce(0) { $0 + Self.quotedSize($1) }
    }

    /// The word up to an index; nil for an empty one.
    private mutating func take(_ end: Int, isBase64: Bool) -> [UInt8]? {
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
