// Facts about lists of phrases.

import Testing

@testable import MessageFormat

@Suite struct CommaListTests {
    @Test(
        "phrases are decoded, and commas in quotes and encoded words divide nothing",
        arguments: [
            ("a, b c ,, d", ["a", "b c", "d"]),
            ("\"a, \\\"b\\\"\", c", ["a, \"b\"", "c"]),
            ("=?utf-8?q?a,_b?=, c", ["a, b", "c"]),
            ("\"open, c", ["open", "c"]),
            ("", []),
            (" \r\n ,", []),
        ]
    )
    func lists(text: String, items: [String]) {
        #expect(CommaList.parse(Array(text.utf8)) == items)
    }

    @Test("1,000 phrases are read and no more")
    func limit() {
        #expect(CommaList.parse(Array(String(repeating: "a,", count: 5_000).utf8)).count == 1_000)
    }
}
