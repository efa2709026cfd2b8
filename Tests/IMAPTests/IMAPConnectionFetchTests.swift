// FETCH through the whole machine: contents that are streamed, contents that are not, and sizes
// that no server should name.

import MailModel
import SASL
import Testing

@testable import IMAP

@Suite struct IMAPConnectionFetchTests {
    private let one = IMAPMessageSet.uids(UIDSet([UID(7)]))

    private func fetchBody(_ steps: [Step]) -> Story {
        Story.afterLogin(
            "",
            [
                .submit(.uidFetch(one, [.uid, .section("1.2")])),
                "C: A0001 UID FETCH 7 (UID BODY.PEEK[1.2])",
            ] + steps
        )
    }

    @Test("A body goes out as chunks, and the data behind them says whose it was")
    func body() {
        fetchBody([
            .raw("* 5 FETCH (BODY[1.2] {12}\r\nA0001 OK\r\n)( UID 7)\r\nA0001 OK done\r\n"),
            #"chunk A0001 OK\x0d\x0a)("#, "fetch 5 uid 7 [1.2] streamed 12", "ok done",
        ]).check()
    }

    @Test("Q59: quoted strings, NIL and nothing at all take the same path")
    func otherContents() {
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2] \"a\\\"b\")\r\n"), #"chunk a"b"#,
            "fetch 5 uid 7 [1.2] streamed 3",
        ]).check()
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2] NIL)\r\n"), "fetch 5 uid 7 [1.2] absent",
        ]).check()
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2] \"\")\r\n"), "fetch 5 uid 7 [1.2] streamed 0",
        ]).check()
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2])\r\n"), "fetch 5 uid 7 malformed 1",
        ]).check()
    }

    @Test("A31: an empty body and a body that begins with an empty line")
    func emptyBody() {
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2] {0}\r\n)\r\n"), "fetch 5 uid 7 [1.2] streamed 0",
        ]).check()
        fetchBody([
            .raw("* 5 FETCH (UID 7 BODY[1.2] {4}\r\n\r\nx\n)\r\n"), #"chunk \x0d\x0ax\x0a"#,
            "fetch 5 uid 7 [1.2] streamed 4",
        ]).check()
    }

    @Test("Q81: partial contents say where they begin, also as <0.1024>")
    func partial() {
        Story.afterLogin(
            "",
            [
                .submit(
                    .uidFetch(
                        one,
                        [.section("", partial: IMAPPartial(offset: 5, count: 1024))]
                    )
                ),
                "C: A0001 UID FETCH 7 (BODY.PEEK[]<5.1024>)",
                .raw(
                    "* 1 FETCH (BODY[]<5> {2}\r\nab UID 7)\r\n* 1 FETCH (BODY[]<5.1024> \"c\")\r\n"
                ),
                "chunk ab", "fetch 1 uid 7 []<5> streamed 2", "chunk c", "fetch 1 []<5> streamed 1",
            ]
        ).check()
    }

    @Test("Q102: header fields come inline, whatever the server calls them")
    func headers() {
        let items: [IMAPFetchItem] = [
            .uid, .flags, .internalDate, .size, .headerFields(["FROM", "Message-ID"]),
            .section("HEADER"),
        ]
        Story.afterLogin(
            "",
            [
                .submit(.uidFetch(.from(UID(9)), items)),
                .expected(
                    "C: A0001 UID FETCH 9:* (UID FLAGS INTERNALDATE RFC822.SIZE "
                        + "BODY.PEEK[HEADER.FIELDS (FROM Message-ID)] BODY.PEEK[HEADER])"
                ),
                .raw("* 2 FETCH (UID 9 BODY[HEADER.FIELDS (\"MESSAGE-ID\" \"FROM\")] {11}\r\n"),
                .raw("From: a\r\n\r\n BODY[HEADER] {3}\r\nabc FLAGS (\\Seen))\r\nA0001 OK\r\n"),
                "chunk abc",
                #"fetch 2 uid 9 flags (\Seen) headers From: a\x0d\x0a\x0d\x0a [HEADER] streamed 3"#,
                "ok",
            ]
        ).check()
    }

    @Test("A09: nothing is allocated from an announced size")
    func hugeBody() {
        fetchBody([
            .raw("* 1 FETCH (BODY[1.2] {4294967295}\r\n0123456789"), .closed, "chunk 0123456789",
            "failed connectionClosed temporary",
        ]).check()
        fetchBody([
            .raw("* 1 FETCH (BODY[1.2] {4294967297}\r\n"), "failed literalTooLarge",
        ]).check()
    }

    @Test("A09: a body that nobody asked for is small or an error")
    func unaskedBody() {
        Story.afterLogin(
            "",
            [
                .raw("* 1 FETCH (BODY[TEXT] {3}\r\nabc)\r\n"), "fetch 1 [TEXT] inline abc",
                .raw("* 1 FETCH (BODY[] {65537}\r\n"), "failed literalTooLarge",
            ]
        ).check()
    }

    @Test("A17: no other literal may be large")
    func hugeStatus() {
        Story.afterLogin(
            "",
            [.raw("* STATUS {999999999}\r\n"), "failed literalTooLarge"]
        ).check()
        fetchBody([
            .raw("* LIST () \"/\" {65537}\r\n"), "failed literalTooLarge",
        ]).check()
    }

    @Test("Header fields beyond their limit cost that message its headers, and nothing else")
    func hugeHeaders() {
        let size = Int(IMAPLimits.messageDataOctetsMax) + 1
        Story.afterLogin(
            "",
            [
                .raw("* 1 FETCH (UID 3 BODY[HEADER.FIELDS (TO)] {\(size)}\r\n"),
                .server([UInt8](repeating: UInt8(ascii: "x"), count: size)),
                .raw(" FLAGS ())\r\n* 2 EXISTS\r\n"), "fetch 1 uid 3 flags () headers  malformed 1",
                "exists 2",
            ]
        ).check(splits: false)
    }

    @Test(
        "A10: literals whose size is no number end the connection",
        arguments: [
            "18446744073709551616", "-1", "1e3", "", " 1", "1 ", "+", "99999999999999999999999",
        ]
    )
    func literalSizes(size: String) {
        Story.afterLogin(
            "",
            [.raw("* 1 FETCH (BODY[] {\(size)}\r\nx)\r\n"), "failed invalidLiteral"]
        ).check()
    }

    @Test("A10: {1+} is the client's form and is understood")
    func clientLiteral() {
        Story.afterLogin(
            "",
            [
                .raw("* 1 FETCH (BODY[] {1+}\r\nx BODY[1] ~{2}\r\n\0y)\r\n"),
                #"fetch 1 [] inline x [1] inline \x00y"#,
            ]
        ).check()
    }

    @Test("A11: a thousand literals are enough, and the time to see that is linear")
    func manyLiterals() {
        let literal = "{1}\r\nx"
        Story.afterLogin(
            "",
            [
                .raw("* LIST (" + String(repeating: literal, count: 200_000)),
                "failed tooManyLiterals",
            ]
        ).check(splits: false)
    }

    @Test("A12: a line without end is stopped at its limit, and memory stays flat")
    func endlessLine() {
        var connection = IMAPConnection(security: .preauthenticated, credential: nil)
        _ = connection.receive(Array("* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n* ".utf8))
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024)
        var received = 0
        var failure: IMAPError.Code?
        while failure == nil, received < 5 << 20 {
            for case .failed(let error) in connection.receive(block) { failure = error.code }
            received += block.count
        }
        #expect(failure == .lineTooLong)
        #expect(received <= IMAPLimits.lineOctetsMax + block.count)
        #expect(connection.receive(block).isEmpty)
    }

    @Test("A35, Q39, Q54: no command but the first window's speaks of message numbers")
    func onlyUIDs() {
        Story.afterLogin(
            "MOVE UIDPLUS",
            [
                .submit(.fetch(1...200, [.uid, .modSeq])), "C: A0001 FETCH 1:200 (UID)",
                .submit(.uidStore(UIDSet([UID(5)]), .add, [.seen, .flagged], silent: true)),
                "S: * 3 EXPUNGE", "S: A0001 OK", "expunge 3", "ok",
                #"C: A0002 UID STORE 5 +FLAGS.SILENT (\Seen \Flagged)"#,
                "S: * 2 EXPUNGE", "S: A0002 OK [MODIFIED 5]", "expunge 2", "ok [MODIFIED 5]",
                .submit(.uidExpunge(UIDSet([UID(5), UID(6)]))), "C: A0003 UID EXPUNGE 5:6",
            ]
        ).check()
    }

    @Test("A16: numbers that cannot be are read, and nothing is allocated for them")
    func impossibleNumbers() {
        Story.afterLogin(
            "",
            [
                "S: * 4294967295 EXISTS", "S: * 0 EXPUNGE", "S: * 77 EXPUNGE",
                "S: * 4294967295 FETCH (UID 4294967295)", "exists 4294967295", "expunge 77",
                "fetch 4294967295 uid 4294967295",
            ]
        ).check()
    }

    @Test("A43: cut at any octet, the machine says so and nothing half")
    func cutAnywhere() {
        let turn = Array(
            "* 5 FETCH (UID 7 BODY[1.2] {5}\r\nhello FLAGS (\\Seen))\r\n* 9 EXISTS\r\nA0001 OK\r\n"
                .utf8
        )
        for end in 0..<turn.count {
            let lines = fetchBody([.server(Array(turn[..<end])), .closed]).play(.whole)
            #expect(lines.last == "failed connectionClosed temporary")
            #expect(lines.filter { $0.utf8.starts(with: "fetch".utf8) }.count <= 1)
        }
    }
}
