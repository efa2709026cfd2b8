// Facts about dates.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct DateFieldTests {
    @Test(
        "every shape that mail holds is read",
        arguments: [
            ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
            ("Mon, 3 Feb 2026 4:05:06 +0100", "2026-02-03T04:05:06+01:00"),
            ("Sat Mar 24 21:23:03 EDT 2007", "2007-03-24T21:23:03-04:00"),
            ("Sat Mar 24 21:23:03 2007", "2007-03-24T21:23:03Z"),
            ("Fri Feb 07 10:18:12 2003 -0800", "2003-02-07T10:18:12-08:00"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"),
            ("2008-06-17T17:10:08+02:00", "2008-06-17T17:10:08+02:00"),
            ("2008-06-17 17:10:08", "2008-06-17T17:10:08Z"),
            ("1 Jan 2024 3:04:05 PM +0000", "2024-01-01T15:04:05Z"),
            ("1 Jan 2024 03:04:05.678 Z", "2024-01-01T03:04:05Z"),
            ("1 Jan 2024 03.04.05 Z", "2024-01-01T03:04:05Z"),
            ("1\r\n Jan\r\n\t2024 03:04 Z", "2024-01-01T03:04:00Z"),
        ]
    )
    func shapes(text: String, date: String) { check(text, date) }

    @Test(
        "years of two and three digits count as RFC 5322 4.3 says, and none is before 1900",
        arguments: [
            ("21 Nov 97 09:55 GMT", "1997-11-21T09:55:00Z"),
            ("1 Jan 00 00:00 Z", "2000-01-01T00:00:00Z"),
            ("1 Jan 49 00:00 Z", "2049-01-01T00:00:00Z"),
            ("1 Jan 50 00:00 Z", "1950-01-01T00:00:00Z"),
            ("1 Jan 102 00:00:00 Z", "2002-01-01T00:00:00Z"),
            ("1 Jan 0102 00:00:00 Z", nil),
            ("1 Jan 0024 00:00:00 Z", nil),
            ("31 Dec 1899 00:00:00 Z", nil),
            ("Fri, 1 Jan 1902 00:00:00 Z", "1902-01-01T00:00:00Z"),
            ("19 Jan 2038 03:14:08 Z", "2038-01-19T03:14:08Z"),
            ("1 Jan 2106 06:28:16 Z", "2106-01-01T06:28:16Z"),
            ("Thu, 30 Dec 9999 23:59:59 +0000", "9999-12-30T23:59:59Z"),
            ("1 Jan 10000 00:00 Z", nil),
            ("1 Jan 999999999999 00:00:00", nil),
        ] as [(String, String?)]
    )
    func years(text: String, date: String?) { check(text, date) }

    @Test(
        "zone names are those of RFC 5322 4.3, any other is UTC",
        arguments: [
            ("EST", "-05:00"), ("EDT", "-04:00"), ("CST", "-06:00"), ("CDT", "-05:00"),
            ("MST", "-07:00"), ("MDT", "-06:00"), ("PST", "-08:00"), ("pdt", "-07:00"),
            ("UT", "Z"), ("UTC", "Z"), ("GMT", "Z"), ("Z", "Z"), ("z", "Z"), ("A", "Z"),
            ("K", "Z"), ("CEST", "Z"), ("\"GMT\"", "Z"), ("", "Z"), ("GMT+0200", "+02:00"),
            ("UTC-03:30", "-03:30"), ("-0000", "Z"), ("+0000", "Z"), ("+2359", "+23:59"),
            ("+05:30", "+05:30"), ("+2", "+02:00"), ("0200", "+02:00"), ("+0100 (CET)", "+01:00"),
            ("-0800 PST", "-08:00"), ("EST (x (y) z)", "-05:00"), ("(CET)", "Z"),
            ("+0200 (unclosed", "+02:00"), ("+0200 (a\\)b) c", "+02:00"),
        ]
    )
    func zones(zone: String, offset: String) {
        check("Thu, 20 Nov 1997 09:55:06 " + zone, "1997-11-20T09:55:06" + offset)
    }

    @Test("a zone may stick to the clock")
    func gluedZone() { check("1 Jan 2024 03:04:05+0530", "2024-01-01T03:04:05+05:30") }

    @Test(
        "an offset that no place has makes the date unknown",
        arguments: ["+2400", "-2400", "+9999", "+0060", "+12345", "+abc"]
    )
    func offsets(zone: String) { check("1 Jan 2024 00:00:00 " + zone, nil) }

    @Test(
        "clocks without seconds, at 24:00 and in leap seconds are read",
        arguments: [
            ("1 Jan 2024 03:04 Z", "2024-01-01T03:04:00Z"),
            ("Tue, 30 Jun 2015 24:00:00 +0300", "2015-07-01T00:00:00+03:00"),
            ("31 Dec 2023 24:00 Z", "2024-01-01T00:00:00Z"),
            ("1 Jan 2024 24:00:01 Z", nil),
            ("1 Jan 2024 25:00:00 Z", nil),
            ("1 Jan 2024 00:60:00 Z", nil),
            ("Tue, 30 Jun 2015 23:59:60 Z", "2015-06-30T23:59:59Z"),
            ("30 Jun 2015 23:59:61 Z", nil),
            ("1 Jan 2024 13:00 PM", nil),
        ] as [(String, String?)]
    )
    func clocks(text: String, date: String?) { check(text, date) }

    @Test(
        "a day name may be missing, wrong, misspelt or in any language",
        arguments: ["", "Mon, ", "Sun, ", "Mon ", "Monday, ", "Mar, ", "\u{6708}, ", "Xyz, ", ", "]
    )
    func dayNames(name: String) { check(name + "5 Aug 2024 10:00 Z", "2024-08-05T10:00:00Z") }

    @Test("a word before a comma is the month where nothing else is one")
    func monthBeforeComma() { check("Aug, 5 2020 10:00 Z", "2020-08-05T10:00:00Z") }

    @Test(
        "month names are read in English and in some other languages",
        arguments: [
            ("january", 1), ("FEB", 2), ("Sept", 9), ("J\u{e4}n", 1), ("M\u{e4}rz", 3), ("Mrz", 3),
            ("Mai", 5), ("Okt", 10), ("Dez", 12), ("janv.", 1), ("f\u{e9}vr.", 2), ("mars", 3),
            ("avr.", 4), ("juin", 6), ("juil.", 7), ("ao\u{fb}t", 8), ("d\u{e9}c.", 12), ("ene", 1),
            ("abr", 4), ("ago", 8), ("dic", 12), ("fev", 2), ("set", 9), ("out", 10), ("gen", 1),
            ("mag", 5), ("giu", 6), ("lug", 7), ("ott", 10), ("mrt", 3), ("mei", 5), ("maj", 5),
        ]
    )
    func monthNames(name: String, month: Int) {
        let date = DateTime(
            year: 2024,
            month: month,
            day: 5,
            hour: 10,
            minute: 0,
            second: 0,
            offsetMinutes: 0
        )
        #expect(DateField.parse(Array("Lun, 5 \(name) 2024 10:00 Z".utf8)) == date)
        let latin1 = name.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        let octets = Array("5 ".utf8) + latin1 + Array(" 2024 10:00 Z".utf8)
        #expect(DateField.parse(octets) == date)
    }

    @Test(
        "a month that is not known or named twice makes the date unknown",
        arguments: [
            "5 Foo 2024 10:00", "5 lis 2024 10:00", "5 \u{6708} 2024 10:00", "Mar 5 Aug 2024 10:00",
            "5 2024 10:00", "99 99 9999 99:99:99",
        ]
    )
    func unknownMonths(text: String) { check(text, nil) }

    @Test(
        "the forms of INTERNALDATE are read, and Domino's date is none",
        arguments: [
            ("17-Jul-1996 02:44:25 -0700", "1996-07-17T02:44:25-07:00"),
            (" 1-Jan-2024 00:00:00 +0000", "2024-01-01T00:00:00Z"),
            ("1-Jan-2024 00:00:00 +0000", "2024-01-01T00:00:00Z"),
            ("01-Jan-2024 00:00:00 +0000", "2024-01-01T00:00:00Z"),
            ("17-6-2008 17:10:08 +0000", "2008-06-17T17:10:08Z"),
            ("00-Jan-0000 00:00:00 +0000", nil),
            ("00-Jan-2024 00:00:00 +0000", nil),
            ("32-Jan-2024 00:00:00 +0000", nil),
        ] as [(String, String?)]
    )
    func internalDates(text: String, date: String?) { check(text, date) }

    @Test(
        "what is no date is unknown and never traps",
        arguments: [
            "", "nonsense", "Fri, 32 Jan 2024 00:00:00 +0000", "1 Jan 2024", "29 Feb 2023 00:00:00",
            "1 Jan 2024 99999999999999999999:00", "-", ":", "T", "1-1-1T", "\u{0}", ",", "+", "()",
        ]
    )
    func unknown(text: String) { check(text, nil) }

    private func check(_ text: String, _ date: String?) {
        #expect(DateField.parse(Array(text.utf8))?.rfc3339 == date, "\(text)")
    }
}
