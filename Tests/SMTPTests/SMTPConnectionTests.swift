// One whole session, cut, closed and flooded at every place. The expected result follows from the
// place alone, by the rule of reliability.md 3.4. Rows B05, B08, B14 and B18.

import MailModel
import SASL
import SMTP
import Testing

@Suite struct SMTPConnectionTests {
    static let session = """
        S: 220-mail.example
        S: 220 ESMTP
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-PIPELINING
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        E: startTLS
        D: tls
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-PIPELINING
        S: 250-SIZE
        S: 250 AUTH LOGIN
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: {dQ==}
        S: 334 UGFzc3dvcmQ6
        C: {cA==}
        S: 235 in
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-PIPELINING
        S: 250 SIZE 500
        E: ready size=500 by LOGIN
        D: submit a@x -> b@x, c@x size=11
        C: MAIL FROM:<a@x> SIZE=11
        C: RCPT TO:<b@x>
        C: RCPT TO:<c@x>
        S: 250 ok
        S: 250 ok
        S: 250 ok
        C: DATA
        S: 354 go
        E: needsBody
        D: body S: x\\n\\n.\\n
        C: S: x
        C:\u{20}
        C: ..
        D: end
        C: .
        S: 250-2.0.0 queued
        S: 250 2.0.0 as 17
        E: completed sent in dot 250; b@x accepted; c@x accepted
        D: quit
        C: QUIT
        S: 221 bye
        E: quitDone
        """

    private func connection() throws -> SMTPConnection {
        SMTPConnection(security: .startTLS, credential: try credential())
    }

    @Test("a whole session is the same at every slicing", arguments: deliveries(session))
    func slicing(_ delivery: Delivery) throws {
        #expect(try play(Self.session, try connection(), delivery) == lines(Self.session))
    }

    /// What a cut within a step must lead to by the rule of reliability.md 3.4, not by the code.
    private enum Expected { case noMessage, deferred, unknown, sent, quit }

    private func expected(_ steps: ArraySlice<Step>) -> Expected {
        var expected = Expected.noMessage
        for step in steps {
            switch step {
            case .driver(let call) where call.hasPrefix("submit"): expected = .deferred
            case .driver("end"): expected = .unknown
            case .driver("quit"): expected = .quit
            case .server where expected == .unknown: expected = .sent
            default: break
            }
        }
        return expected
    }

    @Test("B08 B18: a cut after every octet of the server means not sent, unknown or sent by rule")
    func cutOfTheServer() throws {
        let steps = Step.read(Self.session)
        for (index, step) in steps.enumerated() {
            for length in 0..<max(step.wire.count, 1) {
                var runner = StoryRunner(try connection())
                try runner.run(Array(steps[..<index]))
                runner.note(runner.connection.receive(Array(step.wire.prefix(length))))
                try runner.run([.driver("closed")])
                let verdict = runner.outcomes.map(\.verdict)
                let place = "step \(index) after \(length) octets"
                switch expected(steps[..<index]) {
                case .noMessage: #expect(verdict == [] && runner.failures.count == 1, "\(place)")
                case .deferred: #expect(verdict == [.deferred], "\(place)")
                case .unknown: #expect(verdict == [.unknown], "\(place)")
                case .sent: #expect(verdict == [.sent] && runner.failures.count == 1, "\(place)")
                case .quit: #expect(verdict == [.sent] && runner.failures.isEmpty, "\(place)")
                }
                #expect(runner.connection.phase == .closed)
                #expect(runner.connection.closed().isEmpty)
            }
        }
    }

    @Test("B18: a cut after every octet of the body means not sent, and a dot was never written")
    func cutOfTheBody() throws {
        let message = octets("Subject: x\r\n\r\n.\r\n..\rend\n.\n")
        for length in 0...message.count {
            var runner = try readyRunner()
            try runner.run(
                Step.read("D: submit a@x -> b@x\nS: 250 ok\nS: 250 ok\nC:\nS: 354 go")
            )
            runner.wire = []
            for octet in message.prefix(length) {
                runner.note(runner.connection.bodyChunk([octet]))
            }
            try runner.run([.driver("closed")])
            #expect(runner.outcomes.map(\.verdict) == [.deferred], "after \(length)")
            #expect(runner.outcomes[0].retryable == [try address("b@x")])
            let wire = String(decoding: runner.wire, as: UTF8.self).unicodeScalars
            #expect(!String(wire).utf8.elementsEqual(octets(".\r\n")))
            #expect(!Self.holds(octets("\r\n.\r\n"), in: runner.wire), "after \(length)")
        }
    }

