// The rows of the catalogue of bad inputs (reliability.md 2.C) that a single header field decides.
// Each title begins with its row.

import MailModel
import Testing

@testable import MessageFormat

@Suite(.serialized) struct HeaderCatalogueTests {
    private func repeated(_ unit: String, _ count: Int, head: String = "") -> [UInt8] {
        Array((head + String(repeating: unit, count: count)).utf8)
    }

    @Test("C04: of 200,000 addresses 10,000 are read, in linear time")
    func manyAddresses() {
        let field = repeated("Joe Doe <joe@example.org>, ", 200_000)
        let addresses = AddressList.parse(field)
        #expect(addresses.count == MessageFormatLimits.addressesMax)
        #expect(addresses.last == Address(name: "Joe Doe", address: "joe@example.org"))
        for unit in ["Joe Doe <joe@example.org>, ", "a@b,", "a b,", "\"x\" <a@b> (c);", "G:a@b;"] {
            LinearTime.expect(
                unit,
                input: { repeated(unit, $0) },
                count: 1_500,
                work: { _ = AddressList.parse($0) }
            )
        }
    }

    @Test("C05: of 100,000 segments 128 parameters are kept, in any order, up to the first gap")
    func segments() {
        let many = "a" + (0..<100_000).map { "; name*\($0)*=x" }.joined()
        let list = ContentTypeField.parse(Array(many.utf8)).parameters
        #expect(list.pairs.count == MessageFormatLimits.parametersMax)
        #expect(list.value("name") == String(repeating: "x", count: 128))
        let odd = "a; name*2=c; name*0*=utf-8''a%20; name*1=b; name*1=d; name*4=e; name*01=f"
        #expect(ContentTypeField.parse(Array(odd.utf8)).parameters.value("name") == "a bc")
        for unit in ["; name*0*=x", "; a=\"b\\\"c\"", "; (", ";=", "; a(b)=c", "\""] {
            LinearTime.expect(
                unit,
                input: { repeated(unit, $0, head: "a/b") },
                count: 1_500,
                work: { _ = ContentTypeField.parse($0).parameters.value("name") }
            )
        }
    }

    @Test("C06: 100,000 comments and a quoted string of backslashes are read without recursion")
    func nesting() {
        let open = repeated("(", 100_000, head: "a@b ")
        #expect(AddressList.parse(open).map(\.address) == ["a@b"])
        let closed = Array("a@b ".utf8) + repeated("(", 100_000) + repeated(")", 100_000)
        #expect(AddressList.parse(closed).map(\.address) == ["a@b"])
        let backslashes = repeated("\\", 1_048_576, head: "\"") + Array("\" <a@b>".utf8)
        #expect(AddressList.parse(backslashes).map(\.address) == ["a@b"])
        for unit in ["(", "((a)", "\"\\\\", "\\", "\"", "(\"", "[", "x@[", "<", "<a", "a@b<"] {
            LinearTime.expect(
                unit,
                input: { repeated(unit, $0, head: "a@b ") },
                count: 3_000,
                work: { _ = AddressList.parse($0) }
            )
        }
        LinearTime.expect(
            "date",
            input: { repeated("(", $0, head: "Mon, 3 Feb 2026 04:05:06 ") },
            count: 3_000,
            work: { _ = DateField.parse($0) }
        )
    }

    @Test(
        "C07: what a name decodes to is never the address (Mailsploit)",
        arguments: [
            ("=00", "potus@whitehouse.gov\0"), ("=0A", "potus@whitehouse.gov"),
            ("=0D=0A", "potus@whitehouse.gov"), ("=00=0A", "potus@whitehouse.gov\0"),
        ]
    )
    func mailsploit(octets: String, name: String) {
        let word = "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?\(octets)?="
        let named = AddressList.parse(Array("\(word) <demo@mailsploit.example>".utf8))
        #expect(named == [Address(name: name, address: "demo@mailsploit.example")])
        // The same words in front of an `@`: they stay as they are, encoded.
        let bare = AddressList.parse(Array("\(word)@mailsploit.example".utf8))
        #expect(bare.map(\.address) == ["\(word)@mailsploit.example"])
        #expect(bare.first?.name == nil)
    }

