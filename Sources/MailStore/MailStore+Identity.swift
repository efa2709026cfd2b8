// The same message in another place: what another client has moved, and what a mailbox with a new
// UIDVALIDITY still holds. A message that is gone from its place keeps its number, its parts and
// its words for a while, shown nowhere; where a message appears that is the same, it is that one.
//
// The same is what the server gives the same name (EMAILID, X-GM-MSGID), and where it gives none,
// what has the same Message-ID, size and INTERNALDATE. One message may be in two mailboxes at once
// and then has two numbers: a number moves only when its place is gone.

import GRDB
import MailModel

extension MailStore {
    /// The highest number a message has had.
    static let newest = "ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0)"

    /// Takes messages from their places: one has moved where a newer one is the same, and else is
    /// lost.
    func takeOut(
        _ uids: [UID],
        of mailbox: Int64,
        at time: Int64,
        into applied: inout AppliedChange,
        _ database: Database
    ) throws {
        guard !uids.isEmpty else { return }
        var newcomers = try newcomers(since: mailbox, database)
        for uid in uids {
            let row = try Row.fetchOne(
                try database.cachedStatement(
                    sql: """
                        SELECT id, \(Newcomers.columns) FROM message WHERE mailbox = ? AND uid = ?
                        """
                ),
                arguments: [mailbox, Int64(uid.value)]
            )
            guard let row else { continue }
            let id: Int64 = try row.value("id")
            let found = try newcomers.same(as: row, after: id)
            if let other = try found ?? inAll(row, after: id, besides: mailbox, database) {
                newcomers.forget(other)
                try unite(id, with: other, from: mailbox, into: &applied, database)
            } else {
                try misplace(id, at: time, database)
                applied.gone.append(id)
            }
        }
    }

    /// Notes that messages are not where they were, with the changes that wait; they keep their
    /// numbers for when they are found again.
    package func misplace(_ messages: [Int64], at time: Int64) throws(StoreError) {
        try write { database in
            for id in messages {
                try count(id, by: -1, database)
                try misplace(id, at: time, database)
            }
        }
    }

    private func misplace(_ id: Int64, at time: Int64, _ database: Database) throws {
        try database.execute(cached: "DELETE FROM operation WHERE message = ?", arguments: [id])
        try lose("id = ?", [id], at: time, database)
    }

