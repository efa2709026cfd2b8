// Facts about message ids in fields.

import Testing

@testable import MessageFormat

@Suite struct MessageIDsTests {
    @Test(
        "ids come without brackets and without white space",
        arguments: [
            ("<a@b>", ["a@b"]),
            ("<a@b><c@d>\r\n\t<e@f>", ["a@b", "c@d", "e@f"]),
            ("<a\r\n @b>", ["a@b"]),
            ("Message of Monday from <a@b>", ["a@b"]),
            ("a@b c", ["a@b"]),
            ("<a@b", ["a@b"]),
            ("<a <b@c>", ["a", "b@c"]),
            ("<>", []),
            ("", []),
        ]
    )
    func parse(text: String, ids: [String]) {
        #expect(MessageIDs.parse(Array(text.utf8)) == ids)
    }

    @Test("of many the last 200 are kept")
    func limit() {
        let text = (0..<1_000).map { "<\($0)@x>" }.joined()
        let ids = MessageIDs.parse(Array(text.utf8))
        #expect(ids.count == 200)
        #expect(ids.last == "999@x")
    }

    @Test("an id that would break a header is not sendable")
    func sendable() {
        let ids = [
            "a@b", "a\r\nBcc: x@y", "a b", "a>b", "ä@b", "", String(repeating: "x", count: 901),
        ]
        #expect(MessageIDs.sendable(ids) == ["a@b"])
    }
}
