// Facts about text in terminal cells.

import Testing

@testable import FrontEnd

@Suite struct CellTextTests {
    init() { Screen.prepareLocale() }

    @Test(
        "text is cut by cells and the cut is marked",
        arguments: [
            ("hello", 5, "hello", 5), ("hello!", 5, "hell…", 5), ("", 5, "", 0),
            ("hello", 1, "…", 1),
            ("hello", 0, "", 0), ("日本語", 6, "日本語", 6), ("日本語", 5, "日本…", 5),
            ("日本語", 4, "日…", 3), ("e\u{301}e\u{301}x", 2, "e\u{301}…", 2), ("😀😀", 4, "😀😀", 4),
            ("😀😀", 3, "😀…", 3),
        ]
    )
    func cut(text: String, limit: Int, expected: String, width: Int) {
        let cell = CellText(text, width: limit)
        #expect(cell.text.unicodeScalars.elementsEqual(expected.unicodeScalars))
        #expect(cell.width == width)
    }

    @Test("padding counts cells, not scalars")
    func padding() {
        #expect(CellText("日本", width: 6).padded(to: 6) == "日本  ")
        #expect(CellText("ab", width: 6).rightAligned(to: 6) == "    ab")
        #expect(CellText("e\u{301}", width: 3).padded(to: 3).unicodeScalars.count == 4)
    }

    @Test("no more than eight marks stand on one character")
    func marks() {
        let text = "a" + String(repeating: "\u{301}", count: 100) + "b"
        let scalars = CellText(text, width: 10).text.unicodeScalars
        #expect(scalars.count == 10)
    }

    @Test("a scalar the C library does not know is shown as U+FFFD")
    func unknown() {
        #expect(CellText("a\u{E000}", width: 5).width == 2)
        #expect(CellText("\u{10FFFE}", width: 5).text == "\u{FFFD}")
    }
}
