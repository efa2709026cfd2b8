// The machine readable part of a report: groups of fields with empty lines between them. Fields
// only; what they mean is said by the report that reads them.

import MailModel

/// Groups of fields in a report's status part (RFC 3464 2.1).
struct ReportFields {
    /// One group: names in lower case, values unfolded, in order.
    private let fields: [(name: [UInt8], value: [UInt8])]

    /// The groups of a part that hold any field, at most as many as asked for.
    static func groups(_ octets: [UInt8], max: Int) -> [ReportFields] {
        var groups: [ReportFields] = []
        var fields: [(name: [UInt8], value: [UInt8])] = []
        let limit = min(octets.count, MessageFormatLimits.reportOctetsMax)
        var index = 0
        while index < limit, groups.count < max {
            let line = line(octets[index..<limit])
            index = line.next
            if line.text.allSatisfy({ $0 <= ASCII.space }) {
                if !fields.isEmpty { groups.append(ReportFields(fields: fields)) }
                fields = []
            } else if let first = line.text.first, first <= ASCII.space, !fields.isEmpty {
                fields[fields.count - 1].value += line.text.prefix(room(fields))
            } else if fields.count < MessageFormatLimits.headerFieldsMax,
                let colon = line.text.firstIndex(of: UInt8(ascii: ":"))
            {
                let name = ASCII.trimmed(line.text[..<colon]).map(ASCII.lowercased)
                let value = line.text[(colon + 1)...]
                    .prefix(MessageFormatLimits.reportValueOctetsMax)
                fields.append((name, Array(value)))
            }
        }
        if !fields.isEmpty, groups.count < max { groups.append(ReportFields(fields: fields)) }
        return groups
    }

    /// Whether a field of a name is there.
    func has(_ name: StaticString) -> Bool { octets(name) != nil }

    /// The value of the first field of a name, or nil.
    func octets(_ name: StaticString) -> [UInt8]? {
        fields.first { ASCII.equal($0.name, name) }?.value
    }

    /// The text of the first field of a name; nil where there is none or it is empty.
    func text(_ name: StaticString) -> String? { octets(name).flatMap(Self.text) }

    /// The texts of all fields of a name.
    func texts(_ name: StaticString) -> [String] {
        fields.filter { ASCII.equal($0.name, name) }.compactMap { Self.text($0.value) }
    }

    /// The date in the first field of a name, or nil.
    func date(_ name: StaticString) -> DateTime? { octets(name).flatMap { DateField.parse($0) } }

    /// The `type; value` in the first field of a name, or nil.
    func typed(_ name: StaticString) -> ReportValue? { octets(name).flatMap(ReportValue.init) }

    private static func text(_ octets: [UInt8]) -> String? {
        let text = HeaderText.decode(octets)
        return text.isEmpty ? nil : text
    }

    private static func room(_ fields: [(name: [UInt8], value: [UInt8])]) -> Int {
        MessageFormatLimits.reportValueOctetsMax - (fields.last?.value.count ?? 0)
    }

    private static func line(_ octets: ArraySlice<UInt8>) -> (text: ArraySlice<UInt8>, next: Int) {
        guard let end = octets.firstIndex(of: ASCII.lf) else { return (octets, octets.endIndex) }
        let text = octets[..<end]
        return (text.last == ASCII.cr ? text.dropLast() : text, end + 1)
    }
}

/// A value with the name space it belongs to (RFC 3464 2.1.2): `rfc822; a@example.org`.
package struct ReportValue: Sendable, Hashable {
    /// The type in lower case: `rfc822`, `dns`, `smtp`; empty where none was written.
    package let type: String
    /// The value: without brackets where it is one mailbox.
    package let value: String

    /// Reads a field's octets; nil where they hold no value.
    init?(_ octets: [UInt8]) {
        let semicolon = octets.firstIndex(of: UInt8(ascii: ";"))
        let head = semicolon.map { ASCII.trimmed(octets[..<$0]) } ?? []
        let text = HeaderText.decode(Array(octets[(semicolon.map { $0 + 1 } ?? 0)...]))
        let isBracketed =
            text.utf8.first == UInt8(ascii: "<") && text.utf8.last == UInt8(ascii: ">")
        value = isBracketed ? String(text.unicodeScalars.dropFirst().dropLast()) : text
        type = Charset.guess(head.map(ASCII.lowercased))
        if value.isEmpty { return nil }
    }
}
