// The boundaries that may end what is being read. A delimiter of an outer multipart ends everything
// inside it (RFC 2046 5.1.2), so every line is held against all of them, the innermost first.

import Glibc
import MailModel

/// The boundaries of the open multiparts.
struct BoundaryStack {
    /// A delimiter line that was found.
    struct Delimiter {
        /// Which open container it belongs to, counted from the outermost.
        let level: Int
        /// Whether it is the close-delimiter (`--boundary--`).
        let isClose: Bool
    }

    /// `--boundary` of each open container; nil for one without boundary and for one that closed.
    private var delimiters: [[UInt8]?] = []
    /// How many are not nil.
    private var activeCount = 0

    /// Whether any line can be a delimiter.
    var isActive: Bool { activeCount > 0 }

    /// Opens a container; without a boundary it only ends with what is around it.
    mutating func push(_ boundary: [UInt8]?) {
        delimiters.append(boundary.map { [UInt8(ascii: "-"), UInt8(ascii: "-")] + $0 })
        if boundary != nil { activeCount += 1 }
    }

    /// Ends the containers above a level.
    mutating func pop(to count: Int) {
        while delimiters.count > count {
            if delimiters.removeLast() != nil { activeCount -= 1 }
        }
    }

    /// Takes a boundary out after its close-delimiter: what looks like it from now on is text.
    mutating func close(level: Int) {
        guard level < delimiters.count, delimiters[level] != nil else { return }
        delimiters[level] = nil
        activeCount -= 1
    }

    /// The delimiter a line is; nil for a line of content.
    ///
    /// `--boundary`, blanks, and the line end; blanks are transport padding (RFC 2046 5.1.1). More
    /// text behind it makes it content, so that a boundary may begin with another; only behind a
    /// close-delimiter it is ignored (5.1.2: the rest of the line need not match).
    @inline(__always)
    func delimiter(in octets: [UInt8], line: Range<Int>) -> Delimiter? {
        guard activeCount > 0, line.count >= 2, octets[line.lowerBound] == UInt8(ascii: "-"),
            octets[line.lowerBound + 1] == UInt8(ascii: "-")
        else { return nil }
        return match(in: octets, line: line)
    }

    private func match(in octets: [UInt8], line: Range<Int>) -> Delimiter? {
        var end = line.upperBound
        while end > line.lowerBound, octets[end - 1] <= ASCII.space { end -= 1 }
        var closed: Delimiter?
        for level in delimiters.indices.reversed() {
            guard let delimiter = delimiters[level],
                delimiter.count <= end - line.lowerBound,
                Self.isEqual(octets, line.lowerBound, delimiter)
            else { continue }
            let rest = octets[(line.lowerBound + delimiter.count)..<end]
            if rest.isEmpty { return Delimiter(level: level, isClose: false) }
            guard rest.starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")]) else { continue }
            if rest.count == 2 { return Delimiter(level: level, isClose: true) }
            if closed == nil { closed = Delimiter(level: level, isClose: true) }
        }
        return closed
    }

    private static func isEqual(_ octets: [UInt8], _ start: Int, _ text: [UInt8]) -> Bool {
        octets.withUnsafeBytes { octets in
            text.withUnsafeBytes { text in
                guard let left = octets.baseAddress, let right = text.baseAddress,
                    start + text.count <= octets.count
                else { return false }
                return memcmp(left + start, right, text.count) == 0
            }
        }
    }
}
