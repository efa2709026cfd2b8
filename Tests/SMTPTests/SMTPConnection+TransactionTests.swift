// Stories of messages: parameters, flights, local refusals, taking a message back.
// Rows B16 and B17 of reliability.md.

import MailModel
import SMTP
import Testing

@Suite struct SMTPConnectionTransactionTests {
    static let pipelined = """
        D: submit a@x.example -> b@y.example, c@z.example size=12
        C: MAIL FROM:<a@x.example> SIZE=12
        C: RCPT TO:<b@y.example>
        C: RCPT TO:<c@z.example>
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 251 2.1.5 forwarded
        C: DATA
        S: 354 go
        E: needsBody
        D: body .a\\nb
        C: ..a
        C: b
        C: (no CRLF)
        D: body \\r\\n.\\n.\\r\\n
        C:\u{20}
        C: ..
        C: ..
        D: end
        C: .
        S: 250 2.0.0 queued
        E: completed sent in dot 250; b@y.example accepted; c@z.example accepted
        D: submit <> -> b@y.example
        C: MAIL FROM:<>
        C: RCPT TO:<b@y.example>
        """

    static let oneByOne = """
        D: submit a@x -> b@x, c@x
        C: MAIL FROM:<a@x>
        S: 250 ok
        C: RCPT TO:<b@x>
        S: 250 ok
        C: RCPT TO:<c@x>
        S: 250 ok
        C: DATA
        S: 354 go
        E: needsBody
        D: end
        C: .
        S: 250-queued
        S: 250 as 1
        E: completed sent in dot 250; b@x accepted; c@x accepted
        """

    @Test(
        "two messages with PIPELINING, the same at every slicing",
        arguments: deliveries(pipelined)
    )
    func pipelining(_ delivery: Delivery) throws {
        var runner = try readyRunner()
        try runner.run(Step.read(Self.pipelined), delivery)
        #expect(runner.transcript == lines(Self.pipelined))
    }

    @Test("one command at a time without PIPELINING", arguments: deliveries(oneByOne))
    func withoutPipelining(_ delivery: Delivery) throws {
        var runner = try readyRunner([])
        try runner.run(Step.read(Self.oneByOne), delivery)
        #expect(runner.transcript == lines(Self.oneByOne))
    }

    @Test("parameters go out where they are asked for and offered")
    func parameters() throws {
        let eightBit = "D: submit a@x -> b@x size=7 8bit\nC: MAIL FROM:<a@x> SIZE=7 BODY=8BITMIME"
        #expect(try playReady(eightBit, ["8BITMIME", "SIZE"]) == lines(eightBit))
        let plain = "D: submit a@x -> b@x size=7\nC: MAIL FROM:<a@x>"
        #expect(try playReady(plain, ["8BITMIME"]) == lines(plain))
        let notOffered = "D: submit a@x -> b@x size=7 8bit\nC: MAIL FROM:<a@x>"
        #expect(try playReady(notOffered, []) == lines(notOffered))
        let utf8 = "D: submit a@x -> jörg@x 8bit\nC: MAIL FROM:<a@x> BODY=8BITMIME SMTPUTF8"
        #expect(try playReady(utf8, ["8BITMIME", "SMTPUTF8"]) == lines(utf8))
    }

    @Test("reports are asked for where DSN is offered, and the outcome tells where it is not")
    func reports() throws {
        let story = """
            D: submit a@x -> b+c@x, jörg@x dsn=delay,failure/headers envid=1=2+3@x
            C: MAIL FROM:<a@x> SMTPUTF8 RET=HDRS ENVID=1+3D2+2B3@x
            C: RCPT TO:<b+c@x> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@x
            C: RCPT TO:<jörg@x> NOTIFY=FAILURE,DELAY
            """
        #expect(try playReady(story, ["PIPELINING", "DSN", "SMTPUTF8"]) == lines(story))
        let never = """
            D: submit a@x -> b@x dsn=never
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x> NOTIFY=NEVER ORCPT=rfc822;b@x
            """
        #expect(try playReady(never, ["PIPELINING", "DSN"]) == lines(never))
        let sent = "S: 250 ok\nC:\nS: 250 ok\nC:\nS: 354 go\nD: end\nS: 250 ok"
        for (offers, wanted, isIgnored) in [
            ([String](), " dsn=success/full envid=1", true), (["DSN"], " dsn=success", false),
            ([], "", false),
        ] {
            var runner = try readyRunner(offers)
            try runner.run(Step.read("D: submit a@x -> b@x\(wanted)\n" + sent))
            #expect(runner.outcomes.map(\.ignoresDSN) == [isIgnored])
            #expect(runner.transcript.contains("C: MAIL FROM:<a@x>"))
        }
    }

