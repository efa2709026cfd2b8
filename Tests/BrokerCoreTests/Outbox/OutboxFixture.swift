// A runner of the outbox with a server that answers as it is told and a clock that is set by hand.

import BrokerProtocol
import Foundation
import Logging
import MailModel
import MailSession
import MailStore
import MailTestSupport
import SMTP
import Synchronization

@testable import BrokerCore

/// A clock that goes when it is told to.
final class HandClock: Sendable {
    private struct State {
        var wall: Int64 = 1_800_000_000
        var steady: Int64 = 500
        var sleepers: [Int: (until: Int64, sleeper: CheckedContinuation<Void, Never>)] = [:]
        var lastSleeper = 0
    }

    private let state = Mutex(State())

    var clock: OutboxClock {
        OutboxClock(
            wall: { self.state.withLock { $0.wall } },
            steady: { self.state.withLock { $0.steady } },
            sleep: { try await self.sleep($0.components.seconds) }
        )
    }

    private func sleep(_ seconds: Int64) async throws {
        let number = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { sleeper in
                let isOver = state.withLock { state in
                    guard !Task.isCancelled else { return true }
                    state.sleepers[number] = (state.steady + seconds, sleeper)
                    return false
                }
                if isOver { sleeper.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.sleeper.resume()
        }
        try Task.checkCancellation()
    }

    /// Whether somebody waits for time to go by.
    var isAwaited: Bool { state.withLock { !$0.sleepers.isEmpty } }

    /// Lets time go by, and wakes who waited for it.
    func advance(_ seconds: Int64) {
        let due = state.withLock { state in
            state.wall += seconds
            state.steady += seconds
            let due = state.sleepers.filter { $0.value.until <= state.steady }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.sleeper)
        }
        for sleeper in due { sleeper.resume() }
    }

    /// Sets the calendar, which is not time that goes by.
    func jump(_ seconds: Int64) { state.withLock { $0.wall += seconds } }
}

/// A server that does what a test says.
final class ScriptedTransport: OutboxTransport {
    enum Answer: Sendable {
        case outcome(@Sendable (SMTPEnvelope) -> SMTPOutcome)
        /// An end before anything was handed over.
        case error(SessionError)
        /// Taken in, and the connection ends before the answer.
        case lost
    }

    struct State {
        var answers: [Answer] = []
        var submitted: [(recipients: [String], octets: [UInt8])] = []
        var inSent: Set<String> = []
        var copies: [(id: String, octets: [UInt8], size: UInt64)] = []
        var isOffline = false
        var looks = 0
    }

    let host = "smtp.example.org"
    let filesByServer: Bool
    let wantsCopy: Bool
    let state = Mutex(State())

    init(_ answers: [Answer] = [], filesByServer: Bool = false, wantsCopy: Bool = true) {
        self.filesByServer = filesByServer
        self.wantsCopy = wantsCopy
        state.withLock { $0.answers = answers }
    }

    var submissions: Int { state.withLock { $0.submitted.count } }
    var recipients: [[String]] { state.withLock { $0.submitted.map(\.recipients) } }
    var copies: Int { state.withLock { $0.copies.count } }

