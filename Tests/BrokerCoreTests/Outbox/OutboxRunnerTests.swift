// Facts about messages on their way: each is sent once, or the user is told (reliability.md 3).

import BrokerProtocol
import MailModel
import MailSession
import MailStore
import MailTestSupport
import SMTP
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct OutboxRunnerTests {
    @Test("a message is sent and filed with its Bcc, and everything is on the disk before")
    func sends() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await fixture.comes(id, to: .filed))
        let sent = transport.state.withLock { $0.submitted }
        #expect(sent.map(\.octets) == [Array("Subject: k\r\n\r\nhello\r\n".utf8)])
        #expect(sent.map(\.recipients) == [["b@e", "c@e"]])
        let copies = transport.state.withLock { $0.copies }
        #expect(copies.map(\.octets) == [Array("Bcc: c@e\r\nSubject: k\r\n\r\nhello\r\n".utf8)])
        #expect(copies.map(\.size) == [UInt64(copies[0].octets.count)])
        #expect(
            try fixture.steps(id) == ["queued", "attempt", "handing over", "sent", "filed"]
        )
        #expect(try fixture.record(id).recipients.map(\.state) == [.delivered, .delivered])
    }

    @Test("messages leave in the order in which they were taken in, also those of before a login")
    func order() async throws {
        let fixture = try OutboxFixture()
        var ids: [Int64] = []
        for number in 0..<20 {
            ids.append(try await fixture.submit("k\(number)", to: ["\(number)@e"]))
        }
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        #expect(await fixture.comes(ids[19], to: .filed))
        #expect(transport.recipients.flatMap { $0 } == (0..<20).map { "\($0)@e" })
    }

    @Test(
        "B19: what was taken by the server, and not recorded before the broker ended, is found",
        arguments: [true, false]
    )
    func endedBeforeRecord(isInSent: Bool) async throws {
        let fixture = try OutboxFixture()
        let id = try await fixture.submit("k")
        for (from, to) in [(OutboxState.queued, OutboxState.sending), (.sending, .dot)] {
            let change = OutboxChange(to, "\(to)")
            _ = try fixture.outbox.move(id, from: [from], by: change, at: fixture.service.now)
        }
        try await fixture.crash()
        let transport = ScriptedTransport()
        if isInSent { transport.state.withLock { _ = $0.inSent.insert("k@e") } }
        await fixture.attach(transport)
        #expect(await fixture.comes(id, to: isInSent ? .filed : .held, within: 900))
        #expect(transport.submissions == 0)
    }

    @Test("copies wait while there is something to send, but not for long")
    func copiesWait() async throws {
        let fixture = try OutboxFixture()
        var ids: [Int64] = []
        for number in 0..<30 { ids.append(try await fixture.submit("k\(number)")) }
        // Each message takes a second to send.
        let copied = Mutex([Int]())
        let transport = ScriptedTransport()
        let answer = ScriptedTransport.Answer.outcome { [clock = fixture.clock] envelope in
            copied.withLock { $0.append(transport.copies) }
            clock.advance(1)
            return ScriptedTransport.sent(envelope)
        }
        transport.state.withLock { $0.answers = Array(repeating: answer, count: 30) }
        await fixture.attach(transport)
        #expect(await fixture.comes(ids[29], to: .filed))
        let before = copied.withLock { $0 }
        #expect(before.prefix(10).allSatisfy { $0 == 0 })
        #expect(before.enumerated().allSatisfy { $0.element <= max(0, $0.offset - 9) })
        #expect(transport.copies == 30)
    }

    @Test("a server that cannot be reached is tried again later, and the rest waits for it too")
    func network() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            .error(.unreachable("smtp.example.org")), .error(.connectionLost),
        ])
        await fixture.attach(transport)
        let first = try await fixture.submit("k1")
        #expect(await eventually { (try? fixture.record(first).lastText) != nil })
        let second = try await fixture.submit("k2")
        #expect(fixture.state(second) == .queued)
        #expect(try fixture.record(first).attempts == 1)
        #expect(await fixture.comes(second, to: .filed, within: 600))
        #expect(try fixture.record(first).attempts == 3)
        #expect(try fixture.record(second).attempts == 1)
        #expect(transport.submissions == 4)
    }

    @Test("the network coming back ends the wait")
    func hurry() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.error(.unreachable("x"))])
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await eventually { (try? fixture.record(id).lastText) != nil })
        await fixture.service.hurry("alice")
        #expect(await fixture.comes(id, to: .filed))
    }

    @Test("B21: a recipient refused for now does not hold the messages behind it")
    func deferred() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            ScriptedTransport.refusing(["b@e": "451 4.7.1 greylisted"], isSent: false)
        ])
        await fixture.attach(transport)
        let (first, second) = (try await fixture.submit("k1"), try await fixture.submit("k2"))
        #expect(await fixture.comes(second, to: .filed))
        #expect(fixture.state(first) == .queued)
        #expect(try fixture.record(first).recipients.map(\.state) == [.deferred, .pending])
        #expect(await fixture.comes(first, to: .filed, within: 600))
        #expect(try fixture.record(first).recipients.map(\.state) == [.delivered, .delivered])
    }

    @Test("a recipient refused for good stops the message for all, with the server's words")
    func refused() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            ScriptedTransport.refusing(["c@e": "550 5.1.1 no such user"], isSent: false)
        ])
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await fixture.comes(id, to: .failed))
        let record = try fixture.record(id)
        #expect(record.needsAttention)
        #expect(record.lastText?.contains("no such user") == true)
        #expect(record.recipients.map(\.state) == [.pending, .refused])
        fixture.clock.advance(100_000)
        #expect(transport.submissions == 1)
        let after = try await fixture.service.change(id, .ack)
        #expect(!after.needsAttention)
    }

    @Test("with partial the others get it, and who did not is told of after the copy is filed")
    func partial() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            ScriptedTransport.refusing(["c@e": "550 5.1.1 no such user"], isSent: true)
        ])
        await fixture.attach(transport)
        let id = try await fixture.submit(to: ["b@e", "c@e", "d@e"], partial: true)
        #expect(await fixture.comes(id, to: .failed))
        let record = try fixture.record(id)
        #expect(record.recipients.map(\.state) == [.delivered, .refused, .delivered])
        #expect(record.lastText == "not sent to c@e: 5.1.1 no such user")
        #expect(transport.copies == 1)
    }

    @Test("recipients refused for now get the message later, and only they")
    func partialLater() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            ScriptedTransport.refusing(["c@e": "452 4.2.2 mailbox full"], isSent: true)
        ])
        await fixture.attach(transport)
        let id = try await fixture.submit(to: ["b@e", "c@e"], partial: true)
        #expect(await fixture.comes(id, to: .filed, within: 600))
        #expect(transport.recipients == [["b@e", "c@e"], ["c@e"]])
        #expect(transport.copies == 1)
    }

    @Test("a server that takes fewer recipients at once gets them in smaller groups")
    func groups() async throws {
        let many = (0..<5).map { "\($0)@e" }
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            .outcome { envelope in
                SMTPOutcome(
                    verdict: .refused,
                    phase: .idle,
                    recipients: envelope.recipients.map { .init($0, .withheld) },
                    reason: SMTPError(.tooManyRecipients(count: 5, limit: 2), phase: .idle)
                )
            }
        ])
        await fixture.attach(transport)
        let id = try await fixture.submit(to: many)
        #expect(await fixture.comes(id, to: .filed))
        #expect(transport.recipients == [many, ["0@e", "1@e"], ["2@e", "3@e"], ["4@e"]])
        #expect(transport.copies == 1)
    }

    @Test(
        "B17: lost between dot and answer: never sent again by itself, held where nobody can tell"
    )
    func unknown() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.lost])
        await fixture.attach(transport)
        let (id, next) = (try await fixture.submit("k1"), try await fixture.submit("k2"))
        #expect(await fixture.comes(id, to: .unknown))
        #expect(await fixture.comes(next, to: .filed))
        #expect(await fixture.comes(id, to: .held, within: 3600))
        #expect(transport.submissions == 2)
        #expect(transport.state.withLock { $0.looks } == 1)
        fixture.clock.advance(1_000_000)
        #expect(transport.submissions == 2)
        #expect(try await fixture.service.change(id, .resend).state == .queued)
        #expect(await fixture.comes(id, to: .filed))
        #expect(transport.submissions == 3)
    }

    @Test("a message that is found in Sent was sent, and gets no second copy")
    func found() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.lost], filesByServer: true, wantsCopy: false)
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await fixture.comes(id, to: .unknown))
        transport.state.withLock { _ = $0.inSent.insert("k@e") }
        #expect(await fixture.comes(id, to: .filed, within: 60))
        #expect(transport.submissions == 1)
        #expect(transport.copies == 0)
    }

    @Test("where the server files what it sends, what is absent three times is sent again")
    func absent() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.lost], filesByServer: true, wantsCopy: false)
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await fixture.comes(id, to: .unknown))
        #expect(await eventually { fixture.clock.isAwaited })
        fixture.clock.advance(30)
        #expect(await eventually { transport.state.withLock { $0.looks } == 1 })
        #expect(fixture.state(id) == .unknown)
        #expect(await fixture.comes(id, to: .filed, within: 3600))
        #expect(transport.state.withLock { $0.looks } == 3)
        #expect(transport.submissions == 2)
    }

    @Test("the credential being refused stops the account after one attempt; a login goes on")
    func credential() async throws {
        let fixture = try OutboxFixture()
        let refusal = SMTPError(
            .authenticationFailed,
            phase: .auth,
            reply: ScriptedTransport.reply("535 5.7.8 bad credentials")
        )
        let transport = ScriptedTransport([.error(.smtp(refusal))])
        await fixture.attach(transport)
        let (id, _) = (try await fixture.submit("k1"), try await fixture.submit("k2"))
        #expect(await eventually { (try? fixture.record(id).lastText) != nil })
        fixture.clock.advance(100_000)
        #expect(transport.submissions == 1)
        #expect(fixture.state(id) == .queued)
        await fixture.attach(ScriptedTransport())
        #expect(await fixture.comes(id, to: .filed))
    }

    @Test("a message that could not be sent for five days fails and says why")
    func expires() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport(
            Array(repeating: .error(.unreachable("smtp.example.org")), count: 1000)
        )
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(
            await eventually {
                if fixture.clock.isAwaited { fixture.clock.advance(3600) }
                return fixture.state(id) == .failed
            }
        )
        #expect(fixture.state(id) == .failed)
        #expect(try fixture.record(id).lastText?.contains("given up after 5 days") == true)
    }

    @Test("a copy that cannot be filed is filed later, and sending goes on meanwhile")
    func copyLater() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport()
        transport.state.withLock { $0.isOffline = true }
        await fixture.attach(transport)
        let (first, second) = (try await fixture.submit("k1"), try await fixture.submit("k2"))
        #expect(await fixture.comes(first, to: .sent))
        #expect(await fixture.comes(second, to: .sent))
        transport.state.withLock { $0.isOffline = false }
        #expect(await fixture.comes(first, to: .filed, within: 120))
        #expect(await fixture.comes(second, to: .filed, within: 120))
        #expect(transport.submissions == 2)
        #expect(transport.copies == 2)
    }

    @Test("who waits hears what the first attempt came to")
    func waits() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.error(.unreachable("x"))])
        await fixture.attach(transport)
        let id = try await fixture.submit("k1")
        let outcome = await fixture.service.outcome(of: try fixture.record(id))
        #expect(outcome.state == .queued)
        #expect(outcome.lastText != nil)
        await fixture.service.hurry("alice")
        let next = try await fixture.submit("k2")
        #expect(await fixture.service.outcome(of: try fixture.record(next)).state == .filed)
        await fixture.service.detach("alice")
        let third = try await fixture.submit("k3")
        #expect(await fixture.service.outcome(of: try fixture.record(third)).state == .queued)
    }
}

