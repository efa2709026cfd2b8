// What is done for a message: it is sent, looked for, filed.

import BrokerProtocol
import Logging
import MailModel
import MailSession
import MailStore
import SMTP

extension OutboxRunner {
    func send(_ id: Int64) async {
        guard let transport, let entry = entries[id] else { return }
        let begun: OutboxRecord?
        do throws(StoreError) {
            var change = OutboxChange(.sending, "attempt", detail: transport.host)
            change.ageing = max(0, clock.steady() - entry.agedTo)
            begun = try outbox.move(id, from: [.queued], by: change, at: clock.wall())
        } catch {
            log.error("the outbox cannot be written", metadata: ["reason": "\(error.reason)"])
            return pause()
        }
        guard let begun else {
            entries[id] = nil  // it was taken back
            return
        }
        entries[id] = self.entry(begun)
        tell(begun)
        conclude(id, await attempt(begun, transport))
    }

    private func attempt(
        _ record: OutboxRecord,
        _ transport: any OutboxTransport
    ) async -> OutboxDecision {
        let envelope = SMTPEnvelope(
            sender: record.sender,
            recipients: Array(record.waiting.prefix(recipientsMax)),
            size: UInt64(clamping: record.size),
            needs8Bit: record.needs8Bit,
            allowsPartial: record.allowsPartial,
            dsn: record.dsn,
            envelopeID: Array(record.messageID.utf8)
        )
        do {
            let outcome = try await transport.submit(envelope) { [outbox, clock] recipients in
                var change = OutboxChange(.dot, "handing over")
                change.recipients = record.noting(recipients)
                let noted = try outbox.move(
                    record.id,
                    from: [.sending],
                    by: change,
                    at: clock.wall()
                )
                guard noted != nil else {
                    throw StoreError(code: .failed, reason: "message \(record.id) is not there")
                }
            } message: { [outbox] in
                try OutboxReader(record.id, of: outbox, isCopy: false)
            }
            return OutboxPolicy.decide(outcome, record)
        } catch {
            return OutboxPolicy.decide(error, record)
        }
    }

    private func conclude(_ id: Int64, _ decision: OutboxDecision) {
        var change = decision.change
        change.nextTry = decision.delay.map {
            clock.wall() + (change.state == .queued ? Self.jittered($0) : $0)
        }
        recipientsMax = decision.recipientsMax ?? recipientsMax
        switch decision.effect {
        case .none: (pausedUntil, failures) = (nil, 0)
        case .pause: pause()
        case .stop: transport = nil
        }
        settle(id, change)
    }

    /// Lets all wait because the server cannot be used.
    private func pause() {
        failures += 1
        pausedUntil =
            clock.steady() + Self.jittered(OutboxPolicy.retryDelay(after: failures))
    }

    private static func jittered(_ seconds: Int64) -> Int64 {
        Int64((Double(seconds) * Double.random(in: 0.8...1.2)).rounded())
    }

    /// Looks whether a message is in Sent that may have been sent.
    func check(_ id: Int64) async {
        guard let transport, let record = entries[id]?.record else { return }
        do {
            if try await transport.hasSent(record.messageID) {
                var change = OutboxChange(.filed, "found in Sent")
                change.recipients = record.recipients.map { recipient in
                    var recipient = recipient
                    if recipient.isWaiting { recipient.state = .delivered }
                    return recipient
                }
                return settle(id, change)
            }
        } catch {
            entries[id]?.due = clock.steady() + OutboxPolicy.checkDelays[0]
            return
        }
        // Elsewhere only we would have put it there.
        let looks = transport.filesByServer ? OutboxPolicy.checkDelays.count : 1
        guard record.checks + 1 >= looks else {
            var change = OutboxChange(.unknown, "not in Sent")
            change.nextTry = clock.wall() + OutboxPolicy.checkDelays[record.checks + 1]
            return settle(id, change)
        }
        if transport.filesByServer {
            settle(id, OutboxChange(.queued, "not in Sent", detail: "the server has not sent it"))
        } else {
            settle(id, OutboxChange(.held, "held", detail: Self.holdReason))
        }
    }

    private static let holdReason = "it may have been sent: send it again, or say that it is done"

    /// Puts the copy of a message into Sent; those who did not get it are told of then.
    func file(_ id: Int64) async {
        guard let transport, let record = entries[id]?.record else { return }
        if transport.wantsCopy {
            do {
                let size = UInt64(clamping: try outbox.copySize(of: id) ?? 0)
                try await transport.file(record.messageID, size: size) { [outbox] in
                    try OutboxReader(id, of: outbox, isCopy: true)
                }
            } catch {
                return putOffFiling(id, BrokerError(any: error).message)
            }
        }
        settle(id, record.conclusion("filed"))
    }

    private func putOffFiling(_ id: Int64, _ reason: String) {
        guard let entry = entries[id] else { return }
        let age = entry.record.age + clock.steady() - entry.agedTo
        if age >= OutboxPolicy.ageMax {
            return settle(id, entry.record.conclusion("no copy", detail: reason))
        }
        log.info("no copy in Sent yet", metadata: ["message": "\(id)", "reason": "\(reason)"])
        entries[id]?.due = clock.steady() + OutboxPolicy.retryDelays[0]
        answer(entry.record)
    }
}

extension OutboxRecord {
    /// The recipients with the refusals that came before the message was ended.
    fileprivate func noting(_ said: [SMTPOutcome.Recipient]) -> [OutboxRecipient] {
        var refusals: [AddrSpec: SMTPReply] = [:]
        for recipient in said {
            if case .refused(let reply) = recipient.disposition {
                refusals[recipient.address] = reply
            }
        }
        return recipients.map { recipient in
            guard let reply = refusals[recipient.address] else { return recipient }
            return OutboxRecipient(
                recipient.address,
                state: reply.isTemporary ? .deferred : .refused,
                text: BrokerError.text(reply.text)
            )
        }
    }

    /// The end: well, or with some who did not get it.
    fileprivate func conclusion(_ what: String, detail: String? = nil) -> OutboxChange {
        let left = recipients.filter { $0.state != .delivered }
        guard let first = left.first else { return OutboxChange(.filed, what, detail: detail) }
        let names = left.map(\.address.text).joined(separator: ", ")
        let reason = first.text.map { ": \($0)" } ?? ""
        return OutboxChange(.failed, what, detail: "not sent to \(names)\(reason)")
    }
}
