// Octets of messages that were asked for once: kept as the server sent them, so that they need not
// be fetched again, also without a connection and by other clients. What was used longest ago goes
// when there is too much.

import FoundationEssentials
import GRDB

extension MailStore {
    /// The octets of a section that begin at an offset, as far as one fetch brought them; nil when
    /// they are not kept.
    package func octets(
        of message: Int64,
        section: String,
        at offset: UInt64
    ) throws(StoreError) -> [UInt8]? {
        try read { database in
            try Data.fetchOne(
                database,
                cached: """
                    SELECT octets FROM part_window JOIN part ON part.id = part_window.part
                    WHERE message = ? AND section = ? AND start = ?
                    """,
                arguments: [message, section, Int64(clamping: offset)]
            ).map { Array($0) }
        }
    }

    /// Keeps octets of a section; more than `limit` octets of all sections are not kept.
    ///
    /// Of a message that is gone nothing is kept.
    package func keep(
        _ octets: [UInt8],
        of message: Int64,
        section: String,
        at offset: UInt64,
        now: Int64,
        limit: Int64
    ) throws(StoreError) {
        try write { database in
            let part = try Int64.fetchOne(
                database,
                cached: """
                    INSERT INTO part (message, section, size, used)
                    SELECT id, ?, ?, ? FROM message WHERE id = ?
                    ON CONFLICT (message, section) DO UPDATE SET
                        size = size + excluded.size, used = excluded.used
                    RETURNING id
                    """,
                arguments: [section, octets.count, now, message]
            )
            guard let part else { return }
            try database.execute(
                cached: "INSERT OR REPLACE INTO part_window (part, start, octets) VALUES (?, ?, ?)",
                arguments: [part, Int64(clamping: offset), Data(octets)]
            )
            try evict(above: limit, database)
        }
    }

    /// Notes that the sections of a message are in use.
    package func touchParts(of message: Int64, now: Int64) throws(StoreError) {
        try write { database in
            try database.execute(
                cached: "UPDATE part SET used = ? WHERE message = ?",
                arguments: [now, message]
            )
        }
    }

    /// How many octets of messages are kept.
    package func keptOctets() throws(StoreError) -> Int64 {
        try read { try self.keptOctets($0) }
    }

    private func keptOctets(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, cached: "SELECT ifnull(sum(size), 0) FROM part") ?? 0
    }

    /// Takes out what was used longest ago until a tenth of the room is free again.
    private func evict(above limit: Int64, _ database: Database) throws {
        var kept = try keptOctets(database)
        guard kept > limit else { return }
        let oldest = try Row.fetchCursor(
            database,
            sql: "SELECT id, size FROM part ORDER BY used, id"
        )
        var victims: [Int64] = []
        while kept > limit / 10 * 9, let row = try oldest.next() {
            victims.append(try row.value("id"))
            kept -= try row.value("size") as Int64
        }
        for id in victims {
            try database.execute(cached: "DELETE FROM part WHERE id = ?", arguments: [id])
        }
    }
}
