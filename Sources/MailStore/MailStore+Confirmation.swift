// What the server has made of operations: each answer in one transaction with the end of its
// operations, so that nothing is shown twice or not at all, whenever the broker ends.

import GRDB
package import MailModel

extension MailStore {
    /// Notes that operations are about to be sent: after a crash they may have been done.
    package func markSent(_ operations: [Int64]) throws(StoreError) {
        try writeDurably { database in
            for id in operations {
                try database.execute(
                    cached: "UPDATE operation SET sent = 1 WHERE id = ?",
                    arguments: [id]
                )
            }
        }
    }

    /// Notes that the server has done operations, or will not do them, or never can: they are
    /// forgotten, and their messages are shown without them.
    package func finish(_ operations: [Int64]) throws(StoreError) {
        try write { database in try finish(operations, database) }
    }

    /// Sets the flags of messages as the server has confirmed them for operations.
    package func finish(
        _ operations: [Int64],
        flags: [Int64: [Flag]]
    ) throws(StoreError) {
        try write { database in
            for (id, flags) in flags {
                try count(id, by: -1, database)
                try database.execute(
                    cached: "UPDATE message SET flags = ? WHERE id = ?",
                    arguments: [Column.text(flags), id]
                )
                try count(id, by: 1, database)
            }
            try finish(operations, database)
        }
    }

    /// Sets the labels of messages as the server has confirmed them for operations, wherever in
    /// the account they are.
    package func finish(
        _ operations: [Int64],
        labels: [Int64: [Label]]
    ) throws(StoreError) {
        try write { database in
            for (id, labels) in labels {
                let changed = try Int64.fetchAll(
                    database,
                    cached: """
                        UPDATE message SET labels = :labels
                        WHERE id = :id OR object = (SELECT object FROM message WHERE id = :id)
                        AND mailbox IN (
                            SELECT mailbox.id FROM mailbox WHERE account = (
                                SELECT account FROM mailbox JOIN message
                                ON mailbox.id = message.mailbox WHERE message.id = :id
                            )
                        )
                        RETURNING id
                        """,
                    arguments: ["labels": Column.text(labels), "id": id]
                )
                for id in changed { try fold(id, database) }
            }
            try finish(operations, database)
        }
    }

    /// Takes messages out that are gone from the server.
    package func finish(
        _ operations: [Int64],
        gone: [Int64]
    ) throws(StoreError) {
        try write { database in
            for id in gone {
                try count(id, by: -1, database)
                try database.execute(cached: "DELETE FROM message WHERE id = ?", arguments: [id])
            }
            try finish(operations, database)
        }
    }

    /// Takes messages to another mailbox under the UIDs they have there; their numbers stay.
    ///
    /// One whose UID is not known, or is of another epoch, waits for the next sync of the target to
    /// find it by its Message-ID and size.
    package func finish(
        _ operations: [Int64],
        moved messages: [(id: Int64, uid: UID?)],
        to target: Int64,
        uidValidity: UIDValidity?
    ) throws(StoreError) {
        try write { database in
            // A target that was never opened is in the epoch this move tells of.
            try database.execute(
                cached: "UPDATE mailbox SET uidvalidity = ? WHERE id = ? AND uidvalidity IS NULL",
                arguments: [uidValidity.map { Int64($0.value) }, target]
            )
            let isKnown = try uidValidity != nil && epoch(of: target, database) == uidValidity
            for (id, uid) in messages {
                try move(id, to: target, uid: isKnown ? uid : nil, database)
            }
            try finish(operations, database)
        }
    }
}

extension MailStore {
    private func finish(_ operations: [Int64], _ database: Database) throws {
        for id in operations {
            let message = try Int64.fetchOne(
                database,
                cached: "DELETE FROM operation WHERE id = ? RETURNING message",
                arguments: [id]
            )
            if let message { try fold(message, database) }
        }
    }

    private func move(
        _ id: Int64,
        to target: Int64,
        uid: UID?,
        _ database: Database
    ) throws {
        try count(id, by: -1, database)
        // The target's own sync may have met the message first: the older number wins.
        let met = try Int64.fetchOne(
            database,
            cached: "SELECT id FROM message WHERE mailbox = ? AND uid = ? AND id <> ?",
            arguments: [target, uid.map { Int64($0.value) }, id]
        )
        if let met {
            try count(met, by: -1, database)
            try database.execute(cached: "DELETE FROM message WHERE id = ?", arguments: [met])
        }
        try database.execute(
            cached: "UPDATE message SET mailbox = ?, uid = ?, lost_at = NULL WHERE id = ?",
            arguments: [target, uid.map { Int64($0.value) } ?? -id, id]
        )
        try count(id, by: 1, database)
        try fold(id, database)
    }

    /// Counts a message with a UID in its mailbox, or no more.
    func count(_ id: Int64, by step: Int, _ database: Database) throws {
        let row = try Row.fetchOne(
            database,
            cached: "SELECT mailbox, uid, flags FROM message WHERE id = ?",
            arguments: [id]
        )
        guard let row, try row.value("uid") > 0 else { return }
        let isSeen = Column.flags(try row.value("flags")).contains(.seen)
        let mailbox: Int64 = try row.value("mailbox")
        try database.execute(
            cached: "UPDATE mailbox SET total = total + ?, unseen = unseen + ? WHERE id = ?",
            arguments: [step, isSeen ? 0 : step, mailbox]
        )
    }
}
