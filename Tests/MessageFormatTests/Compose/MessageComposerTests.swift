// Facts about composed messages, most of them as an independent reader sees them.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite struct MessageComposerTests {
    private func mailbox(_ address: String, _ name: String? = nil) throws -> Draft.Mailbox {
        Draft.Mailbox(name: name.map { Array($0.utf8) }, address: try AddrSpec(address.utf8))
    }

    private func draft(_ edit: (inout Draft) throws -> Void = { _ in }) throws -> Draft {
        var draft = Draft(
            from: try mailbox("alice@test.com"),
            to: [try mailbox("bob@test.com")],
            subject: Array("Hello".utf8),
            text: Array("Hi Bob\n".utf8),
            date: DateTime(unixSeconds: 1_770_087_906, offsetMinutes: 60),
            messageID: "1.2@test.com"
        )
        try edit(&draft)
        return draft
    }

    private func compose(_ draft: Draft) throws(MessageFormatError) -> MessageComposer {
        var generator = SeededGenerator(seed: 3)
        return try MessageComposer(draft, using: &generator)
    }

    @Test("a plain message is exactly this")
    func plain() throws {
        let octets = ReadBack.assemble(try compose(try draft()))
        let expected = [
            "Date: Tue, 03 Feb 2026 04:05:06 +0100", "From: alice@test.com", "To: bob@test.com",
            "Subject: Hello", "Message-ID: <1.2@test.com>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 7bit", "",
            "Hi Bob",
            "",
        ].joined(separator: "\r\n")
        #expect(String(decoding: octets, as: UTF8.self) == expected)
    }

    @Test("the Bcc field is written for the sender's own copy only")
    func bcc() throws {
        let composer = try compose(
            try draft {
                $0.to = []
                $0.bcc = [try mailbox("secret@test.com", "S")]
            }
        )
        let sent = String(decoding: composer.header(withBcc: false), as: UTF8.self)
        #expect(sent.contains("To: undisclosed-recipients:;\r\n"))
        #expect(!sent.contains("secret"))
        let kept = String(decoding: composer.header(withBcc: true), as: UTF8.self)
        #expect(kept.contains("Bcc: S <secret@test.com>\r\n"))
    }

    @Test(
        "control characters are refused in every header value, by field and position",
        arguments: ["\r\n", "\n", "\r", "\0", "\t", "\u{1B}", "\u{7F}"]
    )
    func injection(control: String) throws {
        let evil = Array("ab\(control)Bcc: x@y".utf8)
        let bad = MessageFormatError.Reason.forbiddenOctet(evil[2], offset: 2)
        let cases: [(String, (inout Draft) throws -> Void)] = [
            ("subject", { $0.subject = evil }),
            ("from name", { $0.from.name = evil }),
            ("to name", { $0.to[0].name = evil }),
            ("cc name", { $0.cc = [.init(name: evil, address: $0.from.address)] }),
            ("bcc name", { $0.bcc = [.init(name: evil, address: $0.from.address)] }),
            ("reply-to name", { $0.replyTo = [.init(name: evil, address: $0.from.address)] }),
            ("user agent", { $0.userAgent = evil }),
            ("message-id", { $0.messageID = String(decoding: evil, as: UTF8.self) }),
            ("in-reply-to", { $0.inReplyTo = [String(decoding: evil, as: UTF8.self)] }),
            ("references", { $0.references = [String(decoding: evil, as: UTF8.self)] }),
            ("attachment name", { $0.attachments = [.init(name: evil)] }),
        ]
        for (field, edit) in cases {
            #expect(throws: MessageFormatError(field: field, reason: bad)) {
                try compose(try draft(edit))
            }
        }
    }

    @Test("other faults are named as well")
    func faults() throws {
        let cases: [(String, MessageFormatError.Reason, (inout Draft) throws -> Void)] = [
            ("subject", .invalidUTF8(offset: 1), { $0.subject = [0x61, 0xC3] }),
            ("text", .invalidUTF8(offset: 2), { $0.text = [0xC3, 0xA4, 0xFF, 0x61] }),
            ("text", .forbiddenOctet(0, offset: 1), { $0.text = [0x61, 0] }),
            ("to", .needsUTF8Address, { $0.to = [try mailbox("dä@x")] }),
            ("attachment name", .empty, { $0.attachments = [.init(name: [])] }),
            (
                "attachment type", .unsupportedMediaType,
                { $0.attachments = [.init(name: [0x61], mediaType: "message/rfc822")] }
            ),
            (
                "attachment type", .unsupportedMediaType,
                { $0.attachments = [.init(name: [0x61], mediaType: "a/b\r\nX: y")] }
            ),
            ("message-id", .empty, { $0.messageID = "" }),
        ]
        for (field, reason, edit) in cases {
            #expect(throws: MessageFormatError(field: field, reason: reason)) {
                try compose(try draft(edit))
            }
        }
        let error = MessageFormatError(
            field: "to",
            index: 1,
            reason: .forbiddenOctet(10, offset: 3)
        )
        #expect(error.description == "to 2 has a line feed (LF) at position 4")
    }

    @Test(
        "subjects and names come back as they were",
        .enabled(if: ReadBack.isAvailable, ReadBack.missing),
        arguments: [
            "Hello", "a  b", " lead", "trail ", "Grüße aus Köln", "日本語の件名", "=?utf-8?q?x?=",
            "a =?b c",
            "💩", "x\u{85}y", "x\u{2028}Bcc: e@f", "\"q\" \\ back, comma; <a@b>", "Dr. X",
            "(comment)",
            String(repeating: "long word ", count: 60) + "end",
            String(repeating: "x", count: 2_000),
            String(repeating: "ä", count: 1_000), String(repeating: "日本 ", count: 300) + "x",
            "ascii then ünïcode then ascii again", String(repeating: "💩", count: 100),
        ]
    )
    func texts(text: String) throws {
        let composer = try compose(
            try draft {
                $0.subject = Array(text.utf8)
                $0.to = [try mailbox("bob@test.com", text), try mailbox("c@d")]
                $0.from.name = Array(text.utf8)
            }
        )
        let octets = ReadBack.assemble(composer)
        #expect(ReadBack.wireFault(octets) == nil)
        let lines = String(decoding: composer.header(withBcc: true), as: UTF8.self)
            .components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 78 })
        let message = try ReadBack.read(octets)
        #expect(message.defects == 0)
        #expect(message.headers["subject"] == [text])
        let names = try #require(message.addresses["to"])
        #expect(names.map { $0[1] } == ["bob@test.com", "c@d"])
        #expect(names[0][0] == text)
        // Our own reader collapses blanks.
        let header = HeaderBlock(parsing: octets)
        let own = AddressList.parse(try #require(header.first("From")).rawValue)
        #expect(own.first?.address == "alice@test.com")
        #expect(own.first?.name == HeaderText.decode(HeaderWriterTests.quotedless(text)))
    }

    @Test(
        "2,000 recipients fit in short lines and come back",
        .enabled(if: ReadBack.isAvailable, ReadBack.missing)
    )
    func recipients() throws {
        let composer = try compose(
            try draft { draft in
                draft.to = try (0..<2_000).map {
                    try mailbox("user\($0)@example.org", "Üser \($0)")
                }
                draft.references = (0..<500).map { "\($0).\(String(repeating: "r", count: 40))@x" }
            }
        )
        let octets = ReadBack.assemble(composer)
        #expect(ReadBack.wireFault(octets) == nil)
        let own = AddressList.parse(try #require(HeaderBlock(parsing: octets).first("to")).rawValue)
        #expect(own.count == 2_000)
        #expect(own.last == Address(name: "Üser 1999", address: "user1999@example.org"))
        let message = try ReadBack.read(octets)
        #expect(message.addresses["to"]?.count == 2_000)
    }

    @Test(
        "texts come back with their line ends made even",
        .enabled(if: ReadBack.isAvailable, ReadBack.missing),
        arguments: [
            ("", ""), ("a", "a\n"), ("a\r\nb\rc\nd", "a\nb\nc\nd\n"),
            ("\n.\n.\r\n\r.\r", "\n.\n.\n\n.\n"),
            ("Grüße \nFrom x\n.\n=3D \t\n", "Grüße \nFrom x\n.\n=3D \t\n"), ("日本語\n", "日本語\n"),
            ("\r\n.\r\nMAIL FROM:<x>\r\n", "\n.\nMAIL FROM:<x>\n"),
            ("a\u{B}b\u{1B}c\n", "a\u{B}b\u{1B}c\n"),
            (String(repeating: "x", count: 100_000), String(repeating: "x", count: 100_000) + "\n"),
            (
                String(repeating: "é ", count: 5_000) + "\n",
                String(repeating: "é ", count: 5_000) + "\n"
            ),
        ]
    )
    func bodies(text: String, expected: String) throws {
        let octets = ReadBack.assemble(try compose(try draft { $0.text = Array(text.utf8) }))
        #expect(ReadBack.wireFault(octets) == nil)
        let message = try ReadBack.read(octets)
        #expect(message.defects == 0)
        let read = try #require(message.parts.first?.text)
        #expect(Array(read.utf8).split(separator: 13).joined().elementsEqual(expected.utf8))
    }

    @Test(
        "attachments come back octet for octet under their names",
        .enabled(if: ReadBack.isAvailable, ReadBack.missing)
    )
    func attachments() throws {
        let names = [
            "plain.pdf", "with space.txt", "with space.txt", "Überblick 日本.png", "q\"uo\\te.doc",
            "a;b=c.eml",
            "=?utf-8?q?x?=.zip", String(repeating: "long", count: 75) + ".tar",
            String(repeating: "ä", count: 150), "100%'s.csv", "nothing",
        ]
        var generator = SeededGenerator(seed: 9)
        let contents = names.indices.map { index in
            (0..<(index * index * 97)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        }
        let composer = try compose(
            try draft { $0.attachments = names.map { DraftAttachment(name: Array($0.utf8)) } }
        )
        let octets = ReadBack.assemble(composer, contents: contents)
        #expect(ReadBack.wireFault(octets) == nil)
        let message = try ReadBack.read(octets)
        #expect(message.defects == 0)
        #expect(message.parts.count == names.count + 1)
        #expect(message.parts[0].text == "Hi Bob\n" || message.parts[0].text == "Hi Bob\r\n")
        for (index, part) in message.parts.dropFirst().enumerated() {
            #expect(part.name == names[index])
            #expect(part.disposition == "attachment")
            #expect(part.size == contents[index].count)
            #expect(part.sha256 == (try ReadBack.sha256(contents[index])))
        }
        #expect(
            message.parts.dropFirst().map(\.type).prefix(6) == [
                "application/pdf", "text/plain", "text/plain", "image/png", "application/msword",
                "application/octet-stream",
            ]
        )
    }

    @Test("the boundary is random and occurs only where it divides")
    func boundary() throws {
        var draft = try draft()
        draft.attachments = [DraftAttachment(name: Array("a".utf8))]
        let first = ReadBack.assemble(try MessageComposer(draft), contents: [[1, 2, 3]])
        let second = ReadBack.assemble(try MessageComposer(draft), contents: [[1, 2, 3]])
        #expect(first != second)
        let field = try #require(HeaderBlock(parsing: first).first("content-type"))
        let type = ContentTypeField.parse(field.rawValue)
        #expect(type.parameters.octets("boundary")?.count == 34)
    }
}
