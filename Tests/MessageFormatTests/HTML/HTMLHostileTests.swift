// HTML that is made to hurt, and HTML made at random: no trap, linear time, bounded size, and no
// text lost.

import Glibc
import Testing

@testable import MessageFormat

@Suite struct HTMLHostileTests {
    /// The processor's time that rendering takes: other work on the machine does not count.
    private func time(_ html: String) -> (seconds: Double, octets: Int) {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        let start = now()
        let octets = HTMLText.render(html).utf8.count
        return (now() - start, octets)
    }

    @Test(
        "hostile HTML is linear in time and in what it makes",
        arguments: [
            "<blockquote>x", "<ul><li>x", "<ul>", "<a href=\"x", "<", "<!--", "<a b='", "&", "</",
            "<div hidden>", "<script", "<a href=http://x/>x", "<p x=\"'", "<pre>\n", "<pre>x\n",
            "<td>", "<table><tr><td>x", "<table>", "</table>", "<table><td>a<td>b</table>",
            "<tr><td>x<td>y", "<blockquote></li>", "<ul><blockquote></ul>", "</ul></li>", "\0",
            "<i hidden></i>", "<b style='font-size:0'>x", "<p style='white-space:pre'>x</b>",
            "<br>x", "&nbsp;", "<![CDATA[x", "<dl><dd>x", "<a@b> ", "<select><option>x",
            "<table><tr><td colspan=30>x<td>y<td rowspan=9>z</table>", "<q>x</q>",
            "<div style='font-size:0'><span style='font-size:9px'></div>",
        ]
    )
    func hostile(unit: String) {
        _ = time(String(repeating: unit, count: 500))
        let small = time(String(repeating: unit, count: 5_000))
        let large = time(String(repeating: unit, count: 20_000))
        #expect(large.seconds < small.seconds * 8 + 0.02)
        #expect(large.octets < 20_000 * unit.utf8.count * 5 + 32_768)
    }

    @Test("a table of many cells is linear", arguments: [10, 30, 60])
    func tables(columns: Int) {
        let row = "<tr>" + String(repeating: "<td>é", count: columns)
        func table(_ rows: Int) -> String {
            "<table>" + String(repeating: row, count: rows) + "</table>"
        }
        _ = time(table(10))
        #expect(time(table(800)).seconds < time(table(200)).seconds * 8 + 0.02)
    }

    @Test("an attribute of a megabyte and a hundred thousand open elements are nothing special")
    func large() {
        let long = String(repeating: "x", count: 1_000_000)
        #expect(HTMLText.render("<p title=\"\(long)\">a</p>") == "a\n")
        #expect(HTMLText.render("<a href='\(long)'>a</a>") == "a\n")
        #expect(HTMLText.render("<p style='\(long)'>a</p>") == "a\n")
        for tag in ["div", "table", "ul", "blockquote", "span", "table><tr><td", "ul><li"] {
            let deep = String(repeating: "<\(tag)>", count: 100_000)
            let name = tag.prefix { $0 != ">" }
            let closing = String(repeating: "</\(name)>", count: 100_000)
            let words = HTMLText.render(deep + "a" + closing + " b").split {
                $0 == " " || $0 == "\n" || $0 == ">" || $0 == "-"
            }
            #expect(words == ["a", "b"], "\(tag)")
        }
    }

    /// Tags of which none hides anything.
    private static let tags = [
        "<p>", "</p>", "<div>", "</div>", "<br>", "<table>", "</table>", "<tr>", "</tr>", "<td>",
        "</td>", "<th align=right>", "<td colspan=2>", "<td rowspan=2>", "<tbody>", "</tbody>",
        "<caption>", "</caption>", "<ul>", "</ul>", "<ol start=3>", "</ol>", "<li>", "</li>",
        "<blockquote>", "</blockquote>", "<dl>", "<dt>", "<dd>", "</dl>", "<pre>", "</pre>",
        "<a href=http://x>", "</a>", "<b>", "</b>", "<span style='white-space:pre'>", "</span>",
        "<h1>", "</h1>", "<hr>", "&nbsp;", " ", "\n", "<table><tr><td>", "<td><table>",
        "<!-- c -->", "<i style='font-size:1px'>", "</i>", "<q>", "</q>", "<textarea>",
        "<pre> </pre>", "é", "日", "<a@b>",
    ]

    @Test("no text is lost or moved, whatever the tags around it", arguments: 1...8)
    func words(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<150 {
            var html = "<body>"
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...60, using: &generator) {
                if Int.random(in: 0...2, using: &generator) == 0 {
                    let word = "w\(expected.count)w"
                    html += " " + word + " "
                    expected.append(word)
                } else {
                    html += Self.tags.randomElement(using: &generator) ?? ""
                }
            }
            let text = HTMLText.render(html)
            let found = text.split { $0 == " " || $0 == "\n" || $0 == "\"" }
                .filter { $0.first == "w" && $0.last == "w" }.map(String.init)
            // Cells with several lines stand side by side: the order is theirs, not the source's.
            #expect(found.sorted() == expected.sorted(), "seed \(seed): \(html)")
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.filter { $0.last == " " } == [], "seed \(seed): \(html)")
        }
    }
}
