// A text part on the wire: no bare CR or LF, no line over the limit, 7 bit unless the way allows
// more, whatever the caller's text looks like (reliability.md B24, B25). Chooses the least encoding
// that is safe.

import MailModel

/// A text ready to be sent.
struct TextBody {
    /// `7bit`, `8bit`, `quoted-printable` or `base64`.
    let encoding: String
    /// `us-ascii` or `utf-8`.
    let charset: String
    /// Whether it is format=flowed.
    let isFlowed: Bool
    /// The encoded content: CRLF line ends, a CRLF at the end unless it is empty.
    let octets: [UInt8]

    /// Encodes UTF-8 text; every kind of line end becomes CRLF.
    ///
    /// Text that is readable as it is stays so. What has a long line, a control character or, on a
    /// way for 7 bit, a wide one takes quoted-printable, which is still readable in part, or base64
    /// where that is shorter.
    init(_ text: [UInt8], isFlowed: Bool = false, form: WireForm = .sevenBit) {
        let lines =
            isFlowed ? FlowedWriter(text).lines.map { $0[...] } : TextLines.split(text)
        let wideCount = text.count { $0 >= 0x80 }
        let isPlain = lines.allSatisfy(Self.isPlain)
        self.isFlowed = isFlowed
        charset = wideCount == 0 ? "us-ascii" : "utf-8"
        if isPlain, wideCount == 0 || form.allowsEightBit {
            encoding = wideCount == 0 ? "7bit" : "8bit"
            octets = Self.joined(lines)
        } else if wideCount * 9 > text.count * 2 {
            // Where more than two octets in nine take three characters, base64 is shorter.
            encoding = "base64"
            var encoder = AttachmentEncoder()
            octets = encoder.encode(Self.joined(lines)) + encoder.finish() + [ASCII.cr, ASCII.lf]
        } else {
            encoding = "quoted-printable"
            octets = Self.quotedPrintable(lines)
        }
    }

    private static func joined(_ lines: [ArraySlice<UInt8>]) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(lines.reduce(0) { $0 + $1.count + 2 })
        for line in lines {
            octets += line
            octets += [ASCII.cr, ASCII.lf]
        }
        return octets
    }

    /// Whether a line can be sent as it is, wide characters aside.
    ///
    /// A line that begins like a delimiter of ours cannot: so no text holds a boundary, without a
    /// search for each one, as neither quoted-printable nor base64 can spell `=_`.
    private static func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
        line.count <= MessageFormatLimits.lineOctetsMax
            && line.allSatisfy { isSafe($0) || $0 >= 0x80 }
            && !line.starts(with: MultipartWriter.delimiterStart)
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
            var column = 0
            for index in line.indices {
                let octet = line[index]
                let isLast = index + 1 == line.endIndex
                let isBlank = octet == ASCII.space || octet == ASCII.tab
                let isKept =
                    isSafe(octet) && octet != UInt8(ascii: "=") && !(isBlank && isLast)
                let size = isKept ? 1 : 3
                if column + size > (isLast ? 76 : 75) {
                    output += [UInt8(ascii: "="), ASCII.cr, ASCII.lf]
                    column = 0
                }
                // A soft break may have put either first in its line.
                let isMark =
                    column == 0
                    && (octet == UInt8(ascii: ".") || line[index...].starts(with: "From ".utf8))
                if isKept, !isMark {
                    output.append(octet)
                } else {
                    output.append(UInt8(ascii: "="))
                    output.append(Hexadecimal.digit(octet >> 4))
                    output.append(Hexadecimal.digit(octet & 15))
                }
                column += isMark ? 3 : size
            }
            output += [ASCII.cr, ASCII.lf]
        }
        return output
    }
}
