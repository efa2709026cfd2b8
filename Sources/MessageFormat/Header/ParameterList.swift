// Parameters of MIME fields and what they mean: RFC 2231 joined and decoded, RFC 2047 where writers
// put it. Reads the text of a field as well as the pairs of an IMAP BODYSTRUCTURE, which are
// already split.

package import MailModel

/// The parameters of Content-Type or Content-Disposition (RFC 2045 5.1, RFC 2183, RFC 2231).
package struct ParameterList: Sendable, Hashable {
    /// The pairs as received, in order, names in lower case with their RFC 2231 marks.
    package let pairs: [BodyPart.Parameter]

    /// Parameters that are already split, as IMAP gives them.
    package init(_ pairs: [BodyPart.Parameter]) {
        self.pairs = pairs.prefix(MessageFormatLimits.parametersMax).map {
            BodyPart.Parameter(
                name: String(decoding: $0.name.utf8.map(ASCII.lowercased), as: UTF8.self),
                value: $0.value
            )
        }
    }

    /// The file name that two fields of a part give: Content-Disposition's before Content-Type's.
    ///
    /// Decoded but not made safe: pass it through `FileName.safe` before it names a file.
    package static func fileName(
        disposition: [BodyPart.Parameter],
        contentType: [BodyPart.Parameter]
    ) -> String? {
        for (pairs, name) in [(disposition, "filename"), (contentType, "name")] {
            if let value = ParameterList(pairs).value(name), !value.isEmpty { return value }
        }
        return nil
    }

    /// The decoded value of a parameter, or nil.
    ///
    /// `name*` goes before `name*0`, and that before `name` (RFC 2231 4, 5). The first of several
    /// counts. CR and LF in it are spaces.
    package func value(_ name: String) -> String? {
        if let value = first(name, suffix: "*") { return Self.decodeExtended(value) }
        if let value = joinedSegments(name) { return value }
        return first(name, suffix: "").map { Self.decodePlain($0, name: name) }
    }

    /// The octets of a parameter that is never encoded, such as `boundary`, or nil.
    package func octets(_ name: String) -> [UInt8]? { first(name, suffix: "") }

    private func first(_ name: String, suffix: String) -> [UInt8]? {
        let wanted = (name + suffix).utf8
        return pairs.first { $0.name.utf8.elementsEqual(wanted) }?.value
    }

    /// The segments `name*0`, `name*1` and so on as one value, in any order of appearance, up to a
    /// gap.
    private func joinedSegments(_ name: String) -> String? {
        var segments: [Int: (value: [UInt8], isExtended: Bool)] = [:]
        for pair in pairs {
            guard let mark = Self.segmentMark(of: pair.name, base: name),
                segments[mark.number] == nil
            else { continue }
            segments[mark.number] = (pair.value, mark.isExtended)
        }
        // QUIRK: some writers count from 1.
        guard let start = segments[0] == nil ? (segments[1] == nil ? nil : 1) : 0,
            let first = segments[start]
        else { return nil }
        let head =
            first.isExtended ? Self.splitExtended(first.value) : (charset: nil, text: first.value)
        var octets = first.isExtended ? Self.percentDecoded(head.text) : head.text
        var number = start + 1
        while let segment = segments[number] {
            octets += segment.isExtended ? Self.percentDecoded(segment.value) : segment.value
            number += 1
        }
        guard first.isExtended else { return Self.decodePlain(octets, name: name) }
        return Self.withoutLineEnds(Charset.decode(octets, as: CharsetLabel(head.charset)))
    }

    private static func segmentMark(
        of pair: String,
        base: String
    ) -> (number: Int, isExtended: Bool)? {
        let octets = Array(pair.utf8)
        guard octets.starts(with: base.utf8) else { return nil }
        var rest = octets.dropFirst(base.utf8.count)
        guard rest.popFirst() == UInt8(ascii: "*"), !rest.isEmpty else { return nil }
        let isExtended = rest.last == UInt8(ascii: "*")
        if isExtended { rest.removeLast() }
        guard rest.count <= 3, let number = ASCII.decimal(rest),
            rest.count == 1 || rest.first != UInt8(ascii: "0")
        else { return nil }
        return (Int(number), isExtended)
    }

    private static func decodePlain(_ octets: [UInt8], name: String) -> String {
        // RFC 2047 5 forbids encoded words here, and half of all writers put them into names.
        guard name == "filename" || name == "name" else {
            return withoutLineEnds(Charset.guess(octets))
        }
        return HeaderText.decodeKeepingBlanks(octets)
    }

    private static func decodeExtended(_ octets: [UInt8]) -> String {
        let (charset, text) = splitExtended(octets)
        return withoutLineEnds(Charset.decode(percentDecoded(text), as: CharsetLabel(charset)))
    }

    /// `charset'language'text`; a missing apostrophe leaves the text alone.
    private static func splitExtended(_ octets: [UInt8]) -> (charset: String?, text: [UInt8]) {
        let fields = octets.split(
            separator: UInt8(ascii: "'"),
            maxSplits: 2,
            omittingEmptySubsequences: false
        )
        guard fields.count > 1, let text = fields.last else { return (nil, octets) }
        return (String(decoding: fields[0], as: UTF8.self), Array(text))
    }

    private static func percentDecoded(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var index = 0
        while index < octets.count {
            if octets[index] == UInt8(ascii: "%"), index + 2 < octets.count,
                let high = Hexadecimal.value(octets[index + 1]),
                let low = Hexadecimal.value(octets[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return result
    }

    private static func withoutLineEnds(_ text: String) -> String {
        let octets = text.utf8.map { $0 == ASCII.cr || $0 == ASCII.lf ? ASCII.space : $0 }
        return String(decoding: octets, as: UTF8.self)
    }
}
