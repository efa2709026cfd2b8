// A message keeps its number when somebody else moves it and when its mailbox is numbered anew;
// what is only alike keeps apart.

import GRDB
import MailModel
import Testing

@testable import MailStore

@Suite struct IdentityTests {
    private let scratch: Scratch
    private let store: MailStore
    private let (inbox, work): (Int64, Int64)

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        inbox = try store.addMailbox("INBOX")
        work = try store.addMailbox("Work")
    }

    private func at(_ time: Int64, gone: UInt32...) -> MailboxChange {
        var change = MailboxChange(state: state(1))
        change.state.confirmedAt = time
        change.gone = gone.map { UID($0) }
        return change
    }

    private func moved(_ uid: UInt32, _ data: MessageData) -> MessageData {
        var data = data
        data.uid = UID(uid)
        return data
    }

    private func named(_ data: MessageData, _ object: String) -> MessageData {
        var data = data
        data.object = ObjectID(object.utf8)
        return data
    }

    private func ids(in mailbox: Int64) throws -> [Int64] {
        try store.messages(in: mailbox, limit: 10).map(\.id).sorted()
    }

    @Test("what has left one mailbox and comes into another keeps its number and its parts")
    func moved() throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        try store.keep([1, 2], of: id, section: "1", at: 0, now: 1, limit: 100)
        #expect(try store.apply(at(2, gone: 1), to: inbox).gone == [id])
        // Meanwhile it is nowhere.
        #expect(try store.message(id) == nil)
        #expect(try store.count(in: inbox) == 0)
        #expect(try store.shownBesides(inbox) == (0, 0))
        let query = SearchQuery([.init(.subject, "s")])
        #expect(try store.search(query, of: "a", in: nil, limit: 10).isEmpty)
        #expect(try store.enter(.trash, for: [id], at: 3) == [])

        let applied = try store.apply(adding([moved(9, message(1))]), to: work)
        #expect(applied.added.isEmpty)
        #expect(applied.moved == [.init(id: id, source: inbox, target: work, replaced: nil)])
        #expect(try store.message(id)?.place == work)
        #expect(try store.message(id)?.data.uid == UID(9))
        #expect(try store.octets(of: id, section: "1", at: 0) == [1, 2])
        #expect(try store.search(query, of: "a", in: nil, limit: 10).map(\.id) == [id])
    }

    @Test("where the target was looked at first, the new number goes")
    func targetFirst() throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        let other = try store.apply(adding([moved(9, message(1))]), to: work).added[0].id
        _ = try store.enter(.flag(add: [.flagged], remove: []), for: [other], at: 2)
        let applied = try store.apply(at(2, gone: 1), to: inbox)
        #expect(applied.gone.isEmpty)
        #expect(applied.moved == [.init(id: id, source: inbox, target: work, replaced: other)])
        #expect(try ids(in: work) == [id])
        #expect(try store.message(id)?.data.flags == [.flagged])
        #expect(try store.waiting(among: [id]) == [id])
        #expect(try store.message(other) == nil)
        let query = SearchQuery([.init(.subject, "s")])
        #expect(try store.search(query, of: "a", in: nil, limit: 9).map(\.id) == [id])
    }

    @Test("two copies that move together keep a number each")
    func twins() throws {
        let twins = [moved(1, message(1)), moved(2, message(1))]
        let before = try store.apply(adding(twins), to: inbox).added.map(\.id)
        let news = twins.map { moved($0.uid.value + 8, $0) }
        #expect(try store.apply(adding(news), to: work).added.count == 2)
        #expect(try store.apply(at(2, gone: 1, 2), to: inbox).moved.map(\.id) == before)
        #expect(try ids(in: work) == before)
    }

    @Test("a copy known since before is another message")
    func copy() throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        let copy = try store.apply(adding([moved(9, message(1))]), to: work).added[0].id
        try store.confirm(mailbox: inbox, at: 2)
        #expect(try store.apply(at(3, gone: 1), to: inbox).gone == [id])
        #expect(try ids(in: work) == [copy])
    }

    @Test(
        "what differs is not the same",
        arguments: [
            { $0.size += 1 }, { $0.messageID = "other" }, { $0.messageID = nil },
            { $0.received = DateTime(unixSeconds: 7, offsetMinutes: 0) },
        ] as [@Sendable (inout MessageData) -> Void]
    )
    func different(edit: @Sendable (inout MessageData) -> Void) throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        var other = moved(9, message(1))
        edit(&other)
        _ = try store.apply(at(2, gone: 1), to: inbox)
        #expect(try store.apply(adding([other]), to: work).added.map(\.id) == [id + 1])
    }

    @Test("the server's name for a message outweighs what is in it")
    func objects() throws {
        let both = [named(message(1), "M1"), named(message(2), "M2")]
        let before = try store.apply(adding(both), to: inbox).added.map(\.id)
        _ = try store.apply(at(2, gone: 1, 2), to: inbox)
        var rewritten = named(message(5), "M1")
        rewritten.size = 7
        let alike = named(moved(6, message(2)), "M9")
        let applied = try store.apply(adding([rewritten, alike]), to: work)
        #expect(applied.moved.map(\.id) == [before[0]])
        #expect(applied.added.count == 1)
        #expect(try store.message(before[1]) == nil)
    }

    @Test("a message never comes to another account")
    func accounts() throws {
        let other = try store.addMailbox("INBOX", of: "b")
        _ = try store.apply(adding([message(1)]), to: inbox)
        _ = try store.apply(at(2, gone: 1), to: inbox)
        #expect(try store.apply(adding([message(1)]), to: other).added.count == 1)
    }

    @Test("what has not been found for an hour is forgotten")
    func forgotten() throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        _ = try store.apply(at(10, gone: 1), to: inbox)
        _ = try store.apply(at(11 + StoreLimits.lostAge), to: work)
        let left = try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM message") }
        #expect(left == 0)
        #expect(try store.apply(adding([moved(9, message(1))]), to: work).added[0].id > id)
    }

    @Test("a mailbox numbered anew keeps its numbers, also those below its first window")
    func renumbered() throws {
        let before = try store.apply(adding([message(1), message(2), message(3)]), to: inbox)
            .added.map(\.id)
        let applied = try store.apply(adding([moved(53, message(3))], epoch: 2), to: inbox)
        #expect(applied.gone == Array(before[..<2]))
        #expect(applied.moved.allSatisfy { $0.source == $0.target })
        try store.extend(
            inbox,
            epoch: UIDValidity(2),
            by: [moved(51, message(1)), moved(52, message(4))]
        )
        #expect(try ids(in: inbox) == [before[0], before[2], before[2] + 1])
        #expect(try store.count(in: inbox) == 3)
    }

    @Test("a mailbox forgotten because its UIDs fell keeps its numbers, and no change that waits")
    func reset() throws {
        let id = try store.apply(adding([message(5)]), to: inbox).added[0].id
        _ = try store.enter(.delete, for: [id], at: 2)
        #expect(try store.reset(inbox, at: 3) == [id])
        #expect(try store.mailbox(inbox)?.state == nil)
        #expect(try store.apply(adding([moved(1, message(5))]), to: inbox).added.isEmpty)
        #expect(try ids(in: inbox) == [id])
        #expect(try store.waitingCount(of: "a") == 0)
    }

    @Test("a message that is not where a change looked for it can still be found")
    func misplaced() throws {
        let id = try store.apply(adding([message(1)]), to: inbox).added[0].id
        _ = try store.enter(.flag(add: [.seen], remove: []), for: [id], at: 2)
        try store.misplace([id], at: 2)
        #expect(try store.mailbox(inbox)?.state?.total == 0)
        #expect(try store.waitingCount(of: "a") == 0)
        #expect(try store.apply(adding([moved(9, message(1))]), to: work).moved.map(\.id) == [id])
        #expect(try store.message(id)?.data.flags == [])
    }

    @Test("Q1: what loses its label keeps its number among all messages, if that is the older")
    func archived() throws {
        let listings = [("INBOX", MailboxRole.inbox), ("All", .all), ("Work", nil)].map {
            MailboxListing(
                name: MailboxName($0.0.utf8),
                display: $0.0,
                role: $0.1,
                isSelectable: true
            )
        }
        try store.setMailboxes(listings, of: "a")
        let all = try #require(try store.mailboxes(of: "a").first { $0.role == .all }?.id)
        let data = named(message(1), "1278455344230334865")
        let id = try store.apply(adding([data]), to: inbox).added[0].id
        _ = try store.apply(adding([moved(70, data)]), to: all)
        let labelled = try store.apply(adding([moved(30, data)]), to: work).added[0].id
        try store.confirm(mailbox: inbox, at: 2)
        #expect(try store.apply(at(3, gone: 1), to: inbox).moved.map(\.target) == [all])
        #expect(try ids(in: all) == [id])
        try store.confirm(mailbox: work, at: 4)
        #expect(try store.apply(at(5, gone: 30), to: work).gone == [labelled])
        #expect(try ids(in: all) == [id])
        #expect(try store.count(in: all) == 1)
    }
}
