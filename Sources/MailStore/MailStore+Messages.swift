// Messages: reading lists, and applying what an exchange with the server taught.

import FoundationEssentials
import GRDB
package import MailModel

extension MailStore {
    /// The stored messages that are shown in a mailbox, newest first by arrival, those without a
    /// date of arrival last; `after` names the last row of the page before.
    package func messages(
        in mailbox: Int64,
        limit: Int,
        after: Int64? = nil
    ) throws(StoreError) -> [MessageRecord] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(MessageRecord.columns) FROM message
                    WHERE place = :mailbox
                    AND (:after IS NULL OR (ifnull(received, :never), uid) < (
                        SELECT ifnull(received, :never), uid FROM message WHERE id = :after
                    ))
                    ORDER BY received DESC, uid DESC LIMIT :limit
                    """,
                arguments: [
                    "mailbox": mailbox, "after": after, "limit": limit, "never": Int64.min,
                ]
            ).map { try MessageRecord(row: $0) }
        }
    }

    /// How many messages of a mailbox are stored, wherever they are shown.
    package func count(in mailbox: Int64) throws(StoreError) -> Int {
        try read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM message WHERE mailbox = ? AND uid > 0",
                arguments: [mailbox]
            ) ?? 0
        }
    }

    /// A message by its number; nil when it is gone.
    package func message(_ id: Int64) throws(StoreError) -> MessageRecord? {
        try read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT \(MessageRecord.columns) FROM message WHERE id = ?",
                arguments: [id]
            ).map { try MessageRecord(row: $0) }
        }
    }

    /// The number of the message with a UID; nil when it is not stored.
    package func messageID(uid: UID, in mailbox: Int64) throws(StoreError) -> Int64? {
        try read { database in
            try Int64.fetchOne(
                database,
                sql: "SELECT id FROM message WHERE mailbox = ? AND uid = ?",
                arguments: [mailbox, Int64(uid.value)]
            )
        }
    }

    /// Applies a change and the state that justifies it in one transaction.
    ///
    /// A UIDVALIDITY that differs from the stored one drops every message of the mailbox first: its
    /// UIDs name other messages now (RFC 3501 2.3.1.1).
    package func apply(
        _ change: MailboxChange,
        to mailbox: Int64
    ) throws(StoreError) -> AppliedChange {
        try write { database in
            var applied = AppliedChange()
            if try epoch(of: mailbox, database) != change.state.uidValidity {
                applied.cancelled = try changed(in: mailbox, database)
                applied.gone = try removeAll(of: mailbox, database)
            }
            if let first = change.added.map(\.uid).min(), try !isConfirmed(mailbox, database) {
                // Moved here before the mailbox was ever listed: below the window there is nothing.
                applied.gone += try removeAll(below: first, of: mailbox, database)
            }
            for uid in change.gone {
                applied.gone += try remove(uid, from: mailbox, database)
            }
            for (uid, flags) in change.flags.sorted(by: { $0.key < $1.key }) {
                applied.reflagged += try setFlags(flags, of: uid, in: mailbox, database)
            }
            let hasUnsettled = try hasUnsettled(in: mailbox, database)
            for data in change.added.sorted(by: { $0.uid < $1.uid }) {
                if hasUnsettled, try settle(data, in: mailbox, database) { continue }
                if let record = try insert(data, into: mailbox, database) {
                    applied.added.append(record)
                } else {
                    let (uid, flags) = (data.uid, data.flags)
                    applied.reflagged += try setFlags(flags, of: uid, in: mailbox, database)
                }
            }
            if !applied.added.isEmpty { try indexNew(database) }
            // The server has told of everything that has come, and these were not among it.
            applied.gone += try removeUnsettled(in: mailbox, database)
            for id in try changed(in: mailbox, database) { try fold(id, database) }
            try setState(change.state, of: mailbox, database)
            return applied
        }
    }

    /// Stores messages below the window of a mailbox in an epoch; those at or above its beginning
    /// are stored already, or gone since.
    package func extend(
        _ mailbox: Int64,
        epoch: UIDValidity,
        by messages: [MessageData]
    ) throws(StoreError) {
        try write { database in
            guard try self.epoch(of: mailbox, database) == epoch else { return }
            let lowest = try Int64.fetchOne(
                database,
                sql: "SELECT min(uid) FROM message WHERE mailbox = ? AND uid > 0",
                arguments: [mailbox]
            )
            for data in messages where Int64(data.uid.value) < lowest ?? .max {
                _ = try insert(data, into: mailbox, database)
            }
            try indexNew(database)
        }
    }

    /// The part tree of a message, where one has been stored that this version can read.
    package func structure(of id: Int64) throws(StoreError) -> BodyStructure? {
        try read { database in
            let stored = try Data.fetchOne(
                database,
                sql: "SELECT structure FROM message WHERE id = ?",
                arguments: [id]
            )
            return stored.flatMap { try? JSONDecoder().decode(BodyStructure.self, from: $0) }
        }
    }

    /// Stores the part tree of a message.
    package func setStructure(_ structure: BodyStructure, of id: Int64) throws(StoreError) {
        try write { database in
            try database.execute(
                sql: "UPDATE message SET structure = ? WHERE id = ?",
                arguments: [try JSONEncoder().encode(structure), id]
            )
        }
    }
}

extension MailStore {
    func epoch(of mailbox: Int64, _ database: Database) throws -> UIDValidity? {
        try Int64.fetchOne(
            database,
            sql: "SELECT uidvalidity FROM mailbox WHERE id = ?",
            arguments: [mailbox]
        ).map { UIDValidity(UInt32(truncatingIfNeeded: $0)) }
    }

    /// Whether the content of a mailbox was ever listed.
    private func isConfirmed(_ mailbox: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: "SELECT confirmed_at IS NOT NULL FROM mailbox WHERE id = ?",
            arguments: [mailbox]
        ) ?? false
    }

    private func removeAll(
        below uid: UID,
        of mailbox: Int64,
        _ database: Database
    ) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            sql: """
                DELETE FROM message WHERE mailbox = ? AND uid < ? AND uid > 0 RETURNING id
                """,
            arguments: [mailbox, Int64(uid.value)]
        )
    }

    private func removeAll(of mailbox: Int64, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            sql: "DELETE FROM message WHERE mailbox = ? RETURNING id",
            arguments: [mailbox]
        )
    }

    private func remove(_ uid: UID, from mailbox: Int64, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            sql: "DELETE FROM message WHERE mailbox = ? AND uid = ? RETURNING id",
            arguments: [mailbox, Int64(uid.value)]
        )
    }

    private func setFlags(
        _ flags: [Flag],
        of uid: UID,
        in mailbox: Int64,
        _ database: Database
    ) throws -> [Int64] {
        let text = Column.text(flags)
        return try Int64.fetchAll(
            database,
            sql: """
                UPDATE message SET flags = ? WHERE mailbox = ? AND uid = ? AND flags <> ?
                RETURNING id
                """,
            arguments: [text, mailbox, Int64(uid.value), text]
        )
    }

    /// Stores a message; nil when it was stored already.
    private func insert(
        _ data: MessageData,
        into mailbox: Int64,
        _ database: Database
    ) throws -> MessageRecord? {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO message (mailbox, place, uid, flags, received, received_offset, size,
                    date, date_offset, subject, message_id, sender, recipient, copied, attachment)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (mailbox, uid) DO NOTHING RETURNING id
                """
        )
        let id = try Int64.fetchOne(
            statement,
            arguments: [
                mailbox, mailbox, Int64(data.uid.value), Column.text(data.flags),
                data.received?.unixSeconds, data.received?.offsetMinutes, data.size,
                data.date?.unixSeconds, data.date?.offsetMinutes, data.subject.map(Column.text),
                data.messageID.map(Column.text),
                Column.text(data.from), Column.text(data.to), Column.text(data.cc),
                data.hasAttachment,
            ]
        )
        return id.map {
            MessageRecord(id: $0, mailbox: mailbox, place: mailbox, data: data, hasUID: true)
        }
    }

    private func setState(
        _ state: MailboxState,
        of mailbox: Int64,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE mailbox SET uidvalidity = ?, total = ?, unseen = ?, highestmodseq = ?,
                    uidnext = ?, confirmed_at = ?
                WHERE id = ?
                """,
            arguments: [
                Int64(state.uidValidity.value), state.total, state.unseen,
                state.highestModSeq.map { Int64(clamping: $0) }, state.uidNext.map { Int64($0) },
                state.confirmedAt, mailbox,
            ]
        )
    }
}
