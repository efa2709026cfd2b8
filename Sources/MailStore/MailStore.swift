// cache.db: what the broker knows of the server's mailboxes. It may be deleted at any time and is
// rebuilt from the server. The only SQL of the project is in this module.

import GRDB
import Glibc
import MailModel

/// The cache of mailboxes and messages.
///
/// Calls block on the disk: never make them on an event loop.
package final class MailStore: Sendable {
    let database: DatabasePool

    /// Opens the cache at a path, making it where it is not; one that is damaged or foreign is set
    /// aside under a name that says so and made anew, because all of it is on the server.
    ///
    /// - Throws: `StoreError` when no database can be opened there.
    package convenience init(path: String) throws(StoreError) {
        do {
            try self.init(opening: path)
        } catch  where error.code.concernsContent {
            try Self.setAside(path)
            try self.init(opening: path)
        }
    }

    private init(opening path: String) throws(StoreError) {
        try DatabaseFile.makePrivate(path)
        var configuration = Configuration()
        configuration.label = "cache"
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        do {
            database = try StoreError.translating {
                let pool = try DatabasePool(path: path, configuration: configuration)
                try pool.read { try Self.check($0, path) }
                try Schema.migrator.migrate(pool)
                return pool
            }
        } catch {
            throw StoreError(code: error.code, reason: "\(path): \(error.reason)")
        }
    }

    /// Checks that the database is whole, empty or of ours, and not of a newer version.
    private static func check(_ database: Database, _ path: String) throws {
        // SQLite itself sees only that whole pages are missing.
        var status = stat()
        let page = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 1
        guard stat(path, &status) == 0, Int(status.st_size) % max(page, 1) == 0 else {
            throw StoreError(code: .damaged, reason: "cut short")
        }
        try DatabaseFile.check(database, isOf: Schema.applicationID, "cache", Schema.migrator)
    }

    /// Renames the files of a database that cannot be used; the main one last, so that a start that
    /// is killed here finds a damaged database again and not a new one with an old log.
    private static func setAside(_ path: String) throws(StoreError) {
        for file in [path + "-wal", path + "-shm", path] {
            guard rename(file, file + ".damaged") == 0 || errno == ENOENT else {
                throw StoreError(code: .cannotOpen, path: file, errno: errno)
            }
        }
    }

    /// Runs a read of one consistent state.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try StoreError.translating { try database.read(body) }
    }

    /// Runs a change in one transaction that is on the disk when this returns: for what no server
    /// can tell again.
    func writeDurably<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try StoreError.translating {
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                defer { try? database.execute(sql: "PRAGMA synchronous = NORMAL") }
                var value: Value?
                try database.inTransaction {
                    value = try body(database)
                    return .commit
                }
                guard let value else { throw StoreError(code: .failed, reason: "no transaction") }
                return value
            }
        }
    }

    /// Runs a change in one transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try StoreError.translating { try database.write(body) }
    }
}

extension StoreError {
    /// A fault of the file system.
    init(code: Code, path: String, errno number: Int32) {
        self.init(code: code, reason: "\(path): \(String(cString: strerror(number)))")
    }

    /// Runs `body`; what SQLite or the file system throws becomes a `StoreError`.
    static func translating<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(code: code(of: error), reason: error.message ?? "\(error.resultCode)")
        } catch is RowDecodingError {
            // Its description holds the row, and rows are mail.
            throw StoreError(code: .damaged, reason: "a value of another type than its column")
        } catch {
            throw StoreError(code: .failed, reason: "\(type(of: error))")
        }
    }

    private static func code(of error: DatabaseError) -> Code {
        switch error.resultCode {
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: .damaged
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: .cannotOpen
        case .SQLITE_FULL: .diskFull
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        default: .failed
        }
    }
}
