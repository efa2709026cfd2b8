// Facts about unstructured header text.

import Testing

@testable import MessageFormat

@Suite struct HeaderTextTests {
    @Test(
        "encoded words become text",
        arguments: [
            ("=?utf-8?Q?a_b?=", "a b"),
            ("=?UTF-8?b?QW5kcsOp?=", "André"),
            ("=?UTF-8?B?QW5kcsOp?= =?utf-8?q?_=C3=A9?=", "André é"),
            ("=?utf-8*en?Q?=C3=A4?=", "ä"),
            ("=?iso-8859-1?Q?=80?=", "€"),
            ("=?gb2312?B?xOO6ww==?=", "你好"),
            ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
            ("=?iso-2022-jp?B?GyhJMRso Qg==?=", "ｱ"),
            ("=?utf-8?B?b2hhaSDw?=\r\n =?utf-8?B?n5Kp?=", "ohai 💩"),
            ("=?UTF-8?Q?not_closed", "=?UTF-8?Q?not_closed"),
            ("=?x-none?Q?=C3=A4?=", "ä"),
            ("=?x-none?Q?=E4?=", "ä"),
            ("a=?utf-8?q?b?=c", "abc"),
            ("=?utf-8?Q?what??=", "what?"),
        ]
    )
    func words(raw: String, text: String) {
        #expect(HeaderText.decode(Array(raw.utf8)) == text)
    }

    @Test("a word that decodes to a word is decoded once")
    func once() {
        let inner = "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="
        #expect(HeaderText.decode(Array(inner.utf8)) == "=?utf-8?q?x?=")
    }

    @Test("raw octets are UTF-8 if valid and windows-1252 otherwise")
    func raw() {
        #expect(HeaderText.decode([0xC3, 0xA4, 0x20, 0x62]) == "ä b")
        #expect(HeaderText.decode([0xE4, 0x20, 0x93, 0x62, 0x94]) == "ä “b”")
    }

    @Test("folds and runs of blanks are one space, ends are trimmed")
    func blanks() {
        #expect(HeaderText.decode(Array(" a \t b\r\n\t c \r\n".utf8)) == "a b c")
    }

    @Test("CR and LF never come out, whichever way they went in; other controls do")
    func lineEnds() {
        let raw = "=?utf-8?Q?a=0D=0AB:_c=1B[2J?= \r\nd =?utf-8?B?DQo=?="
        let text = HeaderText.decode(Array(raw.utf8))
        #expect(text == "a B: c\u{1B}[2J d")
    }

    @Test("unfinished and whole words are read in linear time")
    func linear() {
        let unit = "=?utf-8?q?=?utf-8?b?=?=?"
        LinearTime.expect(
            unit,
            input: { Array(String(repeating: unit, count: $0).utf8) },
            count: 4_000,
            work: { _ = HeaderText.decode($0) }
        )
    }
}
