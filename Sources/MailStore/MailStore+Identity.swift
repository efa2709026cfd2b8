// The same message in another place: what another client has moved, and what a mailbox with a new
// UIDVALIDITY still holds. A message that is gone from its place keeps its number, its parts and its
// words for a while, shown nowhere; where a message appears that is the same, it is that one.
//
// The same is what the server gives the same name (EMAILID, X-GM-MSGID), and where it gives none,
// what has the same Message-ID, size and INTERNALDATE. One message may be in two mailboxes at once
// and then has two numbers: a number moves only when its place is gone.

import GRDB
import MailModel

extension MailStore {
    /// The highest number a message has had.
    static let newest = "ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)"

    /// Takes a message from its place: it has moved where a newer one is the same, and else is lost.
    func takeOut(
        _ uid: UID,
        of mailbox: Int64,
        at time: Int64,
        into applied: inout AppliedChange,
        _ database: Database
    ) throws {
        let id = try Int64.fetchOne(
            database,
            sql: "SELECT id FROM message WHERE mailbox = ? AND uid = ?",
            arguments: [mailbox, Int64(uid.value)]
        )
        guard let id else { return }
        if let moved = try takePlaceOfNewer(id, of: mailbox, database) {
            applied.moved.append(moved)
        } else {
            try database.execute(sql: "DELETE FROM operation WHERE message = ?", arguments: [id])
            try lose("id = ?", [id], at: time, database)
            applied.gone.append(id)
        }
    }

    /// Takes all messages of a mailbox from their places, with the changes that wait.
    func loseAll(
        of mailbox: Int64,
        at time: Int64,
        _ database: Database
    ) throws -> Set<Int64> {
        let ids = try Int64.fetchSet(
            database,
            sql: "SELECT id FROM message WHERE mailbox = ? AND uid > 0",
            arguments: [mailbox]
        )
        try lose("mailbox = ? AND uid > 0", [mailbox], at: time, database)
        return ids
    }

