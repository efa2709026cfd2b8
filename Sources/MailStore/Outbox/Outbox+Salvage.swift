// What can still be read of a damaged outbox. Nothing is sent again by itself because of it: what
// was under way is held, for its state may be an old one.

import GRDB
import MailModel

extension Outbox {
    /// Takes over what can be read of a damaged file, message by message.
    static func salvage(_ kept: String, into queue: DatabaseQueue) {
        var configuration = Configuration()
        configuration.readonly = true
        guard let old = try? DatabaseQueue(path: kept, configuration: configuration) else { return }
        defer { try? old.close() }
        let ids = try? old.read { try Int64.fetchAll($0, sql: "SELECT id FROM message") }
        for id in ids ?? [] {
            let rows = try? old.read { try SalvagedMessage(id, $0) }
            guard let rows else { continue }
            _ = try? queue.write { try rows.insert(into: $0) }
        }
    }
}

/// The rows of one message, as they are.
private struct SalvagedMessage {
    private static let tables = ["message", "recipient", "chunk", "event"]
    private var rows: [(table: String, row: Row)] = []

    init(_ id: Int64, _ database: Database) throws {
        for table in Self.tables {
            let column = table == "message" ? "id" : "message"
            let found = try Row.fetchAll(
                database,
                sql: "SELECT * FROM \(table) WHERE \(column) = ?",
                arguments: [id]
            )
            rows += found.map { (table, $0.copy()) }
        }
    }

    func insert(into database: Database) throws {
        for (table, row) in rows {
            let columns = row.columnNames.joined(separator: ", ")
            let places = row.map { _ in "?" }.joined(separator: ", ")
            try database.execute(
                sql: "INSERT INTO \(table) (\(columns)) VALUES (\(places))",
                arguments: StatementArguments(row.databaseValues)
            )
        }
        try database.execute(
            sql: """
                UPDATE message SET state = 'held', last_text = 'saved from a damaged outbox'
                WHERE state NOT IN ('filed', 'cancelled', 'failed')
                """
        )
    }
}
