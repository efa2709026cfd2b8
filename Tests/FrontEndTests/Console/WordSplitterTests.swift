// Facts about splitting a line into words.

import Testing

@testable import FrontEnd

@Suite struct WordSplitterTests {
    @Test(
        "a line is split as a shell splits it",
        arguments: [
            ("", []), ("   ", []), ("read 4831", ["read", "4831"]), ("\ta\t b ", ["a", "b"]),
            ("cd \"Sent Items\"", ["cd", "Sent Items"]), ("cd Sent\\ Items", ["cd", "Sent Items"]),
            ("send -s ''", ["send", "-s", ""]), ("a\"b c\"'d e'f", ["ab cd ef"]),
            ("'a\\b'", ["a\\b"]), ("\"a\\\"b\\\\c\\n\"", ["a\"b\\c\\n"]), ("\\'x", ["'x"]),
            ("send -s 'it is $HOME `x` *'", ["send", "-s", "it is $HOME `x` *"]),
            ("cd Gelöschte\\ Elemente", ["cd", "Gelöschte Elemente"]), ("\"\"", [""]),
        ] as [(String, [String])]
    )
    func words(line: String, expected: [String]) throws {
        #expect(try WordSplitter.words(Array(line.utf8)) == expected)
    }

    @Test("a mark on a space does not hide the space")
    func combining() throws {
        let words = try WordSplitter.words(Array("a \u{301}b".utf8))
        #expect(words.count == 2)
        let quoted = try WordSplitter.words(Array("'a'\u{301}".utf8))
        #expect(quoted.first?.unicodeScalars.elementsEqual("a\u{301}".unicodeScalars) == true)
    }

    @Test("an open quote and a trailing backslash are faults that say where")
    func faults() {
        #expect(throws: WordSplitter.Fault.openQuote(0x22, offset: 3)) {
            _ = try WordSplitter.words(Array("cd \"Sent".utf8))
        }
        #expect(throws: WordSplitter.Fault.openQuote(0x27, offset: 0)) {
            _ = try WordSplitter.words(Array("'a\"b".utf8))
        }
        #expect(throws: WordSplitter.Fault.trailingBackslash(offset: 2)) {
            _ = try WordSplitter.words(Array("cd\\".utf8))
        }
    }

    @Test("octets that are no UTF-8 become U+FFFD")
    func notUTF8() throws {
        #expect(try WordSplitter.words([0x61, 0xFF, 0x20, 0x62]) == ["a\u{FFFD}", "b"])
    }

    @Test(
        "what is escaped splits back into the same word",
        arguments: ["Sent Items", "a'b\"c\\d", "x\ty", "plain"]
    )
    func escaped(word: String) throws {
        #expect(try WordSplitter.words(Array(WordSplitter.escaped(word).utf8)) == [word])
    }
}
