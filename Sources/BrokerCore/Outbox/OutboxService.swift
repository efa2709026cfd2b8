// The outbox of all accounts: what clients ask of it, and the runners that send.

import BrokerProtocol
import Logging
import MailModel
import MailStore

/// Messages on their way, for every account.
actor OutboxService {
    nonisolated let outbox: Outbox
    private let clock: OutboxClock
    private let hub: EventHub
    private let log: Logger
    private var runners: [String: OutboxRunner] = [:]

    init(_ outbox: Outbox, clock: OutboxClock, hub: EventHub, log: Logger) {
        self.outbox = outbox
        self.clock = clock
        self.hub = hub
        self.log = log
    }

    /// Takes up what an earlier broker has left.
    func start() async throws(StoreError) {
        let left = try outbox.records().filter { !$0.state.isFinal }
        for (account, records) in Dictionary(grouping: left, by: \.account) {
            await runner(account).recover(records)
        }
    }

    /// Takes a message in and sends it in its turn; it is on the disk when this returns.
    func submit(
        _ submission: OutboxSubmission,
        body: @Sendable (Int64) throws -> [UInt8]
    ) async throws(StoreError) -> OutboxAcceptance {
        let acceptance = try outbox.accept(submission, at: clock.wall(), body: body)
        if case .accepted(let record) = acceptance { await runner(record.account).add(record) }
        return acceptance
    }

    /// The connections of an account that has logged in.
    func attach(_ account: String, _ transport: any OutboxTransport) async {
        await runner(account).attach(transport)
    }

    /// The account has no connections any more.
    func detach(_ account: String) async { await runners[account]?.detach() }

    /// The account's server can be reached again.
    func hurry(_ account: String) async { await runners[account]?.hurry() }

    /// Ends, after what is under way.
    func stop() async {
        for runner in runners.values { await runner.stop() }
    }

    /// Waits until it is known what an attempt to send a message came to, or that there will be
    /// none for now.
    func outcome(of record: OutboxRecord) async -> OutboxRecord {
        await runner(record.account).outcome(of: record.id) ?? record
    }

    /// How many messages of an account wait, and how many want the user's attention.
    nonisolated func counts(of account: String) -> (waiting: Int, attention: Int) {
        (try? outbox.counts(of: account)) ?? (0, 0)
    }

    /// The time, for what clients ask.
    nonisolated var now: Int64 { clock.wall() }

    /// Does something to a message that a user has ordered.
    /// - Throws: `BrokerError` where its state does not allow it.
    func change(
        _ id: Int64,
        _ action: OutboxAction
    ) async throws(BrokerError) -> OutboxRecord {
        do {
            guard let before = try outbox.record(id) else {
                throw BrokerError(.messageNotFound, "there is no message \(id) in the outbox")
            }
            let after = try changed(before, action)
            guard let after else { throw before.refusal(of: action) }
            let runner = runner(after.account)
            if after.state.isFinal {
                await runner.drop(after)
            } else {
                await runner.add(after)
                await runner.hurry()
            }
            return after
        } catch {
            throw BrokerError(any: error)
        }
    }

    private func changed(
        _ before: OutboxRecord,
        _ action: OutboxAction
    ) throws -> OutboxRecord? {
        let time = clock.wall()
        switch action {
        case .cancel:
            let change = OutboxChange(.cancelled, "cancelled")
            return try outbox.move(before.id, from: action.states, by: change, at: time)
        case .retry, .resend:
            var change = OutboxChange(.queued, action.rawValue)
            change.ageing = -before.age
            change.recipients = before.recipients.map { recipient in
                recipient.state == .refused ? OutboxRecipient(recipient.address) : recipient
            }
            return try outbox.move(before.id, from: action.states, by: change, at: time)
        case .done:
            let change = OutboxChange(.filed, "done", detail: "the user says that it was sent")
            return try outbox.move(before.id, from: action.states, by: change, at: time)
        case .ack:
            guard try outbox.acknowledge(before.id, at: time) else { return nil }
            return try outbox.record(before.id)
        }
    }

    private func runner(_ account: String) -> OutboxRunner {
        if let runner = runners[account] { return runner }
        let runner = OutboxRunner(
            account,
            outbox: outbox,
            clock: clock,
            log: log
        ) { [hub] record in
            hub.publish(
                Event(
                    event: .outboxChanged,
                    account: record.account,
                    text: record.messageID,
                    outbox: OutboxItem(record)
                )
            )
        }
        runners[account] = runner
        return runner
    }
}

extension OutboxRecord {
    /// Why an order cannot be carried out.
    fileprivate func refusal(of action: OutboxAction) -> BrokerError {
        let standing: String =
            switch state {
            case .queued: "waits to be sent"
            case .sending, .dot: "is being sent just now"
            case .unknown: "may have been sent, and is being looked for"
            case .sent, .filed: "is sent"
            case .failed: isAcknowledged ? "has failed, and you know" : "has failed"
            case .held: "is held: it may have been sent"
            case .cancelled: "is cancelled"
            }
        let line = "cannot \(action.rawValue) message \(id): it \(standing)"
        return BrokerError(.requestInvalid, line)
    }
}

extension OutboxItem {
    /// A message of the outbox for clients.
    init(_ record: OutboxRecord) {
        self.init(
            id: record.id,
            account: record.account,
            state: record.state,
            messageID: record.messageID,
            from: record.sender?.text,
            recipients: record.recipients.map {
                Recipient(address: $0.address.text, state: $0.state, text: $0.text)
            },
            subject: record.subject,
            created: DateTime(unixSeconds: record.createdAt),
            sendAt: record.notBefore.map { DateTime(unixSeconds: $0) },
            nextTry: record.nextTry.map { DateTime(unixSeconds: $0) },
            attempts: record.attempts,
            text: record.lastText,
            size: record.size,
            attention: record.needsAttention
        )
    }
}
