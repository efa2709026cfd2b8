// Stories from the greeting to `.ready`, and every way in which they must end before it.
// Rows B01 to B04, B15 and B21 of reliability.md.

import MailModel
import SASL
import SMTP
import Testing

@Suite struct SMTPConnectionLoginTests {
    private func connection(
        _ security: SMTPConnection.Security = .implicitTLS,
        isAnonymous: Bool = false,
        name: [UInt8] = octets("[127.0.0.1]")
    ) throws -> SMTPConnection {
        SMTPConnection(
            security: security,
            credential: isAnonymous ? nil : try credential(),
            ehloName: name
        )
    }

    // base64 of NUL u NUL p is AHUAcA==, of u dQ==, of p cA== (by hand).
    static let implicit = """
        S: 220-mail.example ESMTP
        S: 220 welcome
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-SIZE 1000
        S: 250 AUTH LOGIN PLAIN
        C: AUTH PLAIN {AHUAcA==}
        S: 235 2.7.0 in
        E: ready size=1000 by PLAIN greeted
        D: quit
        C: QUIT
        S: 221 bye
        E: quitDone
        """

    static let upgrade = """
        S: 220 mail.example
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-SIZE 5
        S: 250-AUTH PLAIN
        S: 250 STARTTLS
        C: STARTTLS
        S: 220 go
        E: startTLS
        D: tls
        C: EHLO [127.0.0.1]
        S: 250-mail.example
        S: 250-AUTH LOGIN
        S: 250 SIZE 2000
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: {dQ==}
        S: 334 UGFzc3dvcmQ6
        C: {cA==}
        S: 235 2.7.0 in
        E: ready size=2000 by LOGIN
        """

    static let dovecot = """
        S: 220 dovecot
        C: EHLO [127.0.0.1]
        S: 250-dovecot
        S: 250-AUTH=PLAIN LOGIN
        S: 250 SIZE
        C: AUTH PLAIN {AHUAcA==}
        S: 250 in
        C: EHLO [127.0.0.1]
        S: 250-dovecot
        S: 250-DSN
        S: 250 SIZE 41943040
        E: ready size=41943040 by PLAIN greeted
        """

    @Test("a login over implicit TLS is the same at every slicing", arguments: deliveries(implicit))
    func implicitTLS(_ delivery: Delivery) throws {
        #expect(try play(Self.implicit, try connection(), delivery) == lines(Self.implicit))
    }

    @Test("a login by STARTTLS is the same at every slicing", arguments: deliveries(upgrade))
    func startTLS(_ delivery: Delivery) throws {
        #expect(try play(Self.upgrade, try connection(.startTLS), delivery) == lines(Self.upgrade))
    }

    @Test("EHLO comes again after AUTH where SIZE had no number", arguments: deliveries(dovecot))
    func secondEHLO(_ delivery: Delivery) throws {
        #expect(try play(Self.dovecot, try connection(), delivery) == lines(Self.dovecot))
    }

    @Test("EHLO comes again after AUTH where Dovecot has not offered DSN")
    func secondEHLOForReports() throws {
        let story = """
            S: 220 dovecot
            C: EHLO [127.0.0.1]
            S: 250-dovecot
            S: 250-AUTH PLAIN
            S: 250-BURL imap
            S: 250 SIZE 1000
            C: AUTH PLAIN {AHUAcA==}
            S: 235 in
            C: EHLO [127.0.0.1]
            S: 250-dovecot
            S: 250-BURL imap
            S: 250-DSN
            S: 250 SIZE 1000
            E: ready size=1000 by PLAIN greeted
            D: submit a@x -> b@x dsn=failure/full
            C: MAIL FROM:<a@x> RET=FULL
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("a refused EHLO after AUTH leaves what the first one offered")
    func secondEHLORefused() throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250-PIPELINING
            S: 250-SIZE
            S: 250 AUTH PLAIN
            C: AUTH PLAIN {AHUAcA==}
            S: 235 in
            C: EHLO [127.0.0.1]
            S: 503 once is enough
            E: ready by PLAIN greeted
            D: submit a@x -> b@x
            C: MAIL FROM:<a@x>
            C: RCPT TO:<b@x>
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("without SIZE there is no EHLO after AUTH")
    func noSecondEHLO() throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 AUTH PLAIN
            C: AUTH PLAIN {AHUAcA==}
            S: 235 in
            E: ready by PLAIN greeted
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test(
        "B01: octets behind the reply to STARTTLS end the session without a credential",
        arguments: [
            "S: 250-x\nS: 250 AUTH LOGIN", "S: 421 bye", "S: 2", "S: 235 in",
        ]
    )
    func injection(_ injected: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 STARTTLS
            C: STARTTLS
            S: 220 go
            \(injected)
            E: failed tls injectedBeforeTLS permanent stops
            D: tls
            """
        #expect(try play(story, try connection(.startTLS)) == lines(story))
    }

