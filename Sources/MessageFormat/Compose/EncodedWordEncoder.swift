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
