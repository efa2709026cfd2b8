// A caller's text as lines. What ends a line differs between systems; on the wire it is CRLF alone
// (RFC 5322 2.3).

import MailModel

/// The lines of a text.
enum TextLines {
    /// The lines of a text that ends in LF, CR or CRLF or in none, without their line ends.
    static func split(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
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

    /// How many `>` a line begins with, each perhaps with a space behind it, and what follows.
    static func quotation(
        _ line: ArraySlice<UInt8>
    ) -> (depth: Int, content: ArraySlice<UInt8>) {
        var depth = 0
        var rest = line
        while rest.first == UInt8(ascii: ">") {
            rest.removeFirst()
            depth += 1
            let next = rest.dropFirst()
            if rest.first == ASCII.space, next.first == UInt8(ascii: ">") { rest = next }
        }
        if depth > 0, rest.first == ASCII.space { rest.removeFirst() }
        return (depth, rest)
    }

    /// Whether a line's content is the separator in front of a signature (RFC 3676 4.3).
    static func isSignature(_ content: ArraySlice<UInt8>) -> Bool {
        content.elementsEqual("-- ".utf8)
    }
}