    @Test(
        "B01: octets in the clear while the handshake runs end the session",
        arguments: [0, 1, 5]
    )
    func injectionDuringHandshake(_ length: Int) throws {
        var runner = StoryRunner(try connection(.startTLS))
        try runner.run(Step.read("S: 220 x\nC:\nS: 250-x\nS: 250 STARTTLS\nC:\nS: 220 go"))
        runner.note(runner.connection.receive(Array(octets("250 x").prefix(length))))
        let isIntact = length == 0
        #expect(runner.failures.isEmpty == isIntact)
        #expect(runner.connection.tlsEstablished().isEmpty != isIntact)
    }

    @Test("B01: a reply cut by the handshake does not go on behind it")
    func partialReplyBeforeTLS() throws {
        var runner = StoryRunner(try connection(.startTLS))
        try runner.run(Step.read("S: 220 x\nC:\nS: 250-x\nS: 250 STARTTLS"))
        runner.note(runner.connection.receive(octets("220 go\r\n250-AUTH PLA")))
        #expect(runner.failures.map(\.code) == [.injectedBeforeTLS])
    }

    @Test(
        "B02: any answer to STARTTLS but 220 ends the session without a credential",
        arguments: [
            ("221", "startTLSRefused permanent stops"), ("250", "startTLSRefused permanent stops"),
            ("354", "startTLSRefused permanent stops"), ("421", "serverClosing temporary"),
            ("454", "startTLSRefused temporary"), ("500", "startTLSRefused permanent stops"),
            ("501", "startTLSRefused permanent stops"), ("502", "startTLSRefused permanent stops"),
            ("530", "startTLSRefused permanent stops"),
        ]
    )
    func startTLSRefused(_ code: String, _ failure: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250-AUTH PLAIN
            S: 250 STARTTLS
            C: STARTTLS
            S: \(code) no
            E: failed tls \(failure) \(code)
            D: tls
            """
        #expect(try play(story, try connection(.startTLS)) == lines(story))
    }

    @Test("STARTTLS that is not offered ends the session without a credential")
    func startTLSNotOffered() throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 AUTH PLAIN
            E: failed ehlo startTLSNotOffered permanent stops
            """
        #expect(try play(story, try connection(.startTLS)) == lines(story))
        #expect(try play(story, try connection(.startTLS, isAnonymous: true)) == lines(story))
    }

    @Test("B03: HELO is no way around TLS or AUTH", arguments: ["500", "502"])
    func noHELO(_ code: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: \(code) what
            E: failed ehlo ehloRefused permanent stops \(code)
            """
        #expect(try play(story, try connection(.startTLS, isAnonymous: true)) == lines(story))
        #expect(try play(story, try connection(.startTLS)) == lines(story))
        #expect(try play(story, try connection(.implicitTLS)) == lines(story))
        #expect(try play(story, try connection(.plaintext)) == lines(story))
    }

    @Test(
        "B03: where HELO is allowed, only a yes to it makes a session",
        arguments: [
            ("220", "unexpectedReply temporary"), ("221", "unexpectedReply temporary"),
            ("354", "unexpectedReply temporary"), ("421", "serverClosing temporary"),
            ("450", "ehloRefused temporary"), ("500", "ehloRefused permanent stops"),
            ("530", "ehloRefused permanent stops"),
        ]
    )
    func heloRefused(_ code: String, _ failure: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 502 what
            C: HELO [127.0.0.1]
            S: \(code) no
            E: failed ehlo \(failure) \(code)
            """
        #expect(try play(story, try connection(.plaintext, isAnonymous: true)) == lines(story))
    }

