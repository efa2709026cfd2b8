// Everything that must not be sent, field by field: each is refused by its name and position, and
// nothing of it reaches a message.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct DraftCheckTests {
    typealias Edit = @Sendable (inout Draft, [UInt8]) throws -> Void

    /// A field that takes octets, and how to put them there.
    struct Field: Sendable, CustomTestStringConvertible {
        var name: String
        var index: Int?
        var edit: Edit
        var testDescription: String { "\(name) \(index ?? -1)" }
    }

    private static func mailbox(_ name: [UInt8]? = nil) throws -> Draft.Mailbox {
        Draft.Mailbox(name: name, address: try AddrSpec("bob@test.com".utf8))
    }

    private static func draft() throws -> Draft {
        Draft(from: try mailbox(), date: DateTime(unixSeconds: 0), messageID: "1@test.com")
    }

    private static func string(_ octets: [UInt8]) -> String {
        String(decoding: octets, as: UTF8.self)
    }

    private static let file = DraftAttachment(name: [0x61])

    /// Text of headers: UTF-8 without controls.
    private static let texts = [
        Field(name: "subject") { $0.subject = $1 },
        Field(name: "from name") { $0.from.name = $1 },
        Field(name: "sender name") { $0.sender = try mailbox($1) },
        Field(name: "reply-to name") { $0.replyTo = [try mailbox($1)] },
        Field(name: "to name") { $0.to = [try mailbox($1)] },
        Field(name: "to name", index: 2) {
            $0.to = [try mailbox(), try mailbox(), try mailbox($1)]
        },
        Field(name: "cc name") { $0.cc = [try mailbox($1)] },
        Field(name: "bcc name", index: 1) { $0.bcc = [try mailbox(), try mailbox($1)] },
        Field(name: "user agent") { $0.userAgent = $1 },
        Field(name: "header value") { $0.headers = [.init(name: Array("X-A".utf8), value: $1)] },
        Field(name: "header value", index: 1) {
            let name = Array("X-A".utf8)
            $0.headers = [.init(name: name, value: []), .init(name: name, value: $1)]
        },
        Field(name: "attachment name") { $0.attachments = [.init(name: $1)] },
        Field(name: "attachment name", index: 1) { $0.attachments = [file, .init(name: $1)] },
    ]

    /// Words of a grammar of their own: printable ASCII at most.
    private static let words = [
        Field(name: "message-id") { $0.messageID = string($1) },
        Field(name: "in-reply-to") { $0.inReplyTo = [string($1)] },
        Field(name: "references", index: 1) { $0.references = ["a@b", string($1)] },
        Field(name: "header name") { $0.headers = [.init(name: $1, value: [])] },
        Field(name: "content-id") {
            $0.attachments = [.init(name: [0x61], contentID: string($1))]
        },
        Field(name: "content-id", index: 1) {
            $0.attachments = [file, .init(name: [0x61], contentID: string($1))]
        },
    ]

    private func expectRefusal(
        _ field: Field,
        _ value: [UInt8],
        _ reason: MessageFormatError.Reason
    ) throws {
        var draft = try Self.draft()
        try field.edit(&draft, value)
        for form in WireForm.allCases {
            #expect(
                throws: MessageFormatError(field: field.name, index: field.index, reason: reason)
            ) {
                try MessageComposer(draft, form: form)
            }
        }
    }

    @Test(
        "no header field takes a control character",
        arguments: texts + words,
        [0x00, 0x01, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B, 0x1F, 0x7F] as [UInt8]
    )
    func controls(field: Field, octet: UInt8) throws {
        try expectRefusal(
            field,
            Array("ab".utf8) + [octet] + Array("c@d".utf8),
            .forbiddenOctet(octet, offset: 2)
        )
        try expectRefusal(field, [octet], .forbiddenOctet(octet, offset: 0))
    }

    @Test("no header field takes a line end in front of another field", arguments: texts + words)
    func injection(field: Field) throws {
        let evil = Array("a\r\nBcc: x@y".utf8)
        try expectRefusal(field, evil, .forbiddenOctet(0x0D, offset: 1))
        try expectRefusal(field, Array("a\r\n\r\n<html>".utf8), .forbiddenOctet(0x0D, offset: 1))
    }

    @Test(
        "no text is taken that is not UTF-8",
        arguments: texts,
        [
            [0x61, 0xC3], [0x61, 0xFF, 0x61], [0x61, 0xC0, 0x8A], [0x61, 0xED, 0xA0, 0x80],
            [0x61, 0xE0, 0x80, 0x8D], [0x61, 0xF5, 0x80, 0x80, 0x80],
        ] as [[UInt8]]
    )
    func invalidUTF8(field: Field, value: [UInt8]) throws {
        try expectRefusal(field, value, .invalidUTF8(offset: 1))
    }

    @Test("no word takes a blank or what is not ASCII", arguments: words)
    func wordsAreASCII(field: Field) throws {
        try expectRefusal(field, Array("a b@c".utf8), .forbiddenOctet(0x20, offset: 1))
        try expectRefusal(field, Array("aä@c".utf8), .forbiddenOctet(0xC3, offset: 1))
        try expectRefusal(field, [], .empty)
    }

    @Test("no field takes absurd lengths")
    func lengths() throws {
        for field in Self.texts where !field.name.hasPrefix("attachment") {
            try expectRefusal(
                field,
                [UInt8](repeating: 0x61, count: 65_537),
                .tooLong(octetsMax: 65_536)
            )
        }
        let limits = [
            "attachment name": 1_024, "message-id": 900, "in-reply-to": 900, "references": 900,
            "content-id": 900, "header name": 50,
        ]
        for field in Self.texts + Self.words {
            guard let limit = limits[field.name] else { continue }
            try expectRefusal(
                field,
                [UInt8](repeating: 0x61, count: limit + 1),
                .tooLong(octetsMax: limit)
            )
        }
    }

    @Test("what has the longest allowed lengths keeps the lines short")
    func longest() throws {
        var draft = try Self.draft()
        let text = [UInt8](repeating: 0x61, count: 65_536)
        let wide = Array(String(repeating: "💩", count: 16_384).utf8)
        draft.subject = text
        draft.from.name = wide
        draft.userAgent = wide
        draft.to = [try Self.mailbox(text)]
        draft.messageID = String(repeating: "i", count: 898) + "@x"
        draft.references = [draft.messageID, draft.messageID]
        let name = [UInt8](repeating: 0x58, count: 50)
        for value in [text, wide, Array(text.prefix(900)), Array("a".utf8) + text.prefix(901)] {
            draft.headers.append(.init(name: name, value: value))
        }
        draft.attachments = [
            DraftAttachment(
                name: Array(wide.prefix(1_024)),
                mediaType: String(repeating: "t", count: 127) + "/"
                    + String(repeating: "s", count: 127),
                contentID: draft.messageID
            )
        ]
        let message = ReadBack.assemble(try MessageComposer(draft), contents: [[1]])
        #expect(WireRules.fault(message, form: .sevenBit) == nil)
        let header = HeaderBlock(parsing: message)
        #expect(
            HeaderText.decode(try #require(header.first("subject")).rawValue).utf8.count == 65_536
        )
        #expect(header.all("references").count == 1)
    }

    @Test("no list has absurdly many members")
    func counts() throws {
        let cases: [(String, Int, Edit)] = [
            ("to", 10_000, { draft, _ in draft.to = .init(repeating: draft.from, count: 10_001) }),
            ("cc", 10_000, { draft, _ in draft.cc = .init(repeating: draft.from, count: 10_001) }),
            (
                "bcc", 10_000,
                { draft, _ in draft.bcc = .init(repeating: draft.from, count: 10_001) }
            ),
            (
                "references", 1_000,
                { draft, _ in draft.references = .init(repeating: "a@b", count: 1_001) }
            ),
            (
                "attachments", 1_000,
                { draft, _ in draft.attachments = .init(repeating: Self.file, count: 1_001) }
            ),
            (
                "headers", 200,
                { draft, _ in
                    let header = Draft.Header(name: Array("X-A".utf8), value: [])
                    draft.headers = .init(repeating: header, count: 201)
                }
            ),
        ]
        for (name, limit, edit) in cases {
            try expectRefusal(Field(name: name, edit: edit), [], .tooMany(countMax: limit))
        }
    }

    @Test("no body takes a NUL or what is not UTF-8")
    func bodies() throws {
        let fields = [
            Field(name: "text") { $0.text = $1 }, Field(name: "html") { $0.html = $1 },
        ]
        for field in fields {
            try expectRefusal(field, [0x61, 0], .forbiddenOctet(0, offset: 1))
            try expectRefusal(field, [0x61, 0x80], .invalidUTF8(offset: 1))
        }
    }

    @Test(
        "a field that is ours, a server's or part of the structure cannot be added",
        arguments: [
            "From", "TO", "cc", "Bcc", "Sender", "Reply-To", "Date", "Subject", "Message-ID",
            "In-Reply-To", "References", "MIME-Version", "Content-Type", "content-anything",
            "Content-Transfer-Encoding", "Resent-To", "Resent-Bcc", "Received", "Return-Path",
            "Delivered-To", "DKIM-Signature", "ARC-Seal", "Authentication-Results", "User-Agent",
            "Apparently-To",
        ]
    )
    func reserved(name: String) throws {
        let field = Field(name: "header name") { $0.headers = [.init(name: $1, value: [])] }
        try expectRefusal(field, Array(name.utf8), .reservedName)
    }

    @Test("a name with a colon or a blank cannot be added")
    func headerNames() throws {
        let field = Field(name: "header name") { $0.headers = [.init(name: $1, value: [])] }
        try expectRefusal(field, Array("X:Y".utf8), .forbiddenOctet(0x3A, offset: 1))
        try expectRefusal(field, Array("X Y".utf8), .forbiddenOctet(0x20, offset: 1))
        try expectRefusal(field, Array("Bcc ".utf8), .forbiddenOctet(0x20, offset: 3))
    }

    @Test("a content id has two halves of plain characters and occurs once")
    func contentIDs() throws {
        let field = Field(name: "content-id") {
            $0.attachments = [.init(name: [0x61], contentID: Self.string($1))]
        }
        for id in ["a", "a@", "@b", "a@b@c"] {
            try expectRefusal(field, Array(id.utf8), .malformedContentID)
        }
        try expectRefusal(field, Array("a\"@b".utf8), .forbiddenOctet(0x22, offset: 1))
        try expectRefusal(field, Array("a>@b".utf8), .forbiddenOctet(0x3E, offset: 1))
        let twice = Field(name: "content-id", index: 1) {
            let attachment = DraftAttachment(name: [0x61], contentID: Self.string($1))
            $0.attachments = [attachment, attachment]
        }
        try expectRefusal(twice, Array("a@b".utf8), .repeated)
    }

    @Test("an address in UTF-8 needs SMTPUTF8, and holds nothing invisible even then")
    func internationalized() throws {
        func refusal(_ address: [UInt8], _ form: WireForm) throws -> MessageFormatError.Reason? {
            var draft = try Self.draft()
            draft.to = [.init(address: try AddrSpec(address))]
            do {
                let composer = try MessageComposer(draft, form: form)
                #expect(composer.needsSMTPUTF8)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(try refusal(Array("jösé@test.com".utf8), .sevenBit) == .needsUTF8Address)
        #expect(try refusal(Array("jösé@test.com".utf8), .eightBit) == .needsUTF8Address)
        #expect(try refusal(Array("jösé@例子.测试".utf8), .internationalized) == nil)
        #expect(try refusal([0x61, 0x40, 0xFF], .internationalized) == .invalidUTF8(offset: 2))
        for scalar in ["\u{85}", "\u{200B}", "\u{2028}", "\u{202E}", "\u{FEFF}", "\u{AD}"] {
            let octets = Array("a\(scalar)@b".utf8)
            #expect(
                try refusal(octets, .internationalized) == .forbiddenOctet(octets[1], offset: 1)
            )
        }
    }
}