    static func holds(_ needle: [UInt8], in octets: [UInt8]) -> Bool {
        guard octets.count >= needle.count else { return false }
        return (0...(octets.count - needle.count)).contains { start in
            octets[start...].starts(with: needle)
        }
    }

    @Test("B14, G11: 421 instead of any reply defers what is under way and ends the session")
    func closingSweep() throws {
        let steps = Step.read(Self.session)
        for (index, step) in steps.enumerated() {
            guard case .server(let replies) = step else { continue }
            for position in replies.indices
            where position == 0 || replies[position - 1].first == "2" {
                // Only before a reply, not within one.
                guard position == 0 || !replies[position - 1].prefix(4).hasSuffix("-") else {
                    continue
                }
                var runner = StoryRunner(try connection())
                try runner.run(Array(steps[..<index]))
                let before = runner.wire.count
                try runner.run([
                    .server(Array(replies[..<position]) + ["421 4.3.2 closing"])
                ])
                let place = "step \(index) reply \(position)"
                #expect(runner.wire.count == before, "\(place)")
                switch expected(steps[..<index]) {
                case .noMessage: #expect(runner.outcomes.isEmpty, "\(place)")
                case .deferred, .unknown:
                    // The answer to the dot is 421 here, so the server did not take the message.
                    #expect(runner.outcomes.map(\.verdict) == [.deferred], "\(place)")
                case .sent, .quit: #expect(runner.outcomes.map(\.verdict) == [.sent], "\(place)")
                }
                guard expected(steps[..<index]) != .quit else {
                    #expect(runner.transcript.last == "E: quitDone")
                    continue
                }
                #expect(runner.failures.map(\.code) == [.serverClosing], "\(place)")
                #expect(runner.failures.allSatisfy { $0.isTemporary && !$0.stopsAccount })
            }
        }
    }

    @Test("B14: 421 behind the answer to the dot leaves the message sent")
    func closingAfterSent() throws {
        var runner = try readyRunner()
        try runner.run(
            Step.read("D: submit a@x -> b@x\nS: 250 ok\nS: 250 ok\nC:\nS: 354 go\nC:\nD: end")
        )
        try runner.run([.server(["250 queued", "421 bye"])])
        #expect(runner.outcomes.map(\.verdict) == [.sent])
        #expect(runner.failures.map(\.code) == [.serverClosing])
    }

    @Test("B05: a flood in place of any reply ends the session by its limits")
    func floods() throws {
        let line = [UInt8](repeating: 120, count: 1_000_000)
        let manyLines = Array(repeatElement(octets("250-x\r\n"), count: 100_000).joined())
        let steps = Step.read(Self.session)
        for (index, step) in steps.enumerated() where !step.wire.isEmpty {
            for flood in [octets("250 ") + line, manyLines] {
                var runner = StoryRunner(try connection())
                try runner.run(Array(steps[..<index]))
                runner.note(runner.connection.receive(flood))
                let error = try #require(runner.failures.first)
                guard case .malformedReply = error.code else {
                    Issue.record("step \(index): \(error.code)")
                    continue
                }
                #expect(error.fault == .peer)
            }
        }
    }

    @Test("the phase, and with it the timeout, follows the session")
    func phases() throws {
        var runner = StoryRunner(try connection())
        var phases = [runner.connection.phase]
        for step in Step.read(Self.session) {
            try runner.run([step])
            if phases.last != runner.connection.phase { phases.append(runner.connection.phase) }
        }
        #expect(
            phases == [
                .greeting, .ehlo, .tls, .ehlo, .auth, .ehlo, .idle, .mail, .data, .body, .dot,
                .idle,
                .quit, .closed,
            ]
        )
    }

    @Test("after the end of a session no call does anything")
    func afterTheEnd() throws {
        var runner = try readyRunner()
        try runner.run([.driver("closed")])
        runner.transcript = []
        try runner.run(
            ["body x", "end", "tls", "reset", "quit", "closed", "timedOut"].map(Step.driver)
        )
        runner.note(runner.connection.receive(octets("421 x\r\n")))
        #expect(runner.transcript.allSatisfy { $0.hasPrefix("D: ") })
        try runner.run([.driver("submit a@x -> b@x")])
        #expect(runner.outcomes.map(\.verdict) == [.deferred])
    }
}