@Suite struct OutboxTimesTests {
    @Test("a message is held for as long as was asked, and can be taken back until then")
    func hold() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        let (kept, left) = (
            try await fixture.submit("k1", hold: 60), try await fixture.submit("k2", hold: 60)
        )
        #expect(try await fixture.service.change(kept, .cancel).state == .cancelled)
        #expect(transport.submissions == 0)
        #expect(await fixture.comes(left, to: .filed, within: 120))
        #expect(transport.submissions == 1)
        #expect(fixture.state(kept) == .cancelled)
        await #expect(throws: BrokerError.self) {
            try await fixture.service.change(left, .cancel)
        }
    }

    @Test("H07: a calendar that jumps back neither holds a message for days nor expires it")
    func jumpBack() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        let id = try await fixture.submit(hold: 60)
        fixture.clock.jump(-3 * 86_400)
        #expect(await fixture.comes(id, to: .filed, within: 120))
        #expect(try fixture.record(id).age < 200)
    }

    @Test("H07: a calendar that jumps 400 days ahead expires nothing that waits for the network")
    func jumpAhead() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([.error(.unreachable("x"))])
        await fixture.attach(transport)
        let id = try await fixture.submit()
        #expect(await eventually { (try? fixture.record(id).lastText) != nil })
        fixture.clock.jump(400 * 86_400)
        #expect(await fixture.comes(id, to: .filed, within: 120))
    }

    @Test("a message leaves at the time of the calendar, also where that has jumped past it")
    func scheduled() async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        let id = try await fixture.submit(notBefore: fixture.service.now + 86_400)
        fixture.clock.advance(30)
        #expect(transport.submissions == 0)
        fixture.clock.jump(400 * 86_400)
        #expect(await fixture.comes(id, to: .filed, within: 60))
    }

    @Test(
        "what is scheduled, held or failed is so after a crash, wherever the clock has gone",
        arguments: [400, -3, 0]
    )
    func restart(days: Int64) async throws {
        let fixture = try OutboxFixture()
        let transport = ScriptedTransport([
            .lost, ScriptedTransport.refusing(["b@e": "550 no"], isSent: false),
        ])
        await fixture.attach(transport)
        let held = try await fixture.submit("k1")
        #expect(await fixture.comes(held, to: .held, within: 600))
        let failed = try await fixture.submit("k2")
        #expect(await fixture.comes(failed, to: .failed))
        let scheduled = try await fixture.submit("k3", notBefore: fixture.service.now + 7200)
        try await fixture.crash()
        fixture.clock.jump(days * 86_400)
        let after = ScriptedTransport()
        await fixture.attach(after)
        #expect(fixture.state(held) == .held)
        #expect(fixture.state(failed) == .failed)
        let isDue = days > 0
        if isDue {
            #expect(await fixture.comes(scheduled, to: .filed))
        } else {
            fixture.clock.advance(30)
            #expect(fixture.state(scheduled) == .queued)
        }
        #expect(after.submissions == (isDue ? 1 : 0))
    }

    @Test("a crash before the data was ended sends the message again, one after it does not")
    func crashes() async throws {
        let fixture = try OutboxFixture()
        let (before, after) = (try await fixture.submit("k1"), try await fixture.submit("k2"))
        let outbox = fixture.outbox
        try outbox.move(before, from: [.queued], by: OutboxChange(.sending, "attempt"), at: 1)
        try outbox.move(after, from: [.queued], by: OutboxChange(.sending, "attempt"), at: 1)
        try outbox.move(after, from: [.sending], by: OutboxChange(.dot, "handing over"), at: 1)
        try await fixture.crash()
        let transport = ScriptedTransport()
        await fixture.attach(transport)
        #expect(await fixture.comes(before, to: .filed))
        #expect(fixture.state(after) == .unknown)
        #expect(await fixture.comes(after, to: .held, within: 600))
        #expect(transport.submissions == 1)
    }

    @Test("a crash after the message was sent files its copy, once")
    func crashBeforeCopy() async throws {
        let fixture = try OutboxFixture()
        let id = try await fixture.submit()
        let transport = ScriptedTransport()
        transport.state.withLock { $0.isOffline = true }
        await fixture.attach(transport)
        #expect(await fixture.comes(id, to: .sent))
        try await fixture.crash()
        let after = ScriptedTransport()
        await fixture.attach(after)
        #expect(await fixture.comes(id, to: .filed))
        #expect((after.submissions, after.copies) == (0, 1))
    }
}
