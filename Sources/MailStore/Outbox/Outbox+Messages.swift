// Messages of the outbox: taking them in, reading them, moving them from state to state.

import FoundationEssentials
import GRDB
package import MailModel

extension Outbox {
    /// Takes a message in; it is on the disk when this returns.
    ///
    /// `body` gives the octets of the body from an offset on, any number of them.
    /// - Throws: `StoreError`; after `notConfirmed` the message may have been taken in, and the
    ///   same submission again tells.
    package func accept(
        _ new: OutboxSubmission,
        at time: Int64,
        body: (Int64) throws -> [UInt8]
    ) throws(StoreError) -> OutboxAcceptance {
        try accept { database in
            if let known = try Row.fetchOne(
                database,
                cached: "SELECT id, request FROM message WHERE key = ?",
                arguments: [new.key]
            ) {
                guard try known.value("request") == new.requestDigest,
                    let record = try Self.record(try known.value("id"), database)
                else { return .conflict }
                return .repeated(record)
            }
            let id = try Self.insert(new, at: time, database)
            try Self.insertBody(of: id, size: new.bodySize, database, body)
            guard let record = try Self.record(id, database) else {
                throw StoreError(code: .failed, reason: "a new message is not there")
            }
            return .accepted(record)
        }
    }

    private static func insert(
        _ new: OutboxSubmission,
        at time: Int64,
        _ database: Database
    ) throws -> Int64 {
        try database.execute(
            cached: """
                INSERT INTO message (key, request, account, message_id, sender, subject, created_at,
                    not_before, hold, touched_at, size, eight_bit, partial, header, copy_header,
                    state, dsn_events, dsn_content)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                new.key, new.requestDigest, new.account, Column.text(new.messageID),
                new.sender.map { Data($0.octets) }, Column.text(new.subject), time, new.notBefore,
                new.hold, time, Int64(new.header.count) + new.bodySize, new.needs8Bit,
                new.allowsPartial, Data(new.header), Data(new.copyHeader),
                OutboxState.queued.rawValue, new.dsn?.eventText, new.dsn?.content?.rawValue,
            ]
        )
        let id = database.lastInsertedRowID
        for (number, address) in new.recipients.enumerated() {
            try database.execute(
                cached: "INSERT INTO recipient VALUES (?, ?, ?, ?, NULL)",
                arguments: [
                    id, number, Data(address.octets), OutboxRecipient.State.pending.rawValue,
                ]
            )
        }
        try note(OutboxEvent(time: time, what: "queued"), of: id, database)
        return id
    }

    private static func insertBody(
        of id: Int64,
        size: Int64,
        _ database: Database,
        _ body: (Int64) throws -> [UInt8]
    ) throws {
        let statement = try database.cachedStatement(sql: "INSERT INTO chunk VALUES (?, ?, ?)")
        var (offset, number): (Int64, Int) = (0, 0)
        while offset < size {
            let octets = try body(offset)
            guard !octets.isEmpty else {
                throw StoreError(code: .failed, reason: "the message was cut short")
            }
            try statement.execute(arguments: [id, number, Data(octets)])
            offset += Int64(octets.count)
            number += 1
        }
    }

    private static func note(_ event: OutboxEvent, of id: Int64, _ database: Database) throws {
        try database.execute(
            cached: "INSERT INTO event VALUES (?, ?, ?, ?)",
            arguments: [id, event.time, event.what, event.detail.map(Self.clipped)]
        )
    }

    private static func clipped(_ text: String) -> String {
        let octets = text.utf8.prefix(OutboxLimits.textOctetsMax)
        return Column.text(String(decoding: octets, as: UTF8.self))
    }

    /// The message with a number; nil where there is none.
    package func record(_ id: Int64) throws(StoreError) -> OutboxRecord? {
        try read { try Self.record(id, $0) }
    }

    /// The messages that are not done with, oldest first; with `all` also those that are.
    package func records(all: Bool = false) throws(StoreError) -> [OutboxRecord] {
        try read { database in
            let condition =
                all ? "1" : "state NOT IN ('filed', 'cancelled') AND NOT acknowledged"
            return try Row.fetchAll(
                database,
                sql: "SELECT * FROM message WHERE \(condition) ORDER BY id"
            ).map { try OutboxRecord(row: $0, try Self.recipients(of: $0.value("id"), database)) }
        }
    }

    /// How many messages of an account are not sent yet, and how many the user has to look at.
    package func counts(
        of account: String
    ) throws(StoreError) -> (waiting: Int, attention: Int) {
        try read { database in
            let row = try Row.fetchOne(
                database,
                cached: """
                    SELECT ifnull(sum(state IN ('queued', 'sending', 'dot', 'unknown')), 0)
                            AS waiting,
                        ifnull(sum(state = 'held' OR (state = 'failed' AND NOT acknowledged)), 0)
                            AS attention
                    FROM message
                    WHERE account = ? AND state NOT IN ('filed', 'cancelled')
                    """,
                arguments: [account]
            )
            guard let row else { return (0, 0) }
            return (try row.value("waiting"), try row.value("attention"))
        }
    }

    /// Octets of the copy of a message for Sent; nil where its octets are gone.
    package func copySize(of id: Int64) throws(StoreError) -> Int64? {
        try read { database in
            try Int64.fetchOne(
                database,
                cached:
                    "SELECT size - length(header) + length(copy_header) FROM message WHERE id = ?",
                arguments: [id]
            )
        }
    }

    private static func record(_ id: Int64, _ database: Database) throws -> OutboxRecord? {
        try Row.fetchOne(database, cached: "SELECT * FROM message WHERE id = ?", arguments: [id])
            .map { try OutboxRecord(row: $0, try recipients(of: id, database)) }
    }

    private static func recipients(
        of id: Int64,
        _ database: Database
    ) throws -> [OutboxRecipient] {
        try Row.fetchAll(
            database,
            cached: "SELECT address, state, text FROM recipient WHERE message = ? ORDER BY n",
            arguments: [id]
        ).map { try OutboxRecipient(row: $0) }
    }

    /// What happened to a message, in order.
    package func history(of id: Int64) throws(StoreError) -> [OutboxEvent] {
        try read { database in
            try Row.fetchAll(
                database,
                cached: "SELECT time, what, detail FROM event WHERE message = ? ORDER BY rowid",
                arguments: [id]
            ).map { row in
                OutboxEvent(
                    time: try row.value("time"),
                    what: try row.value("what"),
                    detail: try row.optional("detail")
                )
            }
        }
    }

    /// The header of a message, as sent or as it is in Sent; nil where its octets are gone.
    package func header(of id: Int64, isCopy: Bool) throws(StoreError) -> [UInt8]? {
        try octets("SELECT \(isCopy ? "copy_header" : "header") FROM message WHERE id = ?", [id])
    }

    /// A piece of a message's body; nil behind the last.
    package func bodyChunk(_ number: Int, of id: Int64) throws(StoreError) -> [UInt8]? {
        try octets("SELECT octets FROM chunk WHERE message = ? AND n = ?", [id, Int64(number)])
    }

    private func octets(_ sql: String, _ arguments: [Int64]) throws(StoreError) -> [UInt8]? {
        try read { database in
            try Data.fetchOne(database, cached: sql, arguments: StatementArguments(arguments))
                .map { Array($0) }
        }
    }

    /// Moves a message to another state, if it is in one of some; nil where it is not.
    ///
    /// What a state says is on the disk when this returns (reliability.md 3.4).
    @discardableResult
    package func move(
        _ id: Int64,
        from states: Set<OutboxState>,
        by change: OutboxChange,
        at time: Int64
    ) throws(StoreError) -> OutboxRecord? {
        try write { database in
            guard let before = try Self.record(id, database), states.contains(before.state)
            else { return nil }
            try Self.apply(change, to: before, at: time, database)
            return try Self.record(id, database)
        }
    }

    private static func apply(
        _ change: OutboxChange,
        to before: OutboxRecord,
        at time: Int64,
        _ database: Database
    ) throws {
        let isAttempt = change.state == .sending
        let isCheck = change.state == .unknown && before.state == .unknown
        try database.execute(
            cached: """
                UPDATE message SET state = ?, attempts = attempts + ?, next_try = ?,
                    last_text = ifnull(?, last_text), dot_at = ifnull(?, dot_at),
                    checks = checks + ?, age = age + ?, touched_at = ? WHERE id = ?
                """,
            arguments: [
                change.state.rawValue, isAttempt ? 1 : 0, change.nextTry,
                isAttempt ? nil : change.detail.map(clipped),
                change.state == .dot ? time : nil, isCheck ? 1 : 0,
                change.ageing, time, before.id,
            ]
        )
        for (number, recipient) in (change.recipients ?? []).enumerated() {
            try database.execute(
                cached: "UPDATE recipient SET state = ?, text = ? WHERE message = ? AND n = ?",
                arguments: [
                    recipient.state.rawValue, recipient.text.map(clipped), before.id, number,
                ]
            )
        }
        let event = OutboxEvent(time: time, what: change.what, detail: change.detail)
        try note(event, of: before.id, database)
        if change.state == .filed || change.state == .cancelled {
            try forgetOctets(of: before.id, database)
        }
    }

    /// Forgets the octets of a message that is done with, and the oldest of those that are.
    private static func forgetOctets(of id: Int64, _ database: Database) throws {
        try database.execute(cached: "DELETE FROM chunk WHERE message = ?", arguments: [id])
        try database.execute(
            cached: "UPDATE message SET header = NULL, copy_header = NULL WHERE id = ?",
            arguments: [id]
        )
        try database.execute(
            cached: """
                DELETE FROM message WHERE header IS NULL AND id <= (
                    SELECT id FROM message WHERE header IS NULL
                    ORDER BY id DESC LIMIT 1 OFFSET ?
                )
                """,
            arguments: [OutboxLimits.historyMax]
        )
    }

    /// Notes that the user has seen how a message ended; whether there was something to see.
    package func acknowledge(_ id: Int64, at time: Int64) throws(StoreError) -> Bool {
        try write { database in
            try database.execute(
                cached: """
                    UPDATE message SET acknowledged = 1
                    WHERE id = ? AND state = 'failed' AND NOT acknowledged
                    """,
                arguments: [id]
            )
            guard database.changesCount > 0 else { return false }
            try Self.note(OutboxEvent(time: time, what: "acknowledged"), of: id, database)
            try Self.forgetOctets(of: id, database)
            return true
        }
    }
}

extension OutboxRecipient {
    init(row: Row) throws {
        let octets: Data = try row.value("address")
        let state: String = try row.value("state")
        guard let address = try? AddrSpec(octets), let state = State(rawValue: state) else {
            throw StoreError(code: .damaged, reason: "a recipient of the outbox")
        }
        self.init(address, state: state, text: try row.optional("text"))
    }
}

extension OutboxRecord {
    init(row: Row, _ recipients: [OutboxRecipient]) throws {
        let sender: Data? = try row.optional("sender")
        let state: String = try row.value("state")
        guard let state = OutboxState(rawValue: state) else {
            throw StoreError(code: .damaged, reason: "a state of the outbox")
        }
        self.init(
            id: try row.value("id"),
            account: try row.value("account"),
            messageID: try row.value("message_id"),
            sender: try sender.map { try AddrSpec($0) },
            recipients: recipients,
            subject: try row.value("subject"),
            createdAt: try row.value("created_at"),
            notBefore: try row.optional("not_before"),
            hold: try row.optional("hold"),
            age: try row.value("age"),
            touchedAt: try row.value("touched_at"),
            size: try row.value("size"),
            needs8Bit: try row.value("eight_bit"),
            allowsPartial: try row.value("partial"),
            dsn: try DSNRequest(row: row),
            state: state,
            attempts: try row.value("attempts"),
            nextTry: try row.optional("next_try"),
            lastText: try row.optional("last_text"),
            dotAt: try row.optional("dot_at"),
            checks: try row.value("checks"),
            isAcknowledged: try row.value("acknowledged")
        )
    }
}

extension DSNRequest {
    fileprivate init?(row: Row) throws {
        let events: String? = try row.optional("dsn_events")
        let content: String? = try row.optional("dsn_content")
        guard let events else { return nil }
        self.init(events: events.utf8, content: content.flatMap { Content(rawValue: $0) })
    }
}
