// Facts about the date column.

import MailModel
import Testing

@testable import FrontEnd

@Suite struct DateColumnTests {
    /// 2026-09-22T14:30:00Z, a Tuesday.
    private let now = LocalDate(unixSeconds: Sample.now, offsetMinutes: 0)

    @Test(
        "a date is as short as it can be",
        arguments: [
            ("2026-09-22T14:02:59Z", "14:02"), ("2026-09-22T00:00:00Z", "00:00"),
            ("2026-09-22T23:59:59Z", "23:59"), ("2026-09-21T23:59:59Z", "Mon 23:59"),
            ("2026-09-16T00:00:00Z", "Wed 00:00"), ("2026-09-15T23:59:59Z", "Sep 15"),
            ("2026-01-03T10:00:00Z", "Jan 03"), ("2025-12-31T23:59:59Z", "2025-12-31"),
            ("2026-09-23T00:00:00Z", "Sep 23"), ("2027-01-01T00:00:00Z", "2027-01-01"),
            ("0900-02-03T00:00:00Z", "0900-02-03"),
        ]
    )
    func short(text: String, expected: String) throws {
        let date = try #require(DateTime(rfc3339: Array(text.utf8)))
        let local = LocalDate(unixSeconds: date.unixSeconds, offsetMinutes: 0)
        #expect(DateColumn.text(local, now: now) == expected)
    }

    @Test("the reader's zone decides what is today")
    func zone() {
        let late = LocalDate(unixSeconds: Sample.now - 15 * 3600, offsetMinutes: 0)
        #expect(DateColumn.text(late, now: now) == "Mon 23:30")
        let east = LocalDate(unixSeconds: Sample.now - 15 * 3600, offsetMinutes: 120)
        let nowEast = LocalDate(unixSeconds: Sample.now, offsetMinutes: 120)
        #expect(DateColumn.text(east, now: nowEast) == "01:30")
    }

    @Test("days are counted before 1970 as after it")
    func beforeEpoch() {
        #expect(LocalDate(unixSeconds: -1, offsetMinutes: 0).dayNumber == -1)
        #expect(LocalDate(unixSeconds: -86_400, offsetMinutes: 0).dayNumber == -1)
        #expect(LocalDate(unixSeconds: -86_401, offsetMinutes: 0).dayNumber == -2)
        #expect(LocalDate(unixSeconds: 0, offsetMinutes: 0).weekday == 4)
    }
}
