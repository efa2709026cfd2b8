// Content-Type and Content-Disposition as text. Tolerant: a broken field has a defined reading and
// never fails, because the part behind it must still be shown.

import MailModel

/// The Content-Type field (RFC 2045 5).
package struct ContentTypeField: Sendable, Hashable {
    /// The type in lower case: `text`.
    package let type: String
    /// The subtype in lower case: `plain`.
    package let subtype: String
    /// The parameters.
    package let parameters: ParameterList

    /// Reads a field body; what is no type is text/plain (RFC 2045 5.2).
    package static func parse(_ octets: some Sequence<UInt8>) -> ContentTypeField {
        let field = MIMEField(octets)
        let names = field.token.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        ).map { String(decoding: $0.map(ASCII.lowercased), as: UTF8.self) }
        let isType = names.count == 2 && names.allSatisfy { !$0.isEmpty }
        return ContentTypeField(
            type: isType ? names[0] : "text",
            subtype: isType ? names[1] : "plain",
            parameters: field.parameters
        )
    }
}

/// The Content-Disposition field (RFC 2183).
package struct ContentDispositionField: Sendable, Hashable {
    /// The disposition in lower case: `inline`, `attachment`.
    ///
    /// Any other means `attachment`.
    package let token: String
    /// The parameters.
    package let parameters: ParameterList

    /// Reads a field body; a missing token is `attachment` (RFC 2183 2.8).
    package static func parse(_ octets: some Sequence<UInt8>) -> ContentDispositionField {
        let field = MIMEField(octets)
        // An encoded word has no place here (RFC 2047 5), and is read all the same.
        let text = HeaderText.decode(field.token)
        let token = String(decoding: text.utf8.map(ASCII.lowercased), as: UTF8.self)
        return ContentDispositionField(
            token: token.isEmpty ? "attachment" : token,
            parameters: field.parameters
        )
    }
}

/// `token; name=value; name="value"` cut into its pieces.
private struct MIMEField {
    /// The first piece, without blanks and comments; empty where it is a parameter already.
    let token: [UInt8]
    let parameters: ParameterList

    init(_ octets: some Sequence<UInt8>) {
        var reader = MIMEFieldReader(FieldOctets.array(octets))
        let head = reader.headSegment()
        let isParameter =
            head.contains(UInt8(ascii: "=")) && !head.starts(with: "=?".utf8)
        token = isParameter ? [] : head
        if isParameter { reader.restart() }
        parameters = ParameterList(reader.parameters())
    }
}

/// Walks over a MIME field once.
private struct MIMEFieldReader {
    private let octets: [UInt8]
    private var index = 0

    init(_ octets: [UInt8]) {
        self.octets = octets.filter { $0 != ASCII.cr && $0 != ASCII.lf }
    }

    mutating func restart() { index = 0 }

    /// Everything before the first `;`, without blanks and comments.
    mutating func headSegment() -> [UInt8] {
        let end = octets.firstIndex(of: UInt8(ascii: ";")) ?? octets.count
        index = min(end + 1, octets.count)
        let text = CommentStripper.strip(octets[..<end])
        let words = text.split { $0 <= ASCII.space || $0 == UInt8(ascii: "\"") }
        // `attachment filename=x` lacks its semicolon; the token is the first word all the same.
        guard let first = words.first else { return [] }
        let slash = UInt8(ascii: "/")
        let isSpaced = words.count > 1 && (words[1].first == slash || first.last == slash)
        return isSpaced ? words.flatMap { $0 } : Array(first)
    }

    mutating func parameters() -> [BodyPart.Parameter] {
        var pairs: [BodyPart.Parameter] = []
        while index < octets.count, pairs.count < MessageFormatLimits.parametersMax {
            guard let name = name() else { continue }
            skipBlanks()
            let value: [UInt8]
            if index < octets.count, octets[index] == UInt8(ascii: "\"") {
                value = quotedValue()
            } else {
                let isFileName = name.utf8.starts(with: "name".utf8)
                value = plainValue(
                    isFileName: isFileName || name.utf8.starts(with: "filename".utf8)
                )
                // `charset=` says nothing; `charset=""` says that it is empty.
                if value.isEmpty { continue }
            }
            pairs.append(BodyPart.Parameter(name: name, value: value))
        }
        return pairs
    }

    /// The name before `=`; nil where a segment has none, and then the segment is skipped.
    private mutating func name() -> String? {
        let start = index
        while index < octets.count, octets[index] != UInt8(ascii: "="),
            octets[index] != UInt8(ascii: ";")
        { index += 1 }
        let isNamed = index < octets.count && octets[index] == UInt8(ascii: "=")
        let name = CommentStripper.strip(octets[start..<index])
            .filter { $0 > ASCII.space && $0 != UInt8(ascii: "\"") }
        index += 1
        guard isNamed, !name.isEmpty else {
            if isNamed { skipSegment() }
            return nil
        }
        return String(decoding: name.map(ASCII.lowercased), as: UTF8.self)
    }

    private mutating func quotedValue() -> [UInt8] {
        index += 1
        var value: [UInt8] = []
        while index < octets.count, octets[index] != UInt8(ascii: "\"") {
            var octet = octets[index]
            // QUIRK: only quotes and backslashes are unescaped, so that `C:\dir\name` keeps its
            // parts.
            if octet == UInt8(ascii: "\\"), index + 1 < octets.count,
                octets[index + 1] == UInt8(ascii: "\"") || octets[index + 1] == UInt8(ascii: "\\")
            {
                index += 1
                octet = octets[index]
            }
            value.append(octet)
            index += 1
        }
        skipSegment()
        return value
    }

    /// A value without quotes.
    ///
    /// A file name reaches to the semicolon, blanks and parentheses included; any other value is
    /// one word.
    private mutating func plainValue(isFileName: Bool) -> [UInt8] {
        let start = index
        while index < octets.count, octets[index] != UInt8(ascii: ";") { index += 1 }
        let segment = ASCII.trimmed(octets[start..<index])
        index += 1
        guard !isFileName else { return Array(segment) }
        return Array(segment.prefix { $0 > ASCII.space && $0 != UInt8(ascii: "(") })
    }

    private mutating func skipSegment() {
        while index < octets.count, octets[index] != UInt8(ascii: ";") { index += 1 }
        index += 1
    }

    private mutating func skipBlanks() {
        while index < octets.count, octets[index] <= ASCII.space { index += 1 }
    }
}
