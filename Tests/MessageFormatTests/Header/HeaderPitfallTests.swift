// The list of pitfalls in protocols.md 3.3, as far as a single header field decides them, one named
// test each. Those that have a test beside their reader already are not repeated here.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct HeaderPitfallTests {
    private func text(_ raw: String) -> String { HeaderText.decode(Array(raw.utf8)) }

    /// `name<address>` of each mailbox.
    private func mailboxes(_ raw: String) -> [String] {
        AddressList.parse(Array(raw.utf8)).map { "\($0.name ?? "")<\($0.address)>" }
    }

    private func type(_ raw: String) -> ContentTypeField { ContentTypeField.parse(Array(raw.utf8)) }

    // MARK: Headers

    @Test("a fold with a tab is one space")
    func tabFold() { #expect(text("a\r\n\tb") == "a b") }

    @Test("a fold inside an encoded word does not end it")
    func foldInWord() {
        #expect(text("=?utf-8?Q?a=C3=A4\r\n b?=") == "aä b")
        #expect(text("=?utf-8?B?w6TD\r\n pA==?=") == "ää")
    }

    @Test("a continuation of blanks alone adds nothing")
    func blankContinuation() { #expect(text("a\r\n   \r\n\t\r\n b") == "a b") }

    @Test("raw latin-1 is read as windows-1252, in a subject and in a name")
    func rawLatin1() {
        let octets: [UInt8] = [0x47, 0x72, 0xFC, 0xDF, 0x65, 0x20, 0x80]
        #expect(HeaderText.decode(octets) == "Grüße €")
        #expect(AddressList.parse(octets + Array(" <a@b>".utf8)).first?.name == "Grüße €")
    }

    @Test("raw KOI8-R and GB18030 are no UTF-8 and so windows-1252: one policy, never a guess more")
    func rawOther() {
        // KOI8-R and GB18030 of two letters each.
        #expect(HeaderText.decode([0xF0, 0xD2]) == "ðÒ")
        #expect(HeaderText.decode([0xC4, 0xE3]) == "Äã")
    }

    @Test("octets that are UTF-8 by chance are UTF-8")
    func rawUTF8() { #expect(HeaderText.decode([0xD0, 0x9F, 0xD1, 0x80]) == "Пр") }

    @Test("an empty value is an empty text, list and id", arguments: ["", " ", "\r\n ", "\t"])
    func emptyValue(raw: String) {
        #expect(text(raw) == "")
        #expect(mailboxes(raw) == [])
        #expect(MessageIDs.parse(Array(raw.utf8)) == [])
        #expect(DateField.parse(Array(raw.utf8)) == nil)
    }

    @Test("a subject of nothing but encoded NULs keeps them for whoever displays it")
    func encodedNULs() { #expect(text("=?utf-8?Q?=00=00?=") == "\0\0") }

    @Test("a list of 2,000 addresses on one line is read whole")
    func longLine() {
        let raw = (0..<2_000).map { "\"User, \($0)\" <u\($0)@example.org>" }.joined(separator: ", ")
        let addresses = AddressList.parse(Array(raw.utf8))
        #expect(addresses.count == 2_000)
        #expect(addresses.last == Address(name: "User, 1999", address: "u1999@example.org"))
    }

    // MARK: RFC 2047

    @Test("adjacent words join without the blank between them")
    func adjacentWords() { #expect(text("=?utf-8?q?a?=  \r\n =?utf-8?q?b?= c") == "ab c") }

    @Test("a character may be cut between two words of one charset, in either encoding")
    func cutCharacter() {
        #expect(text("=?utf-8?Q?=C3?= =?UTF-8?Q?=A4?=") == "ä")
        #expect(text("=?utf-8?B?ww==?= =?utf-8?Q?=A4?=") == "ä")
        #expect(text("=?utf-8?Q?=C3?= =?iso-8859-1?Q?=A4?=") == "\u{FFFD}¤")
    }

    @Test("an underscore is a space in Q and itself in base64's place")
    func underscore() { #expect(text("=?utf-8?q?a_b=5Fc?= _") == "a b_c _") }

    @Test("missing padding of base64 is no loss")
    func missingPadding() {
        #expect(text("=?utf-8?b?w6Q?=") == "ä")
        #expect(text("=?utf-8?b?YWI?= =?utf-8?b?Yw?=") == "abc")
    }

    @Test("a word in a quoted string is decoded, and one of more than 75 octets too")
    func forbiddenWords() {
        #expect(mailboxes("\"=?utf-8?q?=C3=A4?= b\" <a@b>") == ["ä b<a@b>"])
        let long = String(repeating: "x", count: 200)
        #expect(text("=?utf-8?q?\(long)?=") == long)
    }

    @Test("a language in a word's charset is ignored")
    func language() { #expect(text("=?iso-8859-1*de-AT?q?=E4?=") == "ä") }

    @Test("line ends that a name decodes to are spaces: no header can be injected")
    func injection() {
        let found = mailboxes("=?utf-8?q?a=0D=0ABcc:_x@y?= <a@b>")
        #expect(found == ["a Bcc: x@y<a@b>"])
        let bare = mailboxes("=?utf-8?b?YUBiDQo=?= (=?utf-8?q?c=0Ad?=)")
        #expect(bare.allSatisfy { !$0.utf8.contains(0x0A) && !$0.utf8.contains(0x0D) })
    }

    // MARK: Addresses

    @Test(
        "each odd shape of an address list has one reading",
        arguments: [
            // `a@b (Name)`, nested comments.
            ("a@b (Name)", ["Name<a@b>"]),
            ("a@b (x (y (z)) w)", ["x (y (z)) w<a@b>"]),
            ("(before) a@b", ["before<a@b>"]),
            // Separators.
            ("\"A\" <a@b>, ", ["A<a@b>"]),
            ("A <a@b>; C <c@d>", ["A<a@b>", "C<c@d>"]),
            (",a@b,,c@d,", ["<a@b>", "<c@d>"]),
            // Groups.
            ("undisclosed-recipients:;", []),
            ("Undisclosed recipients: ;", []),
            ("G:a@b,c@d;", ["<a@b>", "<c@d>"]),
            ("G1:G2:a@b;;", ["<a@b>"]),
            // Local parts and routes.
            ("\"a b\"@c", ["<\"a b\"@c>"]),
            ("<\"a@b\"@c>", ["<\"a@b\"@c>"]),
            ("<>", []),
            ("<@x,@y:a@b>", ["<a@b>"]),
            // Words of a host.
            ("root", ["<root>"]),
            ("root, daemon", ["<root>", "<daemon>"]),
            ("<root>", ["<root>"]),
            ("a@", ["<a@>"]),
            ("@b", ["<@b>"]),
            ("a@b@c", ["<a@b@c>"]),
            // A name that looks like another address.
            ("\"a@b\" <c@d>", ["a@b<c@d>"]),
            ("a@b <c@d>", ["a@b<c@d>"]),
            // Names without the quotes they need.
            ("J. R. Doe <a@b>", ["J. R. Doe<a@b>"]),
            ("Doe, J. <a@b>", ["Doe, J.<a@b>"]),
            ("Doe, J. <a@b>, Roe, K. <c@d>", ["Doe, J.<a@b>", "Roe, K.<c@d>"]),
            // International ones are as written.
            ("J <jäger@müller.example>", ["J<jäger@müller.example>"]),
            ("J <j@xn--mller-kva.example>", ["J<j@xn--mller-kva.example>"]),
            ("\u{202E}moc <a@b>", ["\u{202E}moc<a@b>"]),
        ]
    )
    func addresses(raw: String, expected: [String]) { #expect(mailboxes(raw) == expected) }

    @Test("a name in 8-bit octets does not change the address beside it")
    func eightBitName() {
        let raw = Array("\"M".utf8) + [0xFC] + Array("ller\" <m@x>".utf8)
        #expect(AddressList.parse(raw) == [Address(name: "Müller", address: "m@x")])
    }

    // MARK: Content-Type

    @Test(
        "a boundary is the octets as written",
        arguments: [
            ("boundary=\"abc \"", "abc "), ("boundary='abc'", "'abc'"), ("boundary=\"\"", ""),
            ("boundary=", nil), ("boundary=abc ", "abc"), ("boundary=\"a;b\"", "a;b"),
            ("boundary=a=b", "a=b"), ("boundary=\"abc", "abc"), ("BOUNDARY = abc", "abc"),
            ("charset=x", nil),
        ] as [(String, String?)]
    )
    func boundaries(parameter: String, boundary: String?) {
        let octets = type("multipart/mixed; \(parameter)").parameters.octets("boundary")
        #expect(octets == boundary.map { Array($0.utf8) })
    }

    @Test("of two values the first counts")
    func duplicates() {
        let field = type("text/plain; charset=\"utf-8\"; format=flowed; charset=us-ascii")
        #expect(field.parameters.value("charset") == "utf-8")
    }

    @Test(
        "a name is read without the quotes it needs and with the encodings it must not have",
        arguments: [
            ("name=a (1) [2].txt", "a (1) [2].txt"),
            ("name=a/b?.txt; x=y", "a/b?.txt"),
            ("name==?utf-8?B?w6QudHh0?=", "ä.txt"),
            ("name=\"=?utf-8?Q?=C3=A4?= =?utf-8?Q?.txt?=\"", "ä.txt"),
            ("name*0*=utf-8''%C3; name*1*=%A4; name*2=.txt", "ä.txt"),
            ("name*1=b; name*0=a", "ab"),
            ("name*0=\"a\"; name*1*=%41", "aA"),
            ("name*1=b; name*2=c", "bc"),
            ("name*0=a; name*2=c", "a"),
            ("name=plain; name*=utf-8''%C3%A4", "ä"),
            ("name*=utf-8'de'%c3%a4", "ä"),
            ("name*=''a%20b", "a b"),
            ("name*=%C3%A4", "ä"),
            ("name*=utf-8''%C3%A", "\u{FFFD}%A"),
        ]
    )
    func names(parameter: String, name: String) {
        #expect(type("text/plain; \(parameter)").parameters.value("name") == name)
    }

    // MARK: Charsets

    @Test(
        "a charset's label means what writers mean by it",
        arguments: [
            ("=?iso-8859-1?q?=93a=94?=", "“a”"), ("=?gb2312?b?gjCBNg==?=", nil),
            ("=?ks_c_5601-1987?b?sKE=?=", "가"), ("=?utf-7?q?+AOQ-?=", "ä"),
            ("=?unknown-8bit?q?=E4?=", "ä"), ("=?x-user-defined?q?=C3=A4?=", "ä"),
            ("=?utf-16?b?5AA=?=", "ä"), ("=?utf-8?q?=C0=AF?=", "\u{FFFD}\u{FFFD}"),
        ] as [(String, String?)]
    )
    func charsets(raw: String, expected: String?) {
        let decoded = text(raw)
        if let expected { #expect(decoded == expected) } else { #expect(!decoded.isEmpty) }
    }
}
