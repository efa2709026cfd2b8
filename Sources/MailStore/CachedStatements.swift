// Statements that are compiled once for each connection: compiling one costs more than running it.
//
// Only for text that is the same every time, because nothing is ever dropped.

import GRDB

extension Database {
    /// Executes a statement that is compiled once.
    func execute(
        cached sql: String,
        arguments: StatementArguments = StatementArguments()
    ) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension Row {
    /// The first row of a query that is compiled once; nil without one.
    static func fetchOne(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments = StatementArguments()
    ) throws -> Row? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// The rows of a query that is compiled once.
    static func fetchAll(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments = StatementArguments()
    ) throws -> [Row] {
        try fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension DatabaseValueConvertible where Self: StatementColumnConvertible {
    /// The first value of a query that is compiled once; nil without one.
    static func fetchOne(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments = StatementArguments()
    ) throws -> Self? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    /// The values of a query that is compiled once.
    static func fetchAll(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments = StatementArguments()
    ) throws -> [Self] {
        try fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }
}
