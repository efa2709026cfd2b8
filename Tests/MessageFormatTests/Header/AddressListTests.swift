// Facts about address fields.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct AddressListTests {
    /// `name<address>` of each mailbox.
    private func parse(_ text: String) -> [String] {
        AddressList.parse(Array(text.utf8)).map { "\($0.name ?? "")<\($0.address)>" }
    }

    @Test(
        "every shape that mail holds becomes mailboxes",
        arguments: [
            ("a@b", ["<a@b>"]),
            ("a@b (Name)", ["Name<a@b>"]),
            ("\"A, B\" <a@b>, ", ["A, B<a@b>"]),
            ("a@b; c@d;", ["<a@b>", "<c@d>"]),
            ("undisclosed-recipients:;", []),
            ("G: a@b, C <c@d>;, e@f", ["<a@b>", "C<c@d>", "<e@f>"]),
            ("x <a@b> (c (d) e)", ["x<a@b>"]),
            ("\"john doe\"@example.org", ["<\"john doe\"@example.org>"]),
            ("<@x,@y:a@b>", ["<a@b>"]),
            ("<>", []),
            ("MAILER-DAEMON <>", ["MAILER-DAEMON<>"]),
            ("root", ["<root>"]),
            ("\"a@b\" <c@d>", ["a@b<c@d>"]),
            ("Doe, John <j@x>", ["Doe, John<j@x>"]),
            ("John Q. Public <j@x>", ["John Q. Public<j@x>"]),
            ("Joe <joe@[IPv6:::1]>", ["Joe<joe@[IPv6:::1]>"]),
            ("=?utf-8?q?D=C3=B6e,_J?= <j@x>", ["Döe, J<j@x>"]),
            ("=?utf-8?q?Doe,J?= <j@x>", ["Doe,J<j@x>"]),
            ("\"=?utf-8?b?w6Q=?=\" <j@x>", ["ä<j@x>"]),
            ("=?utf-8?q?a=40b?= <j@x>", ["a@b<j@x>"]),
            ("=?utf-8?q?a?=@x", ["<=?utf-8?q?a?=@x>"]),
            ("a@b\r\n\t, c@d", ["<a@b>", "<c@d>"]),
            ("mailto:a@b", ["<a@b>"]),
            ("Joe <joe@x, Bob <bob@y>", ["Joe<joe@x>", "Bob<bob@y>"]),
            ("'Joe' <joe@x", ["'Joe'<joe@x>"]),
            ("\"unbalanced <a@b>, c <d@e>", ["unbalanced<a@b>", "c<d@e>"]),
            ("", []),
            (",;,:<>,", []),
        ]
    )
    func shapes(text: String, mailboxes: [String]) {
        #expect(parse(text) == mailboxes)
    }

    @Test("what an encoded word decodes to is never an address, and holds no line end (Mailsploit)")
    func mailsploit() {
        let text = "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00=0A?= <d@mailsploit.com>"
        let addresses = AddressList.parse(Array(text.utf8))
        #expect(addresses.map(\.address) == ["d@mailsploit.com"])
        #expect(addresses.first?.name == "potus@whitehouse.gov\0")
    }

    @Test("8-bit names are UTF-8 or windows-1252")
    func raw() {
        #expect(AddressList.parse([0xE4, 0x20] + Array("<a@b>".utf8)).first?.name == "ä")
    }

    @Test("10,000 mailboxes are read and no more")
    func limit() {
        let text = String(repeating: "a@b,", count: 12_000)
        #expect(parse(text).count == 10_000)
        #expect(parse(String(repeating: "<a@b,", count: 12_000)).count == 10_000)
    }

    @Test(
        "hostile nesting is read in linear time",
        arguments: [
            "(", "\"", "\\\"", "<", "a:", ";", "((a)", "[", "@[", "a@b<", "a b,", "\"a\",",
            "<a", "a@b:", "=?utf-8?q?",
        ]
    )
    func linear(unit: String) {
        LinearTime.expect(
            unit,
            input: { Array(String(repeating: unit, count: $0).utf8) },
            count: 2_000,
            work: { _ = AddressList.parse($0) }
        )
    }

    @Test(
        "B27: a comment that divides a word is seen, and no other",
        arguments: [
            ("user@good.example(x)evil.example", true), ("a@(x)b.example", true),
            ("a(x)(y)b@c.example", true), ("a@b(\\(x)c.example", true), ("<a@b(x).example>", true),
            ("a@b.example (Bob)", false),
            ("a@b.example(Bob)", false), ("(Bob)a@b.example", false),
            ("Bob (x) Jones <a@b.example>", false), ("a@b.example(x),c@d.example", false),
            ("\"a(x)b\" <a@b.example>", false),
        ]
    )
    func dividedWord(text: String, isDivided: Bool) {
        #expect(AddressList.hasDividedWord(text.utf8) == isDivided)
    }
}
