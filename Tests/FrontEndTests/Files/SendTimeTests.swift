// Facts about times as people write them. TZ is UTC in these tests' process only where it is said:
// the expected values are made with the calendar of the process.

import Glibc
import MailModel
import Testing

@testable import FrontEnd

@Suite struct SendTimeTests {
    /// Thursday, 2026-11-26 16:30:20 in the zone of this process.
    private static let now: Int64 = {
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (126, 10, 26)
        (fields.tm_hour, fields.tm_min, fields.tm_sec, fields.tm_isdst) = (16, 30, 20, -1)
        return Int64(mktime(&fields))
    }()

    /// What a text means, as the local calendar says it.
    private func meaning(_ text: String) -> String? {
        SendTime.instant(text, now: Self.now).map { instant in
            let date = LocalDate(instant)
            let day = "\(date.year)-\(LocalDate.two(date.month))-\(LocalDate.two(date.day))"
            return "\(day) \(date.clock)"
        }
    }

    @Test(
        "a time is the next one, a day of the week never today",
        arguments: [
            ("18:30", "2026-11-26 18:30"), ("8:00", "2026-11-27 08:00"),
            ("16:30", "2026-11-27 16:30"), ("16:31", "2026-11-26 16:31"),
            ("today 9:00", "2026-11-26 09:00"), ("Tomorrow 8:00", "2026-11-27 08:00"),
            ("fri 9:00", "2026-11-27 09:00"), ("thu 23:00", "2026-12-03 23:00"),
            ("wednesday 0:05", "2026-12-02 00:05"), ("2027-02-28 12:00", "2027-02-28 12:00"),
            ("in 2h", "2026-11-26 18:30"), ("in 1w", "2026-12-03 16:30"),
        ]
    )
    func meanings(text: String, expected: String) {
        #expect(meaning(text) == expected)
    }

    @Test("RFC 3339 is taken as it is")
    func rfc3339() {
        #expect(
            SendTime.instant("2026-12-01T09:00:00+01:00", now: Self.now)?.unixSeconds
                == 1_796_112_000
        )
    }

    @Test(
        "what is no time is none",
        arguments: [
            "", " ", "soon", "24:00", "8:60", "8", "8:5", "th 9:00", "in 2", "in h", "in", "25h",
            "2027-02-29 12:00", "2027-13-01 12:00", "tomorrow", "8:00 tomorrow", "mon 8:00 9:00",
            "in 99999999999h", "-1:00", "tue  ", "fri\u{301} 9:00",
        ]
    )
    func none(text: String) {
        // A number alone is seconds where a length is asked for.
        let isSeconds = text.utf8.elementsEqual("in 2".utf8)
        #expect((SendTime.instant(text, now: Self.now) == nil) != isSeconds)
    }
}
