// What a change does to the messages of a mailbox, and what a list shows of them.

import GRDB
import MailModel
import Testing

@testable import MailStore

@Suite struct MessagesTests {
    private let scratch: Scratch
    private let store: MailStore
    private let box: Int64

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        box = try store.addMailbox("INBOX")
    }

    private func change(epoch: UInt32 = 1, _ edit: (inout MailboxChange) -> Void) -> MailboxChange {
        var change = MailboxChange(state: state(epoch))
        edit(&change)
        return change
    }

    private func moved(
        _ id: Int64,
        to target: Int64,
        uid: UID?,
        epoch: UInt32?,
        in store: MailStore? = nil
    ) throws {
        try (store ?? self.store).finish(
            [],
            moved: [(id: id, uid: uid)],
            to: target,
            uidValidity: epoch.map { UIDValidity($0) }
        )
    }

    private func uids(in mailbox: Int64? = nil) throws -> [UInt32] {
        try store.messages(in: mailbox ?? box, limit: 100).map(\.data.uid.value)
    }

    @Test("what was moved into a mailbox before it was ever listed is no hole in its first window")
    func movedBeforeFirstList() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let (inbox, trash) = (try store.addMailbox("INBOX"), try store.addMailbox("Trash"))
        let added = try store.apply(adding([message(1), message(2)]), to: inbox).added
        for (record, uid) in zip(added, [UID(500), UID(601)]) {
            try moved(record.id, to: trash, uid: uid, epoch: 1, in: store)
        }
        #expect(try store.count(in: trash) == 2)
        let first = try store.apply(adding([message(600), message(601)]), to: trash)
        #expect(first.gone == [added[0].id])
        #expect(try store.messageID(uid: UID(601), in: trash) == added[1].id)
        #expect(try store.count(in: trash) == 2)
    }

    @Test("a message comes back as it was stored")
    func roundTrip() throws {
        var data = message(7, flags: [.seen, .flagged], subject: "caf\u{e9} e\u{301}")
        data.date = DateTime(unixSeconds: -5, offsetMinutes: -720)
        let applied = try store.apply(adding([data]), to: box)
        let record = try #require(try store.messages(in: box, limit: 1).first)
        #expect(record.id == applied.added.first?.id)
        #expect(record.data.subject.map { Array($0.utf8) } == data.subject.map { Array($0.utf8) })
        #expect(Set(record.data.flags) == [.seen, .flagged])
        data.flags = record.data.flags
        #expect(record.data == data)
        #expect(try store.message(record.id) == record)
        #expect(try store.messageID(uid: UID(7), in: box) == record.id)
    }

    @Test("a NUL in a name hides neither the rest of the name nor the address")
    func nul() throws {
        var data = message(1, subject: "a\u{0}b")
        data.from = [Address(name: "Boss\u{0}", address: "x@example.org")]
        data.messageID = "\u{0}"
        _ = try store.apply(adding([data]), to: box)
        let stored = try #require(try store.messages(in: box, limit: 1).first?.data)
        #expect(stored.from == [Address(name: "Boss\u{FFFD}", address: "x@example.org")])
        #expect(stored.subject == "a\u{FFFD}b")
        #expect(stored.messageID == "\u{FFFD}")
    }

    @Test("separators in a name cannot make another address")
    func separators() throws {
        var data = message(1)
        data.from = [Address(name: "a\u{1F}b\u{1E}c\u{1F}d", address: "x@example.org\u{1E}y")]
        _ = try store.apply(adding([data]), to: box)
        let from = try store.messages(in: box, limit: 1).first?.data.from
        #expect(from == [Address(name: "abcd", address: "x@example.orgy")])
    }

    @Test("added messages are told in ascending order of UID, the state is stored with them")
    func added() throws {
        let applied = try store.apply(adding([message(3), message(1), message(2)]), to: box)
        #expect(applied.added.map(\.data.uid.value) == [1, 2, 3])
        #expect(applied.gone.isEmpty && applied.reflagged.isEmpty)
        #expect(try store.mailbox(box)?.state == state(1, total: 3))
    }

    @Test("a message that is stored already keeps its number; new flags of it are told")
    func conflict() throws {
        let first = try store.apply(adding([message(1)]), to: box).added[0].id
        let again = try store.apply(adding([message(1)]), to: box)
        #expect(again == AppliedChange())
        let flagged = try store.apply(adding([message(1, flags: [.seen])]), to: box)
        #expect(flagged.added.isEmpty)
        #expect(flagged.reflagged == [first])
        #expect(try store.message(first)?.data.flags == [.seen])
    }

    @Test("only flags that differ are told, in ascending order of UID")
    func flags() throws {
        let ids = try store.apply(
            adding([message(1), message(2, flags: [.seen]), message(3)]),
            to: box
        ).added.map(\.id)
        let applied = try store.apply(
            change {
                $0.flags = [
                    UID(3): [.seen, .flagged], UID(2): [.seen], UID(1): [.flagged], UID(9): [.seen],
                ]
            },
            to: box
        )
        #expect(applied.reflagged == [ids[0], ids[2]])
        let known = try store.knownFlags(in: box).mapValues { Set($0) }
        #expect(known == [UID(1): [.flagged], UID(2): [.seen], UID(3): [.seen, .flagged]])
        let reordered = try store.apply(
            change { $0.flags = [UID(3): [.flagged, .seen, .seen]] },
            to: box
        )
        #expect(reordered.reflagged.isEmpty)
    }

    @Test("a window grows below its beginning only, and in its epoch only")
    func extend() throws {
        _ = try store.apply(adding([message(10), message(12)]), to: box)
        try store.extend(box, epoch: UIDValidity(2), by: [message(8)])
        #expect(try store.count(in: box) == 2)
        try store.extend(box, epoch: UIDValidity(1), by: [message(8), message(11), message(13)])
        #expect(
            try store.window(of: box)
                == StoredWindow(count: 3, lowest: UID(8), highest: UID(12))
        )
        #expect(try store.highestUID(in: box) == UID(12))
        #expect(try store.window(of: 999) == StoredWindow())
        let ranges = [UIDSet.Range(9, 11), UIDSet.Range(12, 12)]
        #expect(try Set(store.knownFlags(in: box, within: ranges).keys) == [UID(10), UID(12)])
    }

    @Test("messages that are gone are told once")
    func gone() throws {
        let ids = try store.apply(adding([message(1), message(2)]), to: box).added.map(\.id)
        let removal = change { $0.gone = [UID(2), UID(9)] }
        #expect(try store.apply(removal, to: box).gone == [ids[1]])
        #expect(try store.apply(removal, to: box).gone.isEmpty)
        #expect(try uids() == [1])
    }

    @Test("after another UIDVALIDITY what is there keeps its number, and the rest is gone")
    func epoch() throws {
        let other = try store.addMailbox("other")
        _ = try store.apply(adding([message(1)]), to: other)
        let ids = try store.apply(adding([message(1), message(2)]), to: box).added.map(\.id)
        let applied = try store.apply(adding([message(1)], epoch: 2), to: box)
        #expect(applied.gone == [ids[1]])
        #expect(applied.added.isEmpty)
        #expect(try store.messages(in: box, limit: 10).map(\.id) == [ids[0]])
        #expect(try uids() == [1])
        #expect(try uids(in: other) == [1])
    }

    @Test("numbers are never used again, for messages and for mailboxes")
    func numbers() throws {
        let id = try store.apply(adding([message(1)]), to: box).added[0].id
        _ = try store.apply(change { $0.gone = [UID(1)] }, to: box)
        #expect(try store.apply(adding([message(2)]), to: box).added[0].id > id)
        try store.forget(account: "a")
        #expect(try store.message(id + 1) == nil)
        #expect(try store.addMailbox("INBOX") > box)
    }

    @Test("a change to a mailbox that is gone fails whole")
    func noMailbox() throws {
        #expect(throws: StoreError.self) { try store.apply(adding([message(1)]), to: 999) }
        #expect(try store.count(in: 999) == 0)
    }

    @Test("a move with COPYUID keeps the number and takes the UID of the target")
    func move() throws {
        let trash = try store.addMailbox("Trash")
        let id = try store.apply(adding([message(5)]), to: box).added[0].id
        try moved(id, to: trash, uid: UID(9), epoch: 77)
        #expect(try store.message(id)?.mailbox == trash)
        #expect(try store.message(id)?.data.uid == UID(9))
        #expect(try uids().isEmpty)
        // The target's first sync is in the epoch the move told of: the number stays.
        let applied = try store.apply(adding([message(9)], epoch: 77), to: trash)
        #expect(applied == AppliedChange())
        #expect(try store.messageID(uid: UID(9), in: trash) == id)
    }

    @Test("a move without COPYUID, or in another epoch, waits for the target to show the message")
    func moveUnknown() throws {
        let trash = try store.addMailbox("Trash")
        _ = try store.apply(adding([], epoch: 77), to: trash)
        let ids = try store.apply(adding([message(1), message(2), message(3)]), to: box)
            .added.map(\.id)
        try moved(ids[0], to: trash, uid: nil, epoch: nil)
        try moved(ids[1], to: trash, uid: UID(9), epoch: 78)
        try moved(ids[2], to: trash, uid: UID(9), epoch: nil)
        for id in ids {
            #expect(try store.message(id)?.mailbox == trash)
            #expect(try store.message(id)?.hasUID == false)
        }
        #expect(try store.count(in: trash) == 0)
        #expect(try store.shownBesides(trash).total == 3)
        #expect(try store.shownBesides(box).total == 0)
        // Two are recognised by Message-ID and size; the third did not arrive.
        var found = [message(20), message(21)]
        found[0].messageID = message(1).messageID
        found[0].size = message(1).size
        found[1].messageID = message(3).messageID
        found[1].size = message(3).size
        let applied = try store.apply(adding(found, epoch: 77), to: trash)
        #expect(applied.added.isEmpty)
        #expect(applied.gone == [ids[1]])
        #expect(try store.message(ids[0])?.data.uid == UID(20))
        #expect(try store.message(ids[2])?.data.uid == UID(21))
    }

    @Test("the older number wins where the target's sync met the message first")
    func moveMetBefore() throws {
        let trash = try store.addMailbox("Trash")
        let id = try store.apply(adding([message(5)]), to: box).added[0].id
        let met = try store.apply(adding([message(9)], epoch: 77), to: trash).added[0].id
        try moved(id, to: trash, uid: UID(9), epoch: 77)
        #expect(try store.message(met) == nil)
        #expect(try store.message(id)?.data.uid == UID(9))
    }

    @Test("a list is newest first by arrival; pages meet without gap or repetition")
    func paging() throws {
        let times: [Int64?] = [50, -10, nil, 50, 0, 99, nil, -10, 50]
        let messages = times.enumerated().map {
            message(UInt32($0.offset + 1), received: $0.element)
        }
        _ = try store.apply(adding(messages), to: box)
        let expected: [UInt32] = [6, 9, 4, 1, 5, 8, 2, 7, 3]
        #expect(try uids() == expected)
        for size in 1...10 {
            var (seen, after) = ([UInt32](), Int64?.none)
            while true {
                let page = try store.messages(in: box, limit: size, after: after)
                guard let last = page.last, seen.count <= expected.count else { break }
                seen += page.map(\.data.uid.value)
                after = last.id
            }
            #expect(seen == expected, "pages of \(size)")
        }
    }

    @Test("the server's confirmation sets flags and takes messages out")
    func confirm() throws {
        let ids = try store.apply(adding([message(1), message(2)]), to: box).added.map(\.id)
        try store.finish([], flags: [ids[0]: [.seen]])
        try store.finish([], gone: [ids[1]])
        #expect(try store.message(ids[0])?.data.flags == [.seen])
        #expect(try store.message(ids[1]) == nil)
    }

    @Test("a part tree is stored with its message; one that cannot be read counts as absent")
    func structure() throws {
        let id = try store.apply(adding([message(1)]), to: box).added[0].id
        #expect(try store.structure(of: id) == nil)
        let structure = BodyStructure(parts: [])
        try store.setStructure(structure, of: id)
        #expect(try store.structure(of: id) == structure)
        try store.write { database in
            try database.execute(sql: "UPDATE message SET structure = x'7B'")
        }
        #expect(try store.structure(of: id) == nil)
        #expect(try store.structure(of: 999) == nil)
    }
}
