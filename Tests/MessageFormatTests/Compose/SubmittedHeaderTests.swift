// Facts about the header of a message that a program hands over.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct SubmittedHeaderTests {
    private static let date = DateTime(unixSeconds: 1_795_700_000)

    private func header(_ text: String) throws -> SubmittedHeader {
        SubmittedHeader(
            parsing: Array(text.utf8),
            author: Draft.Mailbox(name: Array("Al Ice".utf8), address: try AddrSpec("a@e".utf8)),
            date: Self.date
        )
    }

    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    @Test("what is there stays as it is, octet for octet, with CRLF")
    func kept() throws {
        let fields =
            "From:  Bob <b@e>\nX-Odd :\tfolded\n  twice\nDate: today\nMessage-Id: <1@e>\n"
            + "Subject: =?utf-8?q?caf=C3=A9?=\n"
        let read = try header(fields + "\nbody\n")
        let expected = fields.replacing("\n", with: "\r\n") + "\r\n"
        #expect(text(read.sent) == expected)
        #expect(text(read.filed) == expected)
        #expect(read.octetCount == fields.utf8.count + 1)
        #expect((read.messageID, read.subject, read.author) == ("1@e", "café", "b@e"))
    }

    @Test("Date, From and Message-ID are added where they are missing")
    func added() throws {
        let read = try header("Subject: x\n\n")
        let lines = text(read.sent).split(separator: "\r\n").map(String.init)
        #expect(lines[0] == "Subject: x")
        #expect(lines[1] == "From: Al Ice <a@e>")
        #expect(lines[2] == "Date: \(Self.date.rfc5322)")
        #expect(lines[3] == "Message-ID: <\(read.messageID)>")
        #expect(read.messageID.hasSuffix("@e"))
        #expect(lines.count == 4)
    }

    @Test("a Message-ID that is none is replaced")
    func badMessageID() throws {
        let read = try header("Message-ID: nonsense\nFrom: b@e\nDate: x\n\n")
        #expect(
            text(read.sent) == "From: b@e\r\nDate: x\r\nMessage-ID: <\(read.messageID)>\r\n\r\n"
        )
    }

    @Test("Bcc names recipients, is filed and is not sent (D19)")
    func blindCopies() throws {
        let read = try header(
            "From: b@e\nTo: x@e\nBCC: hidden@e,\n  other@e\nCc: y@e\nDate: d\nMessage-ID: <1@e>\n\n"
        )
        #expect(read.recipients.map(\.address) == ["x@e", "hidden@e", "other@e", "y@e"])
        #expect(!text(read.sent).lowercased().contains("bcc"))
        #expect(!text(read.sent).contains("other@e"))
        #expect(text(read.filed).contains("BCC: hidden@e,\r\n  other@e\r\n"))
    }

    @Test("a message that is sent again goes to those it is sent again to, and to nobody else")
    func sentAgain() throws {
        let read = try header(
            "Resent-To: n@e\nResent-Bcc: h@e\nTo: old@e\nCc: old2@e\nBcc: old3@e\n\n"
        )
        #expect(read.recipients.map(\.address) == ["n@e", "h@e"])
        #expect(!text(read.sent).contains("h@e"))
    }

    @Test("a text without header is all body", arguments: ["hello there\nbye\n", "\nhello\n"])
    func noHeader(message: String) throws {
        let read = try header(message)
        let body = message.utf8.dropFirst(read.octetCount)
        #expect(String(Substring(body)).hasPrefix("hello"))
        #expect(text(read.sent).hasPrefix("From: Al Ice <a@e>\r\nDate: "))
    }

    @Test("a line that is no field ends the header")
    func brokenHeader() throws {
        let message = "Subject: x\nthis is text\nFrom: not@a.field\n"
        let read = try header(message)
        #expect(read.octetCount == 11)
        #expect(!text(read.sent).contains("not@a.field"))
    }

    @Test("an mbox line in front is dropped")
    func mboxLine() throws {
        let read = try header("From b@e Thu Nov 26 16:30:20 2026\nSubject: x\n\n")
        #expect(text(read.sent).hasPrefix("Subject: x\r\n"))
    }

    @Test(
        "every line end becomes CRLF, however the octets are cut",
        arguments: [
            ("a\nb\rc\r\nd", "a\r\nb\r\nc\r\nd\r\n"), ("\r\r\n\n", "\r\n\r\n\r\n"),
            ("a\r", "a\r\n"), ("", ""), ("a\r\n", "a\r\n"), ("\n.\n", "\r\n.\r\n"),
        ]
    )
    func lineEnds(input: String, expected: String) {
        for size in [1, 2, 3, 100] {
            var lines = CanonicalLines()
            var result: [UInt8] = []
            var rest = Array(input.utf8)[...]
            while !rest.isEmpty {
                result += lines.canonical(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            result += lines.finish()
            #expect(text(result) == expected)
        }
    }
}
