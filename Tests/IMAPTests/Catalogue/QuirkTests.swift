// Quirks of servers by their numbers in protocols.md section 5, where no test beside the code's own
// facts covers them: what those servers send, octet for octet, and what is never sent to them.

import MailModel
import Testing

@testable import IMAP

@Suite struct QuirkTests {
    private let seven = UIDSet([UID(7)])

    /// Lines that come unasked, and what is made of them.
    private func said(_ steps: [Step], sourceLocation: SourceLocation = #_sourceLocation) {
        Story.afterLogin("", steps).check(sourceLocation: sourceLocation)
    }

    // MARK: What is never asked

    @Test("Q4, Q34, Q52, Q61, Q68, Q78: ENVELOPE is never asked, and costs nothing if it comes")
    func noEnvelope() {
        let items: [IMAPFetchItem] = [
            .uid, .flags, .internalDate, .size, .bodyStructure, .modSeq, .headerFields(["FROM"]),
            .section(""),
        ]
        let envelopes = [
            // Name and mailbox swapped, and groups (4); an unescaped quote (34).
            #"("d" "s" (("a@x" NIL "A" NIL)) ((NIL NIL "g" NIL)) NIL NIL NIL NIL NIL "<m>")"#,
            #"("d" "s" NIL NIL NIL NIL NIL NIL NIL "<a"b@x>")"#,
            // What Dovecot puts where there is no address (52), QQ's (61), Domino's (68).
            #"("d" "s" ((NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN")) NIL NIL NIL NIL NIL NIL "m")"#,
            #"("d" "s" (("a" NIL "b" "c")("a" NIL "b" NIL)) "" NIL NIL NIL NIL NIL NIL)"#,
            #"(("d" "s" NIL NIL NIL NIL NIL NIL NIL "<m>"))"#,
            // Empty lists, fields missing (78).
            #"("d" "s" () () () () () ())"#,
        ]
        for envelope in envelopes {
            Story.afterLogin(
                "CONDSTORE",
                [
                    .submit(.uidFetch(.uids(seven), items)),
                    .expected(
                        "C: A0001 UID FETCH 7 (UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE "
                            + "MODSEQ BODY.PEEK[HEADER.FIELDS (FROM)] BODY.PEEK[])"
                    ),
                    .raw("* 1 FETCH (ENVELOPE \(envelope) UID 7)\r\n"), "fetch 1 uid 7",
                ]
            ).check()
        }
    }

    @Test("Q20, Q36, Q73: SEARCH names no charset, no keyword, and no header but MESSAGE-ID")
    func plainSearch() {
        let keys: [IMAPSearchKey] = [
            .all, .uids(.uids(seven)), .messageID(Array("<a@b>".utf8)), .undeleted, .unseen,
        ]
        Story.afterLogin(
            "ESEARCH",
            [
                .submit(.uidSearch(keys)),
                .expected(
                    "C: A0001 UID SEARCH RETURN (ALL) ALL UID 7 HEADER MESSAGE-ID \"<a@b>\" "
                        + "UNDELETED UNSEEN"
                ),
                "S: A0001 NO [UNAVAILABLE] HEADER search", "no [UNAVAILABLE] HEADER search",
            ]
        ).check()
    }

    @Test("Q42: nothing is asked of Proton's bridge that it does not offer")
    func strictGating() {
        let options = IMAPListOptions(status: IMAPStatusItem.allCases)
        Story.afterLogin(
            "SPECIAL-USE LIST-STATUS",
            [
                .submit(.list(reference: [], pattern: [0x2A], options)), #"C: A0001 LIST "" "*""#,
                .submit(.uidSearch([.all])), "S: A0001 OK", "ok", "C: A0002 UID SEARCH ALL",
                "S: A0002 OK", "search ", "ok", .submit(.idle), "refused capabilityMissing",
                .submit(.uidMove(seven, .inbox)), "refused capabilityMissing",
            ]
        ).check()
    }