    @Test(
        "C08: encoded words of unknown charset, unterminated or with controls are shown",
        arguments: [
            ("=?x-unknown?Q?=C3=A4?=", "ä"), ("=?x-unknown?Q?=E4?=", "ä"),
            ("=?utf-8?Q?open", "=?utf-8?Q?open"), ("=?utf-8?Q?", "=?utf-8?Q?"),
            ("=?utf-8?X?a?=", "=?utf-8?X?a?="), ("=?utf-8?Q?=1B[2J?=", "\u{1B}[2J"),
            ("=?utf-8?Q?=ZZ=?=", "=ZZ="), ("=?utf-8?Q?=00=00?=", "\0\0"),
            ("=?utf-8?B?????=", "=?utf-8?B?????="),
        ]
    )
    func words(raw: String, text: String) { #expect(HeaderText.decode(Array(raw.utf8)) == text) }

    @Test("C08: 50,000 encoded words in a row are decoded in linear time")
    func manyWords() {
        let text = HeaderText.decode(repeated("=?utf-8?q?=C3?= =?utf-8?q?=A4?=\r\n ", 25_000))
        #expect(text == String(repeating: "ä", count: 25_000))
        let units = [
            "=?utf-8?q?=C3=A4?= ", "=?utf-8?b?w6Q=?= ", "=?iso-8859-1?q?a?= =?utf-8?q?b?= ",
            "=?utf-8?q?", "=?", "=?utf-8?b?a", "?=", "=?a?q?b?", "\u{e4} ", " \r\n",
        ]
        for unit in units {
            LinearTime.expect(
                unit,
                input: { repeated(unit, $0) },
                count: 1_500,
                work: { _ = HeaderText.decode($0) }
            )
        }
    }

    @Test(
        "C22: a date that is none is unknown",
        arguments: [
            "Mon, 3 99 2026 04:05:06 Z", "3 Feb 999999999999 04:05:06 Z", "",
            "3 Feb 2026 04:05:06 +9999", "99 Feb 2026 04:05:06 Z", "-3 Feb 2026 04:05:06 Z",
            "3 Feb 18446744073709551616 04:05 Z", "3 Feb 2026 99999999999999999999:05 Z",
        ]
    )
    func unknownDates(text: String) { #expect(DateField.parse(Array(text.utf8)) == nil) }

    @Test("C23: of 100,000 ids the last 200 are kept, in linear time")
    func manyIDs() {
        let field = Array((0..<100_000).map { "<\($0)@x>\r\n " }.joined().utf8)
        let ids = MessageIDs.parse(field)
        #expect(ids.count == MessageFormatLimits.messageIDsMax)
        #expect(ids.first == "99800@x")
        #expect(ids.last == "99999@x")
        for unit in ["<a@b> ", "<", ">", "a@b ", "<a", "(\""] {
            LinearTime.expect(
                unit,
                input: { repeated(unit, $0) },
                count: 3_000,
                work: { _ = MessageIDs.parse($0) }
            )
        }
    }

    @Test(
        "C24: an id is read as an opaque word, and a bad one is never written",
        arguments: [
            ("<a\r\n@b>", ["a@b"], ["a@b"]),
            ("<\"a b\"@c>", ["\"ab\"@c"], ["\"ab\"@c"]),
            ("<a\"\u{301}@b>", ["a\"\u{301}@b"], []),
            ("<\"a\\\"b\"@c>", ["\"a\\\"b\"@c"], ["\"a\\\"b\"@c"]),
            ("<a@b\u{0}>", ["a@b"], ["a@b"]),
            ("", [], []),
            ("<>", [], []),
        ]
    )
    func ids(text: String, ids: [String], sendable: [String]) {
        let read = MessageIDs.parse(Array(text.utf8))
        #expect(read.map { Array($0.utf8) } == ids.map { Array($0.utf8) })
        #expect(MessageIDs.sendable(read) == sendable)
    }

    @Test("C24: an id of 100 kB is read and not written")
    func longID() {
        let read = MessageIDs.parse(repeated("x", 100_000, head: "<") + Array("@y>".utf8))
        #expect(read.map(\.utf8.count) == [100_002])
        #expect(MessageIDs.sendable(read) == [])
    }

    @Test(
        "C30: a name is decoded once, whatever is inside",
        arguments: [
            // RFC 2231 around an encoded word.
            ("filename*=utf-8''%3D%3Futf-8%3FQ%3Fa%3F%3D", "=?utf-8?Q?a?="),
            // RFC 2231 around percents.
            ("filename*=utf-8''a%2541", "a%41"),
            ("filename*0*=utf-8''a%25; filename*1*=41", "a%41"),
            // An encoded word around percents and around another word.
            ("filename=\"=?utf-8?Q?a%41?=\"", "a%41"),
            ("filename=\"=?utf-8?Q?=3D=3Futf-8=3FQ=3Fa=3F=3D?=\"", "=?utf-8?Q?a?="),
            // Percents without the mark of RFC 2231.
            ("filename=\"a%41\"", "a%41"),
        ]
    )
    func once(field: String, name: String) {
        let octets = Array("attachment; \(field)".utf8)
        #expect(ContentDispositionField.parse(octets).parameters.value("filename") == name)
    }
}
