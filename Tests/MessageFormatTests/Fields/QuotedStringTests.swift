// Facts about quoted strings.

import Testing

@testable import MessageFormat

@Suite struct QuotedStringTests {
    @Test(
        "quotes and backslashes go, what they protect stays",
        arguments: [
            ("\"a b\"", "a b"), ("\"a\\\"b\\\\\"", "a\"b\\"), ("a\"b c\"d", "ab cd"), ("a\\", "a"),
            ("", ""),
        ]
    )
    func unquoted(text: String, content: String) {
        #expect(QuotedString.unquoted(Array(text.utf8)[...]) == Array(content.utf8))
    }
}
