// Facts about charsets.

import Testing

@testable import MessageFormat

@Suite struct CharsetTests {
    @Test(
        "labels are read the WHATWG way",
        arguments: [
            ("iso-8859-1", [0x80, 0xE4], "€ä"), ("ISO_8859-1", [0x93], "“"),
            ("us-ascii", [0xC3, 0xA4], "ä"), ("us-ascii", [0xE4], "ä"),
            ("gb2312", [0x80 + 0x34, 0xF3], "大"), ("GBK", [0x81, 0x40], "丂"),
            ("ks_c_5601-1987", [0xB0, 0xA1], "가"), ("euc-kr", [0x81, 0x41], "갂"),
            ("shift_jis", [0x87, 0x40, 0x5C], "①\\"), ("euc-jp", [0xAD, 0xA1], "①"),
            ("iso-8859-9", [0xFD], "ı"), ("tis-620", [0xA1], "ก"), ("iso-8859-11", [0x80], "€"),
            ("big5", [0xA4, 0xA4], "中"), ("koi8-r", [0xC1], "а"), ("windows-1251", [0xE0], "а"),
            ("cp1251", [0xE0], "а"), ("cp850", [0x84], "ä"), ("iso-8859-15", [0xA4], "€"),
            ("utf-16", [0x61, 0], "a"), ("utf-16", [0xFE, 0xFF, 0, 0x61], "a"),
            ("utf-16be", [0xD8, 0x3D, 0xDC, 0xA9], "💩"),
            ("utf-7", [0x2B, 0x41, 0x4F, 0x51, 0x2D], "ä"),
            ("x-unknown", [0xE4], "ä"), ("unknown-8bit", [0xC3, 0xA4], "ä"), ("", [0x61], "a"),
            (" \"UTF-8\" ", [0xC3, 0xA4], "ä"), ("utf-8", [0xEF, 0xBB, 0xBF, 0x61], "a"),
        ] as [(String, [UInt8], String)]
    )
    func labels(label: String, octets: [UInt8], text: String) {
        #expect(Charset.decode(octets, label: label) == text)
    }

    @Test("ISO-2022-JP has half-width katakana, NEC characters and JIS X 0212")
    func japanese() {
        let octets: [UInt8] = [
            0x1B, 0x28, 0x49, 0x31, 0x1B, 0x24, 0x42, 0x2D, 0x21, 0x46, 0x7C, 0x1B, 0x28, 0x42,
            0x61,
        ]
        #expect(Charset.decode(octets, label: "ISO-2022-JP") == "ｱ①日a")
    }

    @Test("invalid sequences become U+FFFD and never an ASCII character")
    func invalid() {
        #expect(Charset.decode([0xC0, 0xAF, 0x61], label: "utf-8") == "\u{FFFD}\u{FFFD}a")
        #expect(Charset.decode([0x61, 0xFF, 0x62], label: "euc-jp") == "a\u{FFFD}b")
        #expect(Charset.decode([0x81], label: "shift_jis") == "\u{FFFD}")
        #expect(Charset.decode([0x61, 0x62, 0x63], label: "utf-16") == "扡\u{FFFD}")
    }

    @Test("a label can name no file and no conversion of the C library that is not in the table")
    func hostileLabels() {
        for label in ["../../tmp/x", "UTF-16//TRANSLIT", "IBM1390", "ISO-2022-CN-EXT", "a\0b"] {
            #expect(Charset.decode([0xE4], label: label) == "ä")
        }
        #expect(Charset.decode([0xE4], label: String(repeating: "x", count: 100_000)) == "ä")
    }

    @Test("a megabyte of any octets decodes in every charset of the table")
    func bulk() {
        var generator = SeededGenerator(seed: 7)
        let octets = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for label in [
            "gb18030", "big5", "iso-2022-kr", "utf-7", "euc-tw", "johab", "utf-32", "cp932",
        ] {
            #expect(!Charset.decode(octets, label: label).isEmpty)
        }
    }

    // bytes(range(0x80, 0xa0)).decode("cp1252", "replace") in Python.
    @Test("windows-1252 is latin-1 but for 0x80 to 0x9F, five of which mean nothing")
    func windows1252() {
        let special =
            "\u{20AC}\u{FFFD}\u{201A}\u{0192}\u{201E}\u{2026}\u{2020}\u{2021}\u{02C6}\u{2030}"
            + "\u{0160}\u{2039}\u{0152}\u{FFFD}\u{017D}\u{FFFD}\u{FFFD}\u{2018}\u{2019}\u{201C}"
            + "\u{201D}\u{2022}\u{2013}\u{2014}\u{02DC}\u{2122}\u{0161}\u{203A}\u{0153}\u{FFFD}"
            + "\u{017E}\u{0178}"
        let latin = String(
            String.UnicodeScalarView((0xA0...0xFF).compactMap { Unicode.Scalar($0) })
        )
        let octets = Array(0x7E...0xFF) as [UInt8]
        let text = Charset.decode(octets, label: "windows-1252")
        #expect(text.unicodeScalars.elementsEqual(("~\u{7F}" + special + latin).unicodeScalars))
    }
}
