// Facts about tables.

import Testing

@testable import MessageFormat

@Suite struct HTMLTableTests {
    @Test(
        "a table of data has columns",
        arguments: [
            (
                "<table><tr><td>Name:<td>a<tr><td>Note:<td>\(wide)<tr><td>To:<td>b</table>",
                "Name:  a\nNote:  \(wide)\nTo:    b\n"
            ),
            (
                "<table><tr><th>First<th>Second<tr><td>a<td><b>b</b></table>",
                "First  Second\na      b\n"
            ),
            ("<table><td>1<td>2<td>3</table>", "1  2  3\n"),
            (
                "<table><tr><td>a<td>b<td>c<tr><td colspan=2>dd<td>e<tr><td colspan=3>long</table>",
                "a  b  c\ndd    e\nlong\n"
            ),
            (
                "<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e</table>",
                "a  b\n   c\nd  e\n"
            ),
            ("<table><tr><td>日本<td>x<tr><td>é\u{301}<td>y</table>", "日本  x\né\u{301}     y\n"),
            ("<table><tr><td>😀<td>x<tr><td>ab<td>y</table>", "😀  x\nab  y\n"),
            (
                "<table><tr><td>abc<td>100<tr><td align=right>d<td style='text-align:center'>x"
                    + "</table>", "abc  100\n  d   x\n"
            ),
            (
                "<table><tr><td>a<br>b<td>c<br>d<br>e<tr><td>f<td>g</table>",
                "a  c\nb  d\n   e\nf  g\n"
            ),
            (
                "<table><tr><td><p>a</p></td><td><p>b</p></td></tr>"
                    + "<tr><td><p>cc</p></td><td><p>dd</p></td></tr></table>",
                "a   b\ncc  dd\n"
            ),
            ("<table><tr><td>a<td><td>b<tr><td>c<td> <td>d</table>", "a  b\nc  d\n"),
            (
                "<table><tr><td><pre>a\n b</pre><td><pre>c\nd</pre></table>", "a   c\n b  d\n"
            ),
            (
                "x<table><caption>C</caption><thead><tr><th>a<th>b</thead>"
                    + "<tbody><tr><td>c<td>d</tbody></table>y",
                "x\n\nC\na  b\nc  d\n\ny\n"
            ),
            (
                "<blockquote><table><tr><td>a<br>b<td>c<tr><td>ddd<td>e</table></blockquote>",
                "> a    c\n> b\n> ddd  e\n"
            ),
            (
                "<ul><li><table><tr><td>a<td>b<tr><td>ccc<td>d</table></ul>",
                "- a    b\n  ccc  d\n"
            ),
            (
                "<table><tr><td>a<td><a href=http://x>b</a><tr><td>ccc<td>d</table>",
                "a    b [1]\nccc  d\n\n[1] http://x\n"
            ),
        ]
    )
    func data(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "a table made for layout reads from top to bottom",
        arguments: [
            ("<table><tr><td>a</table>b", "a\n\nb\n"),
            ("<table><tr><td>a<tr><td>b</table>", "a\nb\n"),
            (
                "<table><tr><td><table><tr><td>a<td>b<tr><td>cc<td>d</table>"
                    + "<td><table><tr><td>e</table></table>",
                "a   b\ncc  d\ne\n"
            ),
            (
                "<table><tr><td><ul><li>a<li>b</ul><td><p>c</p><p>d</p></table>",
                "- a\n- b\n\nc\n\nd\n"
            ),
            (
                "<table><tr><td>\(wide)<tr><td>b</table>",
                "\(wide)\n\nb\n"
            ),
            (
                "<table><tr><td>a<td>\(wide)<tr><td>b<td>\(wide)</table>",
                "a  \(wide)\n\nb  \(wide)\n"
            ),
            (
                "<table><tr><td><table><tr><td>a</table><table><tr><td>x<td>y<tr><td>x<td>y<tr>"
                    + "<td>x<td>y</table>z</table>",
                "a\n\nx  y\nx  y\nx  y\n\nz\n"
            ),
        ]
    )
    func layout(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    private static let wide = String(repeating: "wide ", count: 30) + "end"

    @Test(
        "empty and broken tables lose no text",
        arguments: [
            ("<table></table>", ""),
            ("<table><tr><td>a<td><pre> </pre><br>b<td>c</table>", "a  b c"),
            ("<table><tr><td>a<td><pre> </pre> <td>c<tr><td>d<td>e</table>", "a c d e"),
            ("<table><tr><td></td></tr><tr></tr></table>a", "a\n"),
            ("a<table><tr><td> &nbsp; </table>b", "a\n\nb\n"),
            ("<table>1</table>", "1\n"), ("<table><tr>1</tr><tr>2</tr></table>", "1\n2\n"),
            ("<table><tr><td>a</td>b<td>c</table>", "a  b  c\n"),
            ("a<td>b</td><tr>c", "a b c\n"), ("<table><tr><td>a<td>b", "a  b\n"),
            ("<table><tr><td>a<a href=http://x>b<td>c</a></table>", "ab [1]  c\n\n[1] http://x\n"),
            (
                "<table><tr><td>a<tr><td>c<td>d<caption>x</caption></table>", "a\nc  d\nx\n"
            ),
            ("<table><tr><td colspan=0>a<td colspan=99999>b<td rowspan=x>c</table>", "a  b\nc\n"),
        ]
    )
    func broken(html: String, text: String) {
        let words = HTMLText.render(html).split { $0 == " " || $0 == "\n" }
        #expect(words == text.split { $0 == " " || $0 == "\n" })
    }

    @Test("widths are of terminal cells")
    func widths() {
        for (text, width) in [
            ("abc", 3), ("äöü", 3), ("e\u{301}", 1), ("日本語", 6), ("한글", 4), ("😀", 2), ("ﾊﾝ", 2),
            ("a\u{200B}b", 2), ("→", 1), ("", 0), ("Ａ", 2), ("\u{1F1E9}\u{1F1EA}", 2), ("ไทย", 3),
            ("ที่", 1),
        ] {
            #expect(CellWidth.of(Array(text.utf8)[...]) == width, "\(text)")
        }
    }
}
