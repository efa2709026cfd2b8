// A header section as it came: fields in order, byte for byte, so that writing them back is the
// identity. Nothing is decoded here, and a line that is no field is kept under an empty name
// instead of guessed at.

import MailModel

/// One header field with its folding (RFC 5322 2.2).
package struct HeaderField: Sendable, Hashable {
    /// The whole field as received, with its last line end if it had one.
    package let octets: [UInt8]
    /// Where the colon stands; nil for a line that is no field.
    private let colon: Int?

    /// A field from its lines; the first colon divides name and value.
    package init(octets: [UInt8]) {
        self.octets = octets
        colon = octets.firstIndex(of: UInt8(ascii: ":"))
    }

    /// The field name as written, without blanks before the colon; empty for a line without colon.
    package var name: ArraySlice<UInt8> {
        guard let colon else { return [] }
        return ASCII.trimmed(octets[..<colon])
    }

    /// The value after the colon: folding and leading blank included, last line end excluded.
    package var rawValue: ArraySlice<UInt8> {
        var value = octets[((colon ?? -1) + 1)...]
        if value.last == ASCII.lf { value.removeLast() }
        if value.last == ASCII.cr { value.removeLast() }
        return value
    }

    /// The value without line ends and without blanks at its ends (RFC 5322 2.2.3).
    package var unfolded: [UInt8] {
        let value = rawValue.filter { $0 != ASCII.cr && $0 != ASCII.lf }
        return Array(ASCII.trimmed(value[...]))
    }
}

/// A header section (RFC 5322 2.2), tolerant of bare LF and of broken lines.
package struct HeaderBlock: Sendable, Hashable {
    /// The fields in order of appearance.
    package let fields: [HeaderField]
    /// Whether limits dropped octets or fields.
    package let isTruncated: Bool
    /// Octets of the input up to the body, the empty line included.
    package let octetCount: Int

    /// Reads up to the first empty line or the end of the input.
    ///
    /// A byte order mark and an mbox `From ` line at the start are dropped. A line of blanks alone
    /// is a continuation, not the end (RFC 5322 4.2 obs-FWS).
    package init(parsing octets: [UInt8]) {
        let limit = min(octets.count, MessageFormatLimits.headerBlockOctetsMax)
        var fields: [HeaderField] = []
        var isTruncated = limit < octets.count
        var index = Self.skipPreamble(octets, limit: limit)
        var fieldStart = index
        while index < limit {
            let lineEnd = Self.lineEnd(octets, from: index, limit: limit)
            if Self.isEmptyLine(octets[index..<lineEnd]) {
                isTruncated = fields.count > MessageFormatLimits.headerFieldsMax
                index = lineEnd
                break
            }
            index = lineEnd
            if index < limit, octets[index] == ASCII.space || octets[index] == ASCII.tab {
                continue
            }
            if fields.count <= MessageFormatLimits.headerFieldsMax {
                fields.append(HeaderField(octets: Array(octets[fieldStart..<index])))
            }
            fieldStart = index
        }
        isTruncated = isTruncated || fields.count > MessageFormatLimits.headerFieldsMax
        self.fields = Array(fields.prefix(MessageFormatLimits.headerFieldsMax))
        self.isTruncated = isTruncated
        octetCount = index
    }

    /// The first field of a name, in any case.
    package func first(_ name: String) -> HeaderField? {
        fields.first { ASCII.equal($0.name, name.utf8) }
    }

    /// All fields of a name, in any case, in order.
    package func all(_ name: String) -> [HeaderField] {
        fields.filter { ASCII.equal($0.name, name.utf8) }
    }

    private static func skipPreamble(_ octets: [UInt8], limit: Int) -> Int {
        let start = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard octets[start...].starts(with: "From ".utf8) else { return start }
        return lineEnd(octets, from: start, limit: limit)
    }

    private static func lineEnd(_ octets: [UInt8], from start: Int, limit: Int) -> Int {
        let lineFeed = octets[start..<limit].firstIndex(of: ASCII.lf)
        return lineFeed.map { $0 + 1 } ?? limit
    }

    private static func isEmptyLine(_ line: ArraySlice<UInt8>) -> Bool {
        line.elementsEqual([ASCII.lf]) || line.elementsEqual([ASCII.cr, ASCII.lf])
    }
}