    @Test("an envelope id that is too long is left out")
    func longEnvelopeID() throws {
        let story = "D: submit a@x -> b@x dsn=failure envid=\(String(repeating: "+", count: 34))"
        let transcript = try playReady(story, ["DSN"])
        #expect(transcript.last == "C: MAIL FROM:<a@x>")
    }

    @Test("B17: an address that needs SMTPUTF8 is refused by name where it is not offered")
    func needsUTF8() throws {
        var runner = try readyRunner()
        try runner.run(Step.read("D: submit a@x -> b@x, jörg@x"))
        #expect(runner.wire.isEmpty)
        let outcome = try #require(runner.outcomes.first)
        #expect(outcome.verdict == .refused)
        #expect(outcome.reason?.code == .addressNeedsUTF8(try address("jörg@x")))
        #expect(outcome.reason?.description.contains("jörg@x") == true)
        #expect(runner.connection.acceptsSubmission)
    }

    @Test("B16: a message above the server's SIZE is refused with the numbers, and none is sent")
    func tooLarge() throws {
        let story = """
            D: submit a@x -> b@x size=1001
            E: completed refused in idle; b@x withheld; \
            idle messageTooLarge(size: 1001, limit: 1000) permanent
            D: submit a@x -> b@x size=1000
            C: MAIL FROM:<a@x> SIZE=1000
            C: RCPT TO:<b@x>
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("an envelope without or with too many recipients is refused and nothing is sent")
    func recipientCounts() throws {
        var runner = try readyRunner(["LIMITS RCPTMAX=2"])
        try runner.run(Step.read("D: submit a@x ->\nD: submit a@x -> b@x, c@x, d@x"))
        #expect(
            runner.outcomes.map { $0.reason?.code }
                == [.noRecipients, .tooManyRecipients(count: 3, limit: 2)]
        )
        #expect(runner.outcomes.allSatisfy { $0.verdict == .refused && $0.retryable.isEmpty })
        #expect(runner.wire.isEmpty)
        let many = SMTPEnvelope(
            sender: nil,
            recipients: Array(repeating: try address("b@x"), count: 1_001),
            size: 0,
            needs8Bit: false
        )
        var other = try readyRunner()
        other.note(other.connection.submit(many))
        #expect(other.outcomes[0].reason?.code == .tooManyRecipients(count: 1_001, limit: 1_000))
    }

    @Test("a flight has at most 100 commands, and the next waits for all its replies")
    func flights() throws {
        let envelope = SMTPEnvelope(
            sender: nil,
            recipients: try (0..<150).map { try address("r\($0)@x") },
            size: 0,
            needs8Bit: false
        )
        var runner = try readyRunner()
        runner.note(runner.connection.submit(envelope))
        #expect(runner.transcript.count == 100)
        #expect(runner.transcript.last == "C: RCPT TO:<r98@x>")
        try runner.run([.server(Array(repeating: "250 ok", count: 99))])
        #expect(runner.transcript.filter { $0.hasPrefix("C: ") }.count == 100)
        try runner.run([.server(["250 ok"])])
        #expect(runner.transcript.filter { $0.hasPrefix("C: ") }.count == 151)
        #expect(runner.transcript.last == "C: RCPT TO:<r149@x>")
        try runner.run([.server(Array(repeating: "250 ok", count: 51))])
        #expect(runner.transcript.last == "C: DATA")
    }

    @Test("after a recipient too many no further one is asked for, and the rest may be tried again")
    func tooManyRecipients() throws {
        let story = """
            D: submit a@x -> b@x, c@x, d@x partial
            C: MAIL FROM:<a@x>
            S: 250 ok
            C: RCPT TO:<b@x>
            S: 250 ok
            C: RCPT TO:<c@x>
            S: 452 4.5.3 too many
            C: DATA
            S: 354 go
            E: needsBody
            D: end
            C: .
            S: 250 ok
            E: completed sent in dot 250; b@x accepted; c@x refused 452; d@x withheld; \
            rcpt recipientsRefused temporary 452
            """
        var runner = try readyRunner([])
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story))
        #expect(runner.outcomes[0].isPartial)
        #expect(runner.outcomes[0].retryable == [try address("c@x"), try address("d@x")])
    }

    @Test("reset before DATA takes the message back and the session goes on")
    func resetInFlight() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            D: reset
            S: 250 ok
            S: 250 ok
            E: completed deferred in rcpt; b@x withheld; rcpt aborted temporary
            C: RSET
            S: 250 ok
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("reset between DATA and the dot ends the session, and after the dot does nothing")
    func resetLate() throws {
        let start = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            S: 250 ok
            S: 250 ok
            C: DATA

            """
        let inData =
            start + """
                D: reset
                S: 354 go
                E: completed deferred in data; b@x withheld; data aborted temporary
                E: failed data aborted temporary
                """
        #expect(try playReady(inData) == lines(inData))
        let inBody =
            start + """
                S: 354 go
                E: needsBody
                D: reset
                E: completed deferred in body; b@x withheld; body aborted temporary
                E: failed body aborted temporary
                D: body x
                D: end
                """
        #expect(try playReady(inBody) == lines(inBody))
        let inDot =
            start + """
                S: 354 go
                E: needsBody
                D: end
                C: .
                D: reset
                S: 250 ok
                E: completed sent in dot 250; b@x accepted
                """
        #expect(try playReady(inDot) == lines(inDot))
    }

