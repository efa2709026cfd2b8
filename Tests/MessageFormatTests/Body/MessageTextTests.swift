// Facts about display text.

import Foundation
import Testing

@testable import MessageFormat

@Suite struct MessageTextTests {
    private func display(_ octets: [UInt8], _ type: String = "plain", _ charset: String? = nil)
        -> String
    {
        MessageText.display(octets, type: type, charset: charset, flowed: false, delSp: false)
    }

    @Test("every kind of line end becomes LF")
    func lineEnds() {
        #expect(display(Array("a\r\nb\rc\nd\r\r\n\ne".utf8)) == "a\nb\nc\nd\n\n\ne")
    }

    @Test("undeclared text is UTF-8 if valid and windows-1252 otherwise")
    func undeclared() {
        #expect(display([0xC3, 0xA4]) == "ä")
        #expect(display([0xE4]) == "ä")
        #expect(display([0x1B, 0x5B], "plain", "us-ascii") == "\u{1B}[")
    }

    @Test("HTML is rendered, flowed text is joined")
    func types() {
        #expect(display(Array("<p>a<p>b".utf8), "HTML") == "a\n\nb\n")
        let text = MessageText.display(
            Array("a \r\nb".utf8),
            type: "plain",
            charset: "utf-8",
            flowed: true,
            delSp: true
        )
        #expect(text == "ab")
    }

    @Test(
        "converted files of GMime's tests agree with their UTF-8 twins",
        .enabled(if: Corpora.root != nil, Corpora.missing),
        arguments: [
            ("cyrillic.cp1251.txt", "windows-1251", "cyrillic.utf-8.txt"),
            ("cyrillic.iso-8859-5.txt", "iso-8859-5", "cyrillic.utf-8.txt"),
            ("cyrillic.koi8-r.txt", "koi8-r", "cyrillic.utf-8.txt"),
            ("japanese.iso-2022-jp.txt", "iso-2022-jp", "japanese.utf-8.txt"),
            ("japanese.shift-jis.txt", "shift_jis", "japanese.utf-8.txt"),
        ]
    )
    func charsets(file: String, label: String, twin: String) throws {
        let octets = try Corpora.octets("charset/gmime/\(file)")
        let expected = try Corpora.octets("charset/gmime/\(twin)")
        #expect(display(octets, "plain", label) == display(expected, "plain", "utf-8"))
    }

    @Test(
        "HTML that declares no charset may name one itself, and a declared one goes before it",
        arguments: [
            ("<meta charset=\"koi8-r\">", nil, "при"),
            ("<META http-equiv=Content-Type content='text/html; charset=koi8-r'>", nil, "при"),
            ("<meta charset=koi8-r>", "windows-1251", "РТЙ"),
            ("<p title='charset=koi8-r'>", nil, "ÐÒÉ"),
        ] as [(String, String?, String)]
    )
    func htmlCharset(head: String, declared: String?, text: String) {
        let shown = MessageText.display(
            Array(head.utf8) + [0xD0, 0xD2, 0xC9],
            type: "html",
            charset: declared,
            flowed: false,
            delSp: false
        )
        #expect(shown == text + "\n")
    }
}
