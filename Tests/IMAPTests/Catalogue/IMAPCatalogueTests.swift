// Rows of the catalogue (reliability.md 2.A) that no test beside the code's own facts covers: what
// a server may send, octet for octet, through the whole machine.

import MailModel
import Testing

@testable import IMAP

@Suite struct IMAPCatalogueTests {
    @Test("A21: a name with a line end is a literal in STATUS and APPEND too")
    func hostileNameInOtherCommands() {
        let name = MailboxName(Array("x\"\r\nA9 DELETE INBOX\r\n".utf8))
        Story.afterLogin(
            "",
            [
                .submit(.status(name, [.messages])), "C: A0001 STATUS {21}", "S: + go on",
                #"C: x""#, "C: A9 DELETE INBOX", "C:  (MESSAGES)", "S: A0001 NO none", "no none",
                .submit(.append(name, [], nil, size: 2)), "C: A0002 APPEND {21}", "S: + go on",
                #"C: x""#, "C: A9 DELETE INBOX", "C:  {2}", "S: + go on", "needsMessage",
                .chunk("hi"), "C: hi", "S: A0002 NO none", "no none",
            ]
        ).check()
    }

    @Test(
        "A24: a name that is no modified UTF-7 goes back to the server as it came",
        arguments: ["&Jjo!", "&AAA-", "&2AA-", "&"]
    )
    func badModifiedUTF7(text: String) throws {
        var connection = IMAPConnection(security: .preauthenticated, credential: nil)
        _ = connection.receive(Array("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n".utf8))
        let actions = connection.receive(Array("* LIST () \"/\" \"\(text)\"\r\n".utf8))
        guard case .untagged(.list(let entry))? = actions.first else {
            Issue.record("not listed: \(actions)")
            return
        }
        var written: [UInt8] = []
        for case .write(let octets) in connection.submit(.select(entry.name, readOnly: false))
            .actions
        {
            written += octets
        }
        #expect(written == Array("A0001 SELECT \"\(text)\"\r\n".utf8))
    }

    @Test(
        "A28: an envelope with broken groups costs neither its message nor the part around it",
        arguments: [
            // A group that does not end, one that does not begin, an address of three, no list of
            // addresses, an address of six, lists without end.
            #"("d" "s" ((NIL NIL "g" NIL)) NIL NIL NIL NIL NIL NIL "<m>")"#,
            #"("d" "s" ((NIL NIL NIL NIL)) NIL NIL NIL NIL NIL NIL "<m>")"#,
            #"("d" "s" ((NIL NIL "g")) NIL NIL NIL NIL NIL NIL "<m>")"#,
            #"("d" "s" (NIL NIL "g" NIL) NIL NIL NIL NIL NIL NIL "<m>")"#,
            #"("d" "s" (("a" NIL "b" "c" "d" "e")) () (()) ((())) "x" NIL NIL "<m>")"#,
        ]
    )
    func brokenGroups(envelope: String) {
        let message =
            #"("message" "rfc822" NIL NIL NIL "7bit" 9 \#(envelope) "#
            + #"("text" "plain" NIL NIL NIL "7bit" 5 1) 4)"#
        Story.afterLogin(
            "",
            [
                .raw("* 7 FETCH (ENVELOPE \(envelope) UID 3)\r\n"), "fetch 7 uid 3",
                .raw("* 7 FETCH (BODYSTRUCTURE \(message) UID 3)\r\n"),
                "fetch 7 uid 3 parts 1,1.1",
            ]
        ).check()
    }

    @Test("A29: a CR, a NUL and 8-bit octets in a header are the message's own")
    func rawHeader() {
        Story.afterLogin(
            "",
            [
                .submit(.uidFetch(.from(UID(1)), [.uid, .headerFields(["SUBJECT"])])),
                "C: A0001 UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
                .server(
                    Array("* 1 FETCH (UID 1 BODY[HEADER.FIELDS (SUBJECT)] \"Subject: a\r".utf8)
                        + [0, 0xE9] + Array("b\")\r\nA0001 OK\r\n".utf8)
                ),
                #"fetch 1 uid 1 headers Subject: a\x0d\x00\xe9b"#, "ok",
            ]
        ).check()
    }

