// File names as parameters on the wire. A name is written once, in one form: two forms of one name
// that a filter and a reader choose differently are an attack (reliability.md C30).

import MailModel

/// Parameters for `HeaderWriter.parameters`.
enum ParameterWriter {
    /// Most characters of a value that stays a quoted string.
    private static let quotedOctetsMax = 60
    /// Most characters of one RFC 2231 segment's value.
    private static let segmentOctetsMax = 58

    /// A value of our own that needs quotes: a boundary.
    static func quoted(_ name: String, _ value: [UInt8]) -> [UInt8] {
        Array(name.utf8) + [UInt8(ascii: "=")] + HeaderWriter.quoted(value)
    }

    /// A text in UTF-8: a quoted string where that is short plain ASCII, else RFC 2231 in as many
    /// segments as needed, so that no line is long.
    static func text(_ name: String, _ value: [UInt8]) -> [[UInt8]] {
        let isPlain =
            value.count <= quotedOctetsMax && value.allSatisfy { (0x20...0x7E).contains($0) }
            && !containsEncodedWord(value) && value.first != ASCII.space
            && value.last != ASCII.space
        if isPlain { return [quoted(name, value)] }
        var segments: [[UInt8]] = [Array("UTF-8''".utf8)]
        var index = 0
        while index < value.count {
            let end = min(index + UTF8Text.length(leading: value[index]), value.count)
            let encoded = value[index..<end].flatMap(percentEncoded)
            if segments[segments.count - 1].count + encoded.count > segmentOctetsMax {
                segments.append([])
            }
            segments[segments.count - 1] += encoded
            index = end
        }
        if segments.count == 1 { return [Array("\(name)*=".utf8) + segments[0]] }
        return segments.enumerated().map { Array("\(name)*\($0.offset)*=".utf8) + $0.element }
    }

    private static func containsEncodedWord(_ value: [UInt8]) -> Bool {
        zip(value, value.dropFirst()).contains {
            $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?")
        }
    }

    /// attribute-char of RFC 2231 7 bare, all else as `%XX`.
    private static func percentEncoded(_ octet: UInt8) -> [UInt8] {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            [octet]
        default:
            [UInt8(ascii: "%"), Hexadecimal.digit(octet >> 4), Hexadecimal.digit(octet & 15)]
        }
    }
}
