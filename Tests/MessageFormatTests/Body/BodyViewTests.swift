// The view of RFC 8621 4.1.4, with the example of the RFC and the cases its algorithm tells apart.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct BodyViewTests {
    /// A part in one line: depth, type, and where it matters `attachment`, `inline` or a name.
    private func structure(_ lines: [(Int, String, String)]) -> BodyStructure {
        BodyStructure(
            parts: lines.enumerated().map { number, line in
                let names = line.1.split(separator: "/").map(String.init)
                let isDisposition = line.2 == "attachment" || line.2 == "inline"
                return BodyPart(
                    section: "\(number)",
                    type: names[0],
                    subtype: names[1],
                    parameters: line.2.isEmpty || isDisposition
                        ? [] : [.init(name: "name", value: Array(line.2.utf8))],
                    size: 100,
                    disposition: isDisposition ? line.2 : nil,
                    depth: line.0
                )
            }
        )
    }

    // RFC 8621 4.1.4 calls the parts A to K; here they are 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13.
    @Test("the example of the RFC has the bodies and attachments the RFC names")
    func example() {
        let view = BodyView(
            structure([
                (0, "multipart/mixed", ""),
                (1, "text/plain", "inline"),  // A
                (1, "multipart/mixed", ""),
                (2, "multipart/alternative", ""),
                (3, "multipart/mixed", ""),
                (4, "text/plain", "inline"),  // B
                (4, "image/jpeg", "inline"),  // C
                (4, "text/plain", "inline"),  // D
                (3, "multipart/related", ""),
                (4, "text/html", ""),  // E
                (4, "image/jpeg", ""),  // F
                (2, "image/jpeg", "attachment"),  // G
                (2, "application/x-excel", ""),  // H
                (2, "message/rfc822", ""),  // J
                (3, "text/plain", ""),  // inside J
                (1, "text/plain", "inline"),  // K
            ])
        )
        #expect(view.textBody == [1, 5, 6, 7, 15])
        #expect(view.htmlBody == [1, 9, 15])
        #expect(view.attachments == [6, 10, 11, 12, 13])
    }

    @Test("an alternative with one form lends it to the other")
    func oneForm() {
        let html = BodyView(structure([(0, "multipart/alternative", ""), (1, "text/html", "")]))
        #expect(html.textBody == [1] && html.htmlBody == [1])
        let plain = BodyView(structure([(0, "multipart/alternative", ""), (1, "text/plain", "")]))
        #expect(plain.textBody == [1] && plain.htmlBody == [1])
    }

    @Test("a named text is body only as the first of its multipart")
    func named() {
        let view = BodyView(
            structure([
                (0, "multipart/mixed", ""), (1, "text/plain", "a.txt"), (1, "text/plain", "b.txt"),
                (1, "image/png", "c.png"),
            ])
        )
        #expect(view.textBody == [1, 3])
        #expect(view.attachments == [2])
    }

    @Test("of a multipart/related only the first part is body")
    func related() {
        let view = BodyView(
            structure([
                (0, "multipart/related", ""), (1, "text/html", ""), (1, "image/png", ""),
                (1, "text/plain", ""),
            ])
        )
        #expect(view.textBody == [1] && view.htmlBody == [1])
        #expect(view.attachments == [2, 3])
    }

    @Test("a single part is the body or the attachment")
    func single() {
        #expect(BodyView(structure([(0, "text/html", "")])).textBody == [0])
        #expect(BodyView(structure([(0, "application/pdf", "")])).attachments == [0])
        #expect(BodyView(structure([])) == BodyView(structure([(0, "multipart/mixed", "")])))
    }
}
