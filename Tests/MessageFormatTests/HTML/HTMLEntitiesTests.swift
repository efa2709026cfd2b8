// Facts about character references.

import Testing

@testable import MessageFormat

@Suite struct HTMLEntitiesTests {
    @Test(
        "character references are decoded once",
        arguments: [
            ("a&amp;&lt;&clubs;&gt;b", "a&<♣>b"), ("&amp;lt;", "&lt;"),
            ("&#228;&#xE4;&#XE4", "äää"), ("&#8364;&#128;&euro;", "€€€"),
            ("&#0;&#xD800;&#x110000;&#99999999999;", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("&nope; & &#; &#x; &", "&nope; & &#; &#x; &"),
            ("&Auml;&auml;&AMP;&Scaron;&rarr;&check;&starf;&frac13;", "Ää&Š→✓★⅓"),
            ("&#146;&#150;&#133;", "’–…"), ("&#deee;", "&#deee;"),
        ]
    )
    func references(html: String, text: String) {
        #expect(decode(html) == text)
    }

    @Test(
        "a semicolon may be missing where no query is meant",
        arguments: [
            ("&nbspa &ampb &ltp>", "\u{A0}a &b <p>"), ("&copy 2024", "© 2024"),
            ("caf&eacute", "café"),
            ("?a&copy=1&reg=2", "?a&copy=1&reg=2"), ("&copyright", "&copyright"),
            ("&rarr x", "&rarr x"),
        ]
    )
    func unclosed(html: String, text: String) {
        #expect(decode(html) == text)
    }

    private func decode(_ html: String) -> String {
        let octets = Array(html.utf8)
        return String(decoding: HTMLEntities.decode(octets, 0..<octets.count), as: UTF8.self)
    }
}