    /// Takes all messages of a mailbox from their places, and cancels the changes that wait: they
    /// were meant for other UIDs (reliability.md A33).
    func loseAll(
        of mailbox: Int64,
        at time: Int64,
        _ database: Database
    ) throws -> (lost: Set<Int64>, cancelled: [Int64]) {
        let cancelled = try changed(in: mailbox, database)
        for id in cancelled {
            try database.execute(cached: "DELETE FROM operation WHERE message = ?", arguments: [id])
        }
        let ids = try Int64.fetchSet(
            database,
            sql: "SELECT id FROM message WHERE mailbox = ? AND uid > 0",
            arguments: [mailbox]
        )
        try lose("mailbox = ? AND uid > 0", [mailbox], at: time, database)
        return (ids, cancelled)
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
        try database.execute(cached: "DELETE FROM message WHERE lost_at < ?", arguments: [time])
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
            cached: """
                SELECT id FROM message WHERE mailbox = ? AND uid < 0 AND lost_at IS NOT NULL
                ORDER BY id
                """,
            arguments: [mailbox]
        )
        return lost.filter(messages.contains)
    }

    /// Whether messages are lost.
    func hasLost(_ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: "SELECT EXISTS (SELECT 1 FROM message WHERE lost_at IS NOT NULL)"
        ) ?? false
    }

    /// Whether messages are lost of a mailbox.
    func hasLost(of mailbox: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: """
                SELECT EXISTS (
                    SELECT 1 FROM message WHERE mailbox = ? AND uid < 0 AND lost_at IS NOT NULL
                )
                """,
            arguments: [mailbox]
        ) ?? false
    }

    /// Gives a lost message of the account the place in which it has appeared; nil where none is
    /// the same.
    ///
    /// Only those lost from `source` are looked at, where one is given.
    func find(
        _ data: MessageData,
        for mailbox: Int64,
        from source: Int64?,
        _ database: Database
    ) throws -> AppliedChange.Relocation? {
        guard let row = try lost(data, for: mailbox, from: source, database) else { return nil }
        let isStored = try Bool.fetchOne(
            database,
            cached: "SELECT EXISTS (SELECT 1 FROM message WHERE mailbox = ? AND uid = ?)",
            arguments: [mailbox, Int64(data.uid.value)]
        )
        guard isStored == false else { return nil }
        let (id, before): (Int64, Int64) = (try row.value("id"), try row.value("mailbox"))
        try database.execute(
            cached: """
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

    /// Messages that were stored in other mailboxes of the account since a mailbox was last looked
    /// at: where one is the same as what is gone from there, somebody has moved it, and its target
    /// was looked at first.
    private func newcomers(since mailbox: Int64, _ database: Database) throws -> Newcomers {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT id, \(Newcomers.columns) FROM message
                WHERE id > max(
                    (SELECT newest FROM mailbox WHERE id = :mailbox),
                    \(Self.newest) - \(StoreLimits.newerMax)
                )
                AND uid > 0 AND mailbox <> :mailbox AND mailbox IN (
                    SELECT id FROM mailbox
                    WHERE account = (SELECT account FROM mailbox WHERE id = :mailbox)
                )
                ORDER BY id
                """,
            arguments: ["mailbox": mailbox]
        )
        var newcomers = Newcomers()
        while let row = try rows.next() { try newcomers.add(row) }
        return newcomers
    }

    /// The number that what is gone from a mailbox has among all messages of the account, where it
    /// got that later: then somebody has archived it (QUIRK 1: every message is there, too).
    private func inAll(
        _ row: Row,
        after id: Int64,
        besides mailbox: Int64,
        _ database: Database
    ) throws -> Int64? {
        guard let object: String = try row.optional("object") else { return nil }
        return try Int64.fetchOne(
            database,
            cached: """
                SELECT id FROM message
                WHERE object = :object AND id > :id AND uid > 0 AND mailbox <> :mailbox
                AND mailbox IN (
                    SELECT id FROM mailbox WHERE role = 'all'
                    AND account = (SELECT account FROM mailbox WHERE id = :mailbox)
                )
                """,
            arguments: ["object": object, "id": id, "mailbox": mailbox]
        )
    }

    /// Gives a message the place and the changes of another, which goes.
    ///
    /// Changes that would take it elsewhere are dropped: somebody else has.
    private func unite(
        _ id: Int64,
        with other: Int64,
        from source: Int64,
        into applied: inout AppliedChange,
        _ database: Database
    ) throws {
        let row = try Row.fetchOne(
            database,
            cached: """
                SELECT mailbox, uid, flags, labels, object, thread FROM message WHERE id = ?
                """,
            arguments: [other]
        )
        guard let row else { return }
        try database.execute(
            cached: "DELETE FROM operation WHERE message = ? AND kind NOT IN ('flag', 'label')",
            arguments: [id]
        )
        try database.execute(
            cached: "UPDATE operation SET message = ? WHERE message = ?",
            arguments: [id, other]
        )
        try database.execute(cached: "DELETE FROM message WHERE id = ?", arguments: [other])
        let target: Int64 = try row.value("mailbox")
        try database.execute(
            cached: """
                UPDATE message SET mailbox = ?, uid = ?, flags = ?, labels = ?, object = ?,
                    thread = ? WHERE id = ?
                """,
            arguments: [
                target, row["uid"] as DatabaseValue?, row["flags"] as DatabaseValue?,
                row["labels"] as DatabaseValue?, row["object"] as DatabaseValue?,
                row["thread"] as DatabaseValue?, id,
            ]
        )
        try fold(id, database)
        applied.moved.append(.init(id: id, source: source, target: target, replaced: other))
    }
}

/// Messages that have come, by what makes others the same.
private struct Newcomers {
    /// What is known of a message that tells whether another is the same.
    static let columns = "object, message_id, size, received"

    private struct Name: Hashable {
        let messageID: String
        let size: Int64
        let received: Int64
    }

    private var objects: [String: [Int64]] = [:]
    private var taken: Set<Int64> = []
    private var names: [Name: [(id: Int64, hasObject: Bool)]] = [:]

    /// Adds a message; the older ones come first.
    mutating func add(_ row: Row) throws {
        let id: Int64 = try row.value("id")
        let object: String? = try row.optional("object")
        if let object { objects[object, default: []].append(id) }
        if let name = try Self.name(row) {
            names[name, default: []].append((id, object != nil))
        }
    }

    /// The number of the oldest that is the same as a message and newer than its number.
    func same(as row: Row, after id: Int64) throws -> Int64? {
        let object: String? = try row.optional("object")
        if let object, let found = objects[object]?.first(where: { isFree($0, after: id) }) {
            return found
        }
        return try Self.name(row).flatMap { names[$0] }?
            .first { isFree($0.id, after: id) && (object == nil || !$0.hasObject) }?.id
    }

    /// Takes a message out that has become another.
    mutating func forget(_ id: Int64) { taken.insert(id) }

    private func isFree(_ id: Int64, after other: Int64) -> Bool {
        id > other && !taken.contains(id)
    }

    private static func name(_ row: Row) throws -> Name? {
        guard let messageID: String = try row.optional("message_id"),
            let received: Int64 = try row.optional("received")
        else { return nil }
        return Name(messageID: messageID, size: try row.value("size"), received: received)
    }
}
