// From greeting to `.ready`. Catalogue rows are those of reliability.md 2.A.

import MailModel
import SASL
import Testing

@testable import IMAP

@Suite struct IMAPConnectionLoginTests {
    @Test("Q62: the whole login: CAPABILITY, AUTHENTICATE with SASL-IR, then ID, NAMESPACE")
    func wholeLogin() {
        Story([
            "S: * OK Dovecot ready.",
            "C: A0001 CAPABILITY",
            "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN",
            "S: A0001 OK done",
            "C: A0002 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0002 OK [CAPABILITY IMAP4rev1 ID NAMESPACE IDLE] Logged in",
            "C: A0003 ID (\"name\" \"mailbroker\")",
            "S: * ID (\"name\" \"Dovecot\" \"os\" NIL)",
            "S: A0003 OK ID completed",
            "C: A0004 NAMESPACE",
            "S: * NAMESPACE ((\"\" \"/\")) NIL NIL",
            "S: A0004 OK done",
            "ready PLAIN",
        ]).check()
    }

    @Test("The summary tells what ID, NAMESPACE and the last capabilities said")
    func summary() throws {
        var connection = IMAPConnection(security: .implicitTLS, credential: Story.tim)
        let turns = [
            "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR LOGIN-REFERRALS] Hi there\r\n",
            "A0001 OK [CAPABILITY IMAP4rev1 ID NAMESPACE MOVE APPENDLIMIT=35651584] in\r\n",
            "* ID (\"name\" \"X\" \"version\" NIL)\r\nA0002 OK\r\n",
            "* NAMESPACE ((\"INBOX.\" \".\")) ((\"~\" \"/\")) NIL\r\nA0003 OK\r\n",
        ]
        var actions = connection.tlsEstablished()
        for turn in turns { actions += connection.receive(Array(turn.utf8)) }
        guard case .ready(let summary)? = actions.last else {
            Issue.record("not ready: \(actions)")
            return
        }
        #expect(summary.has("move"))
        #expect(!summary.has("LOGIN-REFERRALS"))
        #expect(summary.capabilities.appendLimit == 35_651_584)
        #expect(summary.greeting == Array("Hi there".utf8))
        #expect(summary.login == .sasl(.plain))
        #expect(
            summary.id == [
                IMAPIDField(name: Array("name".utf8), value: Array("X".utf8)),
                IMAPIDField(name: Array("version".utf8), value: []),
            ]
        )
        let namespaces = try #require(summary.namespaces)
        #expect(
            namespaces.personal
                == [IMAPNamespace(prefix: Array("INBOX.".utf8), delimiter: UInt8(ascii: "."))]
        )
        #expect(namespaces.otherUsers.count == 1)
        #expect(namespaces.shared.isEmpty)
    }

    @Test("Q75: without SASL-IR the password waits for the server's +, with nothing behind it")
    func withoutInitialResponse() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN",
            "S: +",
            "C: <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1] in",
            "ready PLAIN",
        ]).check()
    }

    @Test("AUTH=LOGIN answers two prompts by position")
    func mechanismLogin() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=LOGIN] hi",
            "C: A0001 AUTHENTICATE LOGIN",
            "S: + VXNlciBOYW1lAA==",
            "C: <dGlt>",
            "S: + UGFzc3dvcmQA",
            "C: <c2VjcmV0>",
            "S: A0001 OK in",
            "C: A0002 CAPABILITY",
            "S: * CAPABILITY IMAP4rev1",
            "S: A0002 OK",
            "ready LOGIN",
        ]).check()
    }

    @Test("Q88: a server without any mechanism gets the LOGIN command, quoted")
    func loginCommand() throws {
        let secret = try #require(Secret(Array(#"a"b\c d"#.utf8)))
        let credential = try SASLCredential(user: Array("t im".utf8), secret: secret)
        Story(
            credential: credential,
            [
                "S: * OK [CAPABILITY IMAP4rev1] hi",
                "C: A0001 CAPABILITY",
                "S: * CAPABILITY IMAP4rev1",
                "S: A0001 OK",
                #"C: A0002 LOGIN "t im" <"a\"b\\c d">"#,
                "S: A0002 OK [CAPABILITY IMAP4rev1] in",
                "ready login",
            ]
        ).check()
    }

    @Test("A38: with LOGINDISABLED no password is sent", arguments: ["", " AUTH=LOGIN"])
    func loginDisabled(mechanism: String) {
        Story([
            .raw("* OK [CAPABILITY IMAP4rev1 LOGINDISABLED\(mechanism)] hi\r\n"),
            "C: A0001 CAPABILITY",
            .raw("* CAPABILITY IMAP4rev1 LOGINDISABLED\(mechanism)\r\n"),
            "S: A0001 OK",
            "failed noUsableMechanism",
        ]).check()
    }

    @Test("Mechanisms we do not speak are no reason for the LOGIN command")
    func foreignMechanisms() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=GSSAPI] hi",
            "C: A0001 CAPABILITY",
            "S: * CAPABILITY IMAP4rev1 AUTH=GSSAPI",
            "S: A0001 OK",
            "failed noUsableMechanism",
        ]).check()
    }

    @Test("Capabilities sent between AUTHENTICATE and its OK count, as Gmail does it")
    func announcedCapabilities() {
        Story([
            "S: * OK Gimap ready for requests",
            "C: A0001 CAPABILITY",
            "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN",
            "S: A0001 OK Thats all she wrote!",
            "C: A0002 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: * CAPABILITY IMAP4rev1 IDLE",
            "S: A0002 OK tim authenticated (Success)",
            "ready PLAIN",
            .submit(.idle),
            "C: A0003 IDLE",
        ]).check()
    }

    @Test("A39, Q84: capabilities from before the login do not outlive it")
    func capabilitiesReset() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN MOVE ID NAMESPACE] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK in",
            "C: A0002 CAPABILITY",
            "S: * CAPABILITY IMAP4rev1",
            "S: A0002 OK",
            "ready PLAIN",
            .submit(.uidMove(UIDSet([UID(1)]), .inbox)),
            "refused capabilityMissing",
        ]).check()
    }

    @Test("ID and NAMESPACE may be refused")
    func refusedExtras() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1 ID NAMESPACE]",
            "C: A0002 ID (\"name\" \"mailbroker\")",
            "S: A0002 BAD what?",
            "C: A0003 NAMESPACE",
            "S: A0003 NO not now",
            "ready PLAIN",
        ]).check()
    }

    @Test(
        "Q10, Q35: a refused login is tried once; the code says if it is worth trying again",
        arguments: [
            ("NO [AUTHENTICATIONFAILED] wrong", "failed authenticationFailed wrong"),
            ("NO wrong", "failed authenticationFailed wrong"),
            ("NO [UNAVAILABLE] later", "failed authenticationFailed temporary later"),
            ("BAD [UNAVAILABLE] later", "failed authenticationFailed temporary later"),
            ("NO [LIMIT] too many", "failed authenticationFailed temporary too many"),
            ("NO [INUSE] busy", "failed authenticationFailed temporary busy"),
            ("NO [EXPIRED] old", "failed authenticationFailed old"),
            (
                "NO [ALERT] Too many simultaneous connections. (Failure)",
                "failed authenticationFailed temporary Too many simultaneous connections. (Failure)"
            ),
            ("BAD", "failed authenticationFailed"), ("", "failed authenticationFailed A0001"),
        ]
    )
    func refusedLogin(answer: String, expected: String) {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            .raw("A0001\(answer.isEmpty ? "" : " " + answer)\r\n"),
            .expected(expected),
        ]).check()
    }

    @Test("A08: a referral is not followed, and is a refusal like any other")
    func referral() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 NO [REFERRAL imap://;AUTH=*@attacker/] go there",
            "failed authenticationFailed go there",
        ]).check()
    }

    @Test("Q15: Exchange lets a wrong password pass and says so at the next command")
    func authenticatedButNotConnected() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] The Microsoft Exchange IMAP4 service",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK AUTHENTICATE completed.",
            "C: A0002 CAPABILITY",
            "S: A0002 BAD User is authenticated but not connected.",
            "failed authenticationFailed User is authenticated but not connected.",
        ]).check()
    }

    @Test(
        "A04: what is no greeting ends the connection at its first line",
        arguments: [
            "220 mail ESMTP", "A0001 OK hi", "* NO go away", "* BAD", "* CAPABILITY IMAP4rev1",
            "+ ok",
            "HTTP/1.1 400 Bad Request", "*", "* 1 EXISTS", "\u{16}\u{3}\u{1}",
        ]
    )
    func invalidGreeting(line: String) {
        Story([
            .raw(line + "\r\n"), "failed invalidGreeting", "S: * OK hi",
        ]).check()
    }

    @Test("BYE as a greeting is temporary and keeps its text")
    func byeGreeting() {
        Story([
            "S: * BYE [UNAVAILABLE] overloaded", "failed bye temporary overloaded",
        ]).check()
    }

    @Test("BYE while a password is checked waits for the answer, which says more")
    func byeDuringLogin() {
        let start: [Step] = [
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>", "S: * BYE too many tries",
        ]
        Story(
            start + [
                "S: A0001 NO [AUTHENTICATIONFAILED] wrong", "failed authenticationFailed wrong",
            ]
        ).check()
        Story(start + [.closed, "failed bye temporary too many tries"]).check()
        Story(start + ["S: * BYE again", "failed bye temporary again"]).check()
    }

    @Test("A05: an answer that came before its command is not taken for it")
    func prematureAnswer() {
        Story([
            "S: * OK hi",
            "S: A0001 OK done",
            "C: A0001 CAPABILITY",
            "failed desynchronised",
        ]).check(splits: false)
        Story([
            "S: * OK hi", "C: A0001 CAPABILITY", "S: A0002 OK next", "failed desynchronised",
        ]).check()
    }

    @Test("A06: data about mailboxes before the login is forgotten")
    func dataBeforeLogin() {
        Story([
            "S: * OK hi",
            "C: A0001 CAPABILITY",
            "S: * LIST () \"/\" x", "S: * LSUB () \"/\" x", "S: * STATUS x (MESSAGES 1)",
            "S: * SEARCH 1 2", "S: * FLAGS (\\Seen)", "S: * 5 EXISTS", "S: * 5 RECENT",
            "S: * 5 EXPUNGE", "S: * 1 FETCH (UID 1)", "S: * OK [ALERT] call +1 555",
            "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN",
            "S: A0001 OK",
            "C: A0002 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: * 7 EXISTS",
            "S: A0002 OK [CAPABILITY IMAP4rev1] in",
            "ready PLAIN",
        ]).check()
    }

    @Test("A07: an alert between login and ready is handed on once, behind ready")
    func alertAfterLogin() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK [CAPABILITY IMAP4rev1 NAMESPACE] in",
            "C: A0002 NAMESPACE",
            "S: * OK [ALERT] \u{1B}]0;quota",
            "S: A0002 OK",
            "ready PLAIN",
            #"condition OK [alert] \x1b]0;quota"#,
        ]).check()
    }

    @Test(
        "A37: challenges that make no sense end the connection",
        arguments: [
            ("AUTH=PLAIN", "+ not base64!", "failed authenticationAborted"),
            ("AUTH=LOGIN", "+ " + String(repeating: "A", count: 9000), "failed lineTooLong"),
        ]
    )
    func badChallenge(mechanism: String, challenge: String, expected: String) {
        let name = String(mechanism.utf8.dropFirst(5)) ?? ""
        Story([
            .raw("* OK [CAPABILITY IMAP4rev1 \(mechanism)] hi\r\n"),
            .expected("C: A0001 AUTHENTICATE \(name)"),
            .raw(challenge + "\r\n"),
            .expected(expected),
        ]).check(splits: challenge.utf8.count < 1000)
    }

    @Test("A37: a second + is an error, before and after the OK")
    func secondContinuation() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: + ",
            "failed authenticationAborted",
        ]).check()
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi",
            "C: A0001 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
            "S: A0001 OK in",
            "C: A0002 CAPABILITY",
            "S: + ",
            "failed unexpectedContinuation",
        ]).check()
    }

    @Test("A + that was sent before it was due does not get the password")
    func prematureContinuation() {
        Story([
            "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi",
            "S: + ",
            "C: A0001 AUTHENTICATE PLAIN",
            "failed unexpectedContinuation",
        ]).check(splits: false)
    }

    @Test("L1 and L5: lines, octets and their number are bounded before the login")
    func loginLimits() {
        Story([
            .raw("* OK " + String(repeating: "x", count: 8200)), "failed lineTooLong",
        ]).check(splits: false)
        let line = "* OK " + String(repeating: "x", count: 8000) + "\r\n"
        Story([
            "S: * OK hi", "C: A0001 CAPABILITY", .raw(String(repeating: line, count: 10)),
            "failed loginTooLong",
        ]).check(splits: false)
        Story([
            "S: * OK hi", "C: A0001 CAPABILITY",
            .raw(String(repeating: "* OK\r\n", count: 101)), "failed loginTooLong",
        ]).check(splits: false)
        Story([
            .raw(String(repeating: "\r\n", count: 40_000)), "failed loginTooLong",
        ]).check(splits: false)
    }

    @Test("Literals have no place before the login")
    func literalBeforeLogin() {
        Story([
            "S: * OK hi", "C: A0001 CAPABILITY", "S: * LIST () \"/\" {5}", "failed invalidLiteral",
        ]).check()
    }

    @Test("Q97: Dovecot says OK once more while it starts; a later OK may bring capabilities")
    func secondGreeting() {
        Story([
            "S: * OK Waiting for authentication process to respond..",
            "C: A0001 CAPABILITY",
            "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Dovecot ready.",
            "S: A0001 OK",
            "C: A0002 AUTHENTICATE PLAIN <AHRpbQBzZWNyZXQ=>",
        ]).check()
    }

    @Test("A session that is authenticated from the beginning needs no credential")
    func preauth() {
        Story(
            security: .preauthenticated,
            credential: nil,
            [
                "S: * PREAUTH hi", "C: A0001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 NAMESPACE",
                "S: A0001 OK", "C: A0002 NAMESPACE", "S: A0002 OK", "ready preauthenticated",
            ]
        ).check()
        Story(
            security: .preauthenticated,
            credential: nil,
            ["S: * OK hi", "failed credentialMissing"]
        )
        .check()
    }

    @Test("A43: the transport may end at any octet of a login; the machine says so once")
    func cutAnywhere() {
        let turn = Array("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\nA0001 OK\r\n".utf8)
        for end in 0...turn.count {
            var connection = IMAPConnection(security: .plaintext, credential: Story.tim)
            var rendering = Rendering()
            for octet in turn[..<end] { rendering.add(connection.receive([octet])) }
            rendering.add(connection.closed())
            rendering.add(connection.closed())
            let last = rendering.finish().last
            #expect(last == "failed connectionClosed temporary")
        }
    }

    @Test("Nothing is read over a transport that should be TLS and is not said to be")
    func notSecured() {
        var connection = IMAPConnection(security: .implicitTLS, credential: Story.tim)
        var rendering = Rendering()
        rendering.add(connection.receive(Array("* OK hi\r\n".utf8)))
        #expect(rendering.finish() == ["failed transportNotSecured"])
    }
}