    @Test("a message submitted while RSET runs goes out behind it, and reset takes it back")
    func submitDuringReset() throws {
        let story = """
            D: reset
            C: RSET
            D: submit a@x -> b@x
            D: submit a@x -> c@x
            E: completed deferred in reset; c@x withheld; reset notReady temporary
            S: 250 ok
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            """
        #expect(try playReady(story) == lines(story))
        let back = """
            D: reset
            C: RSET
            D: submit a@x -> b@x
            D: reset
            E: completed deferred in reset; b@x withheld; reset aborted temporary
            S: 250 ok
            """
        #expect(try playReady(back) == lines(back))
        let lost = """
            D: reset
            C: RSET
            D: submit a@x -> b@x
            S: 554 5.5.0 Too many nonmail commands
            E: completed deferred in reset; b@x withheld; reset unexpectedReply temporary 554
            E: failed reset unexpectedReply temporary 554
            """
        #expect(try playReady(lost) == lines(lost))
    }

    @Test("a message that ends before its size gets no dot")
    func truncated() throws {
        let story = """
            D: submit a@x -> b@x size=10
            C: MAIL FROM:<a@x> SIZE=10
            C: RCPT TO:<b@x>
            S: 250 ok
            S: 250 ok
            C: DATA
            S: 354 go
            E: needsBody
            D: body 1234567
            C: 1234567
            C: (no CRLF)
            D: end
            E: completed refused in body; b@x withheld; \
            body messageTruncated(size: 9, announced: 10) permanent
            E: failed body messageTruncated(size: 9, announced: 10) permanent
            """
        #expect(try playReady(story) == lines(story))
    }

    @Test("calls out of turn end the session or are answered, and never write")
    func outOfTurn() throws {
        var early = StoryRunner(SMTPConnection(security: .implicitTLS, credential: nil))
        try early.run(Step.read("D: submit a@x -> b@x\nD: tls\nD: end\nD: end"))
        #expect(
            early.transcript == [
                "D: submit a@x -> b@x",
                "E: completed deferred in greeting; b@x withheld; greeting notReady temporary",
                "D: tls",
                "D: end",
                "E: failed greeting bodyNotExpected permanent",
                "D: end",
            ]
        )
        let story = "D: body x\nE: failed idle bodyNotExpected permanent"
        #expect(try playReady(story) == lines(story))
    }

    @Test("quit within a message gives it up without a word")
    func quitWithin() throws {
        let story = """
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            D: quit
            E: completed deferred in mail; b@x withheld; mail aborted temporary
            E: quitDone
            D: quit
            D: closed
            """
        #expect(try playReady(story) == lines(story))
        let closed = "D: quit\nC: QUIT\nD: closed\nE: quitDone"
        #expect(try playReady(closed) == lines(closed))
        let silent = "D: quit\nC: QUIT\nD: timedOut\nE: quitDone"
        #expect(try playReady(silent) == lines(silent))
    }
}
