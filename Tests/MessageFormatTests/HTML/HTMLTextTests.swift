// Facts about HTML as text.

import Testing

@testable import MessageFormat

@Suite struct HTMLTextTests {
    @Test(
        "elements become lines, lists, quotations and notes",
        arguments: [
            ("a <b>b</b>  c\n d", "a b c d\n"),
            ("a<br>b<br/><br>c", "a\nb\n\nc\n"),
            ("<div>a</div><div><div>b</div></div>", "a\nb\n"),
            ("<p>a</p>\n<p>b</p>", "a\n\nb\n"),
            ("<h1>T</h1>x", "T\n\nx\n"),
            ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd\n"),
            ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"),
            (
                "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
                "a\n\n> b\n> c\n>\n> > d\n\ne\n"
            ),
            ("<pre>a  b\n c</pre>d", "a  b\n c\n\nd\n"),
            (
                "<a href=\"http://x/\">t</a> <a href='http://y/?a=1&amp;b'>u</a> "
                    + "<a href=http://x/>v</a>",
                "t [1] u [2] v [1]\n\n[1] http://x/\n[2] http://y/?a=1&b\n"
            ),
            (
                "<a href=\"http://x/\">http://x/</a> <a href=\"mailto:a@b\">a@b</a>",
                "http://x/ a@b\n"
            ),
            ("<a href=\"javascript:x\">t</a><a href=#y>u</a>", "tu\n"),
            ("<img src=x alt=\"A cat\"><img alt=t width=1 height=1><img src=cid:y>", "A cat\n"),
            ("<head><title>t</title><style>s</style></head><script>if(a<b)</script>x", "x\n"),
            ("a<!-- <p> -->b<!doctype html>c<?xml ?>d", "abcd\n"),
            ("<div style=\"display: none\">h<div>i</div>j</div>k", "k\n"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc\n"),
            ("a<hr>b", "a\n---\nb\n"),
            ("", ""), ("<", "<\n"), ("a < b", "a < b\n"), ("a<b", "a\n"), ("<a href=\"x", ""),
            ("<p title=\"unclosed>a</p>b", "a\n\nb\n"), ("</div></ul></blockquote></a>x", "x\n"),
            ("<script>never closed", ""), ("<!--never closed", ""),
        ]
    )
    func elements(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "character references are decoded once",
        arguments: [
            ("a&amp;&lt;&clubs;&gt;b", "a&<♣>b\n"), ("&amp;lt;", "&lt;\n"),
            ("&#228;&#xE4;&#XE4", "äää\n"),
            ("&#8364;&#128;&euro;", "€€€\n"),
            (
                "&#0;&#xD800;&#x110000;&#99999999999;",
                "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\n"
            ), ("&nope; & &#; &#x;", "&nope; & &#; &#x;\n"),
            ("a&nbsp;&nbsp;&zwnj;b", "a \u{200C}b\n"), ("?a&copy=1", "?a&copy=1\n"),
            ("&#deee;", "&#deee;\n"),
        ]
    )
    func entities(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "hostile HTML is linear in time and in what it makes",
        arguments: [
            "<blockquote>x", "<ul><li>x", "<a href=\"x", "<", "<!--", "<a b='", "&", "</",
            "<div hidden>",
            "<script", "<a href=http://x/>x", "<p x=\"'", "<pre>\n", "<td>",
        ]
    )
    func hostile(unit: String) {
        let clock = ContinuousClock()
        var size = 0
        func time(_ count: Int) -> Duration {
            let html = String(repeating: unit, count: count)
            return clock.measure { size = HTMLText.render(html).utf8.count }
        }
        _ = time(500)
        #expect(time(40_000) < time(10_000) * 16 + .milliseconds(50))
        #expect(size < 40_000 * 100)
    }
}