@Suite struct IMAPConnectionStartTLSTests {
    private let start: [Step] = [
        "S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] hi",
        "C: A0001 STARTTLS",
    ]

    @Test("A39, Q55: after STARTTLS everything is asked again, and only that counts")
    func whole() {
        Story(
            security: .startTLS,
            start + [
                "S: A0001 OK begin",
                "startTLS",
                .tls,
                "C: A0002 CAPABILITY",
                "S: * CAPABILITY IMAP4rev1 AUTH=LOGIN",
                "S: A0002 OK",
                "C: A0003 AUTHENTICATE LOGIN",
            ]
        ).check()
    }

    @Test("STARTTLS that the greeting does not name is looked for once more")
    func asked() {
        Story(
            security: .startTLS,
            [
                "S: * OK hi", "C: A0001 CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS",
                "S: A0001 OK", "C: A0002 STARTTLS",
            ]
        ).check()
    }

    @Test(
        "A01: octets in clear behind the OK end the connection",
        arguments: [
            "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nA0002 OK x\r\n", "\r\n", "x", "\0",
            "A0002 OK\r\n",
        ]
    )
    func injected(octets: String) {
        let story = Story(
            security: .startTLS,
            start + [.raw("A0001 OK begin\r\n" + octets), "failed injectedOctets"]
        )
        story.check(splits: false)
        // Cut in two, the driver may have been told to begin before the rest came.
        Story(
            security: .startTLS,
            start + [
                .raw("A0001 OK begin\r\n"), "startTLS", .raw(octets), "failed injectedOctets", .tls,
            ]
        ).check()
    }

