// Comments of structured fields (RFC 5322 3.2.2), taken out before dates and tokens are read.

import MailModel

/// Removal of comments.
enum CommentStripper {
    /// The octets outside of comments; each comment, line end and control leaves one space.
    ///
    /// Quoted strings are kept whole. An unclosed comment reaches to the end.
    static func strip(_ octets: [UInt8]) -> [UInt8] { strip(octets[...]) }

    /// The same for a slice.
    static func strip(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var depth = 0
        var isQuoted = false
        var isEscaped = false
        for octet in octets {
            if isEscaped {
                isEscaped = false
                if depth == 0 { result.append(octet) }
                continue
            }
            switch octet {
            case UInt8(ascii: "\\") where depth > 0 || isQuoted:
                isEscaped = true
                if depth == 0 { result.append(octet) }
            case UInt8(ascii: "\"") where depth == 0:
                isQuoted.toggle()
                result.append(octet)
            case UInt8(ascii: "(") where !isQuoted:
                depth += 1
                result.append(ASCII.space)
            case UInt8(ascii: ")") where depth > 0:
                depth -= 1
            case _ where depth > 0:
                break
            case ASCII.cr, ASCII.lf:
                break
            default:
                result.append(octet)
            }
        }
        return result
    }
}
