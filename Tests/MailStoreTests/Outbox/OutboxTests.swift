// Facts about the outbox on disk: what is taken in is there after a crash, once, and moves only
// from the states it may move from.

import Foundation
import GRDB
import Glibc
import MailModel
import Testing

@testable import MailStore

@Suite struct OutboxTests {
    private let scratch: Scratch
    private var path: String { scratch.directory + "/outbox.db" }

    init() throws { scratch = try Scratch() }

    private func submission(_ key: String, body: Int = 5) throws -> OutboxSubmission {
        OutboxSubmission(
            key: key,
            requestDigest: "d-\(key)",
            account: "alice",
            messageID: "\(key)@e",
            sender: try AddrSpec("a@e".utf8),
            recipients: [try AddrSpec("b@e".utf8), try AddrSpec("c@e".utf8)],
            subject: "Lunch",
            header: Array("Subject: Lunch\r\n\r\n".utf8),
            copyHeader: Array("Subject: Lunch\r\nBcc: c@e\r\n\r\n".utf8),
            bodySize: Int64(body),
            needs8Bit: true
        )
    }

    @discardableResult
    private func accept(
        _ outbox: Outbox,
        _ key: String = "k",
        _ body: [UInt8] = Array("hello".utf8)
    ) throws -> OutboxRecord {
        let new = try submission(key, body: body.count)
        let acceptance = try outbox.accept(new, at: 1000) {
            Array(body.dropFirst(Int($0)).prefix(3))
        }
        guard case .accepted(let record) = acceptance else { throw POSIXError(.EEXIST) }
        return record
    }

