// A header section as it came: fields in order, byte for byte, so that writing them back is the
// identity. Nothing is decoded here, and a line that is no field is kept under an empty name
// instead of guessed at.

import MailModel

/// One header field with its folding (RFC 5322 2.2).
package struct HeaderField: Sendable, Hashable {
    /// The whole field as received, with its last line end if it had one.
    package let octets: ArraySlice<UInt8>
    /// Where the colon stands; nil for a line that is no field.
    private let colon: Int?

    /// A field from its lines; the first colon divides name and value.
    package init(octets: [UInt8]) {
        self.octets = octets[...]
        colon = octets.firstIndex(of: UInt8(ascii: ":"))
    }

    /// A field found in a message.
    fileprivate init(_ span: HeaderFieldSpan, in message: [UInt8]) {
        octets = message[span.range]
        colon = span.colon
    }

    /// The field name as written, without blanks before the colon; empty for a line without colon.
    ///
    /// A blank in front stays: such a line continues a field that is not there, and names none.
    package var name: ArraySlice<UInt8> {
        guard let colon else { return [] }
        var name = octets[..<colon]
        while let last = name.last, last == ASCII.space || last == ASCII.tab { name.removeLast() }
        return name
    }

    /// The value after the colon: folding and leading blank included, last line end excluded.
    package var rawValue: ArraySlice<UInt8> {
        var value = octets[(colon.map { $0 + 1 } ?? octets.startIndex)...]
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
package struct HeaderBlock: Sendable {
    /// The octets the section stands in: shared with the message, never copied.
    private let octets: [UInt8]
    private let spans: ArraySlice<HeaderFieldSpan>
    /// Whether limits dropped octets or fields.
    package let isTruncated: Bool
    /// Octets of the input up to the body, the empty line included.
    package let octetCount: Int

    /// Reads up to the first empty line or the end of the input.
    ///
    /// A byte order mark and an mbox `From ` line at the start are dropped. A line of blanks alone
    /// is a continuation, not the end (RFC 5322 4.2 obs-FWS).
    package init(parsing octets: [UInt8]) {
        var scanner = HeaderScanner(fieldsMax: MessageFormatLimits.headerFieldsMax)
        let start = HeaderScanner.skipPreamble(octets)
        octetCount = scanner.scan(octets, from: start, boundaries: BoundaryStack())
        spans = scanner.fields[...]
        isTruncated = scanner.isTruncated
        self.octets = octets
    }

    /// A section that a scanner has found.
    init(
        _ spans: ArraySlice<HeaderFieldSpan>,
        in octets: [UInt8],
        octetCount: Int,
        isTruncated: Bool
    ) {
        self.octets = octets
        self.spans = spans
        self.octetCount = octetCount
        self.isTruncated = isTruncated
    }

    /// The fields in order of appearance.
    package var fields: [HeaderField] { spans.map { HeaderField($0, in: octets) } }

    /// The first field of a name, in any case.
    package func first(_ name: String) -> HeaderField? {
        spans.first { $0.isNamed(name, in: octets) }.map { HeaderField($0, in: octets) }
    }

    /// All fields of a name, in any case, in order.
    package func all(_ name: String) -> [HeaderField] {
        spans.filter { $0.isNamed(name, in: octets) }.map { HeaderField($0, in: octets) }
    }
}
