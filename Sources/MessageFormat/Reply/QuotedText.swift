// The text of an original inside an answer or a forward.

import MailModel

/// Quoting of plain text.
package enum QuotedText {
    /// An attribution line and below it the text with `> ` in front of every line.
    ///
    ///     On 2026-11-25 at 10:00 +0100, Alice wrote:
    ///     > It is Friday.
    ///     >> When is lunch?
    package static func reply(to original: OriginalMessage) -> [UInt8] {
        let attribution = attribution(original) + [ASCII.lf]
        return attribution + quote(original.text)
    }

    /// A text as a quotation, with LF line ends: without its signature and the empty lines at its
    /// ends.
    ///
    /// A line that is a quotation already gets its `>` without a space, so that the marks stay
    /// together and flowed text counts them (RFC 3676 4.5).
    package static func quote(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 16)
        for line in withoutSignature(ReceivedText.lines(text)) {
            output.append(UInt8(ascii: ">"))
            if !line.isEmpty, line.first != UInt8(ascii: ">") { output.append(ASCII.space) }
            output += line
            output.append(ASCII.lf)
        }
        return output
    }

    /// `On 2026-11-25 at 10:00 +0100, Alice wrote:`, as far as it is known.
    static func attribution(_ original: OriginalMessage) -> [UInt8] {
        let author = original.from.first.map(name) ?? []
        let who = author.isEmpty ? Array("somebody".utf8) : author
        guard let date = original.date else { return who + Array(" wrote:".utf8) }
        return Array("On \(day(date)) at \(clock(date)), ".utf8) + who + Array(" wrote:".utf8)
    }

    /// `2026-11-25`, in the writer's own zone.
    static func day(_ date: DateTime) -> String {
        let fields = date.fields
        return "\(digits(fields.year, 4))-\(digits(fields.month, 2))-\(digits(fields.day, 2))"
    }

    /// `10:00 +0100`.
    static func clock(_ date: DateTime) -> String {
        let (fields, offset) = (date.fields, abs(date.offsetMinutes))
        let sign = date.offsetMinutes < 0 ? "-" : "+"
        return "\(digits(fields.hour, 2)):\(digits(fields.minute, 2)) "
            + "\(sign)\(digits(offset / 60, 2))\(digits(offset % 60, 2))"
    }

    /// The display name, or the address where there is none.
    private static func name(_ address: Address) -> [UInt8] {
        let name = ReceivedText.line((address.name ?? "").utf8)
        return name.isEmpty ? ReceivedText.line(address.address.utf8) : name
    }

    /// The lines before the last signature separator that is not quoted itself.
    ///
    /// The last one: an earlier one divides a text that its author meant to be read.
    private static func withoutSignature(
        _ lines: ArraySlice<ArraySlice<UInt8>>
    ) -> ArraySlice<ArraySlice<UInt8>> {
        guard let separator = lines.lastIndex(where: TextLines.isSignature) else { return lines }
        return ReceivedText.trimmed(lines[..<separator])
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
