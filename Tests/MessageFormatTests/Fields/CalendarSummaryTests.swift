// Facts about invitations. The objects are written by hand after RFC 5545 and RFC 5546.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct CalendarSummaryTests {
    private func parse(_ lines: String...) -> CalendarSummary? {
        CalendarSummary.parse(Array(lines.map { $0 + "\r\n" }.joined().utf8))
    }

    @Test("the first event is read: folds, escapes, parameters and nested components")
    func event() throws {
        let summary = try #require(
            parse(
                "BEGIN:VCALENDAR",
                "METHOD:request",
                "BEGIN:VTIMEZONE",
                "TZID:Europe/Berlin",
                "BEGIN:STANDARD",
                "DTSTART:19701025T030000",
                "END:STANDARD",
                "END:VTIMEZONE",
                "BEGIN:VEVENT",
                "UID:1@a.example",
                "SUMMARY;LANGUAGE=en:Plan\\, then\\n d",
                " o\\; \\\\",
                "DTSTART;TZID=\"Europe/Berlin\":20260203T040506",
                "dtend:20260203T050506z",
                "LOCATION:Room: 5",
                "ORGANIZER;CN=\"Doe; Jane: x\";ROLE=CHAIR:MAILTO:jane@a.example",
                "STATUS:confirmed",
                "BEGIN:VALARM",
                "SUMMARY:alarm",
                "END:VALARM",
                "SUMMARY:second",
                "END:VEVENT",
                "BEGIN:VEVENT",
                "UID:2",
                "END:VEVENT",
                "END:VCALENDAR"
            )
        )
        #expect(summary.method == "REQUEST")
        #expect(summary.uid == "1@a.example")
        #expect(summary.summary == "Plan, then\n do; \\")
        #expect(summary.start?.text == "20260203T040506")
        #expect(summary.start?.zone == "Europe/Berlin")
        #expect(summary.start?.instant == nil)
        #expect(summary.start?.isDate == false)
        #expect(summary.end?.instant?.rfc3339 == "2026-02-03T05:05:06Z")
        #expect(summary.location == "Room: 5")
        #expect(summary.organizer?.name == "Doe; Jane: x")
        #expect(summary.organizer?.address == "jane@a.example")
        #expect(summary.status == "CONFIRMED")
    }

    @Test("a fold in the middle of a character is taken out")
    func foldInCharacter() {
        let head = Array("BEGIN:VEVENT\nSUMMARY:a".utf8)
        let octets = head + [0xC3, 0x0A, 0x20, 0xA4, 0x0A]
        #expect(CalendarSummary.parse(octets)?.summary == "aä")
    }

    @Test("a day has no time")
    func day() {
        let start = parse("BEGIN:VEVENT", "DTSTART;VALUE=DATE:20260203")?.start
        #expect(start?.isDate == true)
        #expect(start?.text == "20260203")
        #expect(start?.instant == nil)
    }

    @Test(
        "a moment that is none is nil",
        arguments: ["", "2026", "2026020x", "20260203T0405061234", "T"]
    )
    func moments(text: String) {
        #expect(parse("BEGIN:VEVENT", "DTSTART:" + text)?.start == nil)
    }

    @Test("an hour or a day that is none has no instant")
    func instants() {
        let late = parse("BEGIN:VEVENT", "DTSTART:20260203T990000Z")?.start
        #expect(late?.text == "20260203T990000Z")
        #expect(late?.instant == nil)
    }

    @Test("what holds no event is none", arguments: ["", "BEGIN:VTODO", "VEVENT", ":", "\u{0}"])
    func nothing(text: String) { #expect(parse(text) == nil) }

    @Test("depth and lengths are bounded")
    func limits() {
        let deep = String(repeating: "BEGIN:X\n", count: 100_000) + "BEGIN:VEVENT\n"
        #expect(CalendarSummary.parse(Array(deep.utf8)) == nil)
        let long = "BEGIN:VEVENT\nSUMMARY:" + String(repeating: "x\n ", count: 20_000)
        #expect(CalendarSummary.parse(Array(long.utf8))?.summary?.utf8.count == 8_192)
    }
}
