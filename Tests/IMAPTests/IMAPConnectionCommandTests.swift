// Commands after `.ready`: what is written, how answers are told apart, IDLE, APPEND, search.

import MailModel
import SASL
import Testing

@testable import IMAP

@Suite struct IMAPConnectionCommandTests {
    private func uids(_ text: String) -> UIDSet {
        UIDSet(parsing: Array(text.utf8)[...]) ?? UIDSet()
    }

    @Test("Q31: only what the server says to have enabled is used, an OK alone enables nothing")
    func enabled() {
        let point = IMAPSyncPoint(uidValidity: UIDValidity(1), modSeq: 5)
        let select = Step.submit(.select(.inbox, readOnly: false, since: point))
        for (line, expected) in [
            ("* ENABLED QRESYNC\r\n", #"C: A0002 SELECT "INBOX" (QRESYNC (1 5))"#),
            ("", #"C: A0002 SELECT "INBOX" (CONDSTORE)"#),
        ] {
            let said: [Step] = line.utf8.isEmpty ? [] : [.raw(line), "enabled QRESYNC"]
            Story.afterLogin(
                "ENABLE CONDSTORE QRESYNC",
                [.submit(.enable(["QRESYNC"])), "C: A0001 ENABLE QRESYNC"] + said + [
                    "S: A0001 OK", "ok", select, .init(stringLiteral: expected),
                ]
            ).check()
        }
    }

    @Test("An ENABLED that nobody asked for enables nothing")
    func enabledUnasked() {
        let point = IMAPSyncPoint(uidValidity: UIDValidity(1), modSeq: 5)
        Story.afterLogin(
            "ENABLE CONDSTORE QRESYNC",
            [
                "S: * ENABLED QRESYNC", "enabled QRESYNC",
                .submit(.select(.inbox, readOnly: false, since: point)),
                #"C: A0001 SELECT "INBOX" (CONDSTORE)"#,
            ]
        ).check()
    }

    @Test("Q103: data belongs to the connection, and is handed on whichever command runs")
    func data() {
        Story.afterLogin(
            "UIDPLUS",
            [
                .submit(.noop),
                "C: A0001 NOOP",
                "S: * 23 EXISTS",
                "S: * 3 RECENT",
                "S: * 44 EXPUNGE",
                #"S: * FLAGS (\Answered \Seen $Forwarded)"#,
                "S: * VANISHED (EARLIER) 41,43:116",
                "S: * VANISHED 405,407",
                #"S: * 12 FETCH (UID 7 FLAGS (\Seen))"#,
                #"S: * LIST (\HasNoChildren \Sent) "/" "Sent""#,
                "S: * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
                "S: * OK [ALERT] disk is full",
                "S: * NO soft trouble",
                "S: * ENABLED QRESYNC",
                "S: A0001 OK done",
                "exists 23",
                "recent 3",
                "expunge 44",
                #"flags (\Answered \Seen $Forwarded)"#,
                "vanished earlier 41,43:116",
                "vanished 405,407",
                #"fetch 12 uid 7 flags (\Seen)"#,
                "list Sent delimiter / role sent",
                "status blurdybloop messages 231",
                "condition OK [alert] disk is full",
                "condition NO soft trouble",
                "enabled QRESYNC",
                "ok done",
                "S: * 24 EXISTS",
                "exists 24",
            ]
        ).check()
    }

    @Test("Q27: commands go out one after the other, in the order submitted")
    func queue() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), .submit(.capability), .submit(.noop),
                "C: A0001 NOOP",
                "S: A0001 OK", "ok", "C: A0002 CAPABILITY",
                "S: * CAPABILITY IMAP4rev1 MOVE", "S: A0002 OK",
                "capability IMAP4REV1 MOVE", "ok", "C: A0003 NOOP",
                "S: A0003 BAD no", "bad no",
            ]
        ).check()
    }

    @Test("A command that cannot be sent is refused in its turn; those behind it go on")
    func refusedInTurn() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), .submit(.uidExpunge(uids("1"))), .submit(.noop),
                "C: A0001 NOOP",
                "S: A0001 OK", "ok", "refused capabilityMissing", "C: A0003 NOOP",
            ]
        ).check()
    }

    @Test("Before ready and after the end commands are refused")
    func notReady() {
        Story([.submit(.noop), "refused notReady"]).check()
        Story.afterLogin(
            "",
            [
                "S: * BYE", "condition BYE", "failed bye temporary", .submit(.noop),
                "refused notReady",
            ]
        ).check()
    }

    @Test("SELECT hands on everything the server says of the mailbox (RFC 3501 6.3.1)")
    func select() {
        Story.afterLogin(
            "",
            [
                .submit(.select(MailboxName(Array("INBOX".utf8)), readOnly: false)),
                #"C: A0001 SELECT "INBOX""#,
                "S: * 172 EXISTS",
                "S: * OK [UNSEEN 12] Message 12 is first unseen",
                "S: * OK [UIDVALIDITY 3857529045] UIDs valid",
                "S: * OK [UIDNEXT 4392] Predicted next UID",
                #"S: * OK [PERMANENTFLAGS (\Deleted \Seen \*)] Limited"#,
                "S: * OK [HIGHESTMODSEQ 715194045007]",
                "S: A0001 OK [READ-WRITE] SELECT completed",
                "exists 172",
                "condition OK [unseen(12)] Message 12 is first unseen",
                "condition OK [UIDVALIDITY 3857529045] UIDs valid",
                "condition OK [uidNext(4392)] Predicted next UID",
                #"condition OK [PERMANENTFLAGS (\Deleted \Seen) *] Limited"#,
                "condition OK [highestModSeq(715194045007)]",
                "ok [readWrite] SELECT completed",
                .submit(.select(.inbox, readOnly: true)),
                #"C: A0002 EXAMINE "INBOX""#,
            ]
        ).check()
    }

    @Test("UNSELECT where it is offered; CLOSE only of what cannot be expunged")
    func unselect() {
        Story.afterLogin("UNSELECT", [.submit(.unselect), "C: A0001 UNSELECT"]).check()
        let examined: [Step] = [
            .submit(.select(.inbox, readOnly: true)), #"C: A0001 EXAMINE "INBOX""#,
            "S: A0001 OK", "ok", .submit(.unselect), "C: A0002 CLOSE", "S: A0002 OK", "ok",
            .submit(.unselect), "refused capabilityMissing",
        ]
        Story.afterLogin("", examined).check()
        Story.afterLogin(
            "",
            [
                .submit(.select(.inbox, readOnly: false)), #"C: A0001 SELECT "INBOX""#,
                "S: A0001 OK", "ok", .submit(.unselect), "refused capabilityMissing",
            ]
        ).check()
    }

    @Test("Q50: a failed SELECT leaves no mailbox open (RFC 3501 6.3.1)")
    func failedSelect() {
        Story.afterLogin(
            "",
            [
                .submit(.select(.inbox, readOnly: true)), #"C: A0001 EXAMINE "INBOX""#,
                "S: A0001 OK", "ok",
                .submit(.select(MailboxName(Array("x".utf8)), readOnly: true)),
                #"C: A0002 EXAMINE "x""#, "S: A0002 NO [NONEXISTENT] no", "no [NONEXISTENT] no",
                .submit(.unselect), "refused capabilityMissing",
            ]
        ).check()
    }

    @Test("Q59: BYE ends the connection, at the first one")
    func bye() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), .submit(.noop), "C: A0001 NOOP",
                "S: * BYE [UNAVAILABLE] shutting down", "S: * BYE again", "S: A0001 OK",
                "condition BYE [UNAVAILABLE] shutting down", "failed bye temporary shutting down",
                .closed,
            ]
        ).check()
    }

    @Test("LOGOUT: BYE is expected, and so is the end of the transport")
    func logout() {
        Story.afterLogin(
            "",
            [
                .submit(.logout), "C: A0001 LOGOUT", "S: * BYE see you", "S: A0001 OK bye",
                "condition BYE see you", "ok bye", .closed,
            ]
        ).check()
        Story.afterLogin(
            "",
            [
                .submit(.logout), "C: A0001 LOGOUT", "S: * BYE", "condition BYE", .closed, "ok",
            ]
        ).check()
    }

    @Test("A server that is gone without BYE has closed the connection")
    func closed() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), "C: A0001 NOOP", .raw("* 5 EXI"), .closed,
                "failed connectionClosed temporary", .closed,
            ]
        ).check()
    }

    @Test("Q17: Exchange says goodbye without a star")
    func serverUnavailable() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), "C: A0001 NOOP", "S: Server Unavailable. 15",
                "failed bye temporary Server Unavailable. 15",
            ]
        ).check()
    }

    @Test(
        "A19: answers without text, without a word and without a tag",
        arguments: [
            ("A0001 NO\r\n", ["no"]), ("A0001 OK\r\n", ["ok"]), ("A0001 ok \r\n", ["ok"]),
            ("A0001\r\n", ["malformed A0001"]), ("A0001 MAYBE x\r\n", ["malformed A0001 MAYBE x"]),
            ("A0001 BYE\r\n", ["malformed A0001 BYE"]), ("* \r\n\r\nA0001 OK\n", ["ok"]),
            ("\r\n\r\n\0\0A0001 OK\r\n", ["ok"]), ("*\r\nA0001 OK []\r\n", ["ok []"]),
            ("A0001 OK [\r\n", ["ok ["]), ("A0001 OK ]x\r\n", ["ok ]x"]),
        ]
    )
    func shortAnswers(answer: String, expected: [String]) {
        Story.afterLogin(
            "",
            [.submit(.noop), "C: A0001 NOOP", .raw(answer)] + expected.map { .expected($0) }
                + [.submit(.noop), "C: A0002 NOOP"]
        ).check()
    }

    @Test(
        "A46: what is no code in the brackets stays text",
        arguments: [
            (#"A0001 NO [UNAVAIL\#rABLE] x"#, #"no [UNAVAIL\x0dABLE] x"#),
            ("A0001 NO [UNAV\u{7F}] x", #"no [UNAV\x7f] x"#),
            ("A0001 OK text with \r inside", #"ok text with \x0d inside"#),
        ]
    )
    func oddCodes(answer: String, expected: String) {
        Story.afterLogin(
            "",
            [.submit(.noop), "C: A0001 NOOP", .raw(answer + "\r\n"), .expected(expected)]
        ).check()
    }

    @Test("A46: a code that is no UTF-8 stays text")
    func invalidUTF8Code() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), "C: A0001 NOOP",
                .server(Array("A0001 NO [".utf8) + [0xFF, 0xFE] + Array("] x\r\n".utf8)),
                #"no [\xff\xfe] x"#,
            ]
        ).check()
    }

    @Test(
        "An answer to no command of ours ends the connection",
        arguments: ["A0002 OK", "a0001 OK", "A0000 NO x", "B1 BAD", " OK x"]
    )
    func desynchronised(line: String) {
        Story.afterLogin(
            "",
            [
                .submit(.noop), .submit(.noop), "C: A0001 NOOP", .raw(line + "\r\n"),
                "failed desynchronised",
            ]
        ).check()
        Story.afterLogin("", [.raw(line + "\r\n"), "failed desynchronised"]).check()
    }

    @Test("A05: the answer to a command that waits its turn cannot have come already")
    func premature() {
        Story.afterLogin(
            "",
            [
                .submit(.noop), .submit(.noop), "C: A0001 NOOP", "S: A0001 OK", "S: A0002 OK",
                "ok", "C: A0002 NOOP", "failed desynchronised",
            ]
        ).check(splits: false)
    }

    @Test("Unknown and broken responses are counted and change nothing")
    func skipped() {
        var connection = IMAPConnection(security: .preauthenticated, credential: nil)
        var rendering = Rendering()
        let lines = [
            "* PREAUTH [CAPABILITY IMAP4rev1] hi", "* XYZZY (a b", "* 5", "* 5 BIRDS", "* LIST (",
            "* LIST", "* STATUS", "* STATUS x", "* FLAGS x", "* VANISHED", "* 4294967296 EXISTS",
            "* -1 EXISTS", "* 0 EXPUNGE", "* 1 FETCH", "* ESEARCH (TAG \"x\") UID ALL 1,",
            "+ stray", "not a response at all", ")", "* SEARCH 1 2 3",
        ]
        for line in lines { rendering.add(connection.receive(Array((line + "\r\n").utf8))) }
        #expect(rendering.finish() == ["ready preauthenticated"])
        #expect(connection.skippedResponses == lines.count - 1)
    }

    // MARK: Search

    @Test("Q85: a search ends in one sorted set, however the server tells it")
    func search() {
        let answers: [([Step], String)] = [
            (["S: * SEARCH 5 3 4 9 3 0"], "search 3:5,9"),
            (["S: * SEARCH 7 ", "S: * SEARCH 8"], "search 7:8"),
            (["S: * SEARCH"], "search "),
            ([], "search "),
            (["S: * SEARCH 2 5 (MODSEQ 917162500)"], "search 2,5"),
            (
                ["S: * ESEARCH (TAG \"A0001\") UID ALL 33866,33897:33899 MODSEQ 5"],
                "search 33866,33897:33899"
            ),
            (["S: * ESEARCH (TAG \"A0001\") UID"], "search "),
            (["S: * ESEARCH UID COUNT 2 ALL 9:7,1"], "search 1,7:9"),
            (["S: * ESEARCH (TAG \"A0009\") UID ALL 5"], "search "),
            (["S: * ESEARCH (TAG \"A0001\") UID ALL 1,2 (MODSEQ 3)"], "search 1:2"),
        ]
        for (lines, expected) in answers {
            let steps: [Step] = [.submit(.uidSearch([.all])), "C: A0001 UID SEARCH ALL"]
            let end: [Step] = ["S: A0001 OK done", .expected(expected), "ok done"]
            Story.afterLogin("", steps + lines + end).check()
        }
    }

    @Test("A search that failed found nothing")
    func failedSearch() {
        Story.afterLogin(
            "ESEARCH",
            [
                .submit(.uidSearch([.messageID(Array("<a@b>".utf8)), .undeleted])),
                #"C: A0001 UID SEARCH RETURN (ALL) HEADER MESSAGE-ID "<a@b>" UNDELETED"#,
                "S: * ESEARCH (TAG \"A0001\") UID ALL 1", "S: A0001 NO [UNAVAILABLE] no",
                "no [UNAVAILABLE] no",
            ]
        ).check()
    }

    @Test("A14: a million numbers and more in one line are one range; 16 MiB end the connection")
    func longSearch() {
        let line =
            Array("* SEARCH".utf8)
            + (1...1_500_000).flatMap { Array(" \($0)".utf8) } + Array("\r\n".utf8)
        Story.afterLogin(
            "",
            [
                .submit(.uidSearch([.all])), "C: A0001 UID SEARCH ALL", .server(line),
                "S: A0001 OK", "search 1:1500000", "ok",
            ]
        ).check(splits: false)
        Story.afterLogin(
            "",
            [
                .submit(.uidSearch([.all])), "C: A0001 UID SEARCH ALL",
                .raw("* SEARCH " + String(repeating: "4", count: 17 << 20)), "failed lineTooLong",
            ]
        ).check(splits: false)
    }

    // MARK: IDLE

    @Test("A40, Q25: what comes before the + of IDLE counts as well")
    func idle() {
        Story.afterLogin(
            "IDLE",
            [
                .submit(.idle), "C: A0001 IDLE", "S: * 5 EXISTS", "S: + idling",
                "exists 5", "idling", "S: * 6 EXISTS", "S: * OK Still here", "exists 6",
                "condition OK Still here", .submit(.noop), .endIdle, "C: DONE", .endIdle,
                "S: A0001 OK done", "ok done", "C: A0002 NOOP",
            ]
        ).check()
    }

    @Test("A40: IDLE that is ended before it has begun ends as soon as it has")
    func earlyEnd() {
        Story.afterLogin(
            "IDLE",
            [
                .submit(.idle), "C: A0001 IDLE", .endIdle, "S: +", "idling", "C: DONE",
                "S: A0001 OK", "ok",
            ]
        ).check()
        Story.afterLogin(
            "IDLE",
            [
                .submit(.noop), .submit(.idle), .endIdle, "C: A0001 NOOP", "S: A0001 OK", "ok",
                "C: A0002 IDLE", "S: +", "idling", "C: DONE",
            ]
        ).check()
    }

    @Test("A server may refuse IDLE or end it by itself; without it IDLE is not sent")
    func idleRefused() {
        let start: [Step] = [.submit(.idle), "C: A0001 IDLE"]
        Story.afterLogin("IDLE", start + ["S: A0001 BAD no", "bad no", .endIdle]).check()
        Story.afterLogin("IDLE", start + ["S: + x", "idling", "S: A0001 NO x", "no x", .endIdle])
            .check()
        Story.afterLogin("", [.submit(.idle), "refused capabilityMissing", .endIdle]).check()
    }

    // MARK: Literals

    @Test("A21: a name with a line end is a literal; the wire shows one command")
    func literalName() {
        let name = MailboxName(Array("x\"\r\nA9 DELETE INBOX\r\n".utf8))
        let read: [Step] = [
            .raw("* LIST () \"/\" {21}\r\nx\"\r\nA9 DELETE INBOX\r\n\r\n"),
            #"list x"\x0d\x0aA9 DELETE INBOX\x0d\x0a delimiter /"#,
        ]
        Story.afterLogin(
            "",
            read + [
                .submit(.select(name, readOnly: false)), "C: A0001 SELECT {21}",
                "S: + go on", #"C: x""#, "C: A9 DELETE INBOX", "C: ", "S: A0001 NO", "no",
            ]
        ).check()
        Story.afterLogin(
            "LITERAL+",
            [
                .submit(.select(name, readOnly: false)), "C: A0001 SELECT {21+}", #"C: x""#,
                "C: A9 DELETE INBOX", "C: ",
            ]
        ).check()
    }

    @Test("A22: a combining mark behind a quote does not hide it")
    func combiningMark() {
        let name = MailboxName(Array("x\"\u{301}y".utf8))
        Story.afterLogin(
            "LITERAL-",
            [
                .submit(.create(name)), "C: A0001 CREATE {5+}", #"C: x"\xcc\x81y"#, "S: A0001 OK",
                "ok",
            ]
        ).check()
    }

    @Test("A literal that the server refuses is not sent")
    func refusedLiteral() {
        Story.afterLogin(
            "",
            [
                .submit(.create(MailboxName([0xE9]))), "C: A0001 CREATE {1}",
                "S: A0001 BAD no 8-bit", "bad no 8-bit", .submit(.noop), "C: A0002 NOOP",
            ]
        ).check()
    }

    @Test("A05: OK to a command that has not been sent in full is no answer")
    func prematureOK() {
        Story.afterLogin(
            "",
            [
                .submit(.create(MailboxName([0xE9]))), "C: A0001 CREATE {1}", "S: A0001 OK",
                "failed desynchronised",
            ]
        ).check()
    }

    // MARK: APPEND

    private let message = IMAPCommand.append(
        MailboxName(Array("Sent".utf8)),
        [.seen],
        DateTime(year: 2026, month: 2, day: 3, hour: 4, minute: 5, second: 6, offsetMinutes: 60),
        size: 10
    )

    @Test("APPEND waits for the server's +, then for the caller, then writes the line end")
    func append() {
        Story.afterLogin(
            "UIDPLUS",
            [
                .submit(message),
                #"C: A0001 APPEND "Sent" (\Seen) " 3-Feb-2026 04:05:06 +0100" {10}"#,
                "S: + Ready", "needsMessage", .chunk("From: a"), .chunk(""), .chunk("\r\nb"),
                "C: From: a", "C: b",
                "S: * 5 EXISTS", "S: A0001 OK [APPENDUID 38505 3955] done", "exists 5",
                "ok [APPENDUID 38505 3955] done",
            ]
        ).check()
    }

    @Test("Q13: with LITERAL+, or LITERAL- and a small message, APPEND does not wait")
    func appendUnasked() {
        for capability in ["LITERAL+", "LITERAL-"] {
            Story.afterLogin(
                capability,
                [
                    .submit(.append(.inbox, [], nil, size: 2)),
                    #"C: A0001 APPEND "INBOX" {2+}"#, "needsMessage", .chunk("hi"), "C: hi",
                ]
            ).check()
        }
        let large: [Step] = [
            .submit(.append(.inbox, [], nil, size: 4097)),
            #"C: A0001 APPEND "INBOX" {4097}"#,
        ]
        Story.afterLogin("LITERAL-", large).check()
        let huge: [Step] = [
            .submit(.append(.inbox, [], nil, size: 102_401)),
            #"C: A0001 APPEND "INBOX" {102401}"#,
        ]
        Story.afterLogin("LITERAL+", huge).check()
    }

    @Test("APPEND that is refused before the message leaves the connection usable")
    func appendRefused() {
        Story.afterLogin(
            "",
            [
                .submit(message),
                #"C: A0001 APPEND "Sent" (\Seen) " 3-Feb-2026 04:05:06 +0100" {10}"#,
                "S: A0001 NO [OVERQUOTA] full", "no [OVERQUOTA] full", .submit(.noop),
                "C: A0002 NOOP",
            ]
        ).check()
    }

    @Test("APPEND that is answered in the middle of the message costs the connection")
    func appendInterrupted() {
        Story.afterLogin(
            "LITERAL+",
            [
                .submit(.append(.inbox, [], nil, size: 5)), #"C: A0001 APPEND "INBOX" {5+}"#,
                "needsMessage", .chunk("hi"), "C~ hi", "S: A0001 NO [TOOBIG] x", "no [TOOBIG] x",
                "failed appendInterrupted temporary", .chunk("you"),
            ]
        ).check()
    }

    @Test("More of a message than announced is never written")
    func appendOverrun() {
        Story.afterLogin(
            "LITERAL+",
            [
                .submit(.append(.inbox, [], nil, size: 2)), #"C: A0001 APPEND "INBOX" {2+}"#,
                "needsMessage", .chunk("hi\r\nA9 LOGOUT"), "failed appendOverrun",
            ]
        ).check()
        Story.afterLogin("", [.chunk("hi"), "failed appendOverrun"]).check()
    }

    @Test("A32: new UIDs count only as the answer to what makes them")
    func foreignUIDs() {
        Story.afterLogin(
            "UIDPLUS MOVE",
            [
                .submit(.noop), "C: A0001 NOOP", "S: A0001 OK [APPENDUID 1 5] x", "ok x",
                .submit(.uidCopy(uids("1:2"), .inbox)), #"C: A0002 UID COPY 1:2 "INBOX""#,
                "S: A0002 OK [COPYUID 9 1:2 8,7] [COPYUID 9 1 1]",
                "ok [COPYUID 9 1:2 8,7] [COPYUID 9 1 1]",
                .submit(.uidMove(uids("1"), .inbox)), #"C: A0003 UID MOVE 1 "INBOX""#,
                "S: * OK [COPYUID 9 1 2] Moved", "S: * 1 EXPUNGE",
                "S: A0003 OK [APPENDUID 0 0]", "condition OK [COPYUID 9 1 2] Moved", "expunge 1",
                "ok [other APPENDUID 0 0]",
            ]
        ).check()
    }

    @Test("A13: a COPYUID of four thousand million messages stays two ranges")
    func hugeCopyUID() {
        Story.afterLogin(
            "",
            [
                .submit(.uidCopy(uids("1"), .inbox)), #"C: A0001 UID COPY 1 "INBOX""#,
                "S: A0001 OK [COPYUID 1 1:4294967295 1:4294967295]",
                "ok [COPYUID 1 1:4294967295 1:4294967295]",
            ]
        ).check()
    }
}
