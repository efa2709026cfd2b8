// The text part on the wire: 7 bit, no bare CR or LF, no line over the limit, whatever the caller's
// text looks like (reliability.md B24, B25). Chooses the least encoding that is safe.

import MailModel

/// A text ready to be sent.
struct TextBody {
    /// `7bit`, `quoted-printable` or `base64`.
    let encoding: String
    /// `us-ascii` or `utf-8`.
    let charset: String
    /// The encoded content: CRLF line ends, a CRLF at the end unless it is empty.
    let octets: [UInt8]

    /// Encodes UTF-8 text; every kind of line end becomes CRLF.
    init(_ text: [UInt8]) {
        let lines = Self.lines(text)
        let wideCount = text.count { $0 >= 0x80 }
        let isPlain = lines.allSatisfy { line in
            line.count <= MessageFormatLimits.lineOctetsMax && line.allSatisfy(Self.isSafe)
        }
        charset = wideCount == 0 ? "us-ascii" : "utf-8"
        if wideCount == 0, isPlain {
            encoding = "7bit"
            octets = lines.flatMap { $0 + [ASCII.cr, ASCII.lf] }
        } else if wideCount * 9 > text.count * 2 {
            // Where more than two octets in nine take three characters, base64 is shorter.
            encoding = "base64"
            var encoder = AttachmentEncoder()
            let content = Array(lines.map { $0 + [ASCII.cr, ASCII.lf] }.joined())
            octets = encoder.encode(content) + encoder.finish() + [ASCII.cr, ASCII.lf]
        } else {
            encoding = "quoted-printable"
            octets = Self.quotedPrintable(lines)
        }
    }

    /// The lines of a text that ends in LF, CR or CRLF or in none.
    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < text.count {
            guard text[index] == ASCII.cr || text[index] == ASCII.lf else {
                index += 1
                continue
            }
            lines.append(text[start..<index])
            let isPair =
                text[index] == ASCII.cr && index + 1 < text.count && text[index + 1] == ASCII.lf
            index += isPair ? 2 : 1
            start = index
        }
        if start < text.count { lines.append(text[start...]) }
        return lines
    }

    private static func isSafe(_ octet: UInt8) -> Bool {
        (0x20...0x7E).contains(octet) || octet == ASCII.tab
    }

    /// Quoted-printable (RFC 2045 6.7) in lines of at most 76 characters.
    ///
    /// A blank at a line's end is encoded, and so are a leading dot and `From `, which some relay
    /// on the way may change.
    private static func quotedPrintable(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
        var output: [UInt8] = []
        for line in lines {
            let isMboxMark = line.starts(with: "From ".utf8)
            var column = 0
            for index in line.indices {
                let octet = line[index]
                let isLast = index + 1 == line.endIndex
                let isBlank = octet == ASCII.space || octet == ASCII.tab
                let isFirst = index == line.startIndex
                let isKept =
                    isSafe(octet) && octet != UInt8(ascii: "=") && !(isBlank && isLast)
                    && !(isFirst && (isMboxMark || octet == UInt8(ascii: ".")))
                let size = isKept ? 1 : 3
                if column + size > (isLast ? 76 : 75) {
                    output += [UInt8(ascii: "="), ASCII.cr, ASCII.lf]
                    column = 0
                }
                // A soft break may have put a dot first in its line.
                let isDot = column == 0 && octet == UInt8(ascii: ".")
                if isKept, !isDot {
                    output.append(octet)
                } else {
                    output.append(UInt8(ascii: "="))
                    output.append(Hexadecimal.digit(octet >> 4))
                    output.append(Hexadecimal.digit(octet & 15))
                }
                column += isDot ? 3 : size
            }
            output += [ASCII.cr, ASCII.lf]
        }
        return output
    }
}
