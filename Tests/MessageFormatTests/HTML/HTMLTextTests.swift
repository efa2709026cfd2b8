// Facts about HTML as text.

import Testing

@testable import MessageFormat

@Suite struct HTMLTextTests {
    @Test(
        "blocks become lines, and their margins collapse",
        arguments: [
            ("a <b>b</b>  c\n d", "a b c d\n"),
            ("a<br>b<br/><br>c", "a\nb\n\nc\n"),
            ("a<br></p><br><br><br>b", "a\n\nb\n"),
            ("<div>a</div><div><div>b</div></div>", "a\nb\n"),
            ("<p>a</p>\n<p>b</p>", "a\n\nb\n"), ("<p>a<p>b", "a\n\nb\n"),
            ("<h1>T</h1>x", "T\n\nx\n"),
            ("<div>a</div><div><br></div><div>b</div>", "a\n\nb\n"),
            ("<div>a</div><div>&nbsp;</div><div>b</div>", "a\n\nb\n"),
            ("<p>a</p><p>&nbsp;</p><p>b</p>", "a\n\nb\n"),
            (
                "<p class=MsoNormal>a</p><p class=MsoNormal>b<o:p></o:p></p>"
                    + "<p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>c</p>",
                "a\nb\n\nc\n"
            ),
            ("<p style='margin:0'>a</p><p style='margin:0px 0'>b</p><p>c</p>d", "a\nb\n\nc\n\nd\n"),
            ("<p style='margin:0 0 16px'>a</p><p style='margin: 0'>b</p>", "a\n\nb\n"),
            (
                "a<div style='border:none;border-top:solid 1pt'>From: b</div>c",
                "a\n\nFrom: b\nc\n"
            ),
            ("a<hr>b", "a\n---\nb\n"), ("<q>a</q>, b", "\"a\", b\n"),
            ("a<o:p></o:p><wbr>b<unknown>c</unknown>", "abc\n"),
            ("", ""), ("<p></p><div> </div>", ""),
        ]
    )
    func blocks(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "preformatted text stays as it is",
        arguments: [
            ("<pre>a  b\n c</pre>d", "a  b\n c\n\nd\n"),
            ("<pre>\n\ta\n\n\nb\n</pre>", "\ta\n\n\nb\n"),
            ("x<pre>a\r\nb</pre>", "x\n\na\nb\n"),
            ("<pre>a&#10;&lt;b&nbsp;</pre>", "a\n<b\n"),
            ("<b style='white-space: pre'>a\n  b</b> \n c", "a\n  b c\n"),
            ("<div style='white-space:pre-line'>a  b\n c</div>", "a b\nc\n"),
            ("<pre style='white-space:normal'>a\nb</pre>", "a b\n"),
            ("<textarea>a\n b</textarea>c", "a\n b\nc\n"),
        ]
    )
    func preformatted(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "lists are marked and indented",
        arguments: [
            ("<ul><li>a<li>b<ul><li>c</ul></ul>d", "- a\n- b\n  - c\n\nd\n"),
            ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b\n"),
            ("<ol start=9><li>a<br>b<li>c<br>d</ol>", "9. a\n   b\n10. c\n    d\n"),
            ("<ol><li value=7>a<li>b<li value=-1>c</ol>", "7. a\n8. b\n-1. c\n"),
            ("<ol type=a start=26><li>a<li>b</ol>", "z. a\naa. b\n"),
            ("<ol type=I start=1999><li>a</ol>", "MCMXCIX. a\n"),
            ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n   - b\n2. c\n"),
            ("<ul><li><ul><li>a</ul><li><li>b</ul>", "- - a\n- b\n"),
            ("<ul><ul><li>a</ul><li>b</ul>", "  - a\n- b\n"),
            ("<ul><li><p>a</p><p>b</p></ul>", "- a\n\n  b\n"),
            ("<li>a", "- a\n"), ("a</ul></li></dl>b", "a\n\nb\n"),
            ("<dl><dt>a<dd>b<br>c<dt>d<dd>e</dl>f", "a\n    b\n    c\nd\n    e\n\nf\n"),
            ("<ul><li>a<blockquote>b</blockquote>c</ul>", "- a\n\n  > b\n\n  c\n"),
        ]
    )
    func lists(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "quotations have a mark for each level",
        arguments: [
            (
                "a<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e",
                "a\n\n> b\n> c\n>\n> > d\n\ne\n"
            ),
            (
                "<blockquote type=cite>a</blockquote><blockquote>b</blockquote>",
                "> a\n\n> b\n"
            ),
            ("<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b\n"),
            ("<blockquote><ul><li>a<br>b</ul></blockquote>c", "> - a\n>   b\n\nc\n"),
            ("<blockquote><pre>a\n\n b</pre></blockquote>", "> a\n>\n>  b\n"),
            ("<blockquote style='margin:0 0 0 40px;border:none'>a<br>b", "    a\n    b\n"),
            (
                "<blockquote style='border: none; border-left: solid'>a</blockquote>", "> a\n"
            ),
        ]
    )
    func quotations(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "links are numbered by target and listed below",
        arguments: [
            (
                "<a href=\"http://x/\">t</a> <a href='http://y/?a=1&amp;b'>u</a> "
                    + "<a href=http://x/>v</a>",
                "t [1] u [2] v [1]\n\n[1] http://x/\n[2] http://y/?a=1&b\n"
            ),
            (
                "<a href=\"http://x/\">http://x/</a> <a href=\"mailto:a@b\">a@b</a>",
                "http://x/ a@b\n"
            ),
            ("<a href='https://www.x.org/'>www.X.org</a>", "www.X.org\n"),
            ("<a href='https://x/'>http://x/</a>", "http://x/ [1]\n\n[1] https://x/\n"),
            ("<a href='mailto:a@b?subject=c'>A@B</a>", "A@B\n"),
            ("<a href='mailto:a@b'>Ann</a>", "Ann [1]\n\n[1] mailto:a@b\n"),
            ("<a href='tel:+49123'>+49 (123)</a>", "+49 (123)\n"),
            ("<a href=\"javascript:x\">t</a><a href=#y>u</a><a href='DATA:x'>v</a>", "tuv\n"),
            ("<a href=http://x></a><a name=y>z</a>", "z\n"),
            ("<a href=http://x>a<a href=http://y>b", "a [1]b [2]\n\n[1] http://x\n[2] http://y\n"),
            ("<p><a href=http://x>a</p></a>b", "a [1]\n\nb\n\n[1] http://x\n"),
            ("<a href=' ht\ntp://x '>a</a>", "a [1]\n\n[1] http://x\n"),
        ]
    )
    func links(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "images are their texts, and trackers are nothing",
        arguments: [
            ("<img src=x alt=\"A cat\"><img alt=t width=1 height=1><img src=y>", "A cat\n"),
            ("<img alt='a &amp;amp; b' src=x>", "a &amp; b\n"),
            ("<img alt=t style='width:1px'><img alt=u style='display:none'>v", "v\n"),
            ("<img src='cid:x'>", "[image]\n"), ("<img src='cid:x' alt=''>", ""),
            ("<a href=http://x><img src=y></a>", "[image] [1]\n\n[1] http://x\n"),
            ("<a href=http://x><img src=y alt=Z></a>", "Z [1]\n\n[1] http://x\n"),
        ]
    )
    func images(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "what is no text is left out",
        arguments: [
            ("<head><title>t</title><style>s</style></head><script>if(a<b)</script>x", "x\n"),
            ("a<!-- <p> -->b<!doctype html>c<?xml ?>d<!-->e<!---->f<!--x--!>g", "abcdefg\n"),
            ("a<!--[if mso]><p>b</p><![endif]-->c", "ac\n"),
            ("a<![if !mso]>b<![endif]>c", "abc\n"),
            ("a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc\n"),
            ("a<template>b</template><svg><text>c</text></svg>d<noscript>e</noscript>", "ade\n"),
            ("<math><mi>x</mi><annotation>y</annotation></math>", "x\n"),
            ("<select><option>a<option>b</select>c", "a c\n"),
            ("a<![CDATA[<style>]] >b</style>]]>c", "a<style>]] >b</style>c\n"),
        ]
    )
    func noText(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test(
        "any input is read somehow",
        arguments: [
            ("<", "<\n"), ("a < b", "a < b\n"), ("a<b", "a\n"), ("I <3 U", "I <3 U\n"),
            ("<a href=\"x", ""), ("<p title=\"unclosed>a</p>b", "a\n\nb\n"),
            ("</div></ul></blockquote></a></td></table>x", "x\n"),
            ("<script>never closed", ""), ("<!--never closed", ""),
            ("a\0b&#0;", "ab\u{FFFD}\n"), ("<b\0>a</b>", "a\n"),
            (
                "From: Ann <ann@x.org>, <http://x/y> <p>z",
                "From: Ann <ann@x.org>, <http://x/y>\n\nz\n"
            ),
            (
                "plain text\nwith two &lt;lines>\n\nand a third",
                "plain text\nwith two <lines>\n\nand a third\n"
            ),
            ("<b><i>a</b>b</i>c", "abc\n"), ("<DIV CLASS=x>a</DIV\n>b", "a\nb\n"),
        ]
    )
    func tolerant(html: String, text: String) {
        #expect(HTMLText.render(html) == text)
    }

    @Test("blanks of all kinds collapse, and fillers vanish")
    func blanks() {
        #expect(HTMLText.render("a&nbsp;&nbsp;&zwnj;b") == "a b\n")
        #expect(
            HTMLText.render("<p>Hi&nbsp;&zwnj;&nbsp;&#847;&#8199;&shy;&#65279; </p>x")
                == "Hi\n\nx\n"
        )
        #expect(HTMLText.render("Donau&shy;dampf\u{200B}schiff") == "Donaudampfschiff\n")
        #expect(HTMLText.render("می\u{200C}خواهم") == "می\u{200C}خواهم\n")
        #expect(HTMLText.render("a\u{2003}\u{2009}b\u{3000}c") == "a b\u{3000}c\n")
    }
}
