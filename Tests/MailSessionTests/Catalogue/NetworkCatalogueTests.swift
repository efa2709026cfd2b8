// Rows of the catalogue (reliability.md 2.G) and of the quirks (protocols.md section 5) where a
// session meets the network: silence, resets, slow peers, and servers that promise too much.

import Glibc
import IMAP
import MailModel
import MailTestSupport
import NIOCore
import SMTP
import Testing

@testable import MailSession

@Suite struct NetworkCatalogueTests {
    private typealias Step = ScriptedServer.Step

    private static let fetch = IMAPCommand.uidFetch(.uids(UIDSet([UID(7)])), [.section("1")])

    private static let smtpLogin: [Step] = [
        .send("220 ready\r\n"), .expect("EHLO"), .send("250-hi\r\n250 AUTH PLAIN\r\n"),
        .expect("AUTH PLAIN"), .send("235 in\r\n"),
    ]
    private static let transaction: [Step] = [
        .expect("MAIL"), .send("250 ok\r\n"), .expect("RCPT"), .send("250 ok\r\n"),
        .expect("DATA"), .send("354 go\r\n"), .expect("Hi"), .expect("."),
        .send("250 queued\r\n"),
    ]

    private func address(
        _ server: ScriptedServer,
        _ protection: Endpoint.Protection = .none
    ) throws -> MailServer {
        let endpoint = Endpoint(host: "127.0.0.1", port: server.port, protection: protection)
        return try MailServer(endpoint, caFile: nil, pins: [])
    }

    private func envelope() throws -> SMTPEnvelope {
        SMTPEnvelope(
            sender: try AddrSpec("a@x".utf8),
            recipients: [try AddrSpec("b@x".utf8)],
            size: 4,
            needs8Bit: false
        )
    }

    private func submit(_ session: SMTPSession) async throws -> SMTPOutcome {
        var pieces: [[UInt8]] = [Array("Hi\r\n".utf8)]
        return try await session.submit(try envelope()) {
            pieces.isEmpty ? nil : pieces.removeFirst()
        }
    }

    private func expectTimeout(
        _ error: SessionError?,
        _ phase: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard case .timedOut? = error else {
            Issue.record("\(phase): \(String(describing: error))", sourceLocation: sourceLocation)
            return
        }
        #expect(error?.isTemporary == true, sourceLocation: sourceLocation)
        #expect(error?.endsConnection == true, sourceLocation: sourceLocation)
    }

    // MARK: Silence

    private static let shortWait = Duration.milliseconds(50)

    private static func beginsIdle(_ step: Step) -> Bool {
        if case .send(let text) = step { text.utf8.first == UInt8(ascii: "+") } else { false }
    }

    /// What ends a link whose server falls silent behind a script, when a short wait is set.
    private func end(
        of script: [Step],
        _ protection: Endpoint.Protection = .none,
        _ command: IMAPCommand? = nil
    ) async throws -> SessionError? {
        let security: IMAPConnection.Security =
            switch protection {
            case .implicit: .implicitTLS
            case .startTLS: .startTLS
            case .none: .plaintext
            }
        let server = try ScriptedServer([script + [.hold]])
        let machine = try IMAPConnection(security: security, credential: credential())
        let link = try await Link.connect(to: address(server, protection), machine: machine)
        if command == nil { try await link.setWait(Self.shortWait) }
        for await event in link.events {
            switch event {
            case .machine(.ready):
                guard let command else { continue }
                try await link.act { $0.submit(command).actions }
                if command != .idle || !script.contains(where: Self.beginsIdle) {
                    try await link.setWait(Self.shortWait)
                }
            case .machine(.idling):
                try await link.act { $0.endIdle() }
                try await link.setWait(Self.shortWait)
            case .ended(let error): return error
            default: continue
            }
        }
        return nil
    }

