// Text as format=flowed (RFC 3676): paragraphs are wrapped for readers that do not know it, and
// joined again by those that do. Nothing of the text changes but blanks at the ends of its lines.

import MailModel

/// Wraps text for format=flowed, without DelSp.
///
///     > a quoted paragraph that is too long for a line and is wrapped here, with the␠
///     > same quotation in front of every piece
struct FlowedWriter {
    private(set) var lines: [[UInt8]] = []
    private static let columnsMax = MessageFormatLimits.lineOctetsPreferred

    /// Wraps UTF-8 text; every kind of line end divides its paragraphs.
    init(_ text: [UInt8]) {
        for line in TextLines.split(text) { append(line) }
    }

    private mutating func append(_ line: ArraySlice<UInt8>) {
        let (depth, content) = TextLines.quotation(line)
        guard !TextLines.isSignature(content) else {
            lines.append(Self.stuffed(content, depth: depth))
            return
        }
        // A blank at the end would make this a flowed line (RFC 3676 4.2).
        var rest = content
        while rest.last == ASCII.space { rest.removeLast() }
        if depth <= MessageFormatLimits.flowedQuoteDepthMax {
            while let end = Self.softBreak(in: rest, depth: depth) {
                lines.append(Self.stuffed(rest[..<end], depth: depth))
                rest = rest[end...]
            }
        }
        lines.append(Self.stuffed(rest, depth: depth))
    }

    /// The index behind the space at which a line is to be cut; nil where all of it fits or it has
    /// no such space.
    ///
    /// A piece that would read as a signature separator is not cut off, and what follows a cut is
    /// never blank alone.
    private static func softBreak(in content: ArraySlice<UInt8>, depth: Int) -> Int? {
        var column = depth + 1
        var candidate: Int?
        for index in content.indices {
            // Continuation octets of UTF-8 take no column.
            if content[index] & 0xC0 != 0x80 { column += 1 }
            if column > columnsMax, let candidate { return candidate }
            guard content[index] == ASCII.space, index + 1 < content.endIndex else { continue }
            let piece = content[...index]
            if !TextLines.isSignature(piece) { candidate = index + 1 }
        }
        return column > columnsMax ? candidate : nil
    }

    /// A line on the wire: quotation marks, and a space where its content could be taken for
    /// something else (RFC 3676 4.4).
    private static func stuffed(_ content: ArraySlice<UInt8>, depth: Int) -> [UInt8] {
        let marks = [UInt8](repeating: UInt8(ascii: ">"), count: depth)
        let needsSpace =
            depth > 0
            ? !content.isEmpty
            : content.first == ASCII.space || content.first == UInt8(ascii: ">")
                || content.starts(with: "From ".utf8)
        return marks + (needsSpace ? [ASCII.space] : []) + content
    }
}
