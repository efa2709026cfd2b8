// Facts about previews.

import Testing

@testable import MessageFormat

@Suite struct PreviewTextTests {
    @Test(
        "a preview has what the writer wrote, on one line",
        arguments: [
            ("a\n\n  b\tc\nd", "a b c d"), ("", ""), ("\n \n", ""),
            ("> q\na\n>> r\nb", "a b"),
            ("On Mon, Ann <a@b> wrote:\n> q\n\nYes.\n-- \nBob", "Yes."),
            ("Yes\n\nOn Mon, 1 Jul 2024 at 9:00, Ann\n<a@b> wrote:\n\n> q", "Yes"),
            ("Ja\nAm 1.7.24 um 9 Uhr schrieb Ann:\n> q", "Ja"),
            ("Note this:\nx", "Note this: x"), ("Ann, 1 July:\n\n> q\nb", "b"),
            ("a\n-----Original Message-----\nFrom: b", "a"),
            ("---\na\n=====\n* * *\nb", "a b"), ("- a\n- b", "- a - b"),
            ("See here [1] and [2].\n\n[1] http://x\n[2] http://y\n", "See here and [2]."),
            ("See [1]", "See [1]"), ("[image] [1]\na\n\n[1] http://x\n", "a"),
            ("[1] http://x\n", ""), ("--\nBob", ""),
        ]
    )
    func previews(text: String, preview: String) {
        #expect(PreviewText.make(from: text) == preview)
    }

    @Test(
        "a cut is between letters",
        arguments: [
            ("abcdef", 3, "abc"), ("abc", 3, "abc"), ("ab cd", 3, "ab"), ("abc d", 3, "abc"),
            ("abe\u{301}", 3, "ab"), ("abe\u{301}", 4, "abe\u{301}"), ("äöü", 2, "äö"),
            ("a", 0, ""),
            ("a", -1, ""),
        ]
    )
    func cuts(text: String, count: Int, preview: String) {
        #expect(PreviewText.make(from: text, scalarsMax: count) == preview)
    }

    @Test("a long text is read in no time and without a trap")
    func long() {
        let word = String(repeating: "ä", count: 1_000_000)
        #expect(PreviewText.make(from: word) == String(repeating: "ä", count: 200))
        #expect(PreviewText.make(from: word, scalarsMax: .max).unicodeScalars.count == 1_000_000)
        let quoted = String(repeating: "> x:\n", count: 100_000)
        #expect(PreviewText.make(from: quoted) == "")
        let colons = String(repeating: "x:\n\n", count: 50_000)
        #expect(PreviewText.make(from: colons, scalarsMax: 9) == "x: x: x:")
    }
}