    @Test("Q13: one part is asked for by its number, and macros are not used")
    func wholePart() {
        Story.afterLogin(
            "LITERAL-",
            [
                .submit(.uidFetch(.uids(seven), [.section("1")])),
                "C: A0001 UID FETCH 7 (BODY.PEEK[1])",
            ]
        ).check()
    }

    // MARK: Gmail

    @Test("Q2: a flag with brackets is read, and goes back as it came")
    func brackets() throws {
        let flag = try #require(Flag(Array("[Gmail]/y".utf8)))
        said([
            #"S: * 1 FETCH (UID 7 FLAGS ([Gmail]/y a]b [x \Seen))"#,
            #"fetch 1 uid 7 flags ([Gmail]/y a]b [x \Seen)"#,
            .submit(.uidStore(seven, .add, [flag], silent: false)),
            "C: A0001 UID STORE 7 +FLAGS ([Gmail]/y)",
        ])
    }

    @Test("Q3: a multipart without children inside another is a part without children")
    func collapsed() {
        let text = #"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)"#
        said([
            .raw(
                "* 1 FETCH (UID 7 BODYSTRUCTURE (\(text)(\"ALTERNATIVE\" (\"BOUNDARY\" \"b\") "
                    + "NIL NIL)\(text) \"MIXED\"))\r\n"
            ),
            "fetch 1 uid 7 parts ,1,2,3",
        ])
    }

    @Test("Q6: a mailbox that LIST calls \\Inbox is not INBOX if that is not its name")
    func localisedInbox() {
        said([
            #"S: * LIST (\HasNoChildren \Inbox) "/" "Posteingang""#, "list Posteingang delimiter /",
            #"S: * LIST (\HasNoChildren) "/" "INBOX""#, "list INBOX delimiter / role inbox",
        ])
    }

    @Test("Q7: COPYUID may descend, and is paired by position")
    func descendingCopyUID() {
        let source = UIDSet([UID(5), UID(6)])
        Story.afterLogin(
            "",
            [
                .submit(.uidCopy(source, .inbox)), #"C: A0001 UID COPY 5:6 "INBOX""#,
                "S: A0001 OK [COPYUID 9 5,6 32,31] (Success)", "ok [COPYUID 9 5,6 32,31] (Success)",
            ]
        ).check()
    }

