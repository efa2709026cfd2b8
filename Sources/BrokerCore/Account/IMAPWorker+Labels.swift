// Labels: X-GM-LABELS where the server has them (X-GM-EXT-1), keywords where it has none. To take
// the label off that the mailbox is the view of is a move.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// Puts labels on messages of one mailbox and takes others off.
    ///
    /// - Throws: `request.invalid` for what can be no label there.
    func setLabels(
        of messages: [StoredMessage],
        add: [String],
        remove: [String]
    ) async throws -> [ChangeResult.Item] {
        guard let place = messages.first?.place else { return [] }
        let hasLabels =
            session.map { ServerProfile($0.summary).hasLabels }
            ?? messages.contains { $0.record.data.labels != nil }
        guard hasLabels else {
            let operation = Operation.flag(
                add: Set(try add.map(Self.keyword)),
                remove: Set(try remove.map(Self.keyword))
            )
            return try await change(messages, operation) { .init(id: $0, outcome: .labelled) }
        }
        var (added, removed) = (
            Set(try add.map(Self.label)), Set(try remove.map(Self.label))
        )
        // Gmail does not name the label of the open mailbox: what has it not is not in there.
        var leaves = false
        if let own = place.label {
            added.remove(own)
            leaves = removed.remove(own) != nil
        }
        let all = mailboxes.first { $0.role == .all }
        if leaves, all == nil {
            throw BrokerError(
                .mailboxNotFound,
                "without the label the message would be in no mailbox that \(account) has"
            )
        }
        var items = messages.map {
            ChangeResult.Item(id: $0.record.id, outcome: .labelled)
        }
        if !added.isEmpty || !removed.isEmpty {
            items = try await change(messages, .label(add: added, remove: removed)) {
                .init(id: $0, outcome: .labelled)
            }
        }
        guard leaves, let all else { return items }
        let moved = try await change(messages, .move(to: all.id), to: all) {
            .init(id: $0, outcome: .labelled, mailbox: all.display)
        }
        return zip(items, moved).map { $0.error == nil ? $1 : $0 }
    }

    private static func label(_ word: String) throws(BrokerError) -> Label {
        guard let label = Label(word: word) else {
            throw BrokerError(.requestInvalid, "\(word) cannot be a label", field: "labels")
        }
        return label
    }

    private static func keyword(_ word: String) throws(BrokerError) -> Flag {
        guard let flag = Flag(label: word) else {
            throw BrokerError(
                .requestInvalid,
                "\(word) cannot be a label here: the server has keywords in place of labels, "
                    + "which are single words in ASCII and no flags",
                field: "labels"
            )
        }
        return flag
    }

    /// Sets labels on the server and in the store.
    func putLabels(
        _ add: Set<Label>,
        _ remove: Set<Label>,
        _ batch: [OperationRecord],
        _ session: IMAPSession
    ) async throws {
        guard session.summary.has("X-GM-EXT-1") else {
            throw BrokerError(.serverRefused, "the server has no labels any more")
        }
        var said: [UID: [Label]] = [:]
        for (operation, labels) in [(IMAPStoreOperation.add, add), (.remove, remove)]
        where !labels.isEmpty {
            let sorted = labels.sorted { $0.octets.lexicographicallyPrecedes($1.octets) }
            let uids = UIDSet(batch.map(\.message.data.uid))
            let command = IMAPCommand.uidStoreLabels(uids, operation, sorted)
            for message in try await session.execute(command).messages {
                guard let uid = message.uid, let labels = message.labels else { continue }
                said[uid] = labels + [opened?.label].compactMap { $0 }
            }
        }
        var labels: [Int64: [Label]] = [:]
        for message in batch.map(\.message) {
            let known = Set(message.data.labels ?? [])
            labels[message.id] =
                said[message.data.uid] ?? Array(known.union(add).subtracting(remove))
        }
        try store.finish(batch.map(\.id), labels: labels)
    }

    /// The labels messages have after a move: the label of where they are now in place of that of
    /// where they were.
    static func labels(
        of batch: [OperationRecord],
        from source: MailboxRecord,
        to target: MailboxRecord
    ) -> [Int64: [Label]] {
        var labels: [Int64: [Label]] = [:]
        for message in batch.map(\.message) {
            guard let before = message.data.labels else { continue }
            let kept = before.filter { $0 != source.label && $0 != target.label }
            labels[message.id] = kept + [target.label].compactMap { $0 }
        }
        return labels
    }

    /// Makes sure that the open mailbox keeps keywords (RFC 3501 7.1, PERMANENTFLAGS).
    func requireKept(_ flags: Set<Flag>) throws(BrokerError) {
        guard let kept = opened?.permanentFlags,
            let lost = flags.first(where: { $0.isKeyword && !kept.permits($0) })
        else { return }
        let word = lost == .important ? "important" : lost.word
        throw BrokerError(
            .serverRefused,
            "the server keeps no label or keyword \"\(word)\" in this mailbox"
        )
    }
}
