// What both databases of the broker ask of their files.

import GRDB
import Glibc

/// The file of a database.
enum DatabaseFile {
    /// Makes the files for nobody else, whatever the umask: SQLite gives the files beside the
    /// database the mode the database has.
    static func makePrivate(_ path: String) throws(StoreError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw StoreError(code: .cannotOpen, path: path, errno: errno) }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else {
            throw StoreError(code: .cannotOpen, path: path, errno: errno)
        }
        for suffix in ["-wal", "-shm"] { chmod(path + suffix, 0o600) }
    }

    /// Checks that a database is empty or of ours, and not of a newer version.
    static func check(
        _ database: Database,
        isOf applicationID: Int,
        _ name: String,
        _ migrator: DatabaseMigrator
    ) throws {
        let id = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard id == applicationID || (id == 0 && tables == 0) else {
            throw StoreError(code: .damaged, reason: "not a mailbroker \(name)")
        }
        guard try !migrator.hasBeenSuperseded(database) else {
            throw StoreError(code: .newerSchema, reason: "written by a newer version")
        }
    }
}
