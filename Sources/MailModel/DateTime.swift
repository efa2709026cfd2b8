// An instant with the offset its writer named. Calendar arithmetic is proleptic Gregorian and
// total: no Foundation, no trap on dates from outside.

/// A date and time with its zone: what a Date field, INTERNALDATE or RFC 3339 string says.
package struct DateTime: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let unixSeconds: Int64
    /// Minutes east of UTC, -1439...1439.
    package let offsetMinutes: Int

    /// Years that are representable; others are refused.
    package static let years: ClosedRange<Int> = 1...9999
    /// Minutes east of UTC that are representable.
    package static let offsets: ClosedRange<Int> = -1439...1439
    /// The first and last second of `years`, with room for any offset.
    private static let seconds: ClosedRange<Int64> = -62_135_510_400...253_402_214_400

    /// An instant; values out of range are clamped.
    package init(unixSeconds: Int64, offsetMinutes: Int = 0) {
        self.unixSeconds = min(max(unixSeconds, Self.seconds.lowerBound), Self.seconds.upperBound)
        self.offsetMinutes =
            min(max(offsetMinutes, Self.offsets.lowerBound), Self.offsets.upperBound)
    }

    /// An instant from calendar fields in the zone named; nil when a field is out of range.
    ///
    /// A leap second (`second == 60`) is read as the second before it ends.
    package init?(
        year: Int,
        month: Int,
        day: Int,
        hour: Int,
        minute: Int,
        second: Int,
        offsetMinutes: Int
    ) {
        guard Self.years.contains(year), (1...12).contains(month), (0...60).contains(second),
            (0...23).contains(hour), (0...59).contains(minute),
            Self.offsets.contains(offsetMinutes),
            (1...Self.days(inMonth: month, year: year)).contains(day)
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        let clock = Int64(hour * 3600 + minute * 60 + min(second, 59))
        self.init(
            unixSeconds: days * 86_400 + clock - Int64(offsetMinutes * 60),
            offsetMinutes: offsetMinutes
        )
    }

    /// The calendar fields in this value's own zone.
    package var fields:
        (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, weekday: Int)
    {
        let local = unixSeconds + Int64(offsetMinutes * 60)
        var days = local / 86_400
        var clock = local % 86_400
        if clock < 0 {
            clock += 86_400
            days -= 1
        }
        let date = Self.civil(daysSinceEpoch: days)
        let weekday = Int(((days % 7) + 11) % 7)  // day 0 was a Thursday; 0 is Sunday
        let second = Int(clock)
        return (
            date.year, date.month, date.day, second / 3600, second / 60 % 60, second % 60, weekday
        )
    }

    /// Days of a month, by the Gregorian rule.
    private static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 to a date; years counted from March so that February ends them.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let monthFromMarch = Int64((month + 9) % 12)
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date a number of days after 1970-01-01.
    private static func civil(daysSinceEpoch days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }
}

extension DateTime {
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `2026-02-03T04:05:06+01:00` (RFC 3339).
    package var rfc3339: String {
        let f = fields
        let zone = offsetMinutes == 0 ? "Z" : zoneText(separator: ":")
        return "\(Self.digits(f.year, 4))-\(Self.digits(f.month, 2))-\(Self.digits(f.day, 2))T"
            + clockText(f.hour, f.minute, f.second) + zone
    }

    /// `Tue, 03 Feb 2026 04:05:06 +0100` (RFC 5322 3.3).
    package var rfc5322: String {
        let f = fields
        return
            "\(Self.dayNames[f.weekday]), \(Self.digits(f.day, 2)) \(Self.monthNames[f.month - 1]) "
            + "\(Self.digits(f.year, 4)) " + clockText(f.hour, f.minute, f.second) + " "
            + zoneText(separator: "")
    }

    /// ` 3-Feb-2026 04:05:06 +0100`: the IMAP date-time without its quotes (RFC 3501 9).
    package var imapDateTime: String {
        let f = fields
        let day = f.day < 10 ? " \(f.day)" : "\(f.day)"
        return "\(day)-\(Self.monthNames[f.month - 1])-\(Self.digits(f.year, 4)) "
            + clockText(f.hour, f.minute, f.second) + " " + zoneText(separator: "")
    }

    /// The month (1...12) of a three-letter English name in any case, or nil.
    package static func month(named name: ArraySlice<UInt8>) -> Int? {
        let folded = name.prefix(3).map(ASCII.lowercased)
        return monthNames.firstIndex { Array($0.utf8).map(ASCII.lowercased) == folded }
            .map { $0 + 1 }
    }

    private func clockText(_ hour: Int, _ minute: Int, _ second: Int) -> String {
        "\(Self.digits(hour, 2)):\(Self.digits(minute, 2)):\(Self.digits(second, 2))"
    }

    private func zoneText(separator: String) -> String {
        let minutes = abs(offsetMinutes)
        let sign = offsetMinutes < 0 ? "-" : "+"
        return sign + Self.digits(minutes / 60, 2) + separator + Self.digits(minutes % 60, 2)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

extension DateTime: Codable {
    /// Reads an RFC 3339 string.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = DateTime(rfc3339: Array(text.utf8)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not an RFC 3339 date and time"
            )
        }
        self = value
    }

    /// Writes an RFC 3339 string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339)
    }

    /// Reads `2026-02-03T04:05:06Z` or with `+01:00`; nil for anything else (RFC 3339 5.6, whole
    /// seconds).
    package init?(rfc3339 text: [UInt8]) {
        guard text.count == 20 || text.count == 25 else { return nil }
        let separators: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (13, UInt8(ascii: ":")),
            (16, UInt8(ascii: ":")),
        ]
        guard separators.allSatisfy({ text[$0.0] == $0.1 }), text[10] | 0x20 == UInt8(ascii: "t"),
            let year = ASCII.decimal(text[0..<4]), let month = ASCII.decimal(text[5..<7]),
            let day = ASCII.decimal(text[8..<10]), let hour = ASCII.decimal(text[11..<13]),
            let minute = ASCII.decimal(text[14..<16]), let second = ASCII.decimal(text[17..<19]),
            let offset = Self.offset(text[19...])
        else { return nil }
        self.init(
            year: Int(year),
            month: Int(month),
            day: Int(day),
            hour: Int(hour),
            minute: Int(minute),
            second: Int(second),
            offsetMinutes: offset
        )
    }

    private static func offset(_ zone: ArraySlice<UInt8>) -> Int? {
        let zone = Array(zone)
        if zone.count == 1 { return zone[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"),
            let hours = ASCII.decimal(zone[1..<3]), let minutes = ASCII.decimal(zone[4..<6]),
            hours < 24, minutes < 60
        else { return nil }
        let total = Int(hours * 60 + minutes)
        switch zone[0] {
        case UInt8(ascii: "+"): return total
        case UInt8(ascii: "-"): return -total
        default: return nil
        }
    }
}
