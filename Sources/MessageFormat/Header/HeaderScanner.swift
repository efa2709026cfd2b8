// Where the fields of a header section stand. One pass over its lines that copies nothing; what the
// fields mean is decided by whoever asks for one.

import MailModel

/// The place of one header field in a message.
///
/// Twelve octets, because a message may have a hundred thousand of them.
struct HeaderFieldSpan: Sendable {
    private let start: UInt32
    /// Where the colon stands; `end` for a line that is no field.
    private let colonOrEnd: UInt32
    private let end: UInt32

    fileprivate init(start: Int, colon: Int?, end: Int) {
        self.start = UInt32(clamping: start)
        self.end = UInt32(clamping: end)
        colonOrEnd = UInt32(clamping: colon ?? end)
    }

    /// The octets of the field, its last line end included.
    var range: Range<Int> { Int(start)..<Int(end) }
    /// Where the colon stands; nil for a line that is no field.
    var colon: Int? { colonOrEnd < end ? Int(colonOrEnd) : nil }

    /// Whether the field has a name, in any case and with blanks before its colon.
    func isNamed(_ name: String, in octets: [UInt8]) -> Bool {
        guard let colon else { return false }
        let count = name.utf8.count
        guard colon - Int(start) >= count else { return false }
        var index = Int(start)
        for octet in name.utf8 {
            guard ASCII.lowercased(octets[index]) == ASCII.lowercased(octet) else { return false }
            index += 1
        }
        while index < colon {
            guard octets[index] == ASCII.space || octets[index] == ASCII.tab else { return false }
            index += 1
        }
        return true
    }
}

/// Finds the fields of one header section after the other.
struct HeaderScanner {
    /// The fields found so far, of all sections.
    private(set) var fields: [HeaderFieldSpan] = []
    /// Whether limits dropped octets or fields of the section scanned last.
    private(set) var isTruncated = false
    /// Most fields kept of all sections together.
    private let fieldsMax: Int

    init(fieldsMax: Int) { self.fieldsMax = fieldsMax }

    /// Reads one section and gives the index behind its empty line.
    ///
    /// Without an empty line it ends before a line that begins the body, or at the end of the
    /// input. Of a section too large, the fields that fit are kept.
    mutating func scan(
        _ octets: [UInt8],
        from start: Int,
        boundaries: BoundaryStack
    ) -> Int {
        let first = fields.count
        isTruncated = false
        let keptEnd = min(octets.count, start + MessageFormatLimits.headerBlockOctetsMax)
        var index = start
        var fieldStart = start
        while index < octets.count {
            let lineEnd = LineScan.lineEnd(in: octets, from: index, limit: octets.count)
            if Self.isEmptyLine(octets, index, lineEnd) {
                keep(octets, fieldStart, index, keptEnd, since: first)
                return lineEnd
            }
            if boundaries.delimiter(in: octets, line: index..<lineEnd) != nil { break }
            if Self.beginsBody(octets, index, lineEnd, isFirst: index == start) { break }
            let isContinuation = octets[index] == ASCII.space || octets[index] == ASCII.tab
            if !isContinuation || index == start {
                keep(octets, fieldStart, index, keptEnd, since: first)
                fieldStart = index
            }
            index = lineEnd
        }
        keep(octets, fieldStart, index, keptEnd, since: first)
        return index
    }

    /// The index behind a byte order mark and an mbox `From ` line.
    static func skipPreamble(_ octets: [UInt8]) -> Int {
        let start = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard octets[start...].starts(with: "From ".utf8) else { return start }
        return LineScan.lineEnd(in: octets, from: start, limit: octets.count)
    }

    private mutating func keep(
        _ octets: [UInt8],
        _ start: Int,
        _ end: Int,
        _ keptEnd: Int,
        since first: Int
    ) {
        guard start < end else { return }
        guard start < keptEnd, fields.count - first < MessageFormatLimits.headerFieldsMax,
            fields.count < fieldsMax
        else {
            isTruncated = true
            return
        }
        if end > keptEnd { isTruncated = true }
        let end = min(end, keptEnd)
        let colon = LineScan.index(of: UInt8(ascii: ":"), in: octets, from: start, limit: end)
        fields.append(HeaderFieldSpan(start: start, colon: colon, end: end))
    }

    /// Whether a line belongs to the body although no empty line stands before it: the first line
    /// of a section without header, or a delimiter of the multipart whose header this is.
    private static func beginsBody(
        _ octets: [UInt8],
        _ start: Int,
        _ end: Int,
        isFirst: Bool
    ) -> Bool {
        let isDelimiter =
            octets[start] == UInt8(ascii: "-") && start + 1 < end
            && octets[start + 1] == UInt8(ascii: "-")
        guard isDelimiter || (isFirst && !isBlank(octets, start, end)) else { return false }
        return LineScan.index(of: UInt8(ascii: ":"), in: octets, from: start, limit: end) == nil
    }

    /// Whether a line holds blanks alone.
    private static func isBlank(_ octets: [UInt8], _ start: Int, _ end: Int) -> Bool {
        octets[start..<end].allSatisfy { $0 <= ASCII.space }
    }

    private static func isEmptyLine(_ octets: [UInt8], _ start: Int, _ end: Int) -> Bool {
        switch end - start {
        case 1: octets[start] == ASCII.lf
        case 2: octets[start] == ASCII.cr && octets[start + 1] == ASCII.lf
        default: false
        }
    }
}
