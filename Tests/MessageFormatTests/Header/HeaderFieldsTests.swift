// Facts about the fields that everybody asks for.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct HeaderFieldsTests {
    private func header(_ text: String) -> HeaderBlock { HeaderBlock(parsing: Array(text.utf8)) }

    @Test("of fields that stand there twice the first counts (RFC 7103 7.1)")
    func twice() {
        let header = header("Subject: a\nSubject: b\nFrom: a@b\nFrom: c@d\nMessage-ID: <1@x>\n")
        #expect(header.subject == "a")
        #expect(header.addresses("from").map(\.address) == ["a@b"])
        #expect(header.messageID == "1@x")
    }

    @Test("what is missing or cannot be read is absent")
    func absent() {
        let header = header("Date: soon\nMessage-ID:\n")
        #expect(header.subject == nil && header.date == nil && header.messageID == nil)
        #expect(header.addresses("to").isEmpty && header.messageIDs("references").isEmpty)
    }

    @Test(
        "the thread is that of References, else the first id of In-Reply-To (RFC 5256 3)",
        arguments: [
            ("References: <a@x> <b@x>\nIn-Reply-To: <c@x>\n", ["a@x", "b@x"]),
            ("In-Reply-To: <c@x> <d@x>\n", ["c@x"]),
            ("References: none\nIn-Reply-To: Message of Monday <c@x>\n", ["c@x"]),
            ("Subject: x\n", []),
        ]
    )
    func thread(text: String, references: [String]) {
        #expect(header(text).threadReferences == references)
    }
}
