// Facts about new message ids and media types.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct MessageIDTests {
    private let date = DateTime(unixSeconds: 1_770_087_906)

    @Test("an id is random, carries time and domain, and can be sent")
    func form() {
        let first = MessageID.generate(domain: "test.com".utf8, date: date)
        let second = MessageID.generate(domain: "test.com".utf8, date: date)
        #expect(first != second)
        #expect(MessageIDs.sendable([first, second]).count == 2)
        #expect(first.utf8.count == 32 + 1 + 6 + 1 + 8)
        #expect(Array(first.utf8).suffix(9) == Array("@test.com".utf8)[...])
    }

    @Test(
        "a domain that would break the header is replaced",
        arguments: ["", "ä.de", "a\r\nb", "[::1]", "a b"]
    )
    func domains(domain: String) {
        let id = MessageID.generate(domain: domain.utf8, date: date)
        #expect(Array(id.utf8).suffix(19) == Array("@mailbroker.invalid".utf8)[...])
    }

    @Test(
        "media types go by the extension, in any case",
        arguments: [
            ("a.PDF", "application/pdf"), ("a.tar.gz", "application/gzip"),
            ("a.jpeg", "image/jpeg"),
            ("noext", "application/octet-stream"), ("a.", "application/octet-stream"),
            ("a.eml", "application/octet-stream"),
            ("a.unknown-extension", "application/octet-stream"),
            (".md", "text/markdown"),
        ]
    )
    func mediaTypes(name: String, type: String) {
        #expect(MediaType.forFileName(Array(name.utf8)) == type)
    }
}
