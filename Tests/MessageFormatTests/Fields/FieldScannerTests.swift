// Facts about the cursor over structured fields.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct FieldScannerTests {
    @Test(
        "a comment is one piece, nested and escaped parentheses included",
        arguments: [
            ("(a) b", "a"), ("(a (b) c)", "a (b) c"), ("(a\\)b)", "a\\)b"), ("()", ""),
            ("(a", nil), ("(a\\", nil), ("a", nil), ("", nil),
        ] as [(String, String?)]
    )
    func comments(text: String, comment: String?) {
        var scanner = FieldScanner(Array(text.utf8))
        #expect(scanner.comment().map { Array($0) } == comment.map { Array($0.utf8) })
        if comment == nil { #expect(scanner.index == 0) }
    }

    @Test(
        "a quoted string is unquoted, and one that is never closed is none",
        arguments: [
            ("\"a \\\"b\\\\\" c", "a \"b\\"), ("\"\"", ""), ("\"a", nil), ("\"a\\\"", nil),
        ] as [(String, String?)]
    )
    func quotedStrings(text: String, content: String?) {
        var scanner = FieldScanner(Array(text.utf8))
        #expect(scanner.quotedString() == content.map { Array($0.utf8) })
    }

    @Test("the cursor never leaves the octets")
    func bounds() {
        var scanner = FieldScanner(Array("<a".utf8))
        #expect(Array(scanner.enclosed(by: UInt8(ascii: ">"))) == Array("a".utf8))
        scanner.skip()
        scanner.skipComments()
        #expect(scanner.isAtEnd)
        #expect(scanner.current == nil)
        #expect(scanner.rest.isEmpty)
        #expect(scanner.word { _ in false }.isEmpty)
    }

    @Test("blanks and comments are skipped together, and no more than the limit is read")
    func skipping() {
        var scanner = FieldScanner(Array(" (a)\r\n\t(b) c".utf8))
        scanner.skipComments()
        #expect(scanner.current == UInt8(ascii: "c"))
        #expect(FieldScanner(Array("abc".utf8), limit: 2).rest.count == 2)
    }
}