    @Test(
        "Q10, G11: too many logins or too much traffic is no wrong password",
        arguments: [
            "[ALERT] Account exceeded command or bandwidth limits. (Failure)",
            "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)",
            "[ALERT] Too many simultaneous connections. (Failure)", "[THROTTLED] later",
            "[LIMIT] later",
        ]
    )
    func busy(answer: String) {
        let text = answer.drop { $0 != "]" }.dropFirst(2)
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Gimap ready",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>", .raw("A0001 NO \(answer)\r\n"),
            .expected("failed authenticationFailed temporary \(text)"),
        ]).check()
    }

    @Test("Q10: a login that the account's settings forbid is not tried again, and says why")
    func forbidden() {
        for text in [
            "IMAP access is disabled for your domain.",
            "Application-specific password required: https://support.google.com/accounts",
        ] {
            Story([
                "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Gimap ready",
                "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
                .raw("A0001 NO [ALERT] \(text)\r\n"),
                .expected("failed authenticationFailed \(text)"),
            ]).check()
        }
    }

    @Test("Q11: a session that has expired can be made anew")
    func expired() {
        said([
            "S: * BYE Session expired, please login again.",
            "condition BYE Session expired, please login again.",
            "failed bye temporary Session expired, please login again.",
        ])
    }

    @Test("Q14: a name that Gmail does not like is refused for good")
    func excessWhitespace() {
        said([
            .submit(.create(MailboxName(Array("a ".utf8)))), #"C: A0001 CREATE "a ""#,
            "S: A0001 NO [CANNOT] Folder contains excess whitespace",
            "no [CANNOT] Folder contains excess whitespace",
        ])
        #expect(!IMAPResponseCode.condition(.cannot).isTemporary)
    }

    // MARK: Exchange

    @Test("Q15: a password that Exchange did not check is found out at ID or NAMESPACE")
    func unconnected() {
        let said = "BAD User is authenticated but not connected."
        for (offered, command) in [
            ("ID NAMESPACE", #"ID ("name" "mailbroker")"#), ("NAMESPACE", "NAMESPACE"),
        ] {
            Story([
                "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready",
                "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
                .raw("A0001 OK [CAPABILITY IMAP4rev1 \(offered)] done\r\n"),
                .expected("C: A0002 \(command)"), .raw("A0002 \(said)\r\n"),
                "failed authenticationFailed User is authenticated but not connected.",
            ]).check()
        }
    }

    @Test("Q16: a throttled request and a throttled login are worth another try")
    func throttled() {
        let text = "Request is throttled. Suggested Backoff Time: 299961 milliseconds"
        said([
            .submit(.noop), "C: A0001 NOOP", .raw("A0001 BAD \(text)\r\n"),
            .expected("bad [LIMIT] \(text)"),
        ])
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>", .raw("A0001 BAD \(text)\r\n"),
            .expected("failed authenticationFailed temporary \(text)"),
        ]).check()
    }

    @Test("Q17: Exchange may say goodbye without a star before and in a login")
    func unavailableAtLogin() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>", "S: Server Unavailable. 15",
            "failed bye temporary Server Unavailable. 15",
        ]).check()
        Story(["S: Server Unavailable. 15", "failed bye temporary Server Unavailable. 15"]).check()
    }

    @Test("Q21: a response code without the OK before it counts")
    func bareCode() {
        Story.afterLogin(
            "MOVE",
            [
                .submit(.uidMove(seven, .inbox)), #"C: A0001 UID MOVE 7 "INBOX""#,
                "S: * [COPYUID 9 7 31] Moved", "S: A0001 OK",
                "condition OK [COPYUID 9 7 31] Moved", "ok",
            ]
        ).check()
    }

    @Test("Q22: a COPYUID with empty sets says nothing")
    func emptyCopyUID() {
        Story.afterLogin(
            "MOVE",
            [
                .submit(.uidMove(seven, .inbox)), #"C: A0001 UID MOVE 7 "INBOX""#,
                "S: A0001 OK [COPYUID 14  ] done", "ok [other COPYUID 14] done",
            ]
        ).check()
    }

    @Test("Q23: a name with a tab that is not quoted is read, and goes back as a literal")
    func tabInName() {
        said([
            "S: * LIST (\\HasNoChildren) \"/\" a\tb c", #"list a\x09b c delimiter /"#,
            .submit(.select(MailboxName(Array("a\tb c".utf8)), readOnly: false)),
            "C: A0001 SELECT {5}", "S: + go", #"C: a\x09b c"#,
        ])
    }

    @Test("Q28: NIL for strings, a size of -1, half a disposition and empty lines are read past")
    func exchangeStructure() {
        said([
            .raw(
                "* 1 FETCH (UID 7 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL NIL -1 NIL NIL "
                    + "(\"inline\") NIL))\r\n\r\n\r\n* 2 EXISTS\r\n"
            ),
            "fetch 1 uid 7 parts 1", "exists 2",
        ])
    }

    @Test("Q29: a size that is an estimate is no error")
    func estimatedSize() {
        said([
            .submit(.uidFetch(.uids(seven), [.size, .section("")])),
            "C: A0001 UID FETCH 7 (RFC822.SIZE BODY.PEEK[])",
            .raw("* 1 FETCH (UID 7 RFC822.SIZE 9999 BODY[] {3}\r\nabc)\r\nA0001 OK\r\n"),
            "chunk abc", "fetch 1 uid 7 size 9999 [] streamed 3", "ok",
        ])
    }

    // MARK: iCloud, Yahoo, Zoho, mail.ru, QQ, Coremail

    @Test(
        "Q33: iCloud is asked for its capabilities after the login, and what it said before stays"
    )
    func mangledCapabilities() {
        Story([
            "S: * OK [CAPABILITY XAPPLEPUSHSERVICE IMAP4rev1 SASL-IR AUTH=PLAIN] ready",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY XAPPLEPUSHSERVICE IMAP4rev1 UNSELECT] in",
            "C: A0002 CAPABILITY", "S: * CAPABILITY IMAP4rev1 IDLE", "S: A0002 OK", "ready PLAIN",
            .submit(.unselect), "C: A0003 UNSELECT", "S: A0003 OK", "ok",
            .submit(.idle), "C: A0004 IDLE",
        ]).check()
    }

    @Test("Q35: NIL for the encoding of a body, and OK with nothing behind it")
    func nilEncoding() {
        said([
            .submit(.noop), "C: A0001 NOOP",
            #"S: * 1 FETCH (UID 7 BODYSTRUCTURE ("text" "plain" NIL NIL NIL NIL 5 1))"#,
            "S: A0001 OK", "fetch 1 uid 7 parts 1", "ok",
        ])
    }

    @Test("Q39: INBOX may be spelled Inbox, and messages may come in descending order")
    func yahoo() {
        said([
            #"S: * LIST () "/" "Inbox""#, "list INBOX delimiter / role inbox",
            "S: * 3 FETCH (UID 9 FLAGS ())", "S: * 2 FETCH (UID 7 FLAGS ())",
            "fetch 3 uid 9 flags ()", "fetch 2 uid 7 flags ()",
            .submit(.uidFetch(.uids(seven), [.uid])), "C: A0001 UID FETCH 7 (UID)",
            "S: A0001 NO [UNAVAILABLE] UID FETCH Server error",
            "no [UNAVAILABLE] UID FETCH Server error",
        ])
    }

    @Test("Q58: a negative mod-sequence is none, and a negative message number no message")
    func negativeNumbers() {
        said([
            "S: * 1 FETCH (UID 7 MODSEQ (-1) FLAGS ())", "S: * -1 FETCH (UID 8 FLAGS ())",
            "fetch 1 uid 7 flags ()",
        ])
    }

    @Test("Q60: a size in floating point is read, and \\Unseen is no flag")
    func mailRu() {
        said([
            #"S: * 1 FETCH (UID 7 RFC822.SIZE 9.3736e+06 FLAGS (\Unseen \Flagged))"#,
            #"fetch 1 uid 7 flags (\Flagged) size 9373600"#,
        ])
    }

    @Test("Q61: a day of one digit without the space, and a multipart with an empty part")
    func coremailQQ() {
        let text = #"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 1)"#
        said([
            #"S: * 1 FETCH (UID 7 INTERNALDATE "3-Feb-2026 04:05:06 +0100")"#,
            "fetch 1 uid 7 date 2026-02-03T04:05:06+01:00",
            .raw("* 1 FETCH (UID 7 BODYSTRUCTURE (\(text)() \"MIXED\"))\r\n"),
            "fetch 1 uid 7 parts ,1",
        ])
    }

    @Test("Q62, Q101: figures that a server leaves out are unknown")
    func figuresLeftOut() {
        said([
            #"S: * STATUS "a" ()"#, "status a messages ?", "S: * STATUS a (UNSEEN 1)",
            "status a messages ?",
        ])
    }

    @Test("Q68: a date that does not exist, and a charset of quoted-printable's octets")
    func domino() {
        said([
            #"S: * 1 FETCH (INTERNALDATE "00-Jan-0000 00:00:00 +0000" UID 7)"#,
            "fetch 1 uid 7 malformed 1",
            .raw(
                "* 1 FETCH (UID 7 BODYSTRUCTURE (\"text\" \"plain\" (\"charset\" "
                    + "3D\"Windows-1252\") NIL NIL \"7bit\" 5 1))\r\n"
            ),
            "fetch 1 uid 7 parts 1",
        ])
    }

    // MARK: Dovecot, Courier, Cyrus

    @Test("Q54: a message number of 0 costs nothing, for the UID says which message it is")
    func numberZero() {
        said(["S: * 0 FETCH (UID 7 FLAGS ())", "fetch 0 uid 7 flags ()"])
    }

    @Test("Q56: SEARCH may answer what asked for ESEARCH, and a mailbox that went is a BYE")
    func cyrusSearch() {
        Story.afterLogin(
            "ESEARCH",
            [
                .submit(.uidSearch([.all])), "C: A0001 UID SEARCH RETURN (ALL) ALL",
                "S: * SEARCH 3 1", "S: A0001 OK", "search 1,3", "ok",
                "S: * BYE Fatal error: Mailbox has been (re)moved",
                "condition BYE Fatal error: Mailbox has been (re)moved",
                "failed bye temporary Fatal error: Mailbox has been (re)moved",
            ]
        ).check()
    }

    @Test("Q99: nothing follows the password before its answer, and a second answer is the end")
    func secondAnswer() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Cyrus IMAP 3.6.1",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1] in", "ready PLAIN",
            "S: A0001 BAD Already authenticated", "failed desynchronised",
        ]).check()
    }

    @Test("Q100: a command that is submitted before the login is done is not written")
    func nothingBehindLogin() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Courier-IMAP ready.",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>", .submit(.noop), "refused notReady",
            "S: A0001 OK [CAPABILITY IMAP4rev1] in", "ready PLAIN", .submit(.noop),
            "C: A0003 NOOP",
        ]).check()
    }

    @Test("Q101: UIDs that do not exist are no error, and a copy of them has no COPYUID")
    func missingUIDs() {
        Story.afterLogin(
            "UIDPLUS",
            [
                .submit(.uidFetch(.from(UID(1000)), [.uid])), "C: A0001 UID FETCH 1000:* (UID)",
                "S: A0001 OK FETCH completed.", "ok FETCH completed.",
                .submit(.uidCopy(seven, .inbox)), #"C: A0002 UID COPY 7 "INBOX""#,
                "S: A0002 OK COPY completed.", "ok COPY completed.",
            ]
        ).check()
    }

    @Test("Q102: \\Recent among the flags, a short structure, and IDLE that junk has ended")
    func courier() {
        Story.afterLogin(
            "IDLE",
            [
                .raw("* 1 FETCH (UID 7 FLAGS (\\Recent \\Seen) "),
                .raw("BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1))\r\n"),
                #"fetch 1 uid 7 flags (\Recent \Seen) parts 1"#,
                .submit(.idle), "C: A0001 IDLE", "S: + entering idle mode", "idling",
                "S: A0001 NO Error in IMAP command", "no Error in IMAP command", .endIdle,
                .submit(.noop), "C: A0002 NOOP",
            ]
        ).check()
    }

    @Test("Q103: lower-case roles, news inside an answer, PREVIEW NIL, items in another order")
    func cyrus() {
        said([
            #"S: * LIST (\HasNoChildren \sent) "/" Sent"#, "list Sent delimiter / role sent",
            .submit(.uidFetch(.uids(seven), [.uid, .flags])), "C: A0001 UID FETCH 7 (UID FLAGS)",
            "S: * 3 FETCH (FLAGS () MODSEQ (12))", "S: * VANISHED 5",
            "S: * 1 FETCH (PREVIEW NIL FLAGS () UID 7)", "S: A0001 OK",
            "fetch 3 flags () modseq 12", "vanished 5", "fetch 1 uid 7 flags ()", "ok",
        ])
    }

    // MARK: Various

    @Test("Q46: a namespace may have no delimiter")
    func namespaceWithoutDelimiter() {
        var connection = IMAPConnection(security: .preauthenticated, credential: nil)
        _ = connection.receive(Array("* PREAUTH [CAPABILITY NAMESPACE] hi\r\n".utf8))
        let actions = connection.receive(
            Array("* NAMESPACE ((\"\" NIL)) NIL NIL\r\nA0001 OK\r\n".utf8)
        )
        guard case .ready(let summary)? = actions.last else {
            Issue.record("not ready: \(actions)")
            return
        }
        #expect(summary.namespaces?.personal == [IMAPNamespace(prefix: [], delimiter: nil)])
    }

    @Test("Q47: a mailbox may be called NIL, hold wildcards, or begin with the delimiter")
    func oddNames() {
        for name in ["NIL", "a*%/b", "/x"] {
            said([
                .raw("* LIST () \"/\" \(name)\r\n"), .expected("list \(name) delimiter /"),
                .submit(.select(MailboxName(Array(name.utf8)), readOnly: false)),
                .expected("C: A0001 SELECT \"\(name)\""),
            ])
        }
    }

    @Test("Q63, Q79: a literal that is shorter than its content costs that message alone")
    func shortLiteral() {
        said([
            .submit(.uidFetch(.uids(seven), [.uid, .section("1")])),
            "C: A0001 UID FETCH 7 (UID BODY.PEEK[1])",
            .raw("* 1 FETCH (UID 7 BODY[1] {5}\r\nhello\r\n)\r\n* 2 EXISTS\r\nA0001 OK\r\n"),
            "chunk hello", "fetch 1 uid 7 [1] streamed 5 malformed 1", "exists 2", "ok",
        ])
    }

    @Test("Q72: an invalid BODYSTRUCTURE costs itself")
    func invalidStructure() {
        for structure in ["()", "NIL", "5", #""x""#] {
            said([
                .raw("* 1 FETCH (BODYSTRUCTURE \(structure) UID 7)\r\n"),
                "fetch 1 uid 7 malformed 1",
            ])
        }
    }

    @Test("Q75: a + that nobody waits for is read past")
    func strayContinuation() {
        said([
            "S: + ", "S: +", .submit(.noop), "C: A0001 NOOP", "S: + T0sgZ28gYWhlYWQ=",
            "S: A0001 OK", "ok",
        ])
    }

    @Test("Q76: LITERAL + with a space offers nothing, and what stands behind it counts")
    func spaceInCapability() {
        Story.afterLogin(
            "LITERAL + IDLE",
            [
                .submit(.create(MailboxName([0xE9]))), "C: A0001 CREATE {1}", "S: A0001 BAD no",
                "bad no", .submit(.idle), "C: A0002 IDLE",
            ]
        ).check()
    }

    @Test("Q77: NULs before a response, a lone CR, and a quote that does not close")
    func odd() {
        said([
            .raw("\0\0* 2 EXISTS\r\n* OK a\rb\r\n* LIST () \"/\" \"unclosed\r\n* 3 EXISTS\r\n"),
            "exists 2", #"condition OK a\x0db"#, "list unclosed delimiter /", "exists 3",
        ])
    }

    @Test("Q82: UIDNEXT, UNSEEN and UIDVALIDITY of 0 are read, and PERMANENTFLAGS may be absent")
    func zeros() {
        said([
            .submit(.select(.inbox, readOnly: false)), #"C: A0001 SELECT "INBOX""#,
            "S: * OK [UIDNEXT 0] x", "S: * OK [UNSEEN 0] x", "S: * OK [UIDVALIDITY 0] x",
            "S: A0001 OK", "condition OK [uidNext(0)] x", "condition OK [unseen(0)] x",
            "condition OK [UIDVALIDITY 0] x", "ok",
        ])
    }

    @Test("Q83: THREADID NIL, no flags as NIL, and flags in quotes")
    func nilFlags() {
        said([
            "S: * 1 FETCH (THREADID NIL FLAGS NIL UID 7)", "fetch 1 uid 7 flags ()",
            #"S: * 1 FETCH (FLAGS ("\\Seen" "x") UID 7)"#, #"fetch 1 uid 7 flags (\Seen x)"#,
        ])
    }
}
