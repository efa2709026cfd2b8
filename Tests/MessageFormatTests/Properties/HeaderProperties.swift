// What holds of header sections and of the fields that everybody asks for.

import MailModel
import MessageFormat

extension Properties {
    /// Fields cover the section without gap, and every reader of one gives a single line.
    package static func headerFields(_ octets: [UInt8]) throws -> Int {
        let block = HeaderBlock(parsing: octets)
        try holdCovers(block, octets)
        var size = 0
        for field in block.fields {
            try holdField(field)
            size += field.unfolded.count
        }
        for field in block.fields.prefix(16) { try holdLookUp(field, in: block) }
        size += try holdCommonFields(block)
        return size
    }

    private static func holdCovers(_ block: HeaderBlock, _ octets: [UInt8]) throws {
        try hold(block.octetCount <= octets.count, "the section ends behind the input")
        var position = octets.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if octets[position...].starts(with: "From ".utf8) {
            position = octets[position...].firstIndex(of: 0x0A).map { $0 + 1 } ?? octets.count
        }
        for field in block.fields {
            try hold(field.octets.startIndex == position, "a gap before octet \(position)")
            position = field.octets.endIndex
            try hold(field.octets == octets[field.octets.indices], "a field has other octets")
        }
        guard !block.isTruncated else { return }
        let rest = octets[position..<max(position, block.octetCount)]
        try hold(
            rest.isEmpty || rest == [0x0A] || rest == [0x0D, 0x0A],
            "\(rest.count) octets belong to no field"
        )
    }

    private static func holdField(_ field: HeaderField) throws {
        let end = field.octets.reversed().prefix(2)
        let lineEnd = end.first == 0x0A ? (end.last == 0x0D ? 2 : 1) : (end.first == 0x0D ? 1 : 0)
        try hold(field.rawValue.endIndex == field.octets.endIndex - lineEnd, "a value ends early")
        try hold(!field.name.contains(UInt8(ascii: ":")), "a colon in a name")
        let copy = HeaderField(octets: Array(field.octets))
        try hold(
            copy.name.elementsEqual(field.name) && copy.rawValue.elementsEqual(field.rawValue),
            "a field read on its own is another one"
        )
        try hold(!field.unfolded.contains { $0 == 0x0A || $0 == 0x0D }, "a line end unfolded")
        try holdCollapsed(HeaderText.decode(field.rawValue))
    }

    /// One line, no blank at an end and no two in a row.
    static func holdCollapsed(_ text: String) throws {
        try holdOneLine(text, "header text")
        var before = ASCII.space
        for octet in text.utf8 {
            try hold(octet != ASCII.tab, "a tab in header text")
            try hold(octet != ASCII.space || before != ASCII.space, "two blanks in header text")
            before = octet
        }
        try hold(text.isEmpty || before != ASCII.space, "header text ends in a blank")
    }

    /// A field is found under its own name, in any case.
    private static func holdLookUp(_ field: HeaderField, in block: HeaderBlock) throws {
        guard let name = utf8Text(field.name.map(ASCII.uppercased)), !name.isEmpty,
            field.octets.first != ASCII.space, field.octets.first != ASCII.tab
        else { return }
        let all = block.all(name)
        try hold(all.contains(field), "a field is not found by its name")
        try hold(block.first(name) == all.first, "the first of a name is not the first")
    }

    private static func holdCommonFields(_ block: HeaderBlock) throws -> Int {
        if let subject = block.subject { try holdCollapsed(subject) }
        let ids = ["message-id", "references"].flatMap { block.messageIDs($0) }
        for id in ids {
            try hold(!id.isEmpty && !id.utf8.contains { $0 <= 0x20 }, "a blank in a message id")
        }
        let addresses = ["from", "to"].flatMap { block.addresses($0) }
        for address in addresses { try holdOneLine(address.address, "an address") }
        return ids.count + addresses.count + (block.date == nil ? 0 : 1)
    }

