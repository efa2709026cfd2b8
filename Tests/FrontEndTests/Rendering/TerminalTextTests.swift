// Facts about text that is safe for a terminal.

import Testing

@testable import FrontEnd

@Suite struct TerminalTextTests {
    init() { Screen.prepareLocale() }

    @Test(
        "what could act on a terminal is shown as a mark",
        arguments: [
            ("\u{1B}]52;c;ZXZpbA==\u{07}", "␛]52;c;ZXZpbA==␇"),
            ("\u{1B}]0;title\u{1B}\\", "␛]0;title␛\\"),
            ("\u{1B}[2J", "␛[2J"),
            ("\u{1B}[6n", "␛[6n"),
            ("\u{1B}P+q\u{1B}\\", "␛P+q␛\\"),
            ("\u{9B}31m", "<9B>31m"),
            ("a\u{08}\u{08}b", "a␈␈b"),
            ("a\u{7F}", "a␡"),
            ("nul\u{0}", "nul␀"),
            ("\u{85}next", "<85>next"),
        ]
    )
    func acting(text: String, expected: String) {
        #expect(TerminalText.clean(text) == expected)
        #expect(TerminalText.line(text) == expected)
    }

    @Test(
        "what turns text around or hides is shown by its number",
        arguments: [
            ("invoice\u{202E}fdp.exe", "invoice<U+202E>fdp.exe"),
            ("\u{2066}a\u{2069}", "<U+2066>a<U+2069>"),
            ("a\u{200E}b\u{200F}", "a<U+200E>b<U+200F>"),
            ("pay\u{200B}pal", "pay<U+200B>pal"),
            ("a\u{2060}b\u{FEFF}", "a<U+2060>b<U+FEFF>"),
            ("x\u{E0041}", "x<U+E0041>"),
            ("a\u{061C}b", "a<U+061C>b"),
            ("a\u{2028}b", "a<U+2028>b"),
        ]
    )
    func hiding(text: String, expected: String) {
        #expect(TerminalText.line(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test("a carriage return ends a line and never writes over one")
    func carriageReturn() {
        let clean = TerminalText.clean("safe\rEVIL\r\nnext\nlast")
        #expect(clean.unicodeScalars.elementsEqual("safe\nEVIL\nnext\nlast".unicodeScalars))
    }

    @Test("a single line has neither line ends nor tabs")
    func singleLine() {
        let clean = TerminalText.line("a\nb\r\nc\td\re")
        #expect(clean.unicodeScalars.elementsEqual("a b c d e".unicodeScalars))
    }

    @Test(
        "ordinary text of any script stays as it is",
        arguments: ["żółw", "日本語", "שלום", "👩‍👩‍👧", "e\u{301}"]
    )
    func ordinary(text: String) {
        #expect(TerminalText.clean(text).unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test("every scalar below U+3000 comes out without a control")
    func everyScalar() {
        for value in UInt32(0)..<0x3000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for shown in TerminalText.line(String(Character(scalar))).unicodeScalars {
                #expect(shown.value >= 0x20 && !(0x7F...0x9F).contains(shown.value))
            }
        }
    }

    @Test("a cut never stands within a scalar")
    func cut() {
        #expect(TerminalText.cut("aé", octetsMax: 2) == "a")
        #expect(TerminalText.cut("aé", octetsMax: 3) == "aé")
        #expect(TerminalText.cut("a日本", octetsMax: 6) == "a日")
        #expect(TerminalText.cut("abc", octetsMax: 0) == "")
    }

    @Test("of 100 kB of combining marks on one character eight are shown")
    func combiningMarks() {
        let text = "e" + String(repeating: "\u{301}\u{316}", count: 50_000)
        #expect(CellText(text, width: 40).text.utf8.count < 64)
    }
}
