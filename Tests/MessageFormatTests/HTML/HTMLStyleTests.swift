// Facts about what a sender hides.

import Testing

@testable import MessageFormat

@Suite struct HTMLStyleTests {
    @Test(
        "hidden content is left out",
        arguments: [
            "display:none", "DISPLAY : None !important", "color:red;display:none;",
            "visibility:hidden",
            "opacity:0", "opacity: 0.0", "max-height:0;overflow:hidden",
            "height:0px; overflow: hidden",
            "mso-hide:all", "font-size:0", "font-size:0px", "font-size:0.0em;color:x",
            "font-family:&quot;Arial&quot;;display:none",
        ]
    )
    func hidden(style: String) {
        #expect(HTMLText.render("<div style=\"\(style)\">h <b>i</b></div>k") == "k\n")
        #expect(HTMLText.render("k<span style='\(style)'>h</span>") == "k\n")
    }

    @Test(
        "other styles hide nothing",
        arguments: [
            "display:block", "opacity:0.5", "max-height:0", "overflow:hidden", "font-size:10px",
            "font-size:0.8em", "line-height:0", "xdisplay:none", "display", ":none", "", ";;:;",
            "height:0", "color:#fff",
        ]
    )
    func shown(style: String) {
        #expect(HTMLText.render("<div style=\"\(style)\">h</div>k") == "h\nk\n")
    }

    @Test(
        "hidden content ends where its element does, also without an end tag",
        arguments: [
            ("<div style='display:none'>h<div>i</div>j</div>k", "k\n"),
            ("<div hidden>a</div>k<p hidden>a<p>b", "k\n\nb\n"),
            ("<ul><li hidden>a<li>b</ul>", "- b\n"),
            ("<ul><li hidden>a<ul><li>b</ul>c</ul>d", "d\n"),
            ("<table><tr><td hidden>a<td>b<tr hidden><td>c<tr><td>d</table>", "b\nd\n"),
            ("<div><span hidden>a</div>b", "b\n"),
            ("<div><span hidden>a</i></p></span>b</div>", "b\n"),
            ("<input hidden>a<img hidden alt=b>", "a\n"),
            ("<table hidden><tr><td><table><tr><td>a</table>b</table>c", "c\n"),
            ("<body style='display:none'>a", "a\n"),
            ("<a href=http://x style='mso-hide:all'>a</a>", "a [1]\n\n[1] http://x\n"),
        ]
    )
    func ends(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "a font of no size hides only text that keeps it",
        arguments: [
            (
                "<table><tr><td style='font-size:0'>a<div style='font-size:13px'>b</div>c"
                    + "</table>d",
                "b\n\nd\n"
            ),
            ("<div style='font-size:0'>a<p class=x>b</p>c</div>d", "b\n\nd\n"),
            ("<div style='font-size:0'><img alt=b src=x></div>d", "b\nd\n"),
            ("<p style='font-size:0'>a<div>b</div>", "b\n"),
            (
                "<table><tr style='font-size:0'><td>a<tr><td>b<td style='font-size:0'>c<td>d</table>e",
                "b  d\n\ne\n"
            ),
        ]
    )
    func size(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }
}
