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
                cached: """
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
                cached: "SELECT count(*) FROM message WHERE mailbox = ? AND uid > 0",
                arguments: [mailbox]
            ) ?? 0
        }
    }

    /// A message by its number; nil when it is gone.
    package func message(_ id: Int64) throws(StoreError) -> MessageRecord? {
        try read { database in
            try Row.fetchOne(
                database,
                cached: """
                    SELECT \(MessageRecord.columns) FROM message WHERE id = ? AND lost_at IS NULL
                    """,
                arguments: [id]
            ).map { try MessageRecord(row: $0) }
        }
    }

    /// The number of the message with a UID; nil when it is not stored.
    package func messageID(uid: UID, in mailbox: Int64) throws(StoreError) -> Int64? {
        try read { database in
            try Int64.fetchOne(
                database,
                cached: "SELECT id FROM message WHERE mailbox = ? AND uid = ?",
                arguments: [mailbox, Int64(uid.value)]
            )
        }
    }

    /// Applies a change and the state that justifies it in one transaction.
    ///
    /// A UIDVALIDITY that differs from the stored one takes every message of the mailbox from its
    /// place first, and the changes that wait with it: its UIDs name other messages now (RFC 3501
    /// 2.3.1.1). Messages that come back under another UID keep their numbers and their parts.
    ///
    /// A message that is gone keeps its number for a while (`StoreLimits.lostAge`), for when it
    /// appears in another mailbox of the account: then somebody has moved it.
    package func apply(
        _ change: MailboxChange,
        to mailbox: Int64
    ) throws(StoreError) -> AppliedChange {
        try write { database in
            var applied = AppliedChange()
            let now = change.state.confirmedAt
            try forgetLost(before: now - StoreLimits.lostAge, database)
            var lost: Set<Int64> = []
            if try epoch(of: mailbox, database) != change.state.uidValidity {
                (lost, applied.cancelled) = try loseAll(of: mailbox, at: now, database)
            }
            if let first = change.added.map(\.uid).min(), try !isConfirmed(mailbox, database) {
                // Moved here before the mailbox was ever listed: below the window there is nothing.
                applied.gone += try removeAll(below: first, of: mailbox, database)
            }
            try takeOut(change.gone, of: mailbox, at: now, into: &applied, database)
            for (uid, flags) in change.flags.sorted(by: { $0.key < $1.key }) {
                applied.reflagged += try setFlags(flags, of: uid, in: mailbox, database)
            }
            for (uid, details) in change.details.sorted(by: { $0.key < $1.key }) {
                applied.reflagged += try setDetails(details, of: uid, in: mailbox, database)
            }
            try add(change.added, to: mailbox, into: &applied, database)
            if !applied.added.isEmpty { try indexNew(database) }
            // The server has told of everything that has come, and these were not among it.
            applied.gone += try removeUnsettled(in: mailbox, database)
            applied.gone += try stillLost(lost, in: mailbox, database)
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
                cached: "SELECT min(uid) FROM message WHERE mailbox = ? AND uid > 0",
                arguments: [mailbox]
            )
            let hasLost = try hasLost(of: mailbox, database)
            for data in messages where Int64(data.uid.value) < lowest ?? .max {
                let found = hasLost ? try find(data, for: mailbox, from: mailbox, database) : nil
                if found == nil { _ = try insert(data, into: mailbox, database) }
            }
            try indexNew(database)
        }
    }

    /// The part tree of a message, where one has been stored that this version can read.
    package func structure(of id: Int64) throws(StoreError) -> BodyStructure? {
        try read { database in
            let stored = try Data.fetchOne(
                database,
                cached: "SELECT structure FROM message WHERE id = ?",
                arguments: [id]
            )
            return stored.flatMap { try? JSONDecoder().decode(BodyStructure.self, from: $0) }
        }
    }

    /// Stores the part tree of a message.
    package func setStructure(_ structure: BodyStructure, of id: Int64) throws(StoreError) {
        try write { database in
            try database.execute(
                cached: "UPDATE message SET structure = ? WHERE id = ?",
                arguments: [try JSONEncoder().encode(structure), id]
            )
        }
    }
}

extension MailStore {
    func epoch(of mailbox: Int64, _ database: Database) throws -> UIDValidity? {
        try Int64.fetchOne(
            database,
            cached: "SELECT uidvalidity FROM mailbox WHERE id = ?",
            arguments: [mailbox]
        ).map { UIDValidity(UInt32(truncatingIfNeeded: $0)) }
    }

    /// Whether the content of a mailbox was ever listed.
    private func isConfirmed(_ mailbox: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: "SELECT confirmed_at IS NOT NULL FROM mailbox WHERE id = ?",
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
            cached: """
                DELETE FROM message WHERE mailbox = ? AND uid < ? AND uid > 0 RETURNING id
                """,
            arguments: [mailbox, Int64(uid.value)]
        )
    }

    /// Stores messages that have come, under the numbers they had where they were known before.
    private func add(
        _ messages: [MessageData],
        to mailbox: Int64,
        into applied: inout AppliedChange,
        _ database: Database
    ) throws {
        let hasUnsettled = try hasUnsettled(in: mailbox, database)
        let hasLost = try hasLost(database)
        for data in messages.sorted(by: { $0.uid < $1.uid }) {
            if hasUnsettled, try settle(data, in: mailbox, database) { continue }
            if hasLost, let found = try find(data, for: mailbox, from: nil, database) {
                applied.moved.append(found)
            } else if let record = try insert(data, into: mailbox, database) {
                applied.added.append(record)
            } else {
                let (uid, flags) = (data.uid, data.flags)
                applied.reflagged += try setFlags(flags, of: uid, in: mailbox, database)
            }
        }
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
            cached: """
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
                    date, date_offset, subject, message_id, sender, recipient, copied, attachment,
                    labels, object, thread)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
                data.hasAttachment, data.labels.map { Column.text($0) }, data.object?.text,
                data.thread?.text,
            ]
        )
        return id.map {
            MessageRecord(id: $0, mailbox: mailbox, place: mailbox, data: data, hasUID: true)
        }
    }

    /// Sets what the server says besides flags; gives the number where the labels are others now.
    private func setDetails(
        _ details: MessageDetails,
        of uid: UID,
        in mailbox: Int64,
        _ database: Database
    ) throws -> [Int64] {
        let known = try database.cachedStatement(
            sql: "SELECT id, labels, object, thread FROM message WHERE mailbox = ? AND uid = ?"
        )
        guard let row = try Row.fetchOne(known, arguments: [mailbox, Int64(uid.value)]) else {
            return []
        }
        let before: [String?] = [
            try row.optional("labels"), try row.optional("object"), try row.optional("thread"),
        ]
        let now = [
            details.labels.map { Column.text($0) } ?? before[0], details.object?.text ?? before[1],
            details.thread?.text ?? before[2],
        ]
        guard now != before else { return [] }
        let id: Int64 = try row.value("id")
        try database.execute(
            cached: "UPDATE message SET labels = ?, object = ?, thread = ? WHERE id = ?",
            arguments: [now[0], now[1], now[2], id]
        )
        // The first labels of a message that was stored without are no news.
        return before[0] == nil || before[0] == now[0] ? [] : [id]
    }

    private func setState(
        _ state: MailboxState,
        of mailbox: Int64,
        _ database: Database
    ) throws {
        try database.execute(
            cached: """
                UPDATE mailbox SET uidvalidity = ?, total = ?, unseen = ?, highestmodseq = ?,
                    uidnext = ?, permanent_flags = ifnull(?, permanent_flags), confirmed_at = ?,
                    newest = \(Self.newest)
                WHERE id = ?
                """,
            arguments: [
                Int64(state.uidValidity.value), state.total, state.unseen,
                state.highestModSeq.map { Int64(clamping: $0) }, state.uidNext.map { Int64($0) },
                state.permanentFlags.map { Column.text($0) }, state.confirmedAt, mailbox,
            ]
        )
    }
}
