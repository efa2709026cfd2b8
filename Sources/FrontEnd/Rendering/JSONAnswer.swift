// Answers for programs: one object on one line, `schema` first, then the fields of the broker's
// result in alphabetical order, so that the same answer is always the same text.

import FoundationEssentials
import MailModel

/// Objects of `--json`.
package enum JSONAnswer {
    /// The line of an answer with its LF.
    package static func line(_ schema: Schema, _ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let object = try encoder.encode(value)
        var line = Array("{\"schema\":\"\(schema.rawValue)\"".utf8)
        if object.count > 2 { line.append(UInt8(ascii: ",")) }
        line += escaped(object.dropFirst())
        line.append(ASCII.lf)
        return line
    }

    /// The kinds of answers; the number rises with a change that breaks readers.
    package enum Schema: String, Sendable {
        case account = "mb.account/1"
        case change = "mb.change/1"
        case error = "mb.error/1"
        case event = "mb.event/1"
        case fetch = "mb.fetch/1"
        case folders = "mb.folders/1"
        case list = "mb.list/1"
        case message = "mb.message/1"
        case outbox = "mb.outbox/1"
        case outboxChange = "mb.outbox.change/1"
        case outboxItem = "mb.outbox.item/1"
        case parse = "mb.parse/1"
        case parts = "mb.parts/1"
        case raw = "mb.raw/1"
        case found = "mb.found/1"
        case rendered = "mb.rendered/1"
        case sent = "mb.sent/1"
        case started = "mb.started/1"
        case status = "mb.status/1"
        case stopped = "mb.stopped/1"
    }

    /// An object whose strings hold nothing that acts on a terminal.
    ///
    /// JSON lets DEL, C1 and bidirectional controls through. They can only stand in strings, where
    /// an escape means the same.
    private static func escaped(_ object: Data) -> [UInt8] {
        guard object.contains(where: { $0 >= 0x7F }) else { return Array(object) }
        var result: [UInt8] = []
        result.reserveCapacity(object.count)
        for scalar in String(decoding: object, as: UTF8.self).unicodeScalars {
            if scalar.value >= 0x7F, TerminalText.marker(for: scalar) != nil {
                for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() {
                    let digits = String(unit, radix: 16)
                    result += Array("\\u".utf8)
                    result += Array(repeating: UInt8(ascii: "0"), count: 4 - digits.utf8.count)
                    result += Array(digits.utf8)
                }
            } else {
                result += UTF8.encode(scalar) ?? UTF8.EncodedScalar()
            }
        }
        return result
    }
}
