// Facts about forwards.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ForwardBuilderTests {
    private let original = OriginalMessage(
        from: [Address(name: "Alice", address: "alice@test.com")],
        to: [Address(address: "bob@test.com"), Address(name: "C\r\nD", address: "c@test.com")],
        messageID: "1@test.com",
        subject: Array("Fwd: Lunch / today?".utf8),
        date: DateTime(unixSeconds: 1_795_597_200, offsetMinutes: 60),
        text: Array("\r\nIt is Friday.\r\n-- \r\nAlice\r\n\r\n".utf8)
    )

    @Test("a forward inside the text has a summary of the header and all of the text")
    func inline() {
        let forward = ForwardBuilder.inline(original)
        let expected = """
            ---------- Forwarded message ----------
            From: Alice <alice@test.com>
            Date: 2026-11-25 10:00 +0100
            Subject: Fwd: Lunch / today?
            To: bob@test.com, C D <c@test.com>

            It is Friday.
            --\u{20}
            Alice

            """
        #expect(String(decoding: forward.text, as: UTF8.self) == expected)
        #expect(forward.subject == Array("Fwd: Lunch / today?".utf8))
        #expect(forward.attachments.isEmpty)
    }

    @Test("a forwarded message is attached under a safe name made of its subject")
    func attached() {
        let scan = ContentScan(Array("Subject: x\r\n\r\ny\r\n".utf8))
        let forward = ForwardBuilder.attached(original, scan: scan)
        #expect(forward.attachments.count == 1)
        #expect(forward.attachments.first?.message == scan)
        #expect(forward.attachments.first?.name == Array("Fwd: Lunch - today?.eml".utf8))
        let nameless = ForwardBuilder.attached(OriginalMessage(), scan: scan)
        #expect(nameless.attachments.first?.name == Array("message.eml".utf8))
        #expect(nameless.subject == Array("Fwd: ".utf8))
    }
}