    @Test("what is taken in is there for the next broker, octet for octet")
    func durable() throws {
        let first = try accept(Outbox(path: path))
        let outbox = try Outbox(path: path)
        let record = try #require(try outbox.record(first.id))
        #expect(record == first)
        #expect(record.state == .queued)
        #expect(record.recipients.map(\.address.text) == ["b@e", "c@e"])
        #expect(record.size == 18 + 5)
        #expect(
            try outbox.header(of: first.id, isCopy: false) == Array("Subject: Lunch\r\n\r\n".utf8)
        )
        #expect(try outbox.header(of: first.id, isCopy: true)?.count == 28)
        #expect(try outbox.bodyChunk(0, of: first.id) == Array("hel".utf8))
        #expect(try outbox.bodyChunk(1, of: first.id) == Array("lo".utf8))
        #expect(try outbox.bodyChunk(2, of: first.id) == nil)
        #expect(try outbox.history(of: first.id) == [OutboxEvent(time: 1000, what: "queued")])
    }

    @Test(
        "the reports that are wanted are kept",
        arguments: [
            nil, DSNRequest([DSNRequest.Event]()),
            DSNRequest([.success, .failure], content: .full),
        ]
    )
    func reports(dsn: DSNRequest?) throws {
        var new = try submission("k")
        new.dsn = dsn
        let acceptance = try Outbox(path: path).accept(new, at: 1000) { _ in Array("hello".utf8) }
        guard case .accepted(let record) = acceptance else { throw POSIXError(.EEXIST) }
        #expect(record.dsn == dsn)
        #expect(try Outbox(path: path).record(record.id)?.dsn == dsn)
    }

    @Test("the same key is the same message; with another request it is a conflict")
    func keys() throws {
        let outbox = try Outbox(path: path)
        let first = try accept(outbox)
        let again = try outbox.accept(try submission("k"), at: 2000) { _ in [] }
        #expect(again == .repeated(first))
        var other = try submission("k")
        other.requestDigest = "another"
        #expect(try outbox.accept(other, at: 2000) { _ in [] } == .conflict)
        #expect(try outbox.records().map(\.id) == [first.id])
    }

    @Test("a body that ends early, or cannot be read, leaves nothing behind")
    func cutShort() throws {
        let outbox = try Outbox(path: path)
        let new = try submission("k")
        #expect(throws: StoreError.self) { try outbox.accept(new, at: 1) { _ in [] } }
        #expect(throws: StoreError.self) {
            try outbox.accept(new, at: 1) { _ in throw POSIXError(.EIO) }
        }
        #expect(try outbox.records(all: true).isEmpty)
        try accept(outbox)
    }

    @Test("a message moves only from a state it may move from")
    func states() throws {
        let outbox = try Outbox(path: path)
        let id = try accept(outbox).id
        let sending = OutboxChange(.sending, "attempt", detail: "smtp.example.org")
        #expect(try outbox.move(id, from: [.held], by: sending, at: 2) == nil)
        let begun = try #require(try outbox.move(id, from: [.queued], by: sending, at: 2))
        #expect((begun.state, begun.attempts) == (.sending, 1))
        #expect(
            try outbox.move(id, from: [.queued], by: OutboxChange(.cancelled, "x"), at: 3) == nil
        )
        let dot = OutboxChange(.dot, "handing over")
        #expect(try outbox.move(id, from: [.sending], by: dot, at: 4)?.dotAt == 4)
        var sent = OutboxChange(.sent, "sent", detail: "250 ok")
        sent.recipients = begun.recipients.map { OutboxRecipient($0.address, state: .delivered) }
        sent.ageing = 7
        let after = try #require(try outbox.move(id, from: [.dot], by: sent, at: 5))
        #expect(after.waiting.isEmpty)
        #expect((after.age, after.touchedAt, after.lastText) == (7, 5, "250 ok"))
        #expect(
            try outbox.history(of: id).map(\.what) == ["queued", "attempt", "handing over", "sent"]
        )
    }

    @Test("what is done with leaves the list and its octets, and its history stays")
    func done() throws {
        let outbox = try Outbox(path: path)
        let id = try accept(outbox).id
        _ = try outbox.move(id, from: [.queued], by: OutboxChange(.cancelled, "cancelled"), at: 2)
        #expect(try outbox.records().isEmpty)
        #expect(try outbox.records(all: true).map(\.state) == [.cancelled])
        #expect(try outbox.header(of: id, isCopy: false) == nil)
        #expect(try outbox.bodyChunk(0, of: id) == nil)
        #expect(try outbox.history(of: id).count == 2)
    }

    @Test("a failure is listed until the user says that he knows")
    func acknowledged() throws {
        let outbox = try Outbox(path: path)
        let id = try accept(outbox).id
        #expect(try !outbox.acknowledge(id, at: 2))
        _ = try outbox.move(id, from: [.queued], by: OutboxChange(.failed, "refused"), at: 2)
        #expect(try outbox.records().map(\.needsAttention) == [true])
        #expect(try outbox.acknowledge(id, at: 3))
        #expect(try outbox.records().isEmpty)
        #expect(try !outbox.acknowledge(id, at: 4))
    }

    @Test("only so many messages that are done with are remembered, and numbers never come again")
    func history() throws {
        let outbox = try Outbox(path: path)
        for number in 0..<(OutboxLimits.historyMax + 3) {
            let id = try accept(outbox, "k\(number)").id
            _ = try outbox.move(id, from: [.queued], by: OutboxChange(.cancelled, "x"), at: 2)
        }
        let left = try outbox.records(all: true).map(\.id)
        #expect(left.count == OutboxLimits.historyMax)
        #expect(left.first == 4)
        #expect(try accept(outbox, "new").id == Int64(OutboxLimits.historyMax + 4))
    }

    @Test("the files are the user's alone, and there is no file of shared memory")
    func files() throws {
        let outbox = try Outbox(path: path)
        try accept(outbox)
        for name in ["outbox.db", "outbox.db-wal", "outbox.db.ballast"] {
            #expect(scratch.mode(name) == 0o600, "\(name)")
        }
        #expect(scratch.mode("outbox.db-shm") == nil)
        #expect(try scratch.octets("outbox.db.ballast").count == OutboxLimits.ballastOctets)
    }

    @Test("another process cannot open it at the same time")
    func exclusive() throws {
        let outbox = try Outbox(path: path)
        try accept(outbox)
        do {
            _ = try Outbox(path: path)
            Issue.record("it was opened twice")
        } catch {
            #expect(error.code == .busy)
        }
    }

    @Test("a damaged file is kept, what can be read of it is taken over, and nothing of it is sent")
    func damaged() throws {
        var ids: [Int64] = []
        do {
            let outbox = try Outbox(path: path)
            for number in 0..<40 {
                let body = Array(repeating: UInt8(ascii: "x"), count: 9000)
                ids.append(try accept(outbox, "k\(number)", body).id)
            }
        }
        var octets = try scratch.octets("outbox.db")
        // A page of the table in the middle of the file.
        let page = octets.count / 2 / 4096 * 4096
        for index in page..<(page + 4096) { octets[index] = 0xAA }
        try scratch.write(octets, "outbox.db")
        let outbox = try Outbox(path: path)
        let kept = try #require(outbox.damagedFile)
        #expect(kept == path + ".damaged-1")
        #expect(try scratch.octets("outbox.db.damaged-1") == octets)
        let saved = try outbox.records()
        #expect(saved.count > 20)
        #expect(saved.allSatisfy { $0.state == .held && ids.contains($0.id) })
        #expect(try Outbox(path: scratch.directory + "/other.db").damagedFile == nil)
    }

    @Test("a file that is none of ours is kept as it is")
    func foreign() throws {
        try scratch.write(Array("not a database at all, but long enough".utf8), "outbox.db")
        let outbox = try Outbox(path: path)
        #expect(outbox.damagedFile == path + ".damaged-1")
        #expect(try scratch.octets("outbox.db.damaged-1").starts(with: "not a database".utf8))
        #expect(try outbox.records().isEmpty)
    }
}