    @Test("G02: silence in a login, in TLS and in STARTTLS ends the wait")
    func silentLogin() async throws {
        let offer = Step.send("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] hi\r\n")
        expectTimeout(try await end(of: []), "greeting")
        expectTimeout(try await end(of: [], .implicit), "TLS")
        expectTimeout(try await end(of: [], .startTLS), "greeting before STARTTLS")
        expectTimeout(try await end(of: [offer, .expect("STARTTLS")], .startTLS), "STARTTLS")
        let begun: [Step] = [offer, .expect("STARTTLS"), .answer("* OK begin")]
        expectTimeout(try await end(of: begun, .startTLS), "TLS behind STARTTLS")
        expectTimeout(try await end(of: [offer, .expect("AUTHENTICATE")]), "AUTHENTICATE")
    }

    @Test("G02: silence behind a command, in a literal, in IDLE and in APPEND ends the wait")
    func silentCommand() async throws {
        let login = imapLogin()
        expectTimeout(try await end(of: login, .none, .noop), "command")
        let literal: [Step] = [.expect("FETCH"), .send("* 1 FETCH (BODY[1] {9}\r\nabc")]
        expectTimeout(try await end(of: login + literal, .none, Self.fetch), "literal")
        expectTimeout(try await end(of: login + [.expect("IDLE")], .none, .idle), "IDLE")
        let idling: [Step] = [.expect("IDLE"), .send("+ idling\r\n"), .expect("DONE")]
        expectTimeout(try await end(of: login + idling, .none, .idle), "DONE")
        let append = IMAPCommand.append(.inbox, [], nil, size: 5)
        expectTimeout(try await end(of: login + [.expect("APPEND")], .none, append), "APPEND")
    }

    @Test("G02: silence in SMTP ends the wait; behind the dot it is not known what became of it")
    func silentSubmission() async throws {
        let script = Self.smtpLogin + Self.transaction.dropLast()
        for count in 0...script.count {
            let server = try ScriptedServer([Array(script.prefix(count)) + [.hold]])
            let machine = try SMTPConnection(security: .plaintext, credential: credential())
            let link = try await Link.connect(to: address(server), machine: machine)
            let isReady = count >= Self.smtpLogin.count
            let hasDot = count >= Self.smtpLogin.count + 6
            if !isReady { try await link.setWait(Self.shortWait) }
            var verdict: SMTPOutcome.Verdict?
            var end: SessionError?
            let envelope = try envelope()
            for await event in link.events {
                switch event {
                case .machine(.ready):
                    try await link.act { $0.submit(envelope) }
                    if !hasDot { try await link.setWait(Self.shortWait) }
                case .machine(.needsBody):
                    try await link.act { $0.bodyChunk(Array("Hi\r\n".utf8)) }
                    try await link.act { $0.bodyEnd() }
                    try await link.setWait(Self.shortWait)
                case .machine(.completed(let outcome)): verdict = outcome.verdict
                case .ended(let error): end = error
                default: continue
                }
            }
            expectTimeout(end, "step \(count)")
            let expected: SMTPOutcome.Verdict? = hasDot ? .unknown : isReady ? .deferred : nil
            #expect(verdict == expected, "step \(count)")
        }
    }

    @Test("G02: every phase has a wait, and none is longer than two minutes")
    func waits() {
        let waits = [
            SessionLimits.connectWait, SessionLimits.loginWait, SessionLimits.commandWait,
            SessionLimits.idleEndWait, SessionLimits.farewellWait,
        ]
        #expect(waits.allSatisfy { $0 > .zero && $0 <= .seconds(120) })
    }

    @Test("G08: the system finds a dead peer within two minutes, also while nothing is sent")
    func keepalive() async throws {
        let server = try ScriptedServer([[.hold]])
        let machine = try IMAPConnection(security: .plaintext, credential: credential())
        let link = try await Link.connect(to: address(server), machine: machine)
        let channel = link.events.channel
        func value(_ name: Int32) async throws -> Int {
            Int(try await channel.getOption(.tcpOption(.init(rawValue: name))).get())
        }
        #expect(try await channel.getOption(.socketOption(.so_keepalive)).get() != 0)
        let idle = try await value(TCP_KEEPIDLE)
        let interval = try await value(TCP_KEEPINTVL)
        let count = try await value(TCP_KEEPCNT)
        #expect(idle + interval * count <= 120)
        link.close()
    }

    // MARK: Resets and slow peers

