// When a message is to be sent, as people write it: `tomorrow 8:00`, `in 2h`, `tue 9:00`, `18:30`,
// `2026-12-01 9:00`, or RFC 3339.

import Glibc
package import MailModel

/// Reads the time of `mb send --at`.
package enum SendTime {
    private static let weekdays = [
        "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    ]
    /// Fewest letters of a day of the week.
    private static let weekdayLettersMin = 3

    /// The instant a text means, in the zone of this process; nil for a text that means none.
    ///
    /// A time of the day alone is the next one; so is a day of the week, and never today.
    package static func instant(_ text: String, now: Int64) -> DateTime? {
        if let date = DateTime(rfc3339: Array(text.utf8)) { return date }
        let words = Array(text.utf8).split(separator: ASCII.space).map { $0.map(ASCII.lowercased) }
        if words.count == 2, isWord(words[0], "in") {
            return TimeSpan.seconds(words[1]).map { DateTime(unixSeconds: now + $0) }
        }
        guard let last = words.last, let clock = clock(last) else { return nil }
        guard let today = Calendar(now) else { return nil }
        switch words.count {
        case 1:
            let date = today.instant(at: clock)
            return date.map { $0.unixSeconds > now } == true
                ? date : today.moved(by: 1).instant(at: clock)
        case 2: return day(words[0], today)?.instant(at: clock)
        default: return nil
        }
    }

    private static func isWord(_ octets: [UInt8], _ word: String) -> Bool {
        octets.elementsEqual(word.utf8)
    }

    private static func day(_ word: [UInt8], _ today: Calendar) -> Calendar? {
        if isWord(word, "today") { return today }
        if isWord(word, "tomorrow") { return today.moved(by: 1) }
        let weekday = weekdays.firstIndex {
            word.count >= weekdayLettersMin && $0.utf8.starts(with: word)
        }
        if let weekday {
            let days = (weekday - today.weekday + 7) % 7
            return today.moved(by: days == 0 ? 7 : days)
        }
        let parts = word.split(separator: UInt8(ascii: "-")).map { ASCII.decimal(Array($0)) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2]
        else { return nil }
        return Calendar(year, month, day)
    }

    /// Hour and minute of `8:00`.
    private static func clock(_ word: [UInt8]) -> (hour: Int32, minute: Int32)? {
        let parts = word.split(separator: UInt8(ascii: ":"))
        guard parts.count == 2, parts[1].count == 2,
            let hour = ASCII.decimal(Array(parts[0])), hour < 24,
            let minute = ASCII.decimal(Array(parts[1])), minute < 60
        else { return nil }
        return (Int32(hour), Int32(minute))
    }

    /// A day in the zone of this process.
    private struct Calendar {
        private var fields = tm()

        /// The day of an instant.
        init?(_ instant: Int64) {
            var time = time_t(instant)
            guard localtime_r(&time, &fields) != nil else { return nil }
        }

        /// A day of the calendar; nil for one that there is not.
        init?(_ year: UInt64, _ month: UInt64, _ day: UInt64) {
            guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
            else { return nil }
            fields.tm_year = Int32(year - 1900)
            fields.tm_mon = Int32(month - 1)
            fields.tm_mday = Int32(day)
            fields.tm_hour = 12
            var same = fields
            guard mktime(&same) != -1, same.tm_mday == fields.tm_mday else { return nil }
        }

        var weekday: Int { Int(fields.tm_wday) }

        func moved(by days: Int) -> Calendar {
            var moved = self
            moved.fields.tm_mday += Int32(days)
            return moved
        }

        func instant(at clock: (hour: Int32, minute: Int32)) -> DateTime? {
            var fields = fields
            (fields.tm_hour, fields.tm_min, fields.tm_sec) = (clock.hour, clock.minute, 0)
            fields.tm_isdst = -1
            let time = mktime(&fields)
            return time == -1 ? nil : DateTime(unixSeconds: Int64(time))
        }
    }
}
