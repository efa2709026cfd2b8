// Octets that are kept: found as they came, gone with their message, least recently used first.

import MailModel
import Testing

@testable import MailStore

@Suite struct PartsTests {
    private let scratch: Scratch
    private let store: MailStore
    private let box: Int64
    private let ids: [Int64]

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        box = try store.addMailbox("INBOX")
        ids = try store.apply(adding([message(1), message(2), message(3)]), to: box)
            .added.map(\.id)
    }

    private func keep(_ count: Int, of id: Int64, at now: Int64, offset: UInt64 = 0) throws {
        try store.keep(
            [UInt8](repeating: UInt8(now), count: count),
            of: id,
            section: "1",
            at: offset,
            now: now,
            limit: 100
        )
    }

    @Test("octets are found by message, section and offset, and nothing else is")
    func found() throws {
        try keep(10, of: ids[0], at: 1)
        try keep(5, of: ids[0], at: 2, offset: 10)
        let ones = [UInt8](repeating: 1, count: 10)
        #expect(try store.octets(of: ids[0], section: "1", at: 0) == ones)
        #expect(try store.octets(of: ids[0], section: "1", at: 10) == [2, 2, 2, 2, 2])
        #expect(try store.octets(of: ids[0], section: "1", at: 5) == nil)
        #expect(try store.octets(of: ids[0], section: "2", at: 0) == nil)
        #expect(try store.octets(of: ids[1], section: "1", at: 0) == nil)
        #expect(try store.keptOctets() == 15)
    }

    @Test("an empty section is kept as empty, which is not the same as not kept")
    func empty() throws {
        try keep(0, of: ids[0], at: 1)
        #expect(try store.octets(of: ids[0], section: "1", at: 0) == [])
    }

    @Test("they go with their message and stay when it moves")
    func withMessage() throws {
        try keep(10, of: ids[0], at: 1)
        try keep(10, of: ids[1], at: 1)
        let trash = try store.addMailbox("Trash")
        let moved = [(id: ids[0], uid: UID?(UID(9)))]
        try store.finish([], moved: moved, to: trash, uidValidity: UIDValidity(3))
        #expect(try store.octets(of: ids[0], section: "1", at: 0)?.count == 10)
        try store.finish([], gone: [ids[0]])
        #expect(try store.octets(of: ids[0], section: "1", at: 0) == nil)
        #expect(try store.keptOctets() == 10)
        try keep(10, of: ids[0], at: 2)
        #expect(try store.keptOctets() == 10, "nothing is kept of a message that is gone")
    }

    @Test("what was used longest ago goes first, until a tenth is free")
    func leastRecentlyUsed() throws {
        try keep(40, of: ids[0], at: 1)
        try keep(40, of: ids[1], at: 2)
        try store.touchParts(of: ids[0], now: 3)
        try keep(40, of: ids[2], at: 4)
        #expect(try store.octets(of: ids[1], section: "1", at: 0) == nil)
        #expect(try store.octets(of: ids[0], section: "1", at: 0) != nil)
        #expect(try store.octets(of: ids[2], section: "1", at: 0) != nil)
        #expect(try store.keptOctets() == 80)
    }
}