    @Test("G03: a reset at any step of an IMAP session is an error that a retry may mend")
    func reset() async throws {
        let script =
            imapLogin() + [
                .expect("SELECT"), .send("* 1 EXISTS\r\n"), .answer("* OK in"),
                .expect("UID FETCH"), .send("* 1 FETCH (BODY[1] {5}\r\nhe"), .send("llo)\r\n"),
                .answer("* OK"), .expect("IDLE"), .send("+ idling\r\n"),
            ]
        for count in 0...script.count {
            let server = try ScriptedServer([Array(script.prefix(count)) + [.reset]])
            let error = await #expect(throws: SessionError.self, "step \(count)") {
                let session = try await IMAPSession(address(server), credential: credential())
                _ = try await session.execute(.select(.inbox, readOnly: false))
                _ = try await session.execute(Self.fetch)
                try await session.waitForNews()
            }
            #expect(error?.isTemporary == true, "step \(count): \(String(describing: error))")
            #expect(error?.endsConnection == true, "step \(count)")
        }
    }

    @Test("G03: a reset at any step of a submission defers it, or leaves it unknown by the rule")
    func resetSubmission() async throws {
        let script = Self.smtpLogin + Self.transaction
        for count in 0..<script.count {
            let server = try ScriptedServer([Array(script.prefix(count)) + [.reset]])
            do {
                let session = try await SMTPSession(address(server), credential: credential())
                let verdict = try await submit(session).verdict
                // Behind 354 the whole message may be on its way before the reset is seen.
                let mayHaveLeft = count >= Self.smtpLogin.count + 6
                #expect(
                    verdict == .deferred || (mayHaveLeft && verdict == .unknown),
                    "step \(count): \(verdict)"
                )
            } catch let error as SessionError {
                #expect(error.isTemporary, "step \(count)")
            }
        }
    }

    @Test("G01: a submission over a network of one octet per segment is sent")
    func slicedSubmission() async throws {
        let script = (Self.smtpLogin + Self.transaction).flatMap { step -> [Step] in
            guard case .send(let text) = step else { return [step] }
            return text.unicodeScalars.map { .send(String($0)) }
        }
        let server = try ScriptedServer([script + [.hold]])
        let session = try await SMTPSession(address(server), credential: credential())
        #expect(try await submit(session).verdict == .sent)
        await session.close()
    }

    // MARK: Quirks

    @Test("Q40: LIST with RETURN that is refused or answered with nothing is asked without it")
    func extendedList() async throws {
        let answers: [[Step]] = [
            [.answer("* BAD what?")], [.answer("* OK nothing")],
        ]
        let list: [Step] = [
            .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"), .answer("* OK"),
        ]
        let command = IMAPCommand.list(
            reference: [],
            pattern: Array("*".utf8),
            IMAPListOptions(status: [.messages])
        )
        for answer in answers {
            let server = try ScriptedServer([
                imapLogin(capabilities: "IMAP4rev1 SASL-IR LIST-EXTENDED LIST-STATUS")
                    + [.expect("RETURN")] + answer + list + list + [.hold]
            ])
            let session = try await IMAPSession(address(server), credential: credential())
            for _ in 0..<2 {
                let names = try await session.execute(command).untagged.compactMap { data in
                    if case .list(let entry) = data { entry.name } else { nil }
                }
                #expect(names == [.inbox])
            }
            #expect(
                server.lines[0].suffix(3) == [
                    "A0002 LIST \"\" \"*\" RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES))",
                    "A0003 LIST \"\" \"*\"", "A0004 LIST \"\" \"*\"",
                ]
            )
            session.close()
        }
    }

    @Test("Q69: of several counts in the answer to SELECT the last one counts")
    func rampingCount() async throws {
        let server = try ScriptedServer([
            imapLogin() + [
                .expect("SELECT"), .send("* 500 EXISTS\r\n* 1000 EXISTS\r\n* 1500 EXISTS\r\n"),
                .answer("* OK in"), .hold,
            ]
        ])
        let session = try await IMAPSession(address(server), credential: credential())
        _ = try await session.execute(.select(.inbox, readOnly: false))
        #expect(await session.exists == 1500)
        #expect(await !session.hasNews)
        session.close()
    }
}
