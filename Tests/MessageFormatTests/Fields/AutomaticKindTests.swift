// Facts about messages that programs sent (RFC 3834 5, RFC 5436 2.7.1).

import Testing

@testable import MessageFormat

@Suite struct AutomaticKindTests {
    @Test(
        "two fields give one kind, and Auto-Submitted goes first",
        arguments: [
            (nil, nil, nil),
            ("no", nil, nil),
            ("No (a person)", "bulk", .bulk),
            ("auto-generated", "list", .generated),
            ("Auto-Replied; owner-email=\"a@b\"", nil, .replied),
            ("(x) auto-notified;", nil, .notified),
            ("auto-something-new", nil, .generated),
            ("", "LIST", .list),
            (nil, " junk\r\n", .junk),
            (nil, "first-class", nil),
        ] as [(String?, String?, AutomaticKind?)]
    )
    func kinds(autoSubmitted: String?, precedence: String?, kind: AutomaticKind?) {
        let found = AutomaticKind.of(
            autoSubmitted: autoSubmitted.map { Array($0.utf8) },
            precedence: precedence.map { Array($0.utf8) }
        )
        #expect(found == kind)
    }
}