    func submit(
        _ envelope: SMTPEnvelope,
        willEnd: @escaping @Sendable ([SMTPOutcome.Recipient]) throws -> Void,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws -> SMTPOutcome {
        var reader = try message()
        var octets: [UInt8] = []
        while let piece = try reader.next() { octets += piece }
        let answer = state.withLock { state in
            state.submitted.append((envelope.recipients.map(\.text), octets))
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        switch answer {
        case .error(let error): throw error
        case .outcome(let outcome):
            let outcome = outcome(envelope)
            if outcome.phase == .dot { try willEnd(outcome.recipients) }
            return outcome
        case .lost:
            try willEnd([])
            return Self.lost(envelope)
        case nil:
            try willEnd([])
            return Self.sent(envelope)
        }
    }

    func hasSent(_ messageID: String) async throws -> Bool {
        try state.withLock { state in
            if state.isOffline { throw SessionError.connectionLost }
            state.looks += 1
            return state.inSent.contains(messageID)
        }
    }

    func file(
        _ messageID: String,
        size: UInt64,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws {
        var reader = try message()
        var octets: [UInt8] = []
        while let piece = try reader.next() { octets += piece }
        try state.withLock { state in
            if state.isOffline { throw SessionError.connectionLost }
            guard state.inSent.insert(messageID).inserted else { return }
            state.copies.append((messageID, octets, size))
        }
    }

    static func reply(_ line: String) -> SMTPReply {
        var parser = ReplyParser()
        parser.append(Array("\(line)\r\n".utf8))
        guard let reply = try? parser.next() else { fatalError("no reply: \(line)") }
        return reply
    }

    static func sent(_ envelope: SMTPEnvelope) -> SMTPOutcome {
        SMTPOutcome(
            verdict: .sent,
            phase: .dot,
            recipients: envelope.recipients.map { .init($0, .accepted) },
            final: reply("250 2.0.0 queued as 4F7")
        )
    }

    static func lost(_ envelope: SMTPEnvelope) -> SMTPOutcome {
        SMTPOutcome(
            verdict: .unknown,
            phase: .dot,
            recipients: envelope.recipients.map { .init($0, .unknown) },
            reason: SMTPError(.connectionClosed, phase: .dot)
        )
    }

    /// RCPT is refused for some recipients; the others get it, or nobody does.
    static func refusing(_ replies: [String: String], isSent: Bool) -> Answer {
        .outcome { envelope in
            let recipients = envelope.recipients.map { address -> SMTPOutcome.Recipient in
                if let line = replies[address.text] { return .init(address, .refused(reply(line))) }
                return .init(address, isSent ? .accepted : .withheld)
            }
            let worst = replies.values.sorted().last.map(reply)
            return SMTPOutcome(
                verdict: isSent ? .sent : worst?.isPermanent == true ? .refused : .deferred,
                phase: isSent ? .dot : .rcpt,
                recipients: recipients,
                final: isSent ? reply("250 ok") : nil,
                reason: SMTPError(.recipientsRefused, phase: .rcpt, reply: worst)
            )
        }
    }
}

/// An outbox of one account.
final class OutboxFixture {
    let clock = HandClock()
    let directory: String
    private(set) var outbox: Outbox
    private(set) var service: OutboxService
    let hub = EventHub(startingAt: 0)
    private static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        directory = NSTemporaryDirectory() + "mboutbox-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        outbox = try Outbox(path: directory + "/outbox.db")
        service = OutboxService(outbox, clock: clock.clock, hub: hub, log: Self.log)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// The broker ends as by SIGKILL: another finds what is on the disk.
    func crash() async throws {
        let copy = directory + "/crash-\(UUID().uuidString).db"
        for suffix in ["", "-wal"] {
            let from = directory + "/outbox.db" + suffix
            guard FileManager.default.fileExists(atPath: from) else { continue }
            try FileManager.default.copyItem(atPath: from, toPath: copy + suffix)
        }
        outbox = try Outbox(path: copy)
        service = OutboxService(outbox, clock: clock.clock, hub: hub, log: Self.log)
        try await service.start()
    }

    @discardableResult
    func submit(
        _ key: String = "k",
        to recipients: [String] = ["b@e", "c@e"],
        partial: Bool = false,
        notBefore: Int64? = nil,
        hold: Int64? = nil
    ) async throws -> Int64 {
        let body = Array("hello\r\n".utf8)
        let new = OutboxSubmission(
            key: key,
            requestDigest: key,
            account: "alice",
            messageID: "\(key)@e",
            sender: try AddrSpec("a@e".utf8),
            recipients: try recipients.map { try AddrSpec($0.utf8) },
            subject: "Lunch",
            header: Array("Subject: \(key)\r\n\r\n".utf8),
            copyHeader: Array("Bcc: c@e\r\nSubject: \(key)\r\n\r\n".utf8),
            bodySize: Int64(body.count),
            needs8Bit: false,
            allowsPartial: partial,
            notBefore: notBefore ?? hold.map { service.now + $0 },
            hold: hold
        )
        guard case .accepted(let record) = try await service.submit(new, body: { _ in body })
        else { throw POSIXError(.EEXIST) }
        return record.id
    }

    func attach(_ transport: ScriptedTransport) async { await service.attach("alice", transport) }

    func record(_ id: Int64) throws -> OutboxRecord {
        guard let record = try outbox.record(id) else { throw POSIXError(.ENOENT) }
        return record
    }

    func state(_ id: Int64) -> OutboxState? { (try? outbox.record(id))?.state }

    /// The steps of a message's history.
    func steps(_ id: Int64) throws -> [String] { try outbox.history(of: id).map(\.what) }

    /// Waits for a state, while time goes by a second at a time at most `seconds`.
    func comes(_ id: Int64, to state: OutboxState, within seconds: Int64 = 0) async -> Bool {
        var left = seconds
        return await eventually {
            if self.state(id) == state { return true }
            if left > 0, self.clock.isAwaited {
                left -= min(left, 30)
                self.clock.advance(30)
            }
            return false
        }
    }
}
