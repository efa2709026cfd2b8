// Reads the date-time of INTERNALDATE (RFC 3501 9). Writing it is DateTime's own business.

internal import MailModel

/// The reader of IMAP's date-time.
enum IMAPDateTime {
    /// ` 3-Feb-2026 04:05:06 +0100` with or without the space; nil for anything else, and for days
    /// that do not exist (QUIRK: Domino sends `00-Jan-0000`).
    ///
    /// A missing zone is UTC.
    static func read(_ octets: [UInt8]) -> DateTime? {
        guard octets.count <= IMAPLimits.dateOctetsMax else { return nil }
        let words = octets.split(separator: ASCII.space)
        guard words.count == 2 || words.count == 3 else { return nil }
        let date = words[0].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        let clock = words[1].split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard date.count == 3, clock.count == 3, date[1].count == 3,
            let day = small(date[0]), let month = DateTime.month(named: date[1]),
            let year = small(date[2]), let hour = small(clock[0]), let minute = small(clock[1]),
            let second = small(clock[2]), let offset = words.count == 3 ? zone(words[2]) : 0
        else { return nil }
        return DateTime(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            offsetMinutes: offset
        )
    }

    private static func small(_ octets: ArraySlice<UInt8>) -> Int? {
        octets.count <= 4 ? ASCII.decimal(octets).map { Int($0) } : nil
    }

    /// `+0100` in minutes.
    private static func zone(_ octets: ArraySlice<UInt8>) -> Int? {
        guard octets.count == 5, let hours = small(octets.dropFirst().prefix(2)),
            let minutes = small(octets.suffix(2)), minutes < 60
        else { return nil }
        let offset = hours * 60 + minutes
        switch octets.first {
        case UInt8(ascii: "+"): return offset
        case UInt8(ascii: "-"): return -offset
        default: return nil
        }
    }
}
