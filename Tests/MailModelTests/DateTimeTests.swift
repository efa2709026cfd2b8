// Facts about instants; the expected values come from GNU date.

import Testing

@testable import MailModel

@Suite struct DateTimeTests {
    /// `date -u -d TEXT +%s` for each.
    @Test(
        "calendar fields and seconds agree with GNU date",
        arguments: [
            (1970, 1, 1, 0, 0, 0, Int64(0)),
            (2000, 2, 29, 12, 0, 0, 951_825_600),
            (2026, 11, 23, 6, 42, 30, 1_795_416_150),
            (1900, 3, 1, 0, 0, 0, -2_203_891_200),
            (9999, 12, 30, 23, 59, 59, 253_402_214_399),
        ]
    )
    func seconds(
        year: Int,
        month: Int,
        day: Int,
        hour: Int,
        minute: Int,
        second: Int,
        unix: Int64
    ) throws {
        let value = try #require(
            DateTime(
                year: year,
                month: month,
                day: day,
                hour: hour,
                minute: minute,
                second: second,
                offsetMinutes: 0
            )
        )
        #expect(value.unixSeconds == unix)
        let f = DateTime(unixSeconds: unix).fields
        #expect(
            [f.year, f.month, f.day, f.hour, f.minute, f.second] == [
                year, month, day, hour, minute, second,
            ]
        )
    }

    @Test("the three text forms of one instant")
    func texts() throws {
        let value = try #require(
            DateTime(
                year: 2026,
                month: 2,
                day: 3,
                hour: 4,
                minute: 5,
                second: 6,
                offsetMinutes: -210
            )
        )
        #expect(value.rfc3339 == "2026-02-03T04:05:06-03:30")
        #expect(value.rfc5322 == "Tue, 03 Feb 2026 04:05:06 -0330")
        #expect(value.imapDateTime == " 3-Feb-2026 04:05:06 -0330")
        #expect(DateTime(rfc3339: Array("2026-02-03T04:05:06-03:30".utf8)) == value)
    }

    @Test(
        "what is no RFC 3339 date and time is refused",
        arguments: [
            "", "2026-02-03", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-02-03T24:00:00Z", "2026-02-03T04:05:06+25:00", "２026-02-03T04:05:06Z",
        ]
    )
    func refuses(text: String) {
        #expect(DateTime(rfc3339: Array(text.utf8)) == nil)
    }

    @Test("seconds out of range are clamped to the years 1 to 9999")
    func clamps() {
        #expect(DateTime(unixSeconds: .max).fields.year == 9999)
        #expect(DateTime(unixSeconds: .min, offsetMinutes: .min).fields.year >= 0)
    }
}
