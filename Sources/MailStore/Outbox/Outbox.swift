// outbox.db: messages that were accepted from a client and are on their way. What is here is
// nowhere else, so it is on the disk before anybody is told of it (reliability.md section 3).

import GRDB
import Glibc
import MailModel
import Synchronization

/// The messages on their way.
///
/// Calls block on the disk: never make them on an event loop.
package final class Outbox: Sendable {
    private let path: String
    /// Nil after a fault of the disk, until the file has been opened again.
    private let database: Mutex<DatabaseQueue?>
    /// The name under which a damaged file was kept when this one was begun; nil where none was.
    package let damagedFile: String?

    /// Opens the outbox at a path, making it where it is not.
    ///
    /// A file that is damaged is kept under another name, and what can be read of it is taken over:
    /// what was not sent for certain is held, for the user to decide.
    /// - Throws: `StoreError` when it cannot be opened, or another process has it open.
    package init(path: String) throws(StoreError) {
        self.path = path
        Self.layBallast(path)
        do {
            database = Mutex(try Self.open(path))
            damagedFile = nil
        } catch  where error.code == .damaged {
            let kept = try Self.setAside(path)
            let fresh = try Self.open(path)
            Self.salvage(kept, into: fresh)
            database = Mutex(fresh)
            damagedFile = kept
        }
    }

    private static func open(_ path: String) throws(StoreError) -> DatabaseQueue {
        try DatabaseFile.makePrivate(path)
        var configuration = Configuration()
        configuration.label = "outbox"
        configuration.prepareDatabase { database in
            for setting in [
                // One process: there is no file of shared memory to be damaged.
                "locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL",
                "secure_delete = ON", "mmap_size = 0", "trusted_schema = OFF",
                "cell_size_check = ON",
            ] {
                try database.execute(sql: "PRAGMA \(setting)")
            }
        }
        do {
            return try StoreError.translating {
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                try queue.read { try check($0) }
                try OutboxSchema.migrator.migrate(queue)
                try syncDirectory(of: path)
                return queue
            }
        } catch {
            throw StoreError(code: error.code, reason: "\(path): \(error.reason)")
        }
    }

    private static func check(_ database: Database) throws {
        try DatabaseFile.check(
            database,
            isOf: OutboxSchema.applicationID,
            "outbox",
            OutboxSchema.migrator
        )
        let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)") ?? ""
        guard verdict == "ok" else { throw StoreError(code: .damaged, reason: verdict) }
    }

    /// The name of a new file is on the disk only when its directory is.
    private static func syncDirectory(of path: String) throws(StoreError) {
        let octets = Array(path.utf8)
        let end = octets.lastIndex(of: UInt8(ascii: "/")) ?? octets.startIndex
        let directory = end > 0 ? String(decoding: octets[..<end], as: UTF8.self) : "."
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(code: .cannotOpen, path: directory, errno: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError(code: .failed, path: directory, errno: errno)
        }
    }

    /// Keeps a damaged file under the first name that is free; gives that name.
    private static func setAside(_ path: String) throws(StoreError) -> String {
        for number in 1...99 {
            let name = "\(path).damaged-\(number)"
            var status = stat()
            guard lstat(name, &status) != 0 else { continue }
            for suffix in ["-wal", ""] {
                guard rename(path + suffix, name + suffix) == 0 || errno == ENOENT else {
                    throw StoreError(code: .cannotOpen, path: path + suffix, errno: errno)
                }
            }
            return name
        }
        throw StoreError(code: .cannotOpen, reason: "\(path): too many damaged files beside it")
    }

    /// Runs a read.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        // Nobody else has the file. To forbid writing for the time of a read, as `read` does, has
        // SQLite compile every statement anew.
        try run { queue in try queue.unsafeRead(body) }
    }

    /// Runs a change that is on the disk when this returns.
    ///
    /// Where the disk is full the ballast is given up for it.
    /// - Throws: `StoreError`, `notConfirmed` when the disk did not say whether it has the change.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        do {
            return try commit(body)
        } catch  where error.code == .diskFull && dropBallast() {
            return try commit(body)
        }
    }

    /// As `write`, but for something new: that does not get the ballast.
    func accept<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        Self.layBallast(path)
        return try commit(body)
    }

    private func commit<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try run { queue in
            try queue.writeWithoutTransaction { database in
                var value: Value?
                do {
                    try database.inTransaction(.immediate) {
                        value = try body(database)
                        return .commit
                    }
                } catch let error as DatabaseError where value != nil {
                    // Its frames may be in the log, and count when the file is opened again.
                    throw StoreError(
                        code: error.resultCode == .SQLITE_FULL ? .diskFull : .notConfirmed,
                        reason: error.message ?? "\(error.resultCode)"
                    )
                }
                guard let value else { throw StoreError(code: .failed, reason: "no transaction") }
                return value
            }
        }
    }

    /// Runs something on the database; after a fault of the disk it is opened anew for the next,
    /// for what a failed write has left in memory is not to be trusted.
    private func run<Value>(_ body: (DatabaseQueue) throws -> Value) throws(StoreError) -> Value {
        let queue = try current()
        do {
            return try StoreError.translating { try body(queue) }
        } catch {
            if error.code == .notConfirmed || error.code == .failed || error.code == .damaged {
                database.withLock { $0 = nil }
                try? queue.close()
            }
            throw error
        }
    }

    private func current() throws(StoreError) -> DatabaseQueue {
        let result: Result<DatabaseQueue, StoreError> = database.withLock { database in
            if let database { return .success(database) }
            do throws(StoreError) {
                let opened = try Self.open(path)
                database = opened
                return .success(opened)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

extension Outbox {
    private static func ballast(_ path: String) -> String { path + ".ballast" }

    /// Lays the ballast where it is not and there is room for it.
    private static func layBallast(_ path: String) {
        let name = ballast(path)
        var status = stat()
        if lstat(name, &status) == 0, status.st_size == OutboxLimits.ballastOctets { return }
        let file = Glibc.open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        let isLaid = posix_fallocate(file, 0, off_t(OutboxLimits.ballastOctets)) == 0
        close(file)
        if !isLaid { unlink(name) }
    }

    /// Gives up the ballast; whether there was one.
    private func dropBallast() -> Bool { unlink(Self.ballast(path)) == 0 }
}
