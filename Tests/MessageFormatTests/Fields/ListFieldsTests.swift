// Facts about the fields of mailing lists. The examples are written by hand after RFC 2369,
// RFC 2919 and RFC 8058.

import Testing

@testable import MessageFormat

@Suite struct ListFieldsTests {
    private func listID(_ text: String) -> ListID? { ListID.parse(Array(text.utf8)) }
    private func uris(_ text: String) -> ListURIs { ListURIs.parse(Array(text.utf8)) }

    @Test(
        "a List-Id is a phrase and an identifier in brackets",
        arguments: [
            (
                "List Header Mailing List <list-header.nisto.example>",
                "List Header Mailing List", "list-header.nisto.example"
            ),
            (
                "<commonspace-users.list-id.within.com>",
                nil, "commonspace-users.list-id.within.com"
            ),
            (
                "\"Lena's <Personal> Joke List\"\r\n <lenas-jokes.da39efc2.localhost>",
                "Lena's <Personal> Joke List", "lenas-jokes.da39efc2.localhost"
            ),
            ("=?utf-8?q?G=C3=A4ste?= <a.b>", "Gäste", "a.b"),
            ("a.b.example (comment)", nil, "a.b.example"),
            ("x <a.b", "x", "a.b"),
        ] as [(String, String?, String)]
    )
    func identifiers(text: String, name: String?, id: String) {
        #expect(listID(text)?.name == name)
        #expect(listID(text)?.id == id)
    }

    @Test("a List-Id without an identifier is none", arguments: ["", "two words", "a <>", "< >"])
    func noIdentifier(text: String) { #expect(listID(text) == nil) }

    @Test(
        "URIs stand in brackets, comments and other text are skipped",
        arguments: [
            (
                "<mailto:list@host.example?subject=help> (List Instructions)",
                ["mailto:list@host.example?subject=help"]
            ),
            (
                "(Use this to join) <https://a.example/x>,\r\n\t<mailto:a@b>",
                ["https://a.example/x", "mailto:a@b"]
            ),
            ("<https://a.example/\r\n  long>", ["https://a.example/long"]),
            ("<https://a.example/x", ["https://a.example/x"]),
            ("https://a.example/x", []),
            ("<no-scheme>, <a:\u{e4}>, <b:\u{7f}>", []),
            ("(a <b:c>) <d:e>", ["d:e"]),
        ]
    )
    func lists(text: String, expected: [String]) {
        #expect(uris(text).uris == expected)
        #expect(!uris(text).isRefused)
    }

    @Test(
        "NO means that the list takes no posts",
        arguments: [("NO", true), ("no (closed)", true), (" (x) No", true), ("NOBODY", false)]
    )
    func refusal(text: String, isRefused: Bool) { #expect(uris(text).isRefused == isRefused) }

    @Test("32 URIs are read, and none of more than 8,192 octets")
    func limits() {
        #expect(uris(String(repeating: "<a:b>,", count: 100)).uris.count == 32)
        #expect(uris("<a:" + String(repeating: "x", count: 8_192) + ">, <b:c>").uris == ["b:c"])
    }

    @Test(
        "one POST unsubscribes only beside an https URI and the exact command",
        arguments: [
            (
                "<mailto:a@b>, <https://a.example/u>", "List-Unsubscribe=One-Click",
                "https://a.example/u"
            ),
            ("<HTTPS://a.example/u>", " list-unsubscribe=one-click\r\n", "HTTPS://a.example/u"),
            ("<http://a.example/u>", "List-Unsubscribe=One-Click", nil),
            ("<mailto:a@b>", "List-Unsubscribe=One-Click", nil),
            ("<https://a.example/u>", "", nil),
            ("<https://a.example/u>", "List-Unsubscribe=Two-Clicks", nil),
            ("<httpsx://a.example/u>", "List-Unsubscribe=One-Click", nil),
        ] as [(String, String, String?)]
    )
    func oneClick(unsubscribe: String, post: String, uri: String?) {
        let found = ListURIs.oneClick(
            unsubscribe: Array(unsubscribe.utf8),
            post: Array(post.utf8)
        )
        #expect(found == uri)
    }
}
