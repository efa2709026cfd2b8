// The operation log (protocols.md 4.9): what clients have changed is shown at once and kept until
// the server has it. A message's `place` and `shown_flags` are what the server says with every
// operation of the message on top; they are made anew whenever either changes.

import GRDB
import MailModel

extension MailStore {
    /// Enters an operation for messages, on the disk when this returns; they are shown with it from
    /// now on.
    ///
    /// Operations of a message that were not sent yet are merged: flags into flags, a move after a
    /// move into one from the first mailbox to the last, and deletion in place of everything.
    /// - Returns: the messages that exist.
    package func enter(
        _ operation: Operation,
        for messages: [Int64],
        at time: Int64
    ) throws(StoreError) -> [Int64] {
        try writeDurably { database in
            var entered: [Int64] = []
            for id in messages where try exists(id, database) {
                try enter(operation, for: id, at: time, database)
                try fold(id, database)
                entered.append(id)
            }
            return entered
        }
    }

    /// The oldest operation of an account and those after it that the same commands can do.
    ///
    /// They are alike and their messages of one mailbox. Empty when nothing waits. As in
    /// `waitingCount`, the joins are in the order in which they are written.
    package func nextOperations(
        of account: String,
        limit: Int
    ) throws(StoreError) -> [OperationRecord] {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT operation.id AS operation_id, kind, added, removed, target, sent,
                        message FROM operation
                    CROSS JOIN message ON message.id = operation.message
                    CROSS JOIN mailbox ON mailbox.id = message.mailbox
                    WHERE account = ? ORDER BY operation.id
                    """,
                arguments: [account]
            )
            var batch: [OperationRecord] = []
            var seen: Set<Int64> = []
            while batch.count < limit, let row = try rows.next() {
                let id: Int64 = try row.value("message")
                guard let message = try record(id, database), message.hasUID else { continue }
                let next = OperationRecord(
                    id: try row.value("operation_id"),
                    operation: try Operation(row: row),
                    wasSent: try row.value("sent"),
                    message: message
                )
                if let first = batch.first {
                    guard first.operation == next.operation, first.wasSent == next.wasSent,
                        first.message.mailbox == message.mailbox, seen.insert(id).inserted
                    else { break }
                }
                seen.insert(id)
                batch.append(next)
            }
            return batch
        }
    }

    /// How many messages of an account have changes that wait for the server.
    ///
    /// The joins are in the order in which they are written: from the few operations, not from the
    /// many messages.
    package func waitingCount(of account: String) throws(StoreError) -> Int {
        try read { database in
            try Int.fetchOne(
                database,
                cached: """
                    SELECT count(DISTINCT operation.message) FROM operation
                    CROSS JOIN message ON message.id = operation.message
                    CROSS JOIN mailbox ON mailbox.id = message.mailbox WHERE account = ?
                    """,
                arguments: [account]
            ) ?? 0
        }
    }

    /// Which of some messages have changes that wait for the server.
    package func waiting(among messages: [Int64]) throws(StoreError) -> Set<Int64> {
        try read { database in
            var waiting: Set<Int64> = []
            for id in messages where try !operations(of: id, database).isEmpty {
                waiting.insert(id)
            }
            return waiting
        }
    }

    /// How many messages, and messages without \Seen, a mailbox shows more than the server counts.
    package func shownBesides(
        _ mailbox: Int64
    ) throws(StoreError) -> (total: Int, unseen: Int) {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                cached: """
                    SELECT mailbox, place, uid, flags, shown_flags FROM message
                    WHERE lost_at IS NULL
                    AND (id IN (SELECT message FROM operation) OR (mailbox = ? AND uid < 0))
                    """,
                arguments: [mailbox]
            )
            var (total, unseen) = (0, 0)
            for row in rows {
                let flags = Column.flags(try row.value("flags"))
                let uid: Int64 = try row.value("uid")
                if try row.value("mailbox") == mailbox, uid > 0 {
                    total -= 1
                    unseen -= flags.contains(.seen) ? 0 : 1
                }
                guard try row.value("place") == mailbox else { continue }
                let shown: String? = try row.optional("shown_flags")
                total += 1
                unseen += (shown.map(Column.flags) ?? flags).contains(.seen) ? 0 : 1
            }
            return (total, unseen)
        }
    }
}

extension MailStore {
    /// Messages of a mailbox with operations, those that are being moved out included.
    func changed(in mailbox: Int64, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            cached: """
                SELECT id FROM message
                WHERE +mailbox = ? AND id IN (SELECT message FROM operation)
                """,
            arguments: [mailbox]
        )
    }

    /// Messages that are shown in a mailbox and are on their way to it.
    func shown(in mailbox: Int64, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            cached: "SELECT id FROM message WHERE place = ? AND mailbox <> ?",
            arguments: [mailbox, mailbox]
        )
    }

    /// Whether messages wait in a mailbox for their UID.
    func hasUnsettled(in mailbox: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: """
                SELECT EXISTS (
                    SELECT 1 FROM message WHERE mailbox = ? AND uid < 0 AND lost_at IS NULL
                )
                """,
            arguments: [mailbox]
        ) ?? false
    }

    /// Gives a message that waits in a mailbox for its UID the one that has come; false where none
    /// waits that is the same by Message-ID and size.
    func settle(
        _ data: MessageData,
        in mailbox: Int64,
        _ database: Database
    ) throws -> Bool {
        guard let messageID = data.messageID else { return false }
        let id = try Int64.fetchOne(
            database,
            cached: """
                SELECT id FROM message
                WHERE mailbox = ? AND uid < 0 AND lost_at IS NULL AND message_id = ? AND size = ?
                LIMIT 1
                """,
            arguments: [mailbox, Column.text(messageID), data.size]
        )
        guard let id else { return false }
        try database.execute(
            cached: """
                UPDATE OR REPLACE message SET uid = ?, flags = ?, labels = ?, object = ?, thread = ?
                WHERE id = ?
                """,
            arguments: [
                Int64(data.uid.value), Column.text(data.flags),
                data.labels.map { Column.text($0) }, data.object?.text, data.thread?.text, id,
            ]
        )
        return true
    }

    /// Takes out the messages that wait in a mailbox for their UID.
    func removeUnsettled(in mailbox: Int64, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            cached: """
                DELETE FROM message WHERE mailbox = ? AND uid < 0 AND lost_at IS NULL RETURNING id
                """,
            arguments: [mailbox]
        )
    }

    /// Makes anew how a message is shown.
    func fold(_ id: Int64, _ database: Database) throws {
        guard
            let row = try Row.fetchOne(
                database,
                cached:
                    "SELECT mailbox, flags, labels FROM message WHERE id = ? AND lost_at IS NULL",
                arguments: [id]
            )
        else { return }
        var place: Int64 = try row.value("mailbox")
        let stored: String = try row.value("flags")
        let storedLabels: String? = try row.optional("labels")
        var flags = Set(Column.flags(stored))
        var labels = Set(storedLabels.map(Column.labels) ?? [])
        for (_, operation) in try operations(of: id, database) {
            switch operation {
            case .flag(let add, let remove): flags = flags.union(add).subtracting(remove)
            case .label(let add, let remove): labels = labels.union(add).subtracting(remove)
            case .move(let target): place = target
            case .trash, .delete: place = 0
            case .copy: break
            }
        }
        let shown = Column.text(Array(flags))
        let shownLabels = Column.text(Array(labels))
        try database.execute(
            cached: "UPDATE message SET place = ?, shown_flags = ?, shown_labels = ? WHERE id = ?",
            arguments: [
                place, shown == stored ? nil : shown,
                shownLabels == storedLabels ?? "" ? nil : shownLabels, id,
            ]
        )
    }

    private func exists(_ id: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: "SELECT place > 0 FROM message WHERE id = ?",
            arguments: [id]
        ) ?? false
    }

    private func record(_ id: Int64, _ database: Database) throws -> MessageRecord? {
        try Row.fetchOne(
            database,
            cached: "SELECT \(MessageRecord.columns) FROM message WHERE id = ?",
            arguments: [id]
        ).map { try MessageRecord(row: $0) }
    }

    /// The operations of a message that were not sent, or all of them, in order.
    private func operations(
        of message: Int64,
        unsentOnly: Bool = false,
        _ database: Database
    ) throws -> [(id: Int64, operation: Operation)] {
        try Row.fetchAll(
            database,
            cached: """
                SELECT id AS operation_id, kind, added, removed, target FROM operation
                WHERE message = ? AND sent <= ? ORDER BY id
                """,
            arguments: [message, unsentOnly ? 0 : 1]
        ).map { (try $0.value("operation_id"), try Operation(row: $0)) }
    }

    private func enter(
        _ operation: Operation,
        for message: Int64,
        at time: Int64,
        _ database: Database
    ) throws {
        let unsent = try operations(of: message, unsentOnly: true, database)
        var operation = operation
        if let last = unsent.last, let merged = operation.merged(after: last.operation) {
            try remove([last.id], database)
            operation = merged
        }
        if case .delete = operation { try remove(unsent.map(\.id), database) }
        if case .move(let target) = operation,
            try home(of: message, database) == target,
            try operations(of: message, database).allSatisfy({ !$0.operation.moves })
        {
            return  // back where it was
        }
        try database.execute(
            cached: """
                INSERT INTO operation (message, kind, added, removed, target, created)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                message, operation.kind, operation.added, operation.removed, operation.target, time,
            ]
        )
    }

    private func home(of message: Int64, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(
            database,
            cached: "SELECT mailbox FROM message WHERE id = ?",
            arguments: [message]
        )
    }

    private func remove(_ operations: [Int64], _ database: Database) throws {
        for id in operations {
            try database.execute(cached: "DELETE FROM operation WHERE id = ?", arguments: [id])
        }
    }
}

