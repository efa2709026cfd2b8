// Facts about the text to show and the attachments of a message.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct TextPartChoiceTests {
    /// A part; `type` is `type/subtype`.
    private func part(
        _ depth: Int,
        _ section: String,
        _ type: String,
        disposition: String? = nil,
        name: String? = nil,
        id: String? = nil,
        size: UInt64 = 100
    ) -> BodyPart {
        let names = type.split(separator: "/").map(String.init)
        return BodyPart(
            section: section,
            type: names[0],
            subtype: names[1],
            parameters: name.map { [.init(name: "name", value: Array($0.utf8))] } ?? [],
            size: size,
            disposition: disposition,
            contentID: id.map { Array($0.utf8) },
            depth: depth
        )
    }

    private func expect(_ parts: [BodyPart], texts: [String], attachments: [String]) {
        let structure = BodyStructure(parts: parts)
        #expect(TextPartChoice.texts(of: structure).map(\.section) == texts)
        #expect(TextPartChoice.attachments(of: structure).map(\.section) == attachments)
    }

    @Test("a single text is the text, a single picture is an attachment")
    func single() {
        expect([part(0, "1", "text/plain")], texts: ["1"], attachments: [])
        expect([part(0, "1", "text/html")], texts: ["1"], attachments: [])
        expect([part(0, "1", "text/plain", name: "a.txt")], texts: ["1"], attachments: [])
        expect([part(0, "1", "image/png")], texts: [], attachments: ["1"])
        expect(
            [part(0, "1", "text/plain", disposition: "attachment")],
            texts: [],
            attachments: ["1"]
        )
        expect([], texts: [], attachments: [])
    }

    @Test("of alternatives the plain one is shown, unless it is empty, and none is an attachment")
    func alternative() {
        let html = part(1, "2", "text/html")
        let top = part(0, "", "multipart/alternative")
        expect([top, part(1, "1", "text/plain"), html], texts: ["1"], attachments: [])
        expect([top, part(1, "1", "text/plain", size: 2), html], texts: ["2"], attachments: [])
    }

    @Test("a picture of the HTML is listed and flagged inline")
    func related() {
        let parts = [
            part(0, "", "multipart/mixed"), part(1, "1", "multipart/related"),
            part(2, "1.1", "multipart/alternative"), part(3, "1.1.1", "text/plain"),
            part(3, "1.1.2", "text/html"), part(2, "1.2", "image/png", id: "<x>"),
            part(1, "2", "application/pdf", disposition: "attachment", name: "a.pdf"),
        ]
        expect(parts, texts: ["1.1.1"], attachments: ["1.2", "2"])
        #expect(TextPartChoice.isInline(parts[5]))
        #expect(!TextPartChoice.isInline(parts[6]))
    }

    @Test("the footer of a list stands behind the text")
    func footer() {
        let parts = [
            part(0, "", "multipart/mixed"), part(1, "1", "text/html"), part(1, "2", "text/plain"),
        ]
        expect(parts, texts: ["1", "2"], attachments: [])
        let alternative = [
            part(0, "", "multipart/mixed"), part(1, "1", "multipart/alternative"),
            part(2, "1.1", "text/plain", size: 0), part(2, "1.2", "text/html"),
            part(1, "2", "text/plain"),
        ]
        expect(alternative, texts: ["1.2", "2"], attachments: [])
    }

    @Test("texts beyond the limit are attachments, so that none is lost")
    func manyTexts() {
        let parts = (1...22).map { part(1, "\($0)", "text/plain") }
        let texts = (1...20).map(String.init)
        expect(
            [part(0, "", "multipart/mixed")] + parts,
            texts: texts,
            attachments: ["21", "22"]
        )
    }

    @Test("an invitation in an alternative is an attachment, one more form of the text is not")
    func forms() {
        let parts = [
            part(0, "", "multipart/alternative"), part(1, "1", "text/plain"),
            part(1, "2", "text/x-amp-html"), part(1, "3", "text/html"),
            part(1, "4", "text/calendar"),
        ]
        expect(parts, texts: ["1"], attachments: ["4"])
    }

    @Test("a named or attached text behind the first is an attachment")
    func namedText() {
        let parts = [
            part(0, "", "multipart/mixed"), part(1, "1", "text/plain"),
            part(1, "2", "text/plain", name: "log.txt"),
            part(1, "3", "text/html", disposition: "attachment"), part(1, "4", "text/csv"),
        ]
        expect(parts, texts: ["1"], attachments: ["2", "3", "4"])
    }

    @Test("an attached message is one attachment; its text counts only where there is no other")
    func message() {
        let attached = [
            part(1, "2", "message/rfc822"), part(2, "2", "multipart/mixed"),
            part(3, "2.1", "text/plain"), part(3, "2.2", "image/png"),
        ]
        let top = part(0, "", "multipart/mixed")
        expect([top, part(1, "1", "text/html")] + attached, texts: ["1"], attachments: ["2"])
        expect([top] + attached, texts: ["2.1"], attachments: ["2"])
    }

    @Test("10,000 nested parts are walked without recursion")
    func deep() {
        let parts = (0..<10_000).map { part($0, "\($0)", "multipart/alternative") }
        let text = part(10_000, "x", "text/plain")
        expect(parts + [text], texts: ["x"], attachments: [])
    }

    @Test(
        "the hint for lists needs the Content-Type only",
        arguments: [
            ("multipart/mixed; boundary=x", true), ("multipart/alternative", false),
            ("text/plain", false),
            ("", false), ("application/pdf", true), ("image/png", true),
            ("multipart/signed", false),
        ]
    )
    func hint(field: String, isLikely: Bool) {
        #expect(TextPartChoice.suggestsAttachment(contentType: Array(field.utf8)) == isLikely)
    }

    @Test("choosing is linear in time, whatever stands before the texts")
    func manyEmptyMultiparts() {
        func structure(_ count: Int) -> BodyStructure {
            let empty = (1...count).map { part(1, "\($0)", "multipart/mixed") }
            let texts = (1...count).map { part(1, "\(count + $0)", "text/plain", name: "a") }
            return BodyStructure(parts: [part(0, "", "multipart/mixed")] + empty + texts)
        }
        LinearTime.expect("empty multiparts", input: structure, count: 500) {
            _ = TextPartChoice.attachments(of: $0)
        }
    }

    @Test("a news message is an attachment like any other message")
    func news() {
        let parts = [
            part(0, "", "multipart/mixed"), part(1, "1", "text/plain"),
            part(1, "2", "message/news"), part(2, "2.1", "text/plain"),
        ]
        expect(parts, texts: ["1"], attachments: ["2"])
        #expect(BodyStructure(parts: parts).ownParts.map(\.section) == ["", "1", "2"])
    }
}
