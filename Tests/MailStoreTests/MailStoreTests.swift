// The cache file itself: made private, set aside when it cannot be used, never a reason to fail
// (reliability.md F04, F05).

import Foundation
import GRDB
import Glibc
import MailModel
import Testing

@testable import MailStore

@Suite struct MailStoreTests {
    @Test("an empty place gets a cache that is ours and on the newest version")
    func fresh() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        #expect(try store.mailboxes(of: "a").isEmpty)
        func text(_ sql: String) throws -> String? {
            try store.read { try String.fetchOne($0, sql: sql) }
        }
        #expect(try text("PRAGMA application_id") == "\(0x4D42_726B)")
        #expect(try text("PRAGMA journal_mode") == "wal")
        #expect(
            try text("SELECT group_concat(identifier) FROM grdb_migrations")
                == "1 mailboxes and messages,2 sync points,3 operations,4 parts,5 search,"
                + "6 words in batches,7 labels and identity"
        )
    }

    @Test("what was stored is there after closing and opening again")
    func reopen() throws {
        let scratch = try Scratch()
        var box: Int64 = 0
        do {
            let store = try MailStore(path: scratch.path)
            box = try store.addMailbox("INBOX")
            _ = try store.apply(adding([message(1)]), to: box)
        }
        let store = try MailStore(path: scratch.path)
        #expect(try store.messages(in: box, limit: 10).map(\.data) == [message(1)])
        #expect(scratch.mode("cache.db.damaged") == nil)
    }

    @Test(
        "the files are for nobody else, whatever the umask",
        arguments: [0o000, 0o022] as [mode_t]
    )
    func modes(_ mask: mode_t) throws {
        let scratch = try Scratch()
        let before = umask(mask)
        defer { umask(before) }
        let store = try MailStore(path: scratch.path)
        _ = try store.addMailbox("INBOX")
        for name in ["cache.db", "cache.db-wal", "cache.db-shm"] {
            #expect(scratch.mode(name) == 0o600, "\(name)")
        }
    }

    @Test("files that were open to others are closed to them")
    func tightened() throws {
        let scratch = try Scratch()
        _ = try MailStore(path: scratch.path).addMailbox("INBOX")
        chmod(scratch.path, 0o644)
        let store = try MailStore(path: scratch.path)
        _ = try store.addMailbox("x")
        for name in ["cache.db", "cache.db-wal", "cache.db-shm"] {
            #expect(scratch.mode(name) == 0o600, "\(name)")
        }
    }

    @Test(
        "a file that is no database is set aside as it was",
        arguments: [
            [UInt8](repeating: 0, count: 100), [UInt8](repeating: 0, count: 4096),
            [UInt8](repeating: 0, count: 100_000), Array("some text\n".utf8),
            Array(String(repeating: "text ", count: 5000).utf8), Array("SQLite format 3\u{0}".utf8),
            [UInt8](repeating: 0xFF, count: 8192),
        ]
    )
    func notADatabase(_ octets: [UInt8]) throws {
        let scratch = try Scratch()
        try scratch.write(octets)
        let store = try MailStore(path: scratch.path)
        let box = try store.addMailbox("INBOX")
        _ = try store.apply(adding([message(1)]), to: box)
        #expect(try store.count(in: box) == 1)
        #expect(try scratch.octets("cache.db.damaged") == octets)
    }

    @Test("an empty file becomes a cache")
    func emptyFile() throws {
        let scratch = try Scratch()
        try scratch.write([])
        _ = try MailStore(path: scratch.path).addMailbox("INBOX")
        #expect(scratch.mode("cache.db.damaged") == nil)
    }

    private func filled(_ scratch: Scratch, messages: UInt32 = 300) throws -> [UInt8] {
        do {
            let store = try MailStore(path: scratch.path)
            let box = try store.addMailbox("INBOX")
            _ = try store.apply(adding((1...messages).map { message($0) }), to: box)
            try store.database.writeWithoutTransaction { database in
                _ = try database.checkpoint(.truncate)
            }
        }
        return try scratch.octets()
    }

    @Test("a cache cut short is set aside, wherever it is cut")
    func truncated() throws {
        let scratch = try Scratch()
        let octets = try filled(scratch)
        #expect(octets.count > 10 * 4096)
        for end in [15, 16, 50, 99, 100, 101, 512, 4095, 4096, 4097, 8192, octets.count - 1] {
            try FileManager.default.removeItem(atPath: scratch.directory)
            mkdir(scratch.directory, 0o700)
            try scratch.write(Array(octets[..<end]))
            let store = try MailStore(path: scratch.path)
            _ = try store.addMailbox("INBOX")
            #expect(try store.mailboxes(of: "a").count == 1, "cut at \(end)")
            #expect(scratch.mode("cache.db.damaged") != nil, "cut at \(end)")
        }
    }

    @Test("flipped octets give errors or values, never a trap", arguments: [1, 2, 3] as [UInt64])
    func flipped(seed: UInt64) throws {
        let scratch = try Scratch()
        let octets = try filled(scratch, messages: 60)
        var state = seed
        for _ in 0..<60 {
            var mutant = octets
            for _ in 0..<20 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                mutant[Int(state >> 33) % mutant.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            try FileManager.default.removeItem(atPath: scratch.directory)
            mkdir(scratch.directory, 0o700)
            try scratch.write(mutant)
            let store = try MailStore(path: scratch.path)
            for record in (try? store.mailboxes(of: "a")) ?? [] {
                _ = try? store.messages(in: record.id, limit: 100)
                _ = try? store.knownFlags(in: record.id)
            }
        }
    }

    @Test("a column of another type is damage, not a trap")
    func wrongType() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let stored = try store.read { database in
            try Row.fetchOne(database, sql: "SELECT 'text' AS id, NULL AS name, 1 AS x")
        }
        let row = try #require(stored)
        #expect(throws: StoreError.self) { let _: Int64 = try row.value("id") }
        #expect(throws: StoreError.self) { let _: String = try row.value("name") }
        #expect(throws: StoreError.self) { let _: Int64? = try row.optional("absent") }
        let name: String? = try row.optional("name")
        #expect(name == nil)
        let number: Int64 = try row.value("x")
        #expect(number == 1)
    }

    @Test(
        "a database of another program is set aside",
        arguments: [
            "PRAGMA application_id = 252006673; CREATE TABLE x (y)",
            "CREATE TABLE message (body TEXT)", "CREATE TABLE notes (y)",
        ]
    )
    func foreign(_ sql: String) throws {
        let scratch = try Scratch()
        try DatabaseQueue(path: scratch.path).write { try $0.execute(sql: sql) }
        _ = try MailStore(path: scratch.path).addMailbox("INBOX")
        #expect(scratch.mode("cache.db.damaged") != nil)
    }

    @Test("tables of ours that a migration does not fit are set aside")
    func unfit() throws {
        let scratch = try Scratch()
        try DatabaseQueue(path: scratch.path).write { database in
            try database.execute(
                sql: "PRAGMA application_id = \(0x4D42_726B); CREATE TABLE mailbox (x)"
            )
        }
        _ = try MailStore(path: scratch.path).addMailbox("INBOX")
        #expect(scratch.mode("cache.db.damaged") != nil)
    }

    @Test("a cache of a newer version is set aside")
    func newer() throws {
        let scratch = try Scratch()
        do {
            let store = try MailStore(path: scratch.path)
            _ = try store.addMailbox("INBOX")
            try store.write { database in
                try database.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 future')")
            }
        }
        let store = try MailStore(path: scratch.path)
        #expect(try store.mailboxes(of: "a").isEmpty)
        #expect(scratch.mode("cache.db.damaged") != nil)
    }

    @Test("a place where no file can be is an error that names it")
    func noPlace() throws {
        for path in ["/proc/cache.db", "/nowhere/at/all/cache.db", "/tmp"] {
            let error = #expect(throws: StoreError.self) { try MailStore(path: path) }
            #expect(error?.code == .cannotOpen)
            #expect(error?.reason.contains(path) == true)
        }
    }

    @Test(
        "a directory that cannot be written is an error that names the file",
        .enabled(if: geteuid() != 0, "root may write anywhere")
    )
    func readOnlyDirectory() throws {
        let scratch = try Scratch()
        chmod(scratch.directory, 0o500)
        defer { chmod(scratch.directory, 0o700) }
        let error = #expect(throws: StoreError.self) { try MailStore(path: scratch.path) }
        #expect(error?.code == .cannotOpen)
        #expect(error?.reason.contains(scratch.path) == true)
    }

    @Test("readers see whole changes while a writer works")
    func concurrent() async throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let box = try store.addMailbox("INBOX")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<100 as Range<UInt32> {
                    let batch = (1...10).map { message(round * 10 + $0) }
                    _ = try store.apply(adding(batch), to: box)
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    var last = 0
                    while last < 1000 {
                        let count = try store.count(in: box)
                        #expect(count % 10 == 0)
                        #expect(count >= last)
                        last = count
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try store.count(in: box) == 1000)
    }
}
