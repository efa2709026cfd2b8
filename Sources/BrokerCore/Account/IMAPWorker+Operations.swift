// The operation log's way to the server: oldest first, what the same commands can do together. Only
// UID commands; what is changed is checked first and named one by one, never "whatever is marked".
// What was under way when a connection or the broker ended is looked up before it is done again.

import BrokerProtocol
import IMAP
import Logging
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// Waits a moment for the server to have what waits in the log.
    ///
    /// - Returns: what the server refused of some messages.
    func settle(_ messages: [Int64]) async -> [Int64: BrokerError] {
        hasOperations = true
        guard session != nil, !messages.isEmpty else {
            hurry()
            return [:]
        }
        // The log comes before requests: when this one has its turn, the log has been worked off.
        let turn = Task { try await perform(isRepeatable: true, at: .here) { _, _ in } }
        let limit = Task {
            try await Task.sleep(for: changeWait)
            turn.cancel()
        }
        _ = await turn.result
        limit.cancel()
        var refused: [Int64: BrokerError] = [:]
        for id in messages { refused[id] = refusals.removeValue(forKey: id) }
        return refused
    }

    /// Has the server do what waits in the log.
    func runOperations(_ session: IMAPSession) async throws(SessionError) {
        while !isStopping {
            let batch = try stored { () throws(StoreError) in
                try store.nextOperations(of: account, limit: CoreLimits.operationsMax)
            }
            guard !batch.isEmpty else {
                hasOperations = false
                return
            }
            do {
                try await doubting { try await run(batch, session) }
                inboxAnswers = [:]
            } catch let error as SessionError where error.endsConnection {
                throw error
            } catch {
                let refusal = BrokerError(any: error)
                guard !refusal.data.temporary else { return postpone(refusal) }
                try refuse(batch, refusal)
            }
        }
    }

    /// Tries again in a while what the server cannot do now.
    private func postpone(_ reason: BrokerError) {
        hasOperations = false
        let metadata: Logger.Metadata = ["account": "\(account)", "reason": "\(reason.message)"]
        log.info("changes wait", metadata: metadata)
        Task {
            try await Task.sleep(for: CoreLimits.operationPause)
            hasOperations = true
            await session?.endIdle()
        }
    }

    /// Gives up what the server will not do: the messages are shown as they are there.
    private func refuse(
        _ batch: [OperationRecord],
        _ reason: BrokerError
    ) throws(SessionError) {
        guard let first = batch.first else { return }
        let mailbox = try stored { () throws(StoreError) in
            try store.finish(batch.map(\.id))
            return try store.mailbox(first.message.mailbox)
        }
        inboxAnswers = [:]
        if refusals.count + batch.count > CoreLimits.refusalsMax { refusals = [:] }
        for operation in batch { refusals[operation.message.id] = reason }
        guard let mailbox else { return }
        var event = Event.changed(.changeRefused, batch.map(\.message.id), in: mailbox)
        event.text = reason.message
        hub.publish(event)
    }

    private func run(_ batch: [OperationRecord], _ session: IMAPSession) async throws {
        guard let first = batch.first, let mailbox = try store.mailbox(first.message.mailbox) else {
            return
        }
        let present = try await check(batch, in: mailbox, session)
        guard !present.isEmpty else { return }
        switch first.operation {
        case .flag(let add, let remove):
            try await putFlags(add, remove, present, session)
        case .label(let add, let remove):
            try await putLabels(add, remove, present, session)
        case .move(let target):
            guard let target = try store.mailbox(target) else { return }
            try await move(present, from: mailbox, to: target, session)
        case .trash:
            try await move(present, from: mailbox, to: try await trashMailbox(session), session)
        case .copy(let target):
            guard let target = try store.mailbox(target) else { return }
            let rest = try await notYet(present, in: target, from: mailbox, session)
            try store.markSent(rest.map(\.id))
            if !rest.isEmpty {
                _ = try await session.execute(.uidCopy(rest.uids, target.name))
            }
            try store.finish(present.map(\.id))
        case .delete:
            try await delete(present, from: mailbox, session)
        }
    }

    /// Those operations whose messages are still there, unchanged; the others are given up
    /// (reliability.md A34), but for a move that was sent before: it has been done.
    private func check(
        _ batch: [OperationRecord],
        in mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws -> [OperationRecord] {
        try await openEpoch(of: mailbox, session)
        let items: [IMAPFetchItem] = [.uid, .size, .internalDate]
        let answer = try await session.execute(.uidFetch(.uids(batch.uids), items))
        var found: [UID: IMAPFetchData] = [:]
        for message in answer.messages {
            if let uid = message.uid { found[uid] = message }
        }
        var present: [OperationRecord] = []
        for operation in batch {
            let message = operation.message
            switch found[message.data.uid] {
            case let now? where message.data.isSame(as: now): present.append(operation)
            case nil where operation.wasSent:
                guard case .move(let target) = operation.operation else { fallthrough }
                try store.finish(
                    [operation.id],
                    moved: [(message.id, nil)],
                    to: target,
                    uidValidity: nil
                )
            case nil:
                try refuse([operation], .messageGone(message.id))
                try store.misplace([message.id], at: DateTime.now().unixSeconds)
            default:
                let reason = "message \(message.id) is another one on the server now"
                try refuse([operation], BrokerError(.messageNotFound, reason))
                try store.finish([], gone: [message.id])
            }
        }
        return present
    }

    /// Sets flags on the server and in the store.
    ///
    /// Not silently: what the server says the flags are now is later than all it said before.
    private func putFlags(
        _ add: Set<Flag>,
        _ remove: Set<Flag>,
        _ batch: [OperationRecord],
        _ session: IMAPSession
    ) async throws {
        try requireKept(add)
        var said: [UID: [Flag]] = [:]
        for (operation, flags) in [(IMAPStoreOperation.add, add), (.remove, remove)]
        where !flags.isEmpty {
            let sorted = flags.sorted { $0.word < $1.word }
            let command = IMAPCommand.uidStore(batch.uids, operation, sorted, silent: false)
            for message in try await session.execute(command).messages {
                if let uid = message.uid, let flags = message.lastingFlags { said[uid] = flags }
            }
        }
        var flags: [Int64: [Flag]] = [:]
        for message in batch.map(\.message) {
            flags[message.id] =
                said[message.data.uid]
                ?? Array(Set(message.data.flags).union(add).subtracting(remove))
        }
        try store.finish(batch.map(\.id), flags: flags)
    }

    private func move(
        _ batch: [OperationRecord],
        from source: MailboxRecord,
        to target: MailboxRecord,
        _ session: IMAPSession
    ) async throws {
        let answer: IMAPAnswer
        if let moved = try await moveAtOnce(batch, to: target, session) {
            answer = moved
        } else {
            try requireUIDPLUS(session)
            // A copy that was made before must not be made again.
            let rest = try await notYet(batch, in: target, from: source, session)
            try store.markSent(batch.map(\.id))
            answer =
                rest.isEmpty
                ? IMAPAnswer() : try await session.execute(.uidCopy(rest.uids, target.name))
            try await expunge(batch.uids, session)
        }
        let copied = answer.copyUID
        let moved = batch.map(\.message).map { message in
            (id: message.id, uid: copied?.destination(of: message.data.uid))
        }
        try store.finish(batch.map(\.id), moved: moved, to: target.id, uidValidity: copied?.epoch)
        guard session.summary.has("X-GM-EXT-1") else { return }
        try store.finish([], labels: Self.labels(of: batch, from: source, to: target))
    }

    /// Moves by one command; nil where the server cannot, whatever it offers.
    private func moveAtOnce(
        _ batch: [OperationRecord],
        to target: MailboxRecord,
        _ session: IMAPSession
    ) async throws -> IMAPAnswer? {
        guard session.summary.has("MOVE"), !refusesMove else { return nil }
        try store.markSent(batch.map(\.id))
        let answer = try await session.ask(.uidMove(batch.uids, target.name))
        guard let refusal = answer.refusal else { return answer }
        // QUIRK 74: Yahoo Japan offers MOVE and answers each with NO [CANNOT].
        refusesMove = refusal.isInability && session.summary.has("UIDPLUS")
        guard refusesMove else { throw SessionError.refused(command: "UID MOVE", refusal) }
        return nil
    }

    private func delete(
        _ batch: [OperationRecord],
        from mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws {
        try requireUIDPLUS(session)
        var uids = batch.uids
        // QUIRK 8: an expunge elsewhere in Gmail only takes a label off the message.
        if session.summary.has("X-GM-EXT-1"), mailbox.role != .trash {
            let trash = try await trashMailbox(session)
            let copied = try await session.execute(.uidMove(uids, trash.name)).copyUID
            let found = batch.compactMap { copied?.destination(of: $0.message.data.uid) }
            guard found.count == batch.count else {
                throw BrokerError(
                    .serverRefused,
                    "moved to \(trash.display), but Gmail did not say where: purge them there"
                )
            }
            uids = UIDSet(found)
            try await open(trash, session)
        }
        try await expunge(uids, session)
        try store.finish(batch.map(\.id), gone: batch.map(\.message.id))
    }

    /// Removes messages of the open mailbox, and nothing else that may be marked (RFC 4315 2.1).
    private func expunge(_ uids: UIDSet, _ session: IMAPSession) async throws {
        _ = try await session.execute(.uidStore(uids, .add, [.deleted], silent: true))
        _ = try await session.execute(.uidExpunge(uids))
    }

    private func requireUIDPLUS(_ session: IMAPSession) throws {
        guard session.summary.has("UIDPLUS") else {
            throw BrokerError(
                .serverRefused,
                "the server has no UIDPLUS: it cannot delete single messages for good"
            )
        }
    }

    private func trashMailbox(_ session: IMAPSession) async throws -> MailboxRecord {
        guard let trash = try await mailbox(with: .trash, orCreate: "Trash", session) else {
            throw BrokerError(.mailboxNotFound, "there is no Trash mailbox")
        }
        return trash
    }

    /// Those of the operations whose messages are not in the target yet.
    ///
    /// Only what was sent before can be there, and is looked for by its Message-ID.
    private func notYet(
        _ batch: [OperationRecord],
        in target: MailboxRecord,
        from source: MailboxRecord,
        _ session: IMAPSession
    ) async throws -> [OperationRecord] {
        guard batch.contains(where: \.wasSent) else { return batch }
        try await open(target, session)
        var rest: [OperationRecord] = []
        for operation in batch {
            let messageID = operation.message.data.messageID ?? ""
            var isThere = false
            if operation.wasSent, !messageID.isEmpty {
                isThere = try await has(messageID, in: target, session)
            }
            if !isThere { rest.append(operation) }
        }
        try await open(source, session)
        return rest
    }
}

extension MessageData {
    /// Whether what the server has under the UID is this message (reliability.md A34).
    fileprivate func isSame(as now: IMAPFetchData) -> Bool {
        guard Int64(clamping: now.size ?? 0) == size else { return false }
        guard let received, let date = now.internalDate else { return true }
        return received.unixSeconds == date.unixSeconds
    }
}

extension IMAPResult {
    /// Whether the server cannot do what a command asks for in any mailbox, as far as it says.
    fileprivate var isInability: Bool {
        switch self {
        case .no(let code, _): code == .condition(.cannot)
        case .bad(let code, _): code == nil
        case .ok, .malformed, .refused: false
        }
    }
}

extension [OperationRecord] {
    /// The UIDs of the messages.
    fileprivate var uids: UIDSet { UIDSet(map(\.message.data.uid)) }
}

/// Where messages went (RFC 4315 3).
private struct CopyUID {
    let epoch: UIDValidity
    let source: UIDSet
    let destination: UIDSet

    /// The UID a message has now.
    func destination(of uid: UID) -> UID? {
        source.position(of: uid).flatMap { destination.uid(at: $0) }
    }
}

extension IMAPAnswer {
    /// COPYUID: in the tagged OK, or for MOVE in an untagged one (RFC 6851 4.3).
    fileprivate var copyUID: CopyUID? {
        let said = untagged.compactMap { data -> IMAPResponseCode? in
            if case .condition(let condition) = data { condition.code } else { nil }
        }
        for case .copyUID(let epoch, let source, let destination)? in [code] + said {
            return CopyUID(epoch: epoch, source: source, destination: destination)
        }
        return nil
    }
}