    @Test("A33: another UIDVALIDITY of the mailbox that is open ends the connection")
    func renumbered() {
        let opening: [Step] = [
            .submit(.select(.inbox, readOnly: false)), #"C: A0001 SELECT "INBOX""#,
            "S: * OK [UIDVALIDITY 5] v", "S: A0001 OK", "condition OK [UIDVALIDITY 5] v", "ok",
        ]
        let same: [Step] = ["S: * OK [UIDVALIDITY 5] w", "condition OK [UIDVALIDITY 5] w"]
        for text in ["[UIDVALIDITY 4] x", "[UIDVALIDITY 6] x", "[UIDVALIDITY 0] x"] {
            let end: [Step] = [
                .raw("* OK \(text)\r\n"), .expected("condition OK \(text)"),
                "failed uidValidityChanged temporary",
            ]
            Story.afterLogin("", opening + same + end).check()
        }
        let other: [Step] = [
            .submit(.select(MailboxName([0x78]), readOnly: false)), #"C: A0002 SELECT "x""#,
            "S: * OK [UIDVALIDITY 9] v", "S: A0002 OK", "condition OK [UIDVALIDITY 9] v", "ok",
        ]
        Story.afterLogin("", opening + other).check()
        let refused: [Step] = [
            .submit(.select(MailboxName([0x78]), readOnly: false)), #"C: A0002 SELECT "x""#,
            "S: A0002 NO none", "no none", "S: * OK [UIDVALIDITY 9] v",
            "condition OK [UIDVALIDITY 9] v",
        ]
        Story.afterLogin("", opening + refused).check()
    }

    @Test("A41: COMPRESS is offered before and after the login, and never asked for")
    func compress() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN COMPRESS=DEFLATE] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1 ENABLE IDLE COMPRESS=DEFLATE] in",
            "ready PLAIN",
            .submit(.noop), "C: A0002 NOOP", "S: A0002 OK", "ok",
            .submit(.select(.inbox, readOnly: false)), #"C: A0003 SELECT "INBOX""#,
            "S: A0003 OK", "ok", .submit(.idle), "C: A0004 IDLE", "S: + idling", "idling",
        ]).check()
    }

    @Test("A42: a whole session reads the same in one piece, octet by octet, cut anywhere")
    func anySegments() {
        let body = "A0006 OK )\r\n* 9 EXISTS\r\n"
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS] in",
            "ready PLAIN",
            .submit(.list(reference: [], pattern: [0x2A], .plain)), #"C: A0002 LIST "" "*""#,
            .raw("* LIST () \"/\" {4}\r\na\"\r\n\r\n* LIST () NIL \"b\"\nA0002 OK\r\n"),
            #"list a"\x0d\x0a delimiter /"#, "list b delimiter none", "ok",
            .submit(.select(.inbox, readOnly: false)), #"C: A0003 SELECT "INBOX""#,
            .raw("* 2 EXISTS\r\n\r\n* OK [UIDVALIDITY 7] v\r\n\0A0003 OK [READ-WRITE] x\r\n"),
            "exists 2", "condition OK [UIDVALIDITY 7] v", "ok [readWrite] x",
            .submit(.uidSearch([.all])), "C: A0004 UID SEARCH ALL",
            .raw("* SEARCH 1 2 3\r\n* SEARCH 9\r\nA0004 OK\r\n"), "search 1:3,9", "ok",
            .submit(.uidFetch(.from(UID(1)), [.uid, .section("1")])),
            "C: A0005 UID FETCH 1:* (UID BODY.PEEK[1])",
            .raw("* 1 FETCH (BODY[1] {\(body.utf8.count)}\r\n\(body) UID 4 FLAGS (\\Seen))\r\n"),
            .raw("* 2 FETCH (UID 9 BODY[1] \"\")\r\n* VANISHED 3\r\nA0005 OK\r\n"),
            #"chunk A0006 OK )\x0d\x0a* 9 EXISTS\x0d\x0a"#,
            #"fetch 1 uid 4 flags (\Seen) [1] streamed 24"#, "fetch 2 uid 9 [1] streamed 0",
            "vanished 3", "ok",
            .submit(.idle), "C: A0006 IDLE", .raw("+ idling\r\n* 3 EXISTS\r\n"), "idling",
            "exists 3", .endIdle, "C: DONE", "S: A0006 OK", "ok",
        ]).check()
    }

    @Test("A42: every way to break a session breaks it the same in any segments")
    func anySegmentsOfErrors() {
        let endings: [(String, String)] = [
            ("* STATUS {999999999}\r\n", "failed literalTooLarge"),
            ("* 1 FETCH (BODY[] {18446744073709551616}\r\n", "failed invalidLiteral"),
            ("A0009 OK\r\n", "failed desynchronised"),
            ("* BYE enough\r\n", "condition BYE enough"),
        ]
        for (text, expected) in endings {
            let more: [Step] =
                expected.utf8.starts(with: "condition".utf8)
                ? ["failed bye temporary enough"] : []
            let steps: [Step] = [
                .submit(.noop), "C: A0001 NOOP", .raw("* 2 EXISTS\r\n" + text), "exists 2",
                .expected(expected),
            ]
            Story.afterLogin("", steps + more).check()
        }
    }
}
