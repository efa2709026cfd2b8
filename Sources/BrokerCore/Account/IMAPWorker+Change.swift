// Changes as clients ask for them: shown at once to everybody, entered into the operation log, and
// answered when the server has them or after a moment, whichever comes first.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// Adds and removes flags of messages of one mailbox.
    func setFlags(
        of messages: [StoredMessage],
        add: [Flag],
        remove: [Flag]
    ) async throws -> [ChangeResult.Item] {
        let operation = Operation.flag(add: Set(add), remove: Set(remove))
        return try await change(messages, operation) { .init(id: $0, outcome: .flagged) }
    }

    /// Moves messages of one mailbox to Trash; leaves them where they are when that is Trash.
    func trash(_ messages: [StoredMessage]) async throws -> [ChangeResult.Item] {
        if messages.first?.place.role == .trash {
            return messages.map { .init(id: $0.record.id, outcome: .inTrash) }
        }
        let trash = mailboxes.first { $0.role == .trash }
        let operation = trash.map { Operation.move(to: $0.id) } ?? .trash
        return try await change(messages, operation, to: trash) {
            .init(id: $0, outcome: .trashed, mailbox: trash?.display ?? "Trash")
        }
    }

    /// Moves messages of one mailbox to another.
    func move(_ messages: [StoredMessage], to name: String) async throws -> [ChangeResult.Item] {
        let target = try target(name)
        let (moving, there) = (
            messages.filter { $0.place.id != target.id },
            messages.filter { $0.place.id == target.id }
        )
        let moved = try await change(moving, .move(to: target.id), to: target) {
            .init(id: $0, outcome: .moved, mailbox: target.display)
        }
        return moved
            + there.map { .init(id: $0.record.id, outcome: .moved, mailbox: target.display) }
    }

    /// Copies messages of one mailbox to another.
    func copy(_ messages: [StoredMessage], to name: String) async throws -> [ChangeResult.Item] {
        let target = try target(name)
        return try await change(messages, .copy(to: target.id)) {
            .init(id: $0, outcome: .copied, mailbox: target.display)
        }
    }

    /// Deletes messages of one mailbox for good.
    func purge(_ messages: [StoredMessage]) async throws -> [ChangeResult.Item] {
        try await change(messages, .delete) { .init(id: $0, outcome: .purged) }
    }

    /// Whether a message is where sent messages are: in Sent, or among all where that is kept.
    func hasSent(_ messageID: String) async throws -> Bool {
        try await perform(isRepeatable: true) { worker, session in
            let places = worker.mailboxes.filter { $0.role == .sent || $0.role == .all }
            for place in places {
                if try await worker.has(messageID, in: place, session) { return true }
            }
            return false
        }
    }

    /// Files a copy of a sent message, unless Sent has it: an APPEND whose answer was lost may have
    /// been done, and some servers do it themselves.
    func fileSent(
        _ messageID: String,
        size: UInt64,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws {
        try await perform(isRepeatable: true) { worker, session in
            let sent = try await worker.mailbox(with: .sent, orCreate: "Sent", session)
            guard let sent else {
                throw BrokerError(.mailboxNotFound, "there is no mailbox for sent messages")
            }
            guard try await !worker.has(messageID, in: sent, session) else { return }
            var reader = try message()
            _ = try await session.append(
                to: sent.name,
                flags: [.seen],
                date: DateTime.now(),
                size: size
            ) { try reader.next() }
        }
    }

    /// Whether a mailbox has a message with a Message-ID.
    func has(
        _ messageID: String,
        in mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws -> Bool {
        try await open(mailbox, session)
        let command = IMAPCommand.uidSearch([.messageID(Array(messageID.utf8))])
        for case .search(let found) in try await session.execute(command).untagged {
            return !found.isEmpty
        }
        return false
    }

    /// A mailbox to put messages into; without an archive, the mailbox of all messages is it.
    private func target(_ name: String) throws(BrokerError) -> MailboxRecord {
        if ASCII.equal(name.utf8, "archive"), !mailboxes.contains(where: { $0.role == .archive }),
            let all = mailboxes.first(where: { $0.role == .all })
        {
            return all
        }
        let target = try mailbox(meant: name)
        guard target.isSelectable else {
            throw BrokerError(.mailboxNotFound, "\(target.display) holds only mailboxes")
        }
        return target
    }

    /// Enters an operation for messages of one mailbox, tells of it, and waits a moment for the
    /// server to have it.
    func change(
        _ messages: [StoredMessage],
        _ operation: Operation,
        to target: MailboxRecord? = nil,
        outcome: (Int64) -> ChangeResult.Item
    ) async throws -> [ChangeResult.Item] {
        guard let place = messages.first?.place else { return [] }
        let ids = messages.map(\.record.id)
        let entered = try store.enter(operation, for: ids, at: DateTime.now().unixSeconds)
        inboxAnswers = [:]
        publish(operation, entered, in: place, to: target)
        let refusals = await settle(entered)
        let waiting = try store.waiting(among: entered)
        return try ids.map { id in
            var item = outcome(id)
            if waiting.contains(id) { item.waiting = true }
            let isGone = try !entered.contains(id) || isLost(id, after: operation)
            item.error = refusals[id] ?? (isGone ? .messageGone(id) : nil)
            if item.error != nil { item.outcome = .failed }
            return item
        }
    }

    /// Whether a message went before it could be changed.
    private func isLost(_ id: Int64, after operation: Operation) throws -> Bool {
        if case .delete = operation { return false }
        return try store.message(id) == nil
    }

    /// Tells of a change as it is shown.
    private func publish(
        _ operation: Operation,
        _ ids: [Int64],
        in place: MailboxRecord,
        to target: MailboxRecord?
    ) {
        guard !ids.isEmpty else { return }
        switch operation {
        case .flag, .label: hub.publish(.changed(.messageFlags, ids, in: place))
        case .move, .trash:
            var event = Event.changed(.messageMoved, ids, in: place)
            event.target = target?.display ?? "Trash"
            hub.publish(event)
        case .delete: hub.publish(.changed(.messageGone, ids, in: place))
        case .copy: break
        }
    }
}

extension BrokerError {
    /// A message that is on the server no more.
    static func messageGone(_ id: Int64) -> BrokerError {
        BrokerError(.messageNotFound, "message \(id) is gone")
    }
}
