// What an invitation says, for showing it. Reads the first event and nothing else; never answers,
// stores or fetches anything.

package import MailModel

/// The first event of a text/calendar part (RFC 5545), read tolerantly.
package struct CalendarSummary: Sendable, Hashable {
    /// What the sender asks for, in upper case (RFC 5546): `REQUEST`, `REPLY`, `CANCEL`; or nil.
    package private(set) var method: String?
    /// The title, or nil.
    package private(set) var summary: String?
    /// When it begins, or nil.
    package private(set) var start: Moment?
    /// When it ends, or nil.
    package private(set) var end: Moment?
    /// Where it is, or nil.
    package private(set) var location: String?
    /// Who called for it, or nil.
    package private(set) var organizer: Organizer?
    /// The event's own id, or nil.
    package private(set) var uid: String?
    /// The state in upper case: `CONFIRMED`, `TENTATIVE`, `CANCELLED`; or nil.
    package private(set) var status: String?

    /// A date, or a date and time (RFC 5545 3.3.4, 3.3.5).
    package struct Moment: Sendable, Hashable {
        /// The value as written: `20260203T040506Z`.
        package let text: String
        /// The TZID parameter, which is the sender's own name for a zone, or nil.
        package let zone: String?
        /// The instant where the value is in UTC; nil for local times, which need a zone table.
        package let instant: DateTime?
        /// Whether it is a day without a time.
        package let isDate: Bool
    }

    /// Who called for an event.
    package struct Organizer: Sendable, Hashable {
        /// The CN parameter, or nil.
        package let name: String?
        /// The value as written without `mailto:`.
        package let address: String
    }

    /// Reads the octets of the part, transfer encoding removed; nil where no event is in it.
    ///
    /// The octets are UTF-8 if valid, else windows-1252.
    package static func parse(_ octets: [UInt8]) -> CalendarSummary? {
        var reader = ContentLines(octets)
        var summary = CalendarSummary()
        var open: [[UInt8]] = []
        var hasEvent = false
        while let line = reader.next() {
            if ASCII.equal(line.name, "BEGIN") {
                guard open.count < MessageFormatLimits.calendarDepthMax else { break }
                open.append(line.word)
                hasEvent = hasEvent || ASCII.equal(line.word, "VEVENT")
            } else if ASCII.equal(line.name, "END") {
                if ASCII.equal(open.popLast() ?? [], "VEVENT") { break }
            } else if ASCII.equal(open.last ?? [], "VEVENT") {
                summary.take(line)
            } else if open.count == 1, ASCII.equal(line.name, "METHOD"), summary.method == nil {
                summary.method = line.upperWord
            }
        }
        return hasEvent ? summary : nil
    }

    private mutating func take(_ line: ContentLine) {
        if ASCII.equal(line.name, "SUMMARY"), summary == nil {
            summary = line.text
        } else if ASCII.equal(line.name, "LOCATION"), location == nil {
            location = line.text
        } else if ASCII.equal(line.name, "UID"), uid == nil {
            uid = line.text
        } else if ASCII.equal(line.name, "STATUS"), status == nil {
            status = line.upperWord
        } else if ASCII.equal(line.name, "DTSTART"), start == nil {
            start = Moment(line)
        } else if ASCII.equal(line.name, "DTEND"), end == nil {
            end = Moment(line)
        } else if ASCII.equal(line.name, "ORGANIZER"), organizer == nil {
            let value = line.word
            let address = ASCII.hasPrefix(value, "mailto:") ? Array(value.dropFirst(7)) : value
            organizer = Organizer(
                name: line.parameter("CN").map(Charset.guess),
                address: Charset.guess(address)
            )
        }
    }
}

extension CalendarSummary.Moment {
    fileprivate init?(_ line: ContentLine) {
        let octets = line.word
        guard octets.count >= 8, octets.count <= 16, let date = ASCII.decimal(octets[..<8]) else {
            return nil
        }
        text = String(decoding: octets, as: UTF8.self)
        zone = line.parameter("TZID").map(Charset.guess)
        isDate = octets.count == 8
        let isUTC = octets.count == 16 && octets[15] | 0x20 == UInt8(ascii: "z")
        let clock = octets.count >= 15 ? ASCII.decimal(octets[9..<15]) : nil
        guard isUTC, let clock else {
            instant = nil
            return
        }
        instant =
            DateTime(
                year: Int(date / 10_000),
                month: Int(date / 100 % 100),
                day: Int(date % 100),
                hour: Int(clock / 10_000),
                minute: Int(clock / 100 % 100),
                second: Int(clock % 100),
                offsetMinutes: 0
            )
    }
}
