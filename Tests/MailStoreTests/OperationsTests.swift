// Changes that wait for the server: how messages are shown with them, how they merge, and how they
// end.

import GRDB
import MailModel
import Testing

@testable import MailStore

@Suite struct OperationsTests {
    private let scratch: Scratch
    private let store: MailStore
    private let (inbox, trash, archive): (Int64, Int64, Int64)
    private let ids: [Int64]

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        inbox = try store.addMailbox("INBOX")
        trash = try store.addMailbox("Trash")
        archive = try store.addMailbox("Archive")
        ids = try store.apply(adding([message(1), message(2), message(3)]), to: inbox)
            .added.map(\.id)
    }

    private func enter(_ operation: Operation, _ messages: Int64...) throws {
        #expect(try store.enter(operation, for: messages, at: 5) == messages)
    }

    private func shown(_ mailbox: Int64) throws -> [Int64] {
        try store.messages(in: mailbox, limit: 10).map(\.id).sorted()
    }

    private func log() throws -> [Operation] {
        try store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT kind, added, removed, target FROM operation ORDER BY id"
            ).map { try Operation(row: $0) }
        }
    }

    @Test("a flag is shown at once, and what the server said of it is kept apart")
    func flag() throws {
        try enter(.flag(add: [.seen], remove: []), ids[0])
        #expect(try store.message(ids[0])?.data.flags == [.seen])
        #expect(try store.knownFlags(in: inbox)[UID(1)] == [])
        #expect(try store.shownBesides(inbox).unseen == -1)
        // The server tells of another flag meanwhile: both show.
        var change = MailboxChange(state: state(1))
        change.flags = [UID(1): [.flagged]]
        _ = try store.apply(change, to: inbox)
        #expect(try Set(store.message(ids[0])?.data.flags ?? []) == [.seen, .flagged])
        let batch = try store.nextOperations(of: "a", limit: 10)
        try store.finish(batch.map(\.id), flags: [ids[0]: [.seen, .flagged]])
        #expect(try Set(store.message(ids[0])?.data.flags ?? []) == [.seen, .flagged])
        #expect(try store.waitingCount(of: "a") == 0)
        #expect(try store.shownBesides(inbox) == (0, 0))
    }

    @Test("a move is shown in its target at once and nowhere else")
    func move() throws {
        try enter(.move(to: trash), ids[1])
        #expect(try shown(inbox) == [ids[0], ids[2]])
        #expect(try shown(trash) == [ids[1]])
        #expect(try store.shownBesides(inbox) == (-1, -1))
        #expect(try store.shownBesides(trash) == (1, 1))
        #expect(try store.message(ids[1])?.mailbox == inbox)
        // A sync of the source neither loses it nor shows it there again.
        _ = try store.apply(adding([message(2)]), to: inbox)
        #expect(try shown(inbox) == [ids[0], ids[2]])
        let batch = try store.nextOperations(of: "a", limit: 10)
        #expect(batch.map(\.message.data.uid) == [UID(2)])
        let moved = [(id: ids[1], uid: UID?(UID(7)))]
        let epoch = UIDValidity(9)
        try store.finish(batch.map(\.id), moved: moved, to: trash, uidValidity: epoch)
        #expect(try store.message(ids[1])?.mailbox == trash)
        #expect(try shown(trash) == [ids[1]])
        #expect(try store.shownBesides(trash) == (0, 0))
        #expect(try store.mailbox(inbox)?.state?.total == 0)
    }

    @Test("what is to be deleted is shown nowhere and cannot be changed again")
    func delete() throws {
        try enter(.delete, ids[0])
        #expect(try shown(inbox) == [ids[1], ids[2]])
        #expect(try store.message(ids[0])?.place == nil)
        #expect(try store.enter(.flag(add: [.seen], remove: []), for: [ids[0]], at: 6) == [])
        let batch = try store.nextOperations(of: "a", limit: 10)
        try store.finish(batch.map(\.id), gone: [ids[0]])
        #expect(try store.message(ids[0]) == nil)
    }

    @Test("operations of a message that were not sent merge")
    func merge() throws {
        try enter(.flag(add: [.seen], remove: [.flagged]), ids[0])
        try enter(.flag(add: [.flagged], remove: [.seen]), ids[0])
        #expect(try log() == [.flag(add: [.flagged], remove: [.seen])])
        try enter(.move(to: trash), ids[0])
        try enter(.move(to: archive), ids[0])
        let flag = Operation.flag(add: [.flagged], remove: [.seen])
        #expect(try log() == [flag, .move(to: archive)])
        try enter(.move(to: inbox), ids[0])
        #expect(try log() == [flag], "back where it was: nothing is left to do")
        try enter(.delete, ids[0])
        #expect(try log() == [.delete])
    }

    @Test("what was sent is not merged: it may have been done")
    func sentStays() throws {
        try enter(.move(to: trash), ids[0])
        try store.markSent(try store.nextOperations(of: "a", limit: 10).map(\.id))
        try enter(.move(to: inbox), ids[0])
        #expect(try log() == [.move(to: trash), .move(to: inbox)])
        #expect(try shown(inbox) == ids)
    }

    @Test("what is alike goes together, in the order of asking; each message once")
    func batches() throws {
        let other = try store.apply(adding([message(1)]), to: archive).added[0].id
        try enter(.flag(add: [.seen], remove: []), ids[0], ids[1])
        try enter(.move(to: trash), ids[0])
        try enter(.move(to: trash), ids[2])
        try enter(.move(to: trash), other)
        func next() throws -> [Int64] {
            let batch = try store.nextOperations(of: "a", limit: 10)
            try store.finish(batch.map(\.id))
            return batch.map(\.message.id)
        }
        #expect(try store.waitingCount(of: "a") == 4)
        #expect(try store.nextOperations(of: "b", limit: 10).isEmpty)
        #expect(try store.nextOperations(of: "a", limit: 1).count == 1)
        #expect(try next() == [ids[0], ids[1]])
        #expect(try next() == [ids[0], ids[2]])
        #expect(try next() == [other])
        #expect(try next() == [])
    }

    @Test("a refusal shows the message as it was")
    func refused() throws {
        try enter(.move(to: trash), ids[0])
        try store.finish(try store.nextOperations(of: "a", limit: 10).map(\.id))
        #expect(try shown(inbox) == ids)
        #expect(try shown(trash) == [])
    }

    @Test("operations survive the broker")
    func reopened() throws {
        try enter(.move(to: trash), ids[0])
        let again = try MailStore(path: scratch.path)
        let batch = try again.nextOperations(of: "a", limit: 10)
        #expect(batch.map(\.operation) == [.move(to: trash)])
        #expect(try again.messages(in: trash, limit: 10).map(\.id) == [ids[0]])
    }

    @Test("A33: another UIDVALIDITY cancels operations and tells of which messages")
    func renumbered() throws {
        try enter(.delete, ids[1])
        let applied = try store.apply(adding([message(2)], epoch: 2), to: inbox)
        #expect(applied.cancelled == [ids[1]])
        #expect(try log() == [])
        #expect(try store.messages(in: inbox, limit: 10).map(\.data.uid) == [UID(2)])
    }

    @Test("a message that goes takes its operations along")
    func vanished() throws {
        try enter(.flag(add: [.seen], remove: []), ids[0])
        var change = MailboxChange(state: state(1))
        change.gone = [UID(1)]
        _ = try store.apply(change, to: inbox)
        #expect(try log() == [])
    }

    @Test("when its target is listed no more, a message is shown where it is")
    func targetGone() throws {
        try enter(.move(to: archive), ids[0])
        let left = try store.mailboxes(of: "a").filter { $0.id != archive }
        try store.setMailboxes(
            left.map {
                MailboxListing(name: $0.name, display: $0.display, role: nil, isSelectable: true)
            },
            of: "a"
        )
        #expect(try shown(inbox) == ids)
        #expect(try log() == [])
    }
}
