// The messages of one account on their way: one is sent at a time, in the order in which they were
// accepted; beside that, copies are filed and messages are looked for that may have been sent.
//
// What a message has come to is on the disk before the next step is taken: before a connection is
// used for it, before its data is ended, before anybody is told that it is sent.

import BrokerProtocol
import Logging
import MailModel
import MailSession
import MailStore
import SMTP

/// Sends the messages of one account.
actor OutboxRunner {
    /// What happens to a message next.
    private enum Step {
        case send, check, file
    }

    /// A message that is not done with.
    struct Entry {
        var record: OutboxRecord
        /// When something is tried next, by the steady clock; nil for at once.
        var due: Int64?
        /// Up to when its age is counted, by the steady clock.
        var agedTo: Int64
        /// A change that the disk did not take; it is offered again before anything else.
        var unsettled: OutboxChange?
    }

    private let account: String
    let outbox: Outbox
    let clock: OutboxClock
    let log: Logger
    let tell: @Sendable (OutboxRecord) -> Void
    var entries: [Int64: Entry] = [:]
    var transport: (any OutboxTransport)?
    private var loops: [Task<Void, Never>] = []
    private var wakes: [AsyncStream<Void>.Continuation] = []
    private var timer: Task<Void, Never>?
    private var waiters: [Int64: [CheckedContinuation<OutboxRecord, Never>]] = [:]
    /// Until when nobody is sent anything, by the steady clock.
    var pausedUntil: Int64?
    /// Connections that failed one after the other.
    var failures = 0
    /// How many recipients one transaction may have.
    var recipientsMax = CoreLimits.recipientsPerTransaction

    /// A runner for the messages of an account; `tell` hears of every change.
    init(
        _ account: String,
        outbox: Outbox,
        clock: OutboxClock,
        log: Logger,
        tell: @escaping @Sendable (OutboxRecord) -> Void
    ) {
        self.account = account
        self.outbox = outbox
        self.clock = clock
        self.log = log
        self.tell = tell
    }

    // MARK: What comes from outside

    /// Takes messages that were left by a broker before this one.
    func recover(_ records: [OutboxRecord]) {
        for record in records {
            let absence = clock.wall() - record.touchedAt
            var change: OutboxChange?
            switch record.state {
            case .sending: change = OutboxChange(.queued, "interrupted")
            case .dot:
                change = OutboxChange(.unknown, "interrupted", detail: Self.doubt)
                change?.nextTry = clock.wall() + OutboxPolicy.checkDelays[0]
            case .queued, .unknown, .sent, .filed, .failed, .held, .cancelled: break
            }
            var entry = entry(record)
            entry.record.age += min(max(absence, 0), OutboxPolicy.absenceMax)
            entries[record.id] = entry
            if let change { settle(record.id, change) }
        }
        wake()
    }

    private static let doubt = "the broker ended while the message was being handed over"

    /// Takes a message that was just accepted, or that is queued again.
    func add(_ record: OutboxRecord) {
        entries[record.id] = entry(record)
        tell(record)
        wake()
    }

    /// Forgets a message that somebody else has moved to a state in which nothing happens to it.
    func drop(_ record: OutboxRecord) {
        entries[record.id] = nil
        tell(record)
        answer(record)
    }

    /// The connections of the account, while it is logged in.
    func attach(_ transport: any OutboxTransport) {
        self.transport = transport
        (pausedUntil, failures) = (nil, 0)
        guard loops.isEmpty else { return wake() }
        for step in [[Step.send], [.check, .file]] {
            let (wakes, wake) = AsyncStream.makeStream(
                of: Void.self,
                bufferingPolicy: .bufferingNewest(1)
            )
            self.wakes.append(wake)
            loops.append(Task { await self.serve(step, wakes) })
        }
        wake()
    }

    /// Sends no more.
    ///
    /// What is under way goes on to its end, which closing the connections brings.
    func detach() {
        transport = nil
        for (id, entry) in entries where waiters[id] != nil { answer(entry.record) }
    }

    /// Ends for good, after what is under way.
    func stop() async {
        detach()
        timer?.cancel()
        for wake in wakes { wake.finish() }
        for loop in loops { await loop.value }
        loops = []
    }

    /// Tries at once what waits for the network.
    func hurry() {
        guard pausedUntil != nil else { return }
        pausedUntil = nil
        wake()
    }

    /// Waits until it is known what an attempt came to, or that there will be none for now.
    func outcome(of id: Int64) async -> OutboxRecord? {
        guard let entry = entries[id] else { return try? outbox.record(id) }
        let isTried = entry.record.attempts > 0 && entry.record.state == .queued
        guard transport != nil, !isTried, entry.record.state != .unknown else {
            return entry.record
        }
        return await withCheckedContinuation { waiters[id, default: []].append($0) }
    }

    func answer(_ record: OutboxRecord) {
        for waiter in waiters.removeValue(forKey: record.id) ?? [] {
            waiter.resume(returning: record)
        }
    }

    // MARK: The loops

    private func serve(_ steps: [Step], _ wakes: AsyncStream<Void>) async {
        for await _ in wakes {
            while let (id, step) = next(steps) {
                offerUnsettled()
                switch step {
                case .send: await send(id)
                case .check: await check(id)
                case .file: await file(id)
                }
            }
            schedule()
        }
    }

    private func wake() { for wake in wakes { wake.yield() } }

    /// The oldest message for which it is time.
    private func next(_ steps: [Step]) -> (Int64, Step)? {
        guard transport != nil else { return nil }
        let now = clock.steady()
        let sends = steps.contains(.file) && entries.values.contains { isDue($0, [.send], now) }
        let due = entries.values.filter { entry in
            guard isDue(entry, steps, now) else { return false }
            // Recipients wait for a message, nobody for its copy.
            let mayWait = sends && step(entry.record) == .file
            return !mayWait || now - entry.agedTo >= CoreLimits.copyWait
        }
        guard let entry = due.min(by: { $0.record.id < $1.record.id }),
            let step = step(entry.record)
        else { return nil }
        return (entry.record.id, step)
    }

    private func isDue(_ entry: Entry, _ steps: [Step], _ now: Int64) -> Bool {
        guard let step = step(entry.record), steps.contains(step) else { return false }
        return remaining(entry, now) <= 0
    }

    private func step(_ record: OutboxRecord) -> Step? {
        switch record.state {
        case .queued: .send
        case .unknown: .check
        case .sent: .file
        case .sending, .dot, .filed, .failed, .held, .cancelled: nil
        }
    }

    /// Seconds until something is to be done for a message.
    private func remaining(_ entry: Entry, _ now: Int64) -> Int64 {
        guard entry.unsettled == nil else { return CoreLimits.outboxDiskPause }
        var remaining = max(0, (entry.due ?? now) - now)
        guard entry.record.state == .queued else { return remaining }
        remaining = max(remaining, (pausedUntil ?? now) - now)
        if let notBefore = entry.record.notBefore, entry.record.hold == nil {
            remaining = max(remaining, notBefore - clock.wall())
        }
        return remaining
    }

    /// Wakes the loops when the next message is due; the calendar may jump, so not much later.
    private func schedule() {
        timer?.cancel()
        let now = clock.steady()
        let waits = entries.values.filter { step($0.record) != nil }.map { remaining($0, now) }
        guard let next = waits.min() else { return }
        let pause = Duration.seconds(min(max(next, 1), CoreLimits.outboxLookPause))
        timer = Task { [clock] in
            guard (try? await clock.sleep(pause)) != nil else { return }
            self.offerUnsettled()
            self.wake()
        }
    }

    func entry(_ record: OutboxRecord) -> Entry {
        let now = clock.steady()
        var waits: [Int64] = []
        // A deadline that the calendar has moved away is not further off than it can have been.
        if let nextTry = record.nextTry {
            waits.append(min(nextTry - clock.wall(), OutboxPolicy.retryDelays.max() ?? 0))
        }
        if let notBefore = record.notBefore, let hold = record.hold, record.attempts == 0 {
            waits.append(min(notBefore - clock.wall(), hold))
        }
        return Entry(record: record, due: waits.max().map { now + max($0, 0) }, agedTo: now)
    }

    // MARK: Writing down

    /// Writes down what a message has come to, and tells it.
    ///
    /// What the disk does not take is kept and offered again: the message is not touched until it
    /// has.
    func settle(_ id: Int64, _ change: OutboxChange) {
        guard var entry = entries[id] else { return }
        let now = clock.steady()
        var change = change
        change.ageing += max(0, now - entry.agedTo)
        let record: OutboxRecord?
        do throws(StoreError) {
            record = try outbox.move(
                id,
                from: [.queued, .sending, .dot, .unknown, .sent],
                by: change,
                at: clock.wall()
            )
        } catch {
            log.error("the outbox cannot be written", metadata: ["reason": "\(error.reason)"])
            entry.unsettled = change
            entries[id] = entry
            return
        }
        guard let record else { return }
        entry = self.entry(record)
        entries[id] = record.state.isFinal ? nil : entry
        tell(record)
        let isTried = record.state == .queued || record.state == .unknown
        if record.state.isFinal || isTried { answer(record) }
        if record.state == .sent { wake() }
    }

    private func offerUnsettled() {
        for (id, entry) in entries {
            guard let change = entry.unsettled else { continue }
            entries[id]?.unsettled = nil
            settle(id, change)
        }
    }
}
