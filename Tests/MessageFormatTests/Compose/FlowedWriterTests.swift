// Facts about format=flowed as we write it. Expected lines are written by hand; that readers join
// them again is shown by RoundTripTests.

import Testing

@testable import MessageFormat

@Suite struct FlowedWriterTests {
    private func lines(_ text: String) -> [String] {
        FlowedWriter(Array(text.utf8)).lines.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "short lines stay, but for blanks that would mean something",
        arguments: [
            ("Hello\n", ["Hello"]), ("a\r\nb\rc", ["a", "b", "c"]), ("", []), ("\n\n", ["", ""]),
            ("trailing  \n", ["trailing"]), ("   \n", [""]), (" lead", ["  lead"]),
            ("From me", [" From me"]), ("Fromage", ["Fromage"]), ("-- \nAlice", ["-- ", "Alice"]),
            ("--  \n", ["--"]), ("tab\t", ["tab\t"]),
        ]
    )
    func short(text: String, expected: [String]) {
        #expect(lines(text) == expected)
    }

    @Test(
        "quotations keep their depth, in one form",
        arguments: [
            ("> a", ["> a"]), (">a", ["> a"]), (">> a", [">> a"]), ("> > a", [">> a"]),
            (">", [">"]), ("> ", [">"]), ("> -- ", ["> -- "]), (">  a", [">  a"]),
            ("> From x", ["> From x"]),
        ]
    )
    func quotations(text: String, expected: [String]) {
        #expect(lines(text) == expected)
    }

    @Test("a long paragraph is cut behind spaces, at most 78 columns")
    func long() {
        let words = String(repeating: "twelve chars ", count: 12)  // 13 columns each
        let line = String(repeating: "twelve chars ", count: 5) + "twelve "
        #expect(lines(words).first == line)
        #expect(lines(words).allSatisfy { $0.utf8.count <= 78 })
        #expect(lines(words).joined() == words.dropLast())
    }

    @Test("columns are characters, so that wide text is not cut early")
    func wide() {
        let text = String(repeating: "äöü ", count: 19) + "äöü"  // 79 characters
        #expect(lines(text) == [String(repeating: "äöü ", count: 19), "äöü"])
    }

    @Test("a quoted paragraph is cut with its marks in front of every piece")
    func quoted() {
        let text = ">> " + String(repeating: "word ", count: 20) + "end"
        let piece = ">> " + String(repeating: "word ", count: 15)
        #expect(lines(text) == [piece, ">> " + String(repeating: "word ", count: 5) + "end"])
    }

    @Test("a cut never makes a signature separator, nor a mark")
    func separators() {
        let long = String(repeating: "x", count: 100)
        #expect(lines("-- \(long)") == ["-- \(long)"])
        #expect(lines("-- a \(long)") == ["-- a ", long])
        let filler = String(repeating: "x", count: 70)
        #expect(lines("\(filler) > yyyyyyy zzz") == ["\(filler) > ", "yyyyyyy zzz"])
        #expect(lines("\(filler) a b c >yyy") == ["\(filler) a b c ", " >yyy"])
        #expect(lines("\(filler) a b c From y") == ["\(filler) a b c ", " From y"])
    }

    @Test("a word without end stays whole, and a paragraph quoted too deep stays one line")
    func unbreakable() {
        let word = String(repeating: "x", count: 2_000)
        #expect(lines(word) == [word])
        let deep =
            String(repeating: ">", count: 31) + " " + String(repeating: "word ", count: 40) + "e"
        #expect(lines(deep) == [deep])
    }

    @Test(
        "our own reader joins what was cut",
        arguments: [
            String(repeating: "word ", count: 100) + "end\n\n> quoted "
                + String(repeating: "word ", count: 50) + "end\n>> deeper\n-- \nme",
            " lead\nFrom me\n" + String(repeating: "日本 語 ", count: 60) + "x",
            "-- " + String(repeating: "not a signature ", count: 9) + "x",
        ]
    )
    func unwrapped(text: String) {
        let wire = FlowedWriter(Array(text.utf8)).lines.joined(separator: [0x0A])
        let read = FlowedText.unwrap(Array(wire), delSp: false)
        #expect(String(decoding: read, as: UTF8.self) == text)
    }

    @Test("hostile text takes linear space", arguments: [">", "> ", ">a ", " ", "-- ", "a "])
    func linear(piece: String) {
        let text = Array(String(repeating: piece, count: 300_000).utf8)
        let octets = FlowedWriter(text).lines.reduce(0) { $0 + $1.count }
        #expect(octets <= text.count * 2 + 2)
    }
}
