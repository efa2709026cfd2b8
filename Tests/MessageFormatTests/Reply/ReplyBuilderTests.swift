// Facts about answers: who gets them, which thread they join, what they quote.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ReplyBuilderTests {
    private static let own = ["me@test.com", "me.alias@test.com"].map { Array($0.utf8) }

    /// Addresses from a list in one string, `name <address>` or bare.
    private static func list(_ text: String) -> [Address] {
        text.split(separator: ",").map { Address(address: String($0)) }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var from = "alice@test.com"
        var replyTo = ""
        var to = "me@test.com"
        var cc = ""
        var followup = ""
        var list: String?
        var mode = ReplyMode.all
        var expectedTo = ""
        var expectedCc = ""
        var testDescription: String { title }
    }

    private static let cases = [
        Case(title: "the author", mode: .sender, expectedTo: "alice@test.com"),
        Case(
            title: "where the author wants it",
            replyTo: "desk@test.com,desk2@test.com",
            mode: .sender,
            expectedTo: "desk@test.com,desk2@test.com"
        ),
        Case(
            title: "the author alone, not the others",
            to: "me@test.com,bob@test.com",
            cc: "carol@test.com",
            mode: .sender,
            expectedTo: "alice@test.com"
        ),
        Case(
            title: "everybody but me",
            to: "me@test.com,bob@test.com",
            cc: "carol@test.com,ME.alias@TEST.com",
            expectedTo: "alice@test.com",
            expectedCc: "bob@test.com,carol@test.com"
        ),
        Case(
            title: "each once, the domain in any case, the local part in its own",
            to: "bob@test.com,Bob@test.com,alice@TEST.com",
            cc: "bob@TEST.COM,bob@test.com",
            expectedTo: "alice@test.com",
            expectedCc: "bob@test.com,Bob@test.com"
        ),
        Case(
            title: "my own message goes to whom it went",
            from: "me@test.com",
            to: "bob@test.com,me@test.com",
            cc: "carol@test.com",
            expectedTo: "bob@test.com",
            expectedCc: "carol@test.com"
        ),
        Case(
            title: "my own message to one person",
            from: "Me@Test.com",
            replyTo: "me@test.com",
            to: "bob@test.com",
            cc: "carol@test.com",
            mode: .sender,
            expectedTo: "bob@test.com"
        ),
        Case(title: "a note to myself", from: "me@test.com", expectedTo: "me@test.com"),
        Case(
            title: "my own message with copies only",
            from: "me@test.com",
            to: "me@test.com",
            cc: "carol@test.com",
            expectedTo: "carol@test.com"
        ),
        Case(
            title: "my own message with copies only, without its copies",
            from: "me@test.com",
            to: "me@test.com",
            cc: "carol@test.com",
            mode: .sender,
            expectedTo: "carol@test.com"
        ),
        Case(
            title: "a note to myself in a copy",
            from: "me@test.com",
            to: "",
            cc: "me@test.com",
            mode: .sender,
            expectedTo: "me@test.com"
        ),
        Case(
            title: "the author's wish for answers to all",
            to: "list@test.com",
            followup: "list@test.com,me@test.com",
            expectedTo: "list@test.com"
        ),
        Case(
            title: "a wish that is me alone is none",
            followup: "me@test.com",
            expectedTo: "alice@test.com"
        ),
        Case(
            title: "the wish does not count for an answer to the author",
            followup: "list@test.com",
            mode: .sender,
            expectedTo: "alice@test.com"
        ),
        Case(
            title: "the list",
            to: "list@test.com",
            cc: "bob@test.com",
            list: "list@test.com",
            mode: .list,
            expectedTo: "list@test.com"
        ),
        Case(
            title: "the list by the author's wish",
            followup: "list@test.com",
            mode: .list,
            expectedTo: "list@test.com"
        ),
        Case(
            title: "what is no address is left out",
            from: "alice@test.com,nobody,a@b\r\nRCPT TO:<evil@y>,a@b:c,,x@y@z",
            expectedTo: "alice@test.com"
        ),
        Case(title: "nobody", from: "", to: "", mode: .sender),
    ]

    @Test("an answer goes to", arguments: cases)
    func recipients(item: Case) throws {
        let original = OriginalMessage(
            from: Self.list(item.from),
            replyTo: Self.list(item.replyTo),
            to: Self.list(item.to),
            cc: Self.list(item.cc),
            mailFollowupTo: Self.list(item.followup),
            listPost: item.list.map { Address(address: $0) }
        )
        let reply = try ReplyBuilder.reply(to: original, mode: item.mode, own: Self.own)
        #expect(reply.to.map(\.address.text) == Self.list(item.expectedTo).map(\.address))
        #expect(reply.cc.map(\.address.text) == Self.list(item.expectedCc).map(\.address))
    }

    @Test("an answer to the list needs a list")
    func noList() {
        #expect(throws: MessageFormatError(field: "list-post", reason: .empty)) {
            try ReplyBuilder.reply(
                to: OriginalMessage(from: Self.list("a@b")),
                mode: .list,
                own: []
            )
        }
    }

    @Test("addresses that cannot be written to are named once")
    func unusable() throws {
        let original = OriginalMessage(from: Self.list("nobody,nobody,a@b"))
        let reply = try ReplyBuilder.reply(to: original, mode: .sender, own: [])
        #expect(reply.unusable == ["nobody"])
        #expect(reply.to.map(\.address.text) == ["a@b"])
    }

    @Test("References are the parent's and its id, each once")
    func references() {
        typealias Row = (references: [String], inReplyTo: [String], id: String?, expected: [String])
        let rows: [Row] = [
            (["a@x", "b@x"], ["b@x"], "c@x", ["a@x", "b@x", "c@x"]),
            ([], ["b@x"], "c@x", ["b@x", "c@x"]),
            ([], ["a@x", "b@x"], "c@x", ["c@x"]),
            ([], [], "c@x", ["c@x"]),
            (["a@x", "b@x"], [], nil, ["a@x", "b@x"]),
            ([], [], nil, []),
            (["a@x", "b@x", "a@x", "c@x"], [], "c@x", ["a@x", "b@x", "c@x"]),
            (["a b@x", "<c@x", "d@x\r\nBcc: y"], ["e@x"], "f@x", ["f@x"]),
            (["a@x"], [], "broken id@x", ["a@x"]),
        ]
        for row in rows {
            let original = OriginalMessage(
                messageID: row.id,
                inReplyTo: row.inReplyTo,
                references: row.references
            )
            #expect(ReplyBuilder.references(of: original) == row.expected)
        }
    }

    @Test("of a long thread the first and the last ids remain")
    func longThread() {
        let original = OriginalMessage(
            messageID: "p@x",
            references: (0..<10_000).map { "\($0)@x" }
        )
        let ids = ReplyBuilder.references(of: original)
        #expect(ids.count == 40)
        #expect(ids.first == "0@x")
        #expect(Array(ids.suffix(3)) == ["9998@x", "9999@x", "p@x"])
    }

    @Test("an answer to hostile mail is a draft that can be sent")
    func hostile() throws {
        let evil = "x\r\nBcc: victim@test.com\r\n\r\n\0\u{1B}[2J\u{2028}"
        let original = OriginalMessage(
            from: [Address(name: evil, address: "a@b")],
            messageID: evil,
            inReplyTo: [evil],
            references: [evil],
            subject: Array(evil.utf8) + [0xFF],
            date: DateTime(unixSeconds: .max),
            text: Array(evil.utf8) + [0xFF, 0]
        )
        let reply = try ReplyBuilder.reply(to: original, mode: .all, own: [])
        var draft = Draft(
            from: Draft.Mailbox(address: try AddrSpec("me@test.com".utf8)),
            date: DateTime(unixSeconds: 0),
            messageID: "1@test.com"
        )
        ReplyBuilder.apply(reply, to: &draft)
        let message = ReadBack.assemble(try MessageComposer(draft))
        #expect(ReadBack.wireFault(message) == nil)
        #expect(HeaderBlock(parsing: message).first("bcc") == nil)
        #expect(HeaderBlock(parsing: message).fields.count == 8)
        #expect(draft.to[0].name == Array("x Bcc: victim@test.com [2J".utf8))
    }
}
