// What follows from how an attempt ended: pure decisions, without clock, disk or network
// (reliability.md 3.4).

import BrokerProtocol
import MailModel
import MailSession
import MailStore
import SMTP

/// What to do after an attempt to send a message.
struct OutboxDecision {
    /// What the attempt says of the whole account.
    enum Effect: Equatable {
        /// Nothing: the next message goes its way.
        case none
        /// The server cannot be reached, or does not keep its protocol: all wait.
        case pause
        /// The credential is refused: all wait for the user.
        case stop
    }

    /// The message's change.
    var change: OutboxChange
    /// Seconds after which something is tried again; nil for at once, or for never.
    var delay: Int64?
    /// What it says of the account.
    var effect = Effect.none
    /// How many recipients one transaction may have from now on.
    var recipientsMax: Int?
}

/// When the outbox tries again, and when it gives up.
enum OutboxPolicy {
    /// Seconds after an attempt that failed, one after the other; the last one stays.
    static let retryDelays: [Int64] = [30, 60, 120, 300, 900, 1800, 3600]
    /// Seconds after which a message is looked for that may have been sent, one after the other.
    static let checkDelays: [Int64] = [30, 120, 600]
    /// Seconds a message is under way before it fails.
    static let ageMax: Int64 = 5 * 86_400
    /// Most seconds that count for the time in which the broker did not run: the clock may have
    /// been wrong.
    static let absenceMax: Int64 = 3600

    /// The pause after so many attempts, not yet at random.
    static func retryDelay(after attempts: Int) -> Int64 {
        retryDelays[min(max(attempts, 1), retryDelays.count) - 1]
    }

    /// What follows from an outcome; the record is as it was when the attempt began.
    static func decide(_ outcome: SMTPOutcome, _ record: OutboxRecord) -> OutboxDecision {
        let merged = record.merging(outcome)
        let attempts = record.attempts
        let reason = BrokerError.reason(of: outcome)
        switch outcome.verdict {
        case .sent: return sent(outcome, merged, attempts)
        case .unknown:
            var decision = OutboxDecision(change: OutboxChange(.unknown, "unknown", detail: reason))
            decision.delay = checkDelays[0]
            return decision
        case .refused:
            if let smaller = smallerGroup(outcome) { return smaller }
            return refused(merged, reason)
        case .deferred:
            if let smaller = smallerGroup(outcome) { return smaller }
            var decision = retry(.init(.queued, "deferred", detail: reason), record)
            decision.change.recipients = merged
            guard outcome.reason?.isAboutConnection ?? true else { return decision }
            decision.effect = outcome.reason?.stopsAccount == true ? .stop : .pause
            decision.delay = nil
            return decision
        }
    }

    /// What follows where the message was not even begun.
    static func decide(_ error: any Error, _ record: OutboxRecord) -> OutboxDecision {
        let reason = BrokerError(any: error).message
        var decision = retry(.init(.queued, "deferred", detail: reason), record)
        decision.delay = nil
        decision.effect = (error as? SessionError)?.refusesCredential == true ? .stop : .pause
        return decision
    }

    private static func sent(
        _ outcome: SMTPOutcome,
        _ merged: [OutboxRecipient],
        _ attempts: Int
    ) -> OutboxDecision {
        var words = outcome.final.flatMap { BrokerError.text($0.text) }
        if outcome.ignoresDSN {
            words = (words.map { $0 + "; " } ?? "") + "the server makes no delivery reports"
        }
        var decision = OutboxDecision(change: OutboxChange(.sent, "sent", detail: words))
        decision.change.recipients = merged
        guard merged.contains(where: \.isWaiting) else { return decision }
        decision.change.state = .queued
        decision.change.what = "sent to some"
        if merged.contains(where: { $0.state == .deferred }) {
            decision.delay = retryDelay(after: attempts)
        }
        return decision
    }

    /// Refused for good; those who have it already are to be found in Sent.
    private static func refused(
        _ merged: [OutboxRecipient],
        _ reason: String?
    ) -> OutboxDecision {
        var merged = merged
        let someHaveIt = merged.contains { $0.state == .delivered }
        for index in merged.indices where someHaveIt && merged[index].isWaiting {
            merged[index].state = .refused
        }
        let state = someHaveIt ? OutboxState.sent : .failed
        var decision = OutboxDecision(change: OutboxChange(state, "refused", detail: reason))
        decision.change.recipients = merged
        return decision
    }

    /// Fewer recipients at once, where the server does not take as many.
    private static func smallerGroup(_ outcome: SMTPOutcome) -> OutboxDecision? {
        let count = outcome.recipients.count
        var smaller: Int?
        if case .tooManyRecipients(_, let limit) = outcome.reason?.code {
            smaller = Int(clamping: limit)
        } else if outcome.refused.contains(where: { $0.reply.isTooManyRecipients }) {
            smaller = count / 2
        }
        guard let smaller, (1..<count).contains(smaller) else { return nil }
        let detail = "the server takes fewer recipients at once"
        var decision = OutboxDecision(change: OutboxChange(.queued, "split", detail: detail))
        decision.recipientsMax = smaller
        return decision
    }

    /// Another try, or the end where there were tries for too long.
    private static func retry(_ change: OutboxChange, _ record: OutboxRecord) -> OutboxDecision {
        guard record.age < ageMax else {
            var change = change
            let reason = change.detail.map { "; at last: \($0)" } ?? ""
            change.state = record.recipients.contains { $0.state == .delivered } ? .sent : .failed
            change.what = "expired"
            change.detail = "given up after 5 days" + reason
            return OutboxDecision(change: change)
        }
        return OutboxDecision(change: change, delay: retryDelay(after: record.attempts))
    }
}

extension OutboxRecord {
    /// The recipients with what an outcome says of those it was about.
    fileprivate func merging(_ outcome: SMTPOutcome) -> [OutboxRecipient] {
        var said: [AddrSpec: SMTPOutcome.Disposition] = [:]
        for recipient in outcome.recipients { said[recipient.address] = recipient.disposition }
        return recipients.map { recipient in
            var recipient = recipient
            switch said[recipient.address] {
            case .accepted where outcome.verdict == .sent: recipient.state = .delivered
            case .refused(let reply) where recipient.isWaiting:
                recipient.state = reply.isTemporary ? .deferred : .refused
                recipient.text = BrokerError.text(reply.text)
            case .accepted, .refused, .withheld, .unknown, nil: break
            }
            return recipient
        }
    }
}

extension SMTPError {
    /// Whether the connection is to blame rather than the message.
    fileprivate var isAboutConnection: Bool {
        switch code {
        case .senderRefused, .recipientsRefused, .dataRefused, .messageRefused, .messageTooLarge,
            .addressNeedsUTF8, .noRecipients, .tooManyRecipients, .unsendable, .messageTruncated:
            false
        default: true
        }
    }
}
