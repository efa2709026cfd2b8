// Dates as a list shows them: short, in the local time of the reader.

import Glibc
package import MailModel

/// A calendar date and time in one zone.
package struct LocalDate: Sendable, Equatable {
    /// The calendar year.
    package let year: Int
    /// The month, 1...12.
    package let month: Int
    /// The day of the month, 1...31.
    package let day: Int
    /// The hour, 0...23.
    package let hour: Int
    /// The minute, 0...59.
    package let minute: Int
    /// The day of the week, 0 for Sunday.
    package let weekday: Int
    /// Days since 1970-01-01, to count days between dates.
    package let dayNumber: Int64

    /// An instant in the zone `offsetMinutes` east of UTC.
    package init(unixSeconds: Int64, offsetMinutes: Int) {
        let date = DateTime(unixSeconds: unixSeconds, offsetMinutes: offsetMinutes)
        let fields = date.fields
        year = fields.year
        month = fields.month
        day = fields.day
        hour = fields.hour
        minute = fields.minute
        weekday = fields.weekday
        let local = date.unixSeconds + Int64(date.offsetMinutes * 60)
        dayNumber = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    }

    /// An instant in the zone of this process.
    package init(unixSeconds: Int64) {
        var instant = time_t(unixSeconds)
        var fields = tm()
        let offset = localtime_r(&instant, &fields) == nil ? 0 : fields.tm_gmtoff / 60
        self.init(unixSeconds: unixSeconds, offsetMinutes: offset)
    }

    /// The same instant in the zone of this process.
    package init(_ date: DateTime) { self.init(unixSeconds: date.unixSeconds) }

    /// The current instant in the zone of this process.
    package static func now() -> LocalDate { LocalDate(unixSeconds: Int64(time(nil))) }

    /// `14:02`.
    package var clock: String { "\(Self.two(hour)):\(Self.two(minute))" }

    static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// The date column of a list.
package enum DateColumn {
    /// Cells the longest form takes.
    package static let width = 10

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// `14:02` today, `Tue 14:02` in the six days before, `Nov 03` this year, else `2025-11-03`.
    package static func text(_ date: LocalDate, now: LocalDate) -> String {
        let age = now.dayNumber - date.dayNumber
        if age == 0 { return date.clock }
        if (1...6).contains(age) { return "\(days[date.weekday]) \(date.clock)" }
        if date.year == now.year { return "\(months[date.month - 1]) \(LocalDate.two(date.day))" }
        let year = String(date.year)
        return String(repeating: "0", count: max(0, 4 - year.utf8.count)) + year
            + "-\(LocalDate.two(date.month))-\(LocalDate.two(date.day))"
    }

    /// As `text`, with the time of the day on every day.
    package static func exact(_ date: LocalDate, now: LocalDate) -> String {
        let day = text(date, now: now)
        return day.utf8.contains(UInt8(ascii: ":")) ? day : "\(day) \(date.clock)"
    }

    /// `Tue, 03 Nov 2026 14:02:11 +0100` of a message, in its own zone.
    package static func full(_ date: DateTime) -> String { date.rfc5322 }
}
