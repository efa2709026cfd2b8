// Facts about texts to read: which program makes them, how they are joined and cut.

import BrokerProtocol
import MailModel
import Testing

@testable import BrokerCore

@Suite struct TextRendererTests {
    private func text(_ content: String, _ subtype: String = "plain") -> TextRenderer.Text {
        TextRenderer.Text(
            part: BodyPart(section: "1", type: "text", subtype: subtype),
            content: Array(content.utf8)
        )
    }

    @Test("HTML goes through the filter of the user, plain text does not")
    func filter() async {
        let renderer = TextRenderer(htmlFilter: ["tr", "a-z", "A-Z"])
        let html = await renderer.body([text("<b>hi</b>", "html")], bytesMax: nil)
        #expect(html.text == "<META CHARSET=\"UTF-8\">\n<B>HI</B>")
        #expect(html.type == "text/html")
        #expect(await renderer.body([text("hi")], bytesMax: nil).text == "hi")
    }

    @Test(
        "where the filter fails, our own rendering is shown",
        arguments: [["/nonexistent/filter"], ["false"], ["sh", "-c", "echo no; exit 3"]]
    )
    func fallback(command: [String]) async {
        let renderer = TextRenderer(htmlFilter: command)
        let body = await renderer.body([text("<p>hello", "html")], bytesMax: nil)
        #expect(body.text == "hello\n")
    }

    @Test("the filter gets its HTML on standard input, a megabyte of it too")
    func largeInput() async {
        let text = await TextFilter.run(["wc", "-c"], [UInt8](repeating: 0x61, count: 1_000_000))
        #expect(text?.utf8.starts(with: "1000023".utf8) == true)
    }

    @Test("CRLF of the filter is LF")
    func lineEnds() async {
        #expect(await TextFilter.run(["printf", "a\\r\\nb\\r"], []) == "a\nb\n")
    }

    @Test("texts stand one after the other, and the whole is cut between two scalars")
    func joined() async {
        let renderer = TextRenderer()
        let texts = [text("one\n"), text("zwö")]
        #expect(await renderer.body(texts, bytesMax: nil).text == "one\n\nzwö")
        let cut = await renderer.body(texts, bytesMax: 8)
        #expect(cut.text == "one\n\nzw")
        #expect(cut.truncated)
        #expect(await renderer.body([], bytesMax: nil).type == nil)
    }
}
