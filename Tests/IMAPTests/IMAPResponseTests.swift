// Interpreters as tables: one line in, what it means out. The lines are from the RFCs and from the
// quirks of protocols.md section 5.

import MailModel
import Testing

@testable import IMAP

@Suite struct IMAPResponseTests {
    private func response(_ text: String) throws -> IMAPResponse {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        framer.receive(Array((text + "\r\n").utf8))
        guard case .response(let frame)? = try framer.next() else {
            throw IMAPError(.invalidGreeting)
        }
        return IMAPResponse(frame)
    }

    private func rendered(_ text: String) throws -> String {
        switch try response(text) {
        case .untagged(let data): Rendering.text(of: data)
        case .search(let ranges, _): "search " + Rendering.text(UIDSet(ranges: ranges).octets)
        case .continuation(let text): "+ " + Rendering.text(text)
        case .tagged(let tag, let condition):
            "tagged \(Rendering.text(tag)) \(condition.map { $0.kind.rawValue } ?? "?")"
        case .skipped: "skipped"
        }
    }

    @Test(
        "A25: mailboxes of LIST, each with its own delimiter, whatever that is",
        arguments: [
            (#"* LIST (\Noselect) "/" ~/Mail/foo"#, "list ~/Mail/foo delimiter /"),
            (#"* LIST () NIL INBOX"#, "list INBOX delimiter none role inbox"),
            (#"* LIST () "." inbox"#, "list INBOX delimiter . role inbox"),
            (#"* LIST () "\\" "a\\b""#, #"list a\b delimiter \"#),
            (#"* LIST () "\"" x"#, #"list x delimiter ""#),
            (#"* LIST () "ab" x"#, "list x delimiter none"),
            (#"* LIST () "" x"#, "list x delimiter none"),
            (#"* LIST () "/" NIL"#, "list NIL delimiter /"),
            (#"* LIST () "/" """#, "list  delimiter /"),
            (#"* LIST (\sent) "/" Gesendet"#, "list Gesendet delimiter / role sent"),
            (#"* LIST (\HasChildren \Junk) "/" a"#, "list a delimiter / role junk"),
            (
                #"* XLIST (\AllMail) "/" "[Gmail]/All Mail""#,
                "list [Gmail]/All Mail delimiter / role all"
            ),
            (
                #"* LIST (\UnMarked) "." INBOX.[Airmail].Snooze"#,
                "list INBOX.[Airmail].Snooze delimiter ."
            ),
            (#"* LIST () "." a.[b"#, "list a.[b delimiter ."),
            (#"* LIST () "/" two words "#, "list two words delimiter /"),
            ("* LIST () \"/\" a\tb", #"list a\x09b delimiter /"#),
            (#"* LIST () "/" a(b) c"#, "list a(b) c delimiter /"),
            (#"* LIST () "/" a ("CHILDINFO" ("SUBSCRIBED"))"#, "list a delimiter /"),
            (#"* LIST () "/" "a" ("CHILDINFO" ("SUBSCRIBED"))"#, "list a delimiter /"),
            (#"* LIST NIL "/" a"#, "list a delimiter /"),
            (#"* LIST (\NonExistent "\\Sent") "/" a"#, "list a delimiter / role sent"),
            (#"* LIST () "/" "unclosed"#, "list unclosed delimiter /"),
            (#"* LIST () "/""#, "skipped"), ("* LIST", "skipped"), ("* LSUB () \"/\" a", "skipped"),
            ("* LIST () \"/\" {3}\r\na\"b", #"list a"b delimiter /"#),
        ]
    )
    func list(line: String, expected: String) throws {
        #expect(try rendered(line) == expected)
    }

    @Test("What LIST says besides the name")
    func listAttributes() throws {
        let line = #"* LIST (\NoSelect \HasNoChildren \Subscribed) "/" x"#
        guard case .untagged(.list(let entry)) = try response(line) else {
            Issue.record("no entry")
            return
        }
        #expect(!entry.isSelectable)
        #expect(entry.hasChildren == false)
        #expect(entry.isSubscribed)
        #expect(entry.role == nil)
        #expect(IMAPListEntry(name: .inbox, delimiter: nil).hasChildren == nil)
    }

    @Test("A20, A23: names are octets: no path, no normal form")
    func opaqueNames() throws {
        let names = [
            "../../.ssh/x", "/etc/cron.d/x", "a/../../b", "..", "a//b", "caf\u{e9}", "cafe\u{301}",
            "K", "\u{212A}",
        ]
        var seen: Set<MailboxName> = []
        for name in names {
            guard case .untagged(.list(let entry)) = try response("* LIST () \"/\" \"\(name)\"")
            else {
                Issue.record("no entry for \(name)")
                continue
            }
            #expect(entry.name.octets == Array(name.utf8))
            seen.insert(entry.name)
        }
        #expect(seen.count == names.count)
        let long = String(repeating: "x", count: 10_000)
        #expect(try rendered("* LIST () \"/\" \(long)") == "skipped")
    }

    @Test(
        "STATUS",
        arguments: [
            (
                "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)",
                "status blurdybloop messages 231"
            ),
            (#"* STATUS "a b" ()"#, "status a b messages ?"),
            ("* STATUS a b (MESSAGES 1)", "status a b messages 1"),
            ("* STATUS a(b) (MESSAGES 1)", "status a(b) messages 1"),
            ("* STATUS a (MESSAGES 4294967296)", "status a messages ?"),
            ("* STATUS a (MESSAGES NIL X (1 2) UNSEEN 5)", "status a messages ?"),
            ("* STATUS a (MESSAGES -1)", "status a messages ?"),
            ("* STATUS a", "skipped"), ("* STATUS", "skipped"),
            ("* STATUS a (MESSAGES 1", "skipped"),
        ]
    )
    func status(line: String, expected: String) throws {
        #expect(try rendered(line) == expected)
    }

    @Test(
        "QUOTA",
        arguments: [
            (
                #"* QUOTA "User quota" (STORAGE 96 100 MESSAGE 7 1000)"#,
                "quota User quota STORAGE 96/100 MESSAGE 7/1000"
            ),
            (#"* QUOTA "" (STORAGE 1 99999999999999999999)"#, "quota  STORAGE 1/\(UInt64.max)"),
            (#"* QUOTA "" ()"#, "quota  "), (#"* QUOTA "" (STORAGE x 1)"#, "skipped"),
            (#"* QUOTA "" (STORAGE 1)"#, "skipped"), ("* QUOTA", "skipped"),
            ("* QUOTAROOT INBOX \"\"", "skipped"),
        ]
    )
    func quota(line: String, expected: String) throws {
        #expect(try rendered(line) == expected)
    }

    @Test("Every figure of STATUS")
    func statusFigures() throws {
        let line =
            "* STATUS a (messages 1 RECENT 2 UIDNEXT 3 UIDVALIDITY 0 UNSEEN 5 HIGHESTMODSEQ 6 "
            + "SIZE 7 MAILBOXID (F1))"
        guard case .untagged(.status(let status)) = try response(line) else {
            Issue.record("no status")
            return
        }
        #expect(status.messages == 1)
        #expect(status.recent == 2)
        #expect(status.uidNext == 3)
        #expect(status.uidValidity == UIDValidity(0))
        #expect(status.unseen == 5)
        #expect(status.highestModSeq == 6)
        #expect(status.size == 7)
    }

    @Test(
        "A15: VANISHED takes sets and nothing else",
        arguments: [
            ("300:310,405", "vanished 300:310,405"), ("(EARLIER) 41", "vanished earlier 41"),
            ("(earlier) 5:3", "vanished earlier 5:3"), ("1,", "skipped"), ("1:", "skipped"),
            (":5", "skipped"), ("0", "skipped"), ("*", "skipped"), ("1:*", "skipped"),
            ("(EARLIER)", "skipped"), ("(EARLIER 5", "skipped"), ("5 6", "skipped"),
            ("", "skipped"),
            ("4294967296", "skipped"), ("99999999999999999999", "skipped"),
        ]
    )
    func vanished(text: String, expected: String) throws {
        #expect(try rendered("* VANISHED " + text) == expected)
    }

    @Test(
        "A30, A32: numbers, conditions and the odd ones",
        arguments: [
            ("* 4294967295 EXISTS", "exists 4294967295"), ("* 0 EXISTS", "exists 0"),
            ("* 18446744073709551616 EXISTS", "skipped"), ("* 0 RECENT", "recent 0"),
            ("* 5 exists", "exists 5"), ("* 1 UIDFETCH (X)", "skipped"),
            ("* [COPYUID 1 2 3]", "condition OK [COPYUID 1 2 3]"),
            ("* OK [COPYUID 14  ]", "condition OK [other COPYUID 14]"),
            (
                "* OK [COPYUID 1234567890 1:5 100:*] x",
                "condition OK [other COPYUID 1234567890 1:5 100:*] x"
            ),
            ("* OK [COPYUID 0 35 41] x", "condition OK [other COPYUID 0 35 41] x"),
            ("* OK [COPYUID 1 1:3 1:2] x", "condition OK [other COPYUID 1 1:3 1:2] x"),
            ("* OK [UIDNEXT 0]", "condition OK [uidNext(0)]"),
            ("* OK [HIGHESTMODSEQ 0]", "condition OK [other HIGHESTMODSEQ 0]"),
            (
                "* OK [HIGHESTMODSEQ 9223372036854775808]",
                "condition OK [other HIGHESTMODSEQ 9223372036854775808]"
            ),
            ("* OK [NOMODSEQ] x", "condition OK [noModSeq] x"),
            (
                #"* OK [PERMANENTFLAGS (\Seen a]b [x)] y"#,
                #"condition OK [PERMANENTFLAGS (\Seen a]b [x)] y"#
            ),
            (#"* OK [PERMANENTFLAGS ()] y"#, "condition OK [PERMANENTFLAGS ()] y"),
            ("* OK [BADCHARSET (UTF-8)] y", "condition OK [badCharset] y"),
            ("* NO [unavailable] y", "condition NO [UNAVAILABLE] y"),
            ("* OK [LITERAL + X] y", "condition OK [other LITERAL + X] y"),
            ("* OK  two  spaces", "condition OK two  spaces"),
            (#"* FLAGS (\Answered $X [Gmail]/y)"#, #"flags (\Answered $X [Gmail]/y)"#),
            ("* FLAGS NIL", "flags ()"), (#"* FLAGS (\* "q" (a b) c)"#, "flags (q c)"),
            (
                "* CAPABILITY IMAP4rev1 LITERAL + AUTH=PLAIN",
                "capability + AUTH=PLAIN IMAP4REV1 LITERAL"
            ),
            ("* ID NIL", "id "), (#"* ID ("name" NIL)"#, "id name="),
            (#"* NAMESPACE NIL NIL (("#, "namespace 0 0 0"),
            (#"* NAMESPACE (("" NIL)("#, "namespace 1 0 0"),
            ("+ go ahead", "+ go ahead"), ("+", "+ "), ("+idling", "+ idling"),
            ("A1 OK", "tagged A1 OK"), ("A1 PREAUTH", "tagged A1 ?"), ("A1", "tagged A1 ?"),
            ("* SEARCH 1 2 x", "skipped"), ("* SEARCH -1", "skipped"),
            ("* SEARCH 7456 ", "search 7456"),
        ]
    )
    func others(line: String, expected: String) throws {
        #expect(try rendered(line) == expected)
    }

    @Test(
        "A28, A30: FETCH items, each for itself",
        arguments: [
            ("UID 5", "uid 5"), ("UID 0", "malformed 1"), ("UID \"5\"", "uid 5"),
            ("UID 4294967296", "malformed 1"), ("UID", "malformed 1"), ("", ""),
            (#"FLAGS (\Seen \seen junk)"#, #"flags (\Seen \Seen junk)"#), ("FLAGS NIL", "flags ()"),
            ("FLAGS 5 UID 6", "uid 6 malformed 1"),
            ("RFC822.SIZE 44", "size 44"), ("RFC822.SIZE -1", "size 0"),
            ("RFC822.SIZE 9.3736e+06", "size 9373600"), ("RFC822.SIZE x", "malformed 1"),
            ("MODSEQ (12121231000)", "modseq 12121231000"), ("MODSEQ 5", "malformed 1"),
            ("MODSEQ (-1) UID 3", "uid 3"), ("MODSEQ (-x) UID 3", "uid 3 malformed 1"),
            ("MODSEQ (0)", "malformed 1"),
            ("MODSEQ (9223372036854775808)", "malformed 1"),
            ("MODSEQ (9223372036854775807)", "modseq 9223372036854775807"),
            ("MODSEQ (18446744073709551616)", "malformed 1"),
            ("MODSEQ (999999999999999999999999999999)", "malformed 1"),
            (#"INTERNALDATE " 3-Feb-2026 04:05:06 +0100""#, "date 2026-02-03T04:05:06+01:00"),
            (#"INTERNALDATE "3-feb-2026 04:05:06 -0730""#, "date 2026-02-03T04:05:06-07:30"),
            (#"INTERNALDATE "17-Jul-1996 02:44:25""#, "date 1996-07-17T02:44:25Z"),
            (#"INTERNALDATE "00-Jan-0000 00:00:00 +0000" UID 2"#, "uid 2 malformed 1"),
            (#"INTERNALDATE "25-Jun-199401:02:03+1020""#, "malformed 1"),
            (#"INTERNALDATE "25-Jun-1994 01:02:03 +9999""#, "malformed 1"),
            (
                "X-GM-LABELS (\\Inbox \"a b\") X-GM-MSGID 12 UID 3",
                "uid 3 email 12 labels \\Inbox,a b"
            ),
            (
                #"X-GM-LABELS ("\\Important" [x]/y "q\"" {2}"# + "\r\nab) UID 3",
                #"uid 3 labels \Important,[x]/y,q",ab"#
            ),
            ("X-GM-LABELS () UID 3", "uid 3 labels "), ("X-GM-LABELS NIL UID 3", "uid 3 labels "),
            ("X-GM-LABELS (a () b) X-GM-THRID 7 UID 3", "uid 3 thread 7 labels a,b"),
            ("X-GM-LABELS 5 UID 3", "uid 3 malformed 1"),
            ("X-GM-MSGID \"a b\" UID 3", "uid 3 malformed 1"),
            ("EMAILID M1 UID 3", "uid 3 malformed 1"), ("EMAILID () UID 3", "uid 3 malformed 1"),
            ("ENVELOPE ((NIL NIL \"g\" NIL)) UID 3", "uid 3"),
            ("ENVELOPE (\"a\" (((((())))))) UID 3", "uid 3"),
            ("BODY[1] NIL", "[1] absent"), (#"BODY[]<0> "x""#, "[]<0> inline x"),
            ("RFC822.HEADER {2}\r\nab UID 1", "uid 1 [HEADER] inline ab"),
            ("RFC822 NIL", "[] absent"), ("BODY[HEADER.FIELDS (A)] NIL", "headers "),
            (#"BODY[HEADER.FIELDS ("A" "B]")] "x: y" UID 1"#, "uid 1 headers x: y"),
            ("BODY[HEADER.FIELDS (A B UID 1", "malformed 2"),
            ("BINARY.SIZE[3] 4 UID 1", "uid 1"), ("(a b) UID 1", "uid 1 malformed 1"),
            (
                "THREADID NIL EMAILID (M1) PREVIEW \"x\" SAVEDATE NIL UID 1",
                "uid 1 email M1"
            ),
        ]
    )
    func fetch(items: String, expected: String) throws {
        let text = try rendered("* 7 FETCH (\(items))")
        #expect(text == (expected.isEmpty ? "fetch 7" : "fetch 7 " + expected))
    }

    @Test("A FETCH that is cut or glued together keeps what it has")
    func oddFetch() throws {
        #expect(try rendered("* 7 FETCH(UID 5)") == "fetch 7 uid 5")
        #expect(try rendered("* 7 FETCH (UID 5") == "fetch 7 uid 5 malformed 1")
        #expect(try rendered("* 7 FETCH (UID 5 X \"abc") == "fetch 7 uid 5 malformed 1")
        #expect(try rendered("* 0 FETCH (UID 5)") == "fetch 0 uid 5")
        #expect(try rendered("* 7 FETCH (UID 5))) z") == "fetch 7 uid 5")
        #expect(try rendered("* 7 FETCH") == "skipped")
        #expect(try rendered("* 7 FETCH UID 5") == "skipped")
    }

    @Test("A18: monstrous values cost only themselves")
    func monstrousFetch() throws {
        let digits = String(repeating: "9", count: 500)
        #expect(
            try rendered("* 7 FETCH (RFC822.SIZE \(digits) UID 1)")
                == "fetch 7 uid 1 size 18446744073709551615"
        )
        let date = String(repeating: "1", count: 10_000)
        #expect(
            try rendered("* 7 FETCH (INTERNALDATE \"\(date)\" UID 1)")
                == "fetch 7 uid 1 malformed 1"
        )
        let flags = String(repeating: "x ", count: 100_000)
        #expect(try rendered("* 7 FETCH (FLAGS (\(flags)) UID 1)") == "fetch 7 uid 1 malformed 1")
    }

    @Test("A29: bare CR, NUL and 8-bit octets in quoted strings are kept as they are")
    func rawOctets() throws {
        #expect(
            try rendered("* LIST () \"/\" \"a\rb\0c\u{e9}\"")
                == #"list a\x0db\x00c\xc3\xa9 delimiter /"#
        )
    }

    @Test("Brackets that never close are read in linear time")
    func openBrackets() throws {
        let clock = ContinuousClock()
        let line = "* 7 FETCH (" + String(repeating: "BODY[ ", count: 170_000) + ")"
        let elapsed = try clock.measure { _ = try rendered(line) }
        #expect(elapsed < .seconds(5))
    }
}
