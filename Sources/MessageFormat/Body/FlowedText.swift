// format=flowed (RFC 3676): paragraphs that were cut into lines are joined again, so that the
// reader's window decides where lines end.

import MailModel

/// Unwrapping of flowed text.
enum FlowedText {
    /// The text with flowed lines joined; LF in, LF out.
    ///
    /// Quotation marks become `> ` in front.
    ///
    /// A line flows on where it ends in a space and the next one has the same quotation depth;
    /// the signature separator `-- ` never does (RFC 3676 4.3). With `delSp` that space goes (4.1).
    static func unwrap(_ text: [UInt8], delSp: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var openDepth: Int?
        var start = 0
        // Not `split`: it holds a slice of 32 octets for each line, and a line may be one octet.
        while start <= text.count {
            let end = LineScan.index(of: ASCII.lf, in: text, from: start, limit: text.count)
            let line = text[start..<(end ?? text.count)]
            start = line.endIndex + 1
            let marks = line.prefix { $0 == UInt8(ascii: ">") }.count
            var content = line.dropFirst(marks)
            if content.first == ASCII.space { content.removeFirst() }  // space-stuffing, 4.4
            let isSignature = content.elementsEqual("-- ".utf8)
            if openDepth == marks, !isSignature {
                output += content
            } else {
                if openDepth != nil { output.append(ASCII.lf) }
                output += quote(marks, isEmpty: content.isEmpty)
                output += content
            }
            if content.last == ASCII.space, !isSignature {
                if delSp { output.removeLast() }
                openDepth = marks
            } else {
                output.append(ASCII.lf)
                openDepth = nil
            }
        }
        // The last line end is that of the piece behind the text's own, or none.
        if openDepth == nil, !output.isEmpty { output.removeLast() }
        return output
    }

    private static func quote(_ depth: Int, isEmpty: Bool) -> [UInt8] {
        guard depth > 0 else { return [] }
        let marks = [UInt8](repeating: UInt8(ascii: ">"), count: depth)
        return isEmpty ? marks : marks + [ASCII.space]
    }
}