    @Test(
        "A02: PREAUTH where TLS should come first ends the connection",
        arguments: [
            "", "[CAPABILITY IMAP4rev1] ", "[CAPABILITY IMAP4rev1 STARTTLS] ",
            "[CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ", "[CAPABILITY IMAP4rev1 LOGINDISABLED] ",
        ]
    )
    func preauth(capabilities: String) {
        Story(
            security: .startTLS,
            [.raw("* PREAUTH \(capabilities)hi\r\n"), "failed unexpectedPreauth"]
        ).check()
    }

    @Test("A03: without STARTTLS nothing is sent", arguments: ["", " AUTH=PLAIN SASL-IR"])
    func missing(capabilities: String) {
        Story(
            security: .startTLS,
            [
                .raw("* OK [CAPABILITY IMAP4rev1\(capabilities)] hi\r\n"),
                "C: A0001 CAPABILITY",
                .raw("* CAPABILITY IMAP4rev1\(capabilities)\r\n"),
                "S: A0001 OK",
                "failed startTLSMissing",
            ]
        ).check()
    }

    @Test(
        "A03: STARTTLS that is not answered with OK ends the connection",
        arguments: [
            ("A0001 NO not today", "failed startTLSRefused"),
            ("A0001 BAD what", "failed startTLSRefused"), ("A0001", "failed startTLSRefused"),
            ("+ continue", "failed unexpectedContinuation"),
            ("A0002 OK begin", "failed desynchronised"), ("B OK begin", "failed desynchronised"),
            ("a0001 OK begin", "failed desynchronised"), ("nonsense", "failed invalidGreeting"),
            ("* BYE no", "failed bye temporary"),
        ]
    )
    func refused(answer: String, expected: String) {
        Story(security: .startTLS, start + [.raw(answer + "\r\n"), .expected(expected)]).check()
    }

    @Test("A05: the OK to STARTTLS cannot come before STARTTLS")
    func premature() {
        Story(
            security: .startTLS,
            [
                "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi", "S: A0001 OK begin",
                "C: A0001 STARTTLS", "failed desynchronised",
            ]
        ).check(splits: false)
    }

    @Test("A07: text that came in clear is in no error and no summary")
    func textInClear() {
        Story(security: .startTLS, ["S: * BYE call +1 555", "failed bye temporary"]).check()
    }

    @Test("TLS that nobody asked for is not believed")
    func unasked() {
        Story(security: .startTLS, [.tls, "failed transportNotSecured"]).check()
    }
}
