// The rows of reliability.md 2.B that concern a message under way; those of the login, of replies
// and of the body stand with what they test.

import MailModel
import SMTP
import Testing

@Suite struct SMTPCatalogueTests {
    static let upToData = """
        D: submit a@x -> b@x
        C: MAIL FROM:<a@x>
        C: RCPT TO:<b@x>
        S: 250 ok
        S: 250 ok
        C: DATA

        """
    static let upToDot =
        upToData + """
            S: 354 go
            E: needsBody
            D: body hi\\n
            C: hi
            D: end
            C: .

            """

    @Test(
        "B07: anything but 354 or a refusal after DATA ends the session before the message",
        arguments: [250, 220, 221, 251, 334, 355]
    )
    func noGoAhead(_ code: Int) throws {
        let story =
            Self.upToData + """
                S: \(code) ok
                E: completed deferred in data; b@x withheld; data unexpectedReply temporary \(code)
                E: failed data unexpectedReply temporary \(code)
                """
        #expect(try playReady(story) == lines(story))
    }

    @Test(
        "B07: a second reply after 354 ends the session before the dot",
        arguments: [250, 354, 554]
    )
    func twice(_ code: Int) throws {
        let story =
            Self.upToData + """
                S: 354 go
                E: needsBody
                D: body x
                C: x
                C: (no CRLF)
                S: \(code) more
                E: completed deferred in body; b@x withheld; body unsolicitedReply temporary \(code)
                E: failed body unsolicitedReply temporary \(code)
                D: body y
                D: end
                """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B07: a reply to nothing ends an idle session")
    func unsolicited() throws {
        let story = "S: 250 ok\nE: failed idle unsolicitedReply temporary 250\nD: quit"
        #expect(try playReady(story) == lines(story))
        let closing = "S: 421 4.4.2 idle\nE: failed idle serverClosing temporary 421"
        #expect(try playReady(closing) == lines(closing))
    }

    @Test("B07: octets of a reply that came before the command end the session")
    func earlyOctets() throws {
        var runner = try readyRunner()
        runner.note(runner.connection.receive(octets("25")))
        try runner.run(Step.read("D: submit a@x -> b@x"))
        #expect(runner.wire.isEmpty)
        #expect(runner.outcomes.map(\.verdict) == [.deferred])
        #expect(runner.failures.map(\.code) == [.unsolicitedReply])
        var quitter = try readyRunner()
        quitter.note(quitter.connection.receive(octets("25")))
        try quitter.run(Step.read("D: quit"))
        #expect(quitter.transcript == ["D: quit", "E: quitDone"])
    }

    @Test(
        "B07: one reply too many behind a flight ends the session before DATA",
        arguments: [250, 354]
    )
    func oneReplyTooMany(_ code: Int) throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 250 ok
            S: 250 ok
            S: \(code) one more
            E: completed deferred in rcpt; b@x withheld; rcpt unsolicitedReply temporary \(code)
            E: failed rcpt unsolicitedReply temporary \(code)
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B07: one reply too few behind a flight waits until the time is over")
    func oneReplyTooFew() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 250 ok
            D: timedOut
            E: completed deferred in rcpt; b@x withheld; rcpt timedOut temporary
            E: failed rcpt timedOut temporary
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test(
        "B07: replies that fit neither MAIL nor RCPT end the session",
        arguments: [220, 221, 354]
    )
    func strangeReplies(_ code: Int) throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 250 ok
            S: \(code) what
            E: completed deferred in rcpt; b@x withheld; rcpt unexpectedReply temporary \(code)
            E: failed rcpt unexpectedReply temporary \(code)
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test(
        "B07 B08: whatever is no answer to the dot leaves the message unknown",
        arguments: [
            ("D: closed", "connectionClosed temporary"), ("D: timedOut", "timedOut temporary"),
            ("D: quit", "aborted temporary"), ("S: 354 what", "unexpectedReply temporary 354"),
            ("S: 221 bye", "unexpectedReply temporary 221"),
            ("S: 220 hi", "unexpectedReply temporary 220"),
            ("S: 503 sequence", "outOfSequence temporary 503"),
            (
                "S: 25",
                "malformedReply(expected three digits and a space or hyphen at 91) temporary"
            ),
        ]
    )
    func unknown(_ event: String, _ reason: String) throws {
        let end = event == "D: quit" ? "E: quitDone" : "E: failed dot \(reason)"
        let story =
            Self.upToDot + """
                \(event)
                E: completed unknown in dot; b@x unknown; dot \(reason)
                \(end)
                """
        var runner = try readyRunner()
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story))
        #expect(runner.outcomes.allSatisfy { $0.isUnknown && $0.retryable.isEmpty })
    }

    @Test("B09: the answer to the dot is waited for ten minutes, and then nobody knows")
    func dotWithoutAnswer() throws {
        #expect(SMTPPhase.dot.timeout == .seconds(600))
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 250 ok
            S: 250 ok
            C: DATA
            S: 354 go
            E: needsBody
            D: end
            C: .
            D: timedOut
            E: completed unknown in dot; b@x unknown; dot timedOut temporary
            E: failed dot timedOut temporary
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B10: a temporary refusal of the dot defers the message, and the session goes on")
    func dotDeferred() throws {
        let story =
            Self.upToDot + """
                S: 451 4.3.0 later
                E: completed deferred in dot 451; b@x withheld; dot messageRefused temporary 451
                D: submit a@x -> b@x
                C: MAIL FROM:<a@x>
                C: RCPT TO:<b@x>
                """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B11: a permanent refusal of the dot or of MAIL refuses the message")
    func refused() throws {
        let dot =
            Self.upToDot + """
                S: 554 5.7.1 spam
                E: completed refused in dot 554; b@x withheld; dot messageRefused permanent 554
                """
        #expect(try playReady(dot) == lines(dot))
        let mail = """
            D: submit a@x -> b@x, c@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            S: 552 5.3.4 too big
            S: 503 5.5.1 MAIL first
            S: 503 5.5.1 MAIL first
            E: completed refused in mail; b@x withheld; c@x withheld; \
            mail senderRefused permanent 552
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 450 4.1.8 later
            S: 503 5.5.1 MAIL first
            E: completed deferred in mail; b@x withheld; mail senderRefused temporary 450
            """
        #expect(try playReady(mail) == lines(mail))
    }

    @Test("a refused MAIL is not followed by RCPT without PIPELINING, nor by RSET")
    func mailRefusedAlone() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            S: 550 no
            E: completed refused in mail; b@x withheld; mail senderRefused permanent 550
            """
        #expect(try playReady(story, []) == lines(story))
    }

    @Test("a RCPT accepted behind a refused MAIL is reset")
    func rcptWithoutMail() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 550 no
            S: 250 ok
            E: completed refused in mail; b@x withheld; mail senderRefused permanent 550
            C: RSET
            S: 250 ok
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B12: with partial sending each recipient gets what its own reply says")
    func partial() throws {
        let story = """
            D: submit a@x -> b@x, c@x, d@x partial
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            C: RCPT TO:<d@x>
            S: 250 ok
            S: 250 ok
            S: 550 5.1.1 who
            S: 451 4.7.1 later
            C: DATA
            S: 354 go
            E: needsBody
            D: end
            C: .
            S: 250 ok
            E: completed sent in dot 250; b@x accepted; c@x refused 550; d@x refused 451; \
            rcpt recipientsRefused permanent 550
            """
        var runner = try readyRunner()
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story))
        let outcome = runner.outcomes[0]
        #expect(outcome.accepted == [try address("b@x")])
        #expect(outcome.refused.map(\.address) == [try address("c@x"), try address("d@x")])
        #expect(outcome.refused[0].reply.text == octets("5.1.1 who"))
        #expect(outcome.retryable == [try address("d@x")])
    }

    @Test("B12: without partial sending one refused recipient stops the message for all")
    func allOrNothing() throws {
        let story = """
            D: submit a@x -> b@x, c@x, d@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            C: RCPT TO:<d@x>
            S: 250 ok
            S: 250 ok
            S: 451 4.7.1 later
            S: 550 5.1.1 who
            E: completed refused in rcpt; b@x withheld; c@x refused 451; d@x refused 550; \
            rcpt recipientsRefused permanent 550
            C: RSET
            S: 250 ok
            D: submit a@x -> b@x, c@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            S: 250 ok
            S: 250 ok
            S: 451 4.7.1 later
            E: completed deferred in rcpt; b@x withheld; c@x refused 451; \
            rcpt recipientsRefused temporary 451
            C: RSET
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test(
        "B13: when every recipient is refused there is RSET and no DATA",
        arguments: [
            ("550", "451", "deferred", "permanent 550"), ("550", "553", "refused", "permanent 550"),
            ("450", "451", "deferred", "temporary 450"),
        ]
    )
    func allRefused(_ first: String, _ second: String, _ verdict: String, _ end: String) throws {
        let story = """
            D: submit a@x -> b@x, c@x partial
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            S: 250 ok
            S: \(first) no
            S: \(second) no
            E: completed \(verdict) in rcpt; b@x refused \(first); c@x refused \(second); \
            rcpt recipientsRefused \(end)
            C: RSET
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test(
        "a refused DATA is followed by RSET",
        arguments: [("451", "deferred", "temporary"), ("554", "refused", "permanent")]
    )
    func dataRefused(_ code: String, _ verdict: String, _ isTemporary: String) throws {
        let story =
            Self.upToData + """
                S: \(code) no
                E: completed \(verdict) in data; b@x withheld; \
                data dataRefused \(isTemporary) \(code)
                C: RSET
                S: 250 ok
                """
        #expect(try playReady(story) == lines(story))
    }

    @Test("a server that wants another login stops the account and keeps the message")
    func wantsLogin() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 530 5.7.0 log in
            E: completed deferred in mail; b@x withheld; \
            mail authenticationRequired permanent stops 530
            E: failed mail authenticationRequired permanent stops 530
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("503 to MAIL, RCPT or DATA is lost synchrony and defers", arguments: 0...2)
    func outOfSequence(_ accepted: Int) throws {
        let phase = ["mail", "rcpt", "data"][accepted]
        var runner = try readyRunner([])
        try runner.run(Step.read("D: submit a@x -> b@x"))
        for _ in 0..<accepted { try runner.run([.server(["250 ok"])]) }
        try runner.run([.server(["503 what"])])
        #expect(
            runner.transcript.suffix(2) == [
                "E: completed deferred in \(phase); b@x withheld; "
                    + "\(phase) outOfSequence temporary 503",
                "E: failed \(phase) outOfSequence temporary 503",
            ]
        )
    }

    @Test("a refusal for good that was read counts more than how the session ended")
    func refusalBeforeEnd() throws {
        let start = """
            D: submit a@x -> b@x, c@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>

            """
        let rcpt =
            start + """
                S: 250 ok
                S: 550 who
                S: 421 too many errors
                E: completed refused in rcpt; b@x refused 550; c@x withheld; \
                rcpt recipientsRefused permanent 550
                E: failed rcpt serverClosing temporary 421
                """
        #expect(try playReady(rcpt) == lines(rcpt))
        let mail =
            start + """
                S: 550 not you
                D: closed
                E: completed refused in mail; b@x withheld; c@x withheld; \
                mail senderRefused permanent 550
                E: failed rcpt connectionClosed temporary
                """
        #expect(try playReady(mail) == lines(mail))
    }

    @Test(
        "B20: an address that would hold a command is none",
        arguments: [
            "a@x>\r\nRCPT TO:<evil@y", "a@x\r\n", "a\n@x", "a@x\u{0}", "a@x> SIZE=1", "a b@x",
            "<a@x>",
        ]
    )
    func addresses(_ text: String) {
        #expect(throws: AddrSpec.Fault.self) { try address(text) }
    }

    @Test("B20: a quoted local part goes out as it is, between the only brackets that count")
    func quotedLocalPart() throws {
        let story = """
            D: submit "a>b"@x -> "c\\"d"@x
            C: MAIL FROM:<"a>b"@x>
            C: RCPT TO:<"c\\"d"@x>
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("B25: a NUL in the message ends the session before the dot")
    func nul() throws {
        let story =
            Self.upToData + """
                S: 354 go
                E: needsBody
                D: body a\\nb\\0
                E: completed refused in body; b@x withheld; \
                body unsendable(the message holds a NUL at 3) permanent
                E: failed body unsendable(the message holds a NUL at 3) permanent
                D: end
                """
        #expect(try playReady(story) == lines(story))
    }
}
