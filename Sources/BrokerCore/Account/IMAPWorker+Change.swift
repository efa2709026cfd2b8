// Changes on the server: flags, moves to Trash, deletion for good. Only UID commands; what is
// deleted is checked first and named one by one, never "whatever is marked".

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
        try await perform(isRepeatable: true) { worker, session in
            let (present, items) = try await worker.check(messages, session)
            guard !present.isEmpty else { return items }
            try await worker.doubting {
                try await worker.putFlags(add, remove, on: present, session)
            }
            worker.publish(.messageFlags, present)
            return items + present.map { .init(id: $0.record.id, outcome: .flagged) }
        }
    }

    /// Sets flags on the server and in the store.
    ///
    /// Not silently: what the server says the flags are now is later than all it said before.
    private func putFlags(
        _ add: [Flag],
        _ remove: [Flag],
        on messages: [StoredMessage],
        _ session: IMAPSession
    ) async throws {
        let uids = UIDSet(messages.map(\.record.data.uid))
        var said: [UID: [Flag]] = [:]
        for (operation, flags) in [(IMAPStoreOperation.add, add), (.remove, remove)]
        where !flags.isEmpty {
            let command = IMAPCommand.uidStore(uids, operation, flags, silent: false)
            for message in try await session.execute(command).messages {
                if let uid = message.uid, let flags = message.lastingFlags { said[uid] = flags }
            }
        }
        var flags: [Int64: [Flag]] = [:]
        for message in messages {
            // Another request may have changed them since this one was made.
            guard let now = try store.message(message.record.id) else { continue }
            flags[now.id] =
                said[now.data.uid]
                ?? Array(Set(now.data.flags).union(add).subtracting(remove))
        }
        try store.confirm(flags: flags)
    }

    /// Moves messages of one mailbox to Trash; leaves them where they are when that is Trash.
    func trash(_ messages: [StoredMessage]) async throws -> [ChangeResult.Item] {
        if messages.first?.mailbox.role == .trash {
            return messages.map { .init(id: $0.record.id, outcome: .inTrash) }
        }
        return try await perform(isRepeatable: true) { worker, session in
            let (present, items) = try await worker.check(messages, session)
            guard !present.isEmpty else { return items }
            let trash = try await worker.trashMailbox(session)
            _ = try await worker.doubting { try await worker.move(present, to: trash, session) }
            worker.publish(.messageGone, present)
            return items
                + present.map {
                    .init(id: $0.record.id, outcome: .trashed, mailbox: trash.display)
                }
        }
    }

    /// Deletes messages of one mailbox for good.
    func purge(_ messages: [StoredMessage]) async throws -> [ChangeResult.Item] {
        try await perform(isRepeatable: true) { worker, session in
            var (present, items) = try await worker.check(messages, session)
            guard !present.isEmpty else { return items }
            let ids = present.map(\.record.id)
            // QUIRK: Gmail, since ever: an expunge elsewhere only takes a label off the message.
            if session.summary.has("X-GM-EXT-1"), present[0].mailbox.role != .trash {
                let trash = try await worker.trashMailbox(session)
                present = try await worker.move(present, to: trash, session)
                guard present.count == ids.count else {
                    throw BrokerError(
                        .serverRefused,
                        "moved to \(trash.display), but Gmail did not say where: purge them there"
                    )
                }
                try await worker.open(trash, session)
            }
            let found = present
            try await worker.doubting { try await worker.expunge(found, session) }
            try worker.store.confirm(gone: ids)
            worker.publish(.messageGone, present)
            return items + ids.map { .init(id: $0, outcome: .purged) }
        }
    }

    /// Files a copy of a sent message.
    func fileSent(_ message: OutgoingMessage) async throws {
        // Not repeatable: an APPEND whose answer was lost may have been done.
        try await perform(isRepeatable: false) { worker, session in
            let sent = try await worker.mailbox(with: .sent, orCreate: "Sent", session)
            guard let sent else {
                throw BrokerError(.mailboxNotFound, "there is no mailbox for sent messages")
            }
            var reader = message.reader(withBcc: true)
            _ = try await session.append(
                to: sent.name,
                flags: [.seen],
                date: DateTime.now(),
                size: message.size(withBcc: true)
            ) { try reader.next() }
        }
    }

    /// Divides messages of one mailbox into those that are still there, unchanged, and outcomes for
    /// the others (reliability.md A34).
    private func check(
        _ messages: [StoredMessage],
        _ session: IMAPSession
    ) async throws -> (present: [StoredMessage], items: [ChangeResult.Item]) {
        guard let first = messages.first else { return ([], []) }
        try await openEpoch(of: first, session)
        let uids = UIDSet(messages.map(\.record.data.uid))
        let answer = try await session.execute(.uidFetch(.uids(uids), [.uid, .size]))
        var sizes: [UID: Int64] = [:]
        for message in answer.messages {
            if let uid = message.uid { sizes[uid] = Int64(clamping: message.size ?? 0) }
        }
        var present: [StoredMessage] = []
        var items: [ChangeResult.Item] = []
        for message in messages {
            if sizes[message.record.data.uid] == message.record.data.size {
                present.append(message)
            } else {
                let id = message.record.id
                let error = BrokerError(.messageNotFound, "message \(id) is gone")
                items.append(.init(id: id, outcome: .failed, error: error))
            }
        }
        return (present, items)
    }

    private func trashMailbox(_ session: IMAPSession) async throws -> MailboxRecord {
        guard let trash = try await mailbox(with: .trash, orCreate: "Trash", session) else {
            throw BrokerError(.mailboxNotFound, "there is no Trash mailbox")
        }
        return trash
    }

    /// Moves messages of the open mailbox; gives those whose new UID is known, as they are now.
    private func move(
        _ messages: [StoredMessage],
        to target: MailboxRecord,
        _ session: IMAPSession
    ) async throws -> [StoredMessage] {
        let uids = UIDSet(messages.map(\.record.data.uid))
        let answer: IMAPAnswer
        if session.summary.has("MOVE") {
            answer = try await session.execute(.uidMove(uids, target.name))
        } else {
            answer = try await session.execute(.uidCopy(uids, target.name))
            try await expunge(messages, session)
        }
        let copied = Self.copyUID(in: answer)
        var moved: [StoredMessage] = []
        for message in messages {
            let uid = copied.flatMap { copied in
                copied.source.position(of: message.record.data.uid)
                    .flatMap { copied.destination.uid(at: $0) }
            }
            try store.move(message.record.id, to: target.id, uid: uid, uidValidity: copied?.epoch)
            guard let uid else { continue }
            var record = message.record
            record.mailbox = target.id
            record.data.uid = uid
            moved.append(StoredMessage(record: record, mailbox: target))
        }
        return moved
    }

    /// Removes messages of the open mailbox, and nothing else that may be marked (RFC 4315 2.1).
    private func expunge(_ messages: [StoredMessage], _ session: IMAPSession) async throws {
        guard session.summary.has("UIDPLUS") else {
            throw BrokerError(
                .serverRefused,
                "the server has no UIDPLUS: it cannot delete single messages for good"
            )
        }
        let uids = UIDSet(messages.map(\.record.data.uid))
        _ = try await session.execute(.uidStore(uids, .add, [.deleted], silent: true))
        _ = try await session.execute(.uidExpunge(uids))
    }

    /// COPYUID: in the tagged OK, or for MOVE in an untagged one (RFC 6851 4.3).
    private static func copyUID(
        in answer: IMAPAnswer
    ) -> (epoch: UIDValidity, source: UIDSet, destination: UIDSet)? {
        let untagged = answer.untagged.compactMap { data -> IMAPResponseCode? in
            if case .condition(let condition) = data { condition.code } else { nil }
        }
        for code in [answer.code].compactMap({ $0 }) + untagged {
            if case .copyUID(let epoch, let source, let destination) = code {
                return (epoch, source, destination)
            }
        }
        return nil
    }

    /// Tells of messages of one mailbox, and has INBOX checked before it is shown again.
    private func publish(_ kind: Event.Kind, _ messages: [StoredMessage]) {
        isInboxLive = false
        guard let mailbox = messages.first?.mailbox else { return }
        hub.publish(.changed(kind, messages.map(\.record.id), in: mailbox))
    }
}
