// Facts about quotations.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct QuotedTextTests {
    @Test(
        "a text is quoted line by line, without its signature and outer empty lines",
        arguments: [
            ("a\nb\n", "> a\n> b\n"), ("a\r\n\r\nb", "> a\n>\n> b\n"),
            ("> a\n>> b\n", ">> a\n>>> b\n"),
            ("a\n-- \nAlice\n", "> a\n"), ("a\n--\nb", "> a\n> --\n> b\n"),
            ("a\n-- \nb\n-- \nAlice", "> a\n> -- \n> b\n"), ("> -- \na", ">> -- \n> a\n"),
            ("\n\n a\n \n\n", ">  a\n"), ("", ""), ("-- \nAlice", ""), ("a\0b", "> ab\n"),
            ("a\rb", "> a\n> b\n"),
        ]
    )
    func quote(text: String, expected: String) {
        let quoted = QuotedText.quote(Array(text.utf8))
        #expect(String(decoding: quoted, as: UTF8.self) == expected)
    }

    @Test("the attribution names the day, the writer's clock and the writer")
    func attribution() {
        let date = DateTime(
            year: 2026,
            month: 11,
            day: 25,
            hour: 10,
            minute: 0,
            second: 7,
            offsetMinutes: 60
        )
        var original = OriginalMessage(
            from: [Address(name: "Alice", address: "alice@test.com")],
            date: date,
            text: Array("Hi".utf8)
        )
        func text() -> String { String(decoding: QuotedText.reply(to: original), as: UTF8.self) }
        #expect(text() == "On 2026-11-25 at 10:00 +0100, Alice wrote:\n> Hi\n")
        original.from[0].name = nil
        original.date = DateTime(unixSeconds: 0, offsetMinutes: -210)
        #expect(text() == "On 1969-12-31 at 20:30 -0330, alice@test.com wrote:\n> Hi\n")
        original.from = [Address(name: "A\r\nB", address: "x")]
        original.date = nil
        #expect(text() == "A B wrote:\n> Hi\n")
        original.from = []
        #expect(text() == "somebody wrote:\n> Hi\n")
    }
}
