// cache.db: what the broker knows of the server's mailboxes. It may be deleted at any time and is
// rebuilt from the server. The only SQL of the project is in this module.

import FoundationEssentials
import GRDB
import MailModel

/// The cache of mailboxes and messages. Calls block on the disk: never make them on an event loop.
package final class MailStore: Sendable {
    /// Marks the file as ours: `MBrk`.
    private static let applicationID = 0x4D42_726B

    let database: DatabasePool

    /// Opens the cache at a path, making it where it is not; one that is damaged or foreign is set
    /// aside under a name that says so and made anew, because all of it is on the server.
    ///
    /// - Throws: `StoreError` when no database can be opened there.
    package convenience init(path: String) throws(StoreError) {
        do {
            try self.init(opening: path)
        } catch  where error.code == .damaged || error.code == .newerSchema {
            try Self.setAside(path)
            try self.init(opening: path)
        }
    }

    private init(opening path: String) throws(StoreError) {
        var configuration = Configuration()
        configuration.label = "cache"
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        database = try StoreError.translating {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.read { database in
                let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
                guard id == 0 || id == Self.applicationID else {
                    throw StoreError(code: .damaged, reason: "not a mailbroker cache")
                }
                guard try !Schema.migrator.hasBeenSuperseded(database) else {
                    throw StoreError(code: .newerSchema, reason: "written by a newer version")
                }
            }
            try Schema.migrator.migrate(pool)
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
            }
            return pool
        }
    }

    /// Renames the files of a database that cannot be used.
    private static func setAside(_ path: String) throws(StoreError) {
        try StoreError.translating {
            for suffix in ["", "-wal", "-shm"]
            where FileManager.default.fileExists(atPath: path + suffix) {
                let aside = path + suffix + ".damaged"
                try? FileManager.default.removeItem(atPath: aside)
                try FileManager.default.moveItem(atPath: path + suffix, toPath: aside)
            }
        }
    }

    /// Runs a read of one consistent state.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try StoreError.translating { try database.read(body) }
    }

    /// Runs a change in one transaction.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try StoreError.translating { try database.write(body) }
    }
}

extension StoreError {
    /// Runs `body`; what SQLite or the file system throws becomes a `StoreError`.
    static func translating<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            throw StoreError(code: code(of: error), reason: error.message ?? "\(error.resultCode)")
        } catch {
            throw StoreError(code: .failed, reason: "\(error)")
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