    private func lose(
        _ condition: String,
        _ arguments: StatementArguments,
        at time: Int64,
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                UPDATE message SET uid = -id, place = 0, shown_flags = NULL, shown_labels = NULL,
                    lost_at = ? WHERE \(condition)
                """,
            arguments: [time] + arguments
        )
    }

    /// Forgets messages that were lost before a time.
    func forgetLost(before time: Int64, _ database: Database) throws {
        try database.execute(sql: "DELETE FROM message WHERE lost_at < ?", arguments: [time])
    }

    /// Those of some messages of a mailbox that were not found again.
    func stillLost(
        _ messages: Set<Int64>,
        in mailbox: Int64,
        _ database: Database
    ) throws -> [Int64] {
        guard !messages.isEmpty else { return [] }
        let lost = try Int64.fetchAll(
            database,
            sql: "SELECT id FROM message WHERE mailbox = ? AND uid < 0 AND lost_at IS NOT NULL",
            arguments: [mailbox]
        )
        return lost.filter(messages.contains)
    }

    /// Cancels changes of a mailbox's lost messages; gives these messages.
    func cancelLost(in mailbox: Int64, _ database: Database) throws -> [Int64] {
        let cancelled = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM message WHERE mailbox = ? AND lost_at IS NOT NULL
                AND id IN (SELECT message FROM operation)
                """,
            arguments: [mailbox]
        )
        for id in cancelled {
            try database.execute(sql: "DELETE FROM operation WHERE message = ?", arguments: [id])
        }
        return cancelled
    }

    /// Whether messages are lost of a mailbox, or of any.
    func hasLost(in mailbox: Int64?, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM message
                    WHERE lost_at IS NOT NULL AND (:mailbox IS NULL OR mailbox = :mailbox)
                )
                """,
            arguments: ["mailbox": mailbox]
        ) ?? false
    }

    /// Gives a lost message of the account the place in which it has appeared; nil where none is
    /// the same. Only those lost from `source`, where one is given.
    func find(
        _ data: MessageData,
        for mailbox: Int64,
        from source: Int64?,
        _ database: Database
    ) throws -> AppliedChange.Relocation? {
        let isStored = try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM message WHERE mailbox = ? AND uid = ?)",
            arguments: [mailbox, Int64(data.uid.value)]
        )
        guard isStored == false, let row = try lost(data, for: mailbox, from: source, database)
        else { return nil }
        let (id, before): (Int64, Int64) = (try row.value("id"), try row.value("mailbox"))
        try database.execute(
            sql: """
                UPDATE message SET mailbox = ?, uid = ?, flags = ?, labels = ?,
                    object = ifnull(?, object), thread = ifnull(?, thread),
                    received = ifnull(?, received), lost_at = NULL
                WHERE id = ?
                """,
            arguments: [
                mailbox, Int64(data.uid.value), Column.text(data.flags),
                data.labels.map { Column.text($0) }, data.object?.text, data.thread?.text,
                data.received?.unixSeconds, id,
            ]
        )
        try fold(id, database)
        return .init(id: id, source: before, target: mailbox, replaced: nil)
    }

    /// A lost message that is the same as one that has come, one of the same mailbox first.
    private func lost(
        _ data: MessageData,
        for mailbox: Int64,
        from source: Int64?,
        _ database: Database
    ) throws -> Row? {
        func first(_ condition: String) throws -> Row? {
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id, mailbox FROM message
                    WHERE lost_at IS NOT NULL AND \(condition)
                    AND (:source IS NULL OR mailbox = :source) AND mailbox IN (
                        SELECT id FROM mailbox
                        WHERE account = (SELECT account FROM mailbox WHERE id = :mailbox)
                    )
                    ORDER BY mailbox = :mailbox DESC, id LIMIT 1
                    """
            )
            let arguments: StatementArguments = [
                "object": data.object?.text, "source": source, "mailbox": mailbox,
                "name": data.messageID.map(Column.text), "size": data.size,
                "received": data.received?.unixSeconds,
            ]
            return try Row.fetchOne(statement, arguments: arguments)
        }
        if data.object != nil, let row = try first("object = :object") { return row }
        guard data.messageID != nil else { return nil }
        return try first(
            """
            message_id = :name AND size = :size AND (object IS NULL OR :object IS NULL)
            AND (received IS NULL OR :received IS NULL OR received = :received)
            """
        )
    }

    /// Moves a message into the place of a newer one that is the same and was stored since its
    /// mailbox was last looked at: somebody has moved it, and its target was looked at first.
    private func takePlaceOfNewer(
        _ id: Int64,
        of mailbox: Int64,
        _ database: Database
    ) throws -> AppliedChange.Relocation? {
        let newer = try Row.fetchOne(
            database,
            sql: """
                SELECT newer.id, newer.mailbox FROM message AS newer, message AS old
                WHERE old.id = :id AND newer.id > max(
                    :id, (SELECT newest FROM mailbox WHERE id = :mailbox),
                    \(Self.newest) - \(StoreLimits.newerMax)
                )
                AND newer.uid > 0 AND newer.mailbox <> :mailbox AND newer.mailbox IN (
                    SELECT id FROM mailbox
                    WHERE account = (SELECT account FROM mailbox WHERE id = :mailbox)
                )
                AND (newer.object = old.object OR (
                    (newer.object IS NULL OR old.object IS NULL)
                    AND newer.message_id = old.message_id AND newer.size = old.size
                    AND newer.received = old.received
                ))
                LIMIT 1
                """,
            arguments: ["id": id, "mailbox": mailbox]
        )
        guard let newer else { return nil }
        let (other, target): (Int64, Int64) = (
            try newer.value("id"), try newer.value("mailbox")
        )
        try unite(id, with: other, database)
        return .init(id: id, source: mailbox, target: target, replaced: other)
    }

    /// Gives a message the place and the changes of another, which goes.
    ///
    /// Changes that would take it elsewhere are dropped: somebody else has.
    private func unite(_ id: Int64, with other: Int64, _ database: Database) throws {
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT mailbox, uid, flags, labels, object, thread FROM message WHERE id = ?
                """,
            arguments: [other]
        )
        guard let row else { return }
        try database.execute(
            sql: "DELETE FROM operation WHERE message = ? AND kind NOT IN ('flag', 'label')",
            arguments: [id]
        )
        try database.execute(
            sql: "UPDATE operation SET message = ? WHERE message = ?",
            arguments: [id, other]
        )
        try database.execute(sql: "DELETE FROM message WHERE id = ?", arguments: [other])
        try database.execute(
            sql: """
                UPDATE message SET mailbox = ?, uid = ?, flags = ?, labels = ?, object = ?,
                    thread = ? WHERE id = ?
                """,
            arguments: [
                row["mailbox"] as DatabaseValue?, row["uid"] as DatabaseValue?,
                row["flags"] as DatabaseValue?, row["labels"] as DatabaseValue?,
                row["object"] as DatabaseValue?, row["thread"] as DatabaseValue?, id,
            ]
        )
        try fold(id, database)
    }
}