    @Test("after HELO there are no extensions, whatever the server lists")
    func helo() throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 500 what
            C: HELO [127.0.0.1]
            S: 250-x
            S: 250-SIZE 5
            S: 250 PIPELINING
            E: ready greeted
            D: submit a@x -> b@x size=10
            C: MAIL FROM:<a@x>
            """
        #expect(try play(story, try connection(.implicitTLS, isAnonymous: true)) == lines(story))
    }

    @Test(
        "Q30: a refused address literal is tried once more as a name",
        arguments: [501, 504, 550, 553]
    )
    func nameInsteadOfLiteral(_ code: Int) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: \(code) no literals
            C: EHLO localhost.localdomain
            S: 250-x
            S: 250 AUTH PLAIN
            C: AUTH PLAIN {AHUAcA==}
            S: 235 in
            E: ready by PLAIN greeted
            """
        #expect(try play(story, try connection()) == lines(story))
        let twice = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: \(code) no literals
            C: EHLO localhost.localdomain
            S: \(code) nor that
            E: failed ehlo ehloRefused permanent stops \(code)
            """
        #expect(try play(twice, try connection()) == lines(twice))
    }

    @Test(
        "B04: a greeting other than 220 is a refusal or a violation by its class",
        arguments: [
            ("221", "unexpectedReply temporary"), ("250", "unexpectedReply temporary"),
            ("354", "unexpectedReply temporary"), ("421", "serverClosing temporary"),
            ("450", "greetingRefused temporary"), ("500", "greetingRefused permanent stops"),
            ("501", "greetingRefused permanent stops"), ("530", "greetingRefused permanent stops"),
            ("554", "greetingRefused permanent stops"),
        ]
    )
    func greetings(_ code: String, _ failure: String) throws {
        let story = "S: \(code) x\nE: failed greeting \(failure) \(code)"
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("B04: mixed codes in the greeting are a violation")
    func mixedGreeting() throws {
        let story = """
            S: 220-a
            S: 250 b
            E: failed greeting malformedReply(the code changes within one reply at 7) temporary
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("a reply that is there before EHLO was written answers nothing")
    func earlyReply() throws {
        let story = """
            S: 220 x
            S: 250-x
            S: 250 AUTH PLAIN
            E: failed greeting unsolicitedReply temporary 250
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test(
        "B15: AUTH is tried once, and the class of the answer decides",
        arguments: [
            ("535 5.7.8 wrong", "authenticationFailed permanent stops 535"),
            ("534 5.7.9 weak", "authenticationFailed permanent stops 534"),
            ("538 5.7.11 clear", "authenticationFailed permanent stops 538"),
            ("550 5.7.30 basic off", "authenticationFailed permanent stops 550"),
            ("504 5.5.4 what", "authenticationFailed permanent stops 504"),
            ("454 4.7.0 later", "authenticationDeferred temporary 454"),
            ("421 4.3.2 bye", "serverClosing temporary 421"),
            ("354 go", "unexpectedReply temporary 354"),
            ("221 bye", "unexpectedReply temporary 221"),
            ("220 again", "unexpectedReply temporary 220"),
        ]
    )
    func authRefused(_ reply: String, _ failure: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 AUTH PLAIN LOGIN
            C: AUTH PLAIN {AHUAcA==}
            S: \(reply)
            E: failed auth \(failure)
            D: quit
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("the server's text is kept with a refused login")
    func authText() throws {
        var runner = StoryRunner(try connection())
        try runner.run(
            Step.read("S: 220 x\nC:\nS: 250-x\nS: 250 AUTH PLAIN\nC:\nS: 535-5.7.8 a\nS: 535 b")
        )
        let error = try #require(runner.failures.first)
        #expect(error.reply?.text == octets("5.7.8 a\nb"))
        #expect(error.fault == .caller)
        #expect(error.description == "the server refuses the login: 535 5.7.8 a b")
    }

    @Test("no mechanism of ours ends the session", arguments: ["AUTH CRAM-MD5", "AUTH", "DSN"])
    func noMechanism(_ line: String) throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 \(line)
            E: failed ehlo authenticationNotOffered permanent stops
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("a challenge after the last answer is cancelled, and nothing secret goes out again")
    func oneChallengeTooMany() throws {
        let story = """
            S: 220 x
            C: EHLO [127.0.0.1]
            S: 250-x
            S: 250 AUTH PLAIN
            C: AUTH PLAIN {AHUAcA==}
            S: 334 again
            C: *
            E: failed auth authenticationBroken(SASL.SASLError.unexpectedChallenge) permanent \
            stops 334
            """
        #expect(try play(story, try connection()) == lines(story))
    }

    @Test("an initial response goes along up to a line of 12,288 octets, else by itself")
    func longCredential() throws {
        // "AUTH PLAIN " and CRLF are 13 octets: 12,272 of base64 are 9,204 of NUL u NUL password.
        for (count, goesAlong) in [(9_201, true), (9_202, false)] {
            let password = String(repeating: "p", count: count)
            var runner = StoryRunner(
                SMTPConnection(
                    security: .implicitTLS,
                    credential: try credential(password: password)
                )
            )
            try runner.run(Step.read("S: 220 x\nC:\nS: 250-x\nS: 250 AUTH PLAIN"))
            let line = try #require(runner.transcript.last)
            #expect(line.hasPrefix("C: AUTH PLAIN {") == goesAlong)
            guard !goesAlong else { continue }
            #expect(line == "C: AUTH PLAIN")
            try runner.run(Step.read("S: 334"))
            #expect(runner.transcript.last?.utf8.count == 12_276 + 5)
        }
    }

    @Test(
        "B21: a name for EHLO that could hold a command ends the session before a word of ours",
        arguments: ["", "a b", "a\r\nRCPT", "a\n", "a\u{0}", "<a>", "\u{430}.example"]
    )
    func names(_ name: String) throws {
        let story = "S: 220 x\nE: failed greeting invalidEHLOName permanent stops"
        #expect(try play(story, try connection(name: octets(name))) == lines(story))
    }

    @Test("B21: a name of 255 octets is taken and one of 256 is not")
    func longNames() throws {
        for (count, isFine) in [(255, true), (256, false)] {
            let name = [UInt8](repeating: 97, count: count)
            var runner = StoryRunner(try connection(name: name))
            try runner.run(Step.read("S: 220 x"))
            #expect(runner.failures.isEmpty == isFine)
        }
    }
}