    /// Addresses are single lines, not too many, and mailboxes written out are read back.
    package static func addresses(_ octets: [UInt8]) throws -> Int {
        let addresses = AddressList.parse(octets)
        try hold(addresses.count <= MessageFormatLimits.addressesMax, "too many addresses")
        var size = 0
        for address in addresses {
            try holdOneLine(address.address, "an address")
            try holdOneLine(address.name ?? "", "a display name")
            try hold(address.name != "", "an empty display name")
            size += address.address.utf8.count + (address.name ?? "").utf8.count
        }
        // One octet becomes at most three of UTF-8, and those three times as many by composition.
        try hold(size <= 16 * octets.count + 64, "addresses of \(size) octets")
        let plain = addresses.prefix(32).filter(isPlain)
        let written = plain.map(text(of:)).joined(separator: ",\r\n ")
        try hold(AddressList.parse(written.utf8) == plain, "read back differently: \(written)")
        return size
    }

    /// Whether a mailbox can be written without encoding.
    private static func isPlain(_ address: Address) -> Bool {
        let name = address.name ?? ""
        let isText = !name.utf8.contains { $0 < 0x20 || $0 == 0x7F } && !name.utf8.contains("=?")
        let isAddress = (try? AddrSpec(Array(address.address.utf8))) != nil
        return isText && isAddress && !address.address.utf8.contains("=?")
    }

    /// `"name" <address>` (RFC 5322 3.4).
    private static func text(of address: Address) -> String {
        guard let name = address.name else { return "<\(address.address)>" }
        var quoted: [UInt8] = []
        for octet in name.utf8 {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                quoted.append(UInt8(ascii: "\\"))
            }
            quoted.append(octet)
        }
        return "\"\(String(decoding: quoted, as: UTF8.self))\" <\(address.address)>"
    }

    /// A date that is read is the same when it is written in any of its forms and read again.
    package static func dates(_ octets: [UInt8]) throws -> Int {
        var sum = 0
        if let date = DateField.parse(octets) {
            try holdRoundTrip(date)
            sum += Int(date.unixSeconds)
        }
        if let date = DateTime(rfc3339: octets) {
            try holdRoundTrip(date)
            try holdRead(octets, as: date)
            sum &+= Int(date.unixSeconds)
        }
        // The octets as two numbers, which may be any.
        let number = octets.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let offset = octets.dropFirst(8).prefix(2).reduce(0) { $0 << 8 | Int($1) } - 0x8000
        try holdRoundTrip(
            DateTime(unixSeconds: Int64(bitPattern: number), offsetMinutes: offset)
        )
        try holdRoundTrip(
            DateTime(unixSeconds: Int64(number >> 28), offsetMinutes: offset % 1_440)
        )
        return sum
    }

    private static func holdRoundTrip(_ date: DateTime) throws {
        try hold(DateTime.offsets.contains(date.offsetMinutes), "an offset out of range")
        let fields = date.fields
        try hold(DateTime.years.contains(fields.year), "the year \(fields.year)")
        try hold((0...6).contains(fields.weekday), "the day of the week \(fields.weekday)")
        for text in [date.rfc5322, date.imapDateTime, date.rfc3339] {
            try holdRead(Array(text.utf8), as: date)
        }
        try hold(DateTime(rfc3339: Array(date.rfc3339.utf8)) == date, "RFC 3339 \(date.rfc3339)")
    }

    /// A field may have no year before 1900 (RFC 5322 3.3), so such a date may be none.
    private static func holdRead(_ octets: [UInt8], as date: DateTime) throws {
        let read = DateField.parse(octets)
        let isSame = read == date || (read == nil && date.fields.year < 1_900)
        try hold(isSame, "read differently: \(String(decoding: octets, as: UTF8.self))")
    }
}

extension String.UTF8View {
    /// Whether a text stands in another, by octets.
    fileprivate func contains(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            indices.contains { self[$0...].starts(with: text) }
        }
    }
}
