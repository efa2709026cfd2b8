// Stories of messages that go out by BDAT (RFC 3030).

import SMTP
import Testing

@Suite struct SMTPConnectionChunksTests {
    static let offers = ["PIPELINING", "CHUNKING"]

    /// The story of a message up to where the server wants it.
    static let begin = """
        D: submit a@x -> b@x
        C: MAIL FROM:<a@x>
        C: RCPT TO:<b@x>
        S: 250 ok
        S: 250 ok
        E: needsBody

        """

    static let small =
        begin + """
            D: body .a\\nb
            D: body \\r\\n.\\n.\\r\\nc
            D: end
            C: BDAT 16 LAST
            C: .a
            C: b
            C: .
            C: .
            C: c
            S: 250 2.0.0 queued
            E: completed sent in dot 250; b@x accepted
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            """

    @Test(
        "a small message goes out in one chunk, its line ends made right, its dots single",
        arguments: deliveries(small)
    )
    func smallMessage(_ delivery: Delivery) throws {
        var runner = try readyRunner(Self.offers)
        try runner.run(Step.read(Self.small), delivery)
        #expect(runner.transcript == lines(Self.small))
    }

    @Test("a message without a line has a chunk without an octet")
    func empty() throws {
        let story =
            Self.begin + """
                D: end
                C: BDAT 0 LAST
                S: 250 ok
                E: completed sent in dot 250; b@x accepted
                """
        #expect(try playReady(story, Self.offers) == lines(story))
    }

    @Test("without PIPELINING, or without CHUNKING, and on Dovecot a message follows DATA")
    func notOffered() throws {
        for offers in [["CHUNKING"], ["PIPELINING"], Self.offers + ["BURL imap"]] {
            var runner = try readyRunner(offers)
            try runner.run(Step.read("D: submit a@x -> b@x\nS: 250 ok\nC:\nS: 250 ok"))
            #expect(runner.transcript.last == "C: DATA", "\(offers)")
        }
    }

    @Test("a refused recipient stops it before the first chunk")
    func refusedRecipient() throws {
        let story = """
            D: submit a@x -> b@x, c@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            C: RCPT TO:<c@x>
            S: 250 ok
            S: 250 ok
            S: 550 nobody
            E: completed refused in rcpt; b@x withheld; c@x refused 550; \
            rcpt recipientsRefused permanent 550
            C: RSET
            """
        #expect(try playReady(story, Self.offers) == lines(story))
    }

    /// A session that has written one full chunk, with the text of a second one held.
    private func afterOneChunk() throws -> StoryRunner {
        var runner = try readyRunner(Self.offers)
        try runner.run(Step.read(Self.begin))
        let text = String(repeating: "123456\\r\\n", count: SMTPLimits.chunkOctets / 8)
        runner.wire = []
        runner.note(try runner.perform("body \(text)"))
        let command = octets("BDAT 262144\r\n")
        #expect(runner.wire.prefix(command.count).elementsEqual(command))
        #expect(runner.wire.count == command.count + 262_144)
        runner.note(try runner.perform("body rest"))
        #expect(runner.wire.count == command.count + 262_144)
        runner.transcript = []
        return runner
    }

    @Test("a large message goes out in chunks that are not waited for; the last answer counts")
    func chunks() throws {
        let story = """
            D: end
            C: BDAT 6 LAST
            C: rest
            S: 250 262144 octets
            S: 250 2.0.0 queued
            E: completed sent in dot 250; b@x accepted
            """
        var runner = try afterOneChunk()
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story))
    }

    @Test("after a refused chunk nothing more is written, and the session goes on")
    func refusedChunk() throws {
        let story = """
            S: 552 5.2.3 too large
            E: completed refused in body; b@x accepted; body dataRefused permanent 552
            C: RSET
            D: body more
            D: end
            S: 250 ok
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            """
        var runner = try afterOneChunk()
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story.replacing("b@x accepted", with: "b@x withheld")))
    }

    @Test("where a chunk was refused behind our back, the last one's 503 is not the reason")
    func refusedBeforeLast() throws {
        let story = """
            D: end
            C: BDAT 6 LAST
            C: rest
            S: 452 4.3.1 disk full
            S: 503 5.5.1 no transaction
            E: completed deferred in dot 452; b@x withheld; dot messageRefused temporary 452
            C: RSET
            """
        var runner = try afterOneChunk()
        try runner.run(Step.read(story))
        #expect(runner.transcript == lines(story))
    }

    @Test("a server that offers CHUNKING and does not know BDAT gets DATA the next time")
    func unknownCommand() throws {
        let story =
            Self.begin + """
                D: body a
                D: end
                C: BDAT 3 LAST
                C: a
                S: 500 5.5.1 unrecognized
                E: completed deferred in dot; b@x withheld; dot unexpectedReply temporary 500
                C: RSET
                S: 250 ok
                D: submit a@x -> b@x
                C: MAIL FROM:<a@x>
                C: RCPT TO:<b@x>
                S: 250 ok
                S: 250 ok
                C: DATA
                """
        #expect(try playReady(story, Self.offers) == lines(story))
    }

    @Test("what became of a message is unknown only when its last chunk has gone out")
    func connectionLost() throws {
        let before = """
            D: closed
            E: completed deferred in body; b@x withheld; body connectionClosed temporary
            E: failed body connectionClosed temporary
            """
        var runner = try afterOneChunk()
        try runner.run(Step.read(before))
        #expect(runner.transcript == lines(before))
        let after = """
            D: end
            C: BDAT 6 LAST
            C: rest
            S: 250 ok
            D: closed
            E: completed unknown in dot; b@x unknown; dot connectionClosed temporary
            E: failed dot connectionClosed temporary
            """
        runner = try afterOneChunk()
        try runner.run(Step.read(after))
        #expect(runner.transcript == lines(after))
    }

    @Test("an answer before any chunk, and one sent ahead of the message, end the session")
    func unsolicited() throws {
        for story in [
            Self.begin + "S: 250 ok", "D: submit a@x -> b@x\nS: 250 ok\nS: 250 ok\nS: 250 x",
        ] {
            var runner = try readyRunner(Self.offers)
            try runner.run(Step.read(story))
            #expect(runner.failures.first?.code == .unsolicitedReply)
            #expect(runner.outcomes.first?.verdict == .deferred)
        }
    }
}