extension Operation {
    /// The operation that does what another and then this one would do; nil where it takes both.
    fileprivate func merged(after earlier: Operation) -> Operation? {
        switch (earlier, self) {
        case (.flag(let add, let remove), .flag(let nowAdd, let nowRemove)):
            .flag(
                add: add.subtracting(nowRemove).union(nowAdd),
                remove: remove.subtracting(nowAdd).union(nowRemove)
            )
        case (.label(let add, let remove), .label(let nowAdd, let nowRemove)):
            .label(
                add: add.subtracting(nowRemove).union(nowAdd),
                remove: remove.subtracting(nowAdd).union(nowRemove)
            )
        case (.move, .move), (.trash, .move), (.move, .trash), (.trash, .trash): self
        default: nil
        }
    }

    /// Whether it takes the message somewhere else.
    fileprivate var moves: Bool {
        switch self {
        case .move, .trash, .delete: true
        case .flag, .label, .copy: false
        }
    }

    fileprivate var kind: String {
        switch self {
        case .flag: "flag"
        case .label: "label"
        case .move: "move"
        case .trash: "trash"
        case .copy: "copy"
        case .delete: "delete"
        }
    }

    /// What it adds, as its column has it.
    fileprivate var added: String {
        switch self {
        case .flag(let add, _): Column.text(Array(add))
        case .label(let add, _): Column.text(Array(add))
        case .move, .trash, .copy, .delete: ""
        }
    }

    /// What it takes off, as its column has it.
    fileprivate var removed: String {
        switch self {
        case .flag(_, let remove): Column.text(Array(remove))
        case .label(_, let remove): Column.text(Array(remove))
        case .move, .trash, .copy, .delete: ""
        }
    }

    fileprivate var target: Int64? {
        switch self {
        case .move(let target), .copy(let target): target
        case .flag, .label, .trash, .delete: nil
        }
    }

    init(row: Row) throws(StoreError) {
        let kind: String = try row.value("kind")
        let (add, remove): (String, String) = (try row.value("added"), try row.value("removed"))
        switch kind {
        case "flag": self = .flag(add: Set(Column.flags(add)), remove: Set(Column.flags(remove)))
        case "label":
            self = .label(add: Set(Column.labels(add)), remove: Set(Column.labels(remove)))
        case "move": self = .move(to: try row.value("target"))
        case "trash": self = .trash
        case "copy": self = .copy(to: try row.value("target"))
        case "delete": self = .delete
        default: throw StoreError(code: .damaged, reason: "an operation of an unknown kind")
        }
    }
}
