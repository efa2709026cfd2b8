// Labels as they are stored, changed, shown and found.

import GRDB
import MailModel
import Testing

@testable import MailStore

@Suite struct LabelsTests {
    private let scratch: Scratch
    private let store: MailStore
    private let (inbox, all): (Int64, Int64)
    private let ids: [Int64]

    init() throws {
        scratch = try Scratch()
        store = try MailStore(path: scratch.path)
        let listings = [("INBOX", MailboxRole.inbox), ("All", .all)].map {
            MailboxListing(
                name: MailboxName($0.0.utf8),
                display: $0.0,
                role: $0.1,
                isSelectable: true
            )
        }
        try store.setMailboxes(listings, of: "a")
        let boxes = try store.mailboxes(of: "a")
        inbox = try #require(boxes.first { $0.role == .inbox }?.id)
        all = try #require(boxes.first { $0.role == .all }?.id)
        var labelled = message(1)
        labelled.labels = Self.labels("\\Inbox", "Work_1")
        labelled.object = ObjectID("77".utf8)
        labelled.thread = ObjectID("78".utf8)
        ids = try store.apply(adding([labelled, message(2)]), to: inbox).added.map(\.id)
        labelled.uid = UID(9)
        _ = try store.apply(adding([labelled]), to: all)
    }

    private static func labels(_ names: String...) -> [Label] {
        names.compactMap { Label(Array($0.utf8)) }
    }

    private func shown(_ id: Int64) throws -> Set<Label>? {
        try store.message(id)?.data.labels.map { Set($0) }
    }

    private func found(_ word: String, in mailbox: Int64? = nil) throws -> [Int64] {
        let term = SearchQuery.LabelTerm(label: Label(Array(word.utf8)), keyword: Flag(word: word))
        return try store.search(.init([], labels: [term]), of: "a", in: mailbox, limit: 10)
            .map(\.id)
    }

    @Test("labels and names come back as they were stored, and none stays none")
    func roundTrip() throws {
        let data = try #require(try store.message(ids[0])?.data)
        #expect(Set(data.labels ?? []) == Set(Self.labels("\\inbox", "work_1")))
        #expect(data.object?.text == "77")
        #expect(data.thread?.text == "78")
        #expect(try store.message(ids[1])?.data.labels == nil)
    }

    @Test("labels that are others now are told; the first ones of a message are no news")
    func details() throws {
        var change = MailboxChange(state: state(1))
        change.details = [
            UID(1): MessageDetails(labels: []), UID(2): MessageDetails(labels: Self.labels("x")),
            UID(5): MessageDetails(labels: []),
        ]
        #expect(try store.apply(change, to: inbox).reflagged == [ids[0]])
        #expect(try store.apply(change, to: inbox).reflagged == [])
        #expect(try shown(ids[0]) == [])
        #expect(try shown(ids[1]) == Set(Self.labels("x")))
        #expect(try store.message(ids[0])?.data.object?.text == "77")
    }

    @Test("a label is shown at once, merges with others, and ends as the server says")
    func operation() throws {
        let (add, work) = (Set(Self.labels("new")), Set(Self.labels("Work_1")))
        _ = try store.enter(.label(add: add, remove: []), for: [ids[0]], at: 2)
        _ = try store.enter(.label(add: [], remove: work), for: [ids[0]], at: 2)
        #expect(try shown(ids[0]) == Set(Self.labels("\\Inbox", "new")))
        let batch = try store.nextOperations(of: "a", limit: 10)
        #expect(batch.map(\.operation) == [.label(add: add, remove: work)])
        // The server tells of another label meanwhile: both show.
        var change = MailboxChange(state: state(1))
        change.details = [UID(1): MessageDetails(labels: Self.labels("\\Inbox", "other"))]
        _ = try store.apply(change, to: inbox)
        #expect(try shown(ids[0]) == Set(Self.labels("\\Inbox", "other", "new")))
        try store.finish(batch.map(\.id), labels: [ids[0]: Self.labels("\\Inbox", "new")])
        #expect(try shown(ids[0]) == Set(Self.labels("\\Inbox", "new")))
        #expect(try store.waitingCount(of: "a") == 0)
        // It is one message wherever it is.
        let row = try #require(try store.messages(in: all, limit: 1).first)
        #expect(row.data.labels.map { Set($0) } == Set(Self.labels("\\Inbox", "new")))
    }

    @Test("a label that the server refused is not shown any more")
    func refused() throws {
        _ = try store.enter(.label(add: Set(Self.labels("new")), remove: []), for: ids, at: 2)
        try store.finish(try store.nextOperations(of: "a", limit: 10).map(\.id))
        #expect(try shown(ids[0]) == Set(Self.labels("\\Inbox", "Work_1")))
        #expect(try shown(ids[1]) == nil)
    }

    @Test("Q1: a message is found once by its label, where it is besides the mailbox of all")
    func search() throws {
        #expect(try found("work_1") == [ids[0]])
        #expect(try found("work_1", in: all).count == 1)
        #expect(try found("\\Inbox") == [ids[0]])
        // The whole label, and nothing in it is a pattern.
        for word in ["work", "workX1", "%", "_______", "Inbox", ""] {
            #expect(try found(word) == [], "\(word)")
        }
        let words = try store.search(.init([.init(.subject, "s")]), of: "a", in: nil, limit: 10)
        #expect(Set(words.map(\.id)) == Set(ids))
    }

    @Test("without labels, what has one name in two mailboxes is two copies, each of them found")
    func copies() throws {
        for (box, uid) in [(inbox, UInt32(20)), (all, 21)] {
            var data = message(uid, subject: "copied")
            data.object = ObjectID("M1".utf8)
            _ = try store.apply(adding([data]), to: box)
        }
        let found = try store.search(.init([.init(.subject, "copied")]), of: "a", in: nil, limit: 9)
        #expect(found.count == 2)
    }

    @Test("where there are no labels keywords are found, and nowhere else")
    func keywords() throws {
        _ = try store.enter(.flag(add: [.important], remove: []), for: ids, at: 2)
        #expect(try found("$important") == [ids[1]])
        #expect(try found("$importan") == [])
    }

    @Test("a cache of the version before keeps its messages, and is compared once for their labels")
    func migration() throws {
        let scratch = try Scratch()
        do {
            let old = try DatabaseQueue(path: scratch.path)
            try Schema.migrator.migrate(old, upTo: "6 words in batches")
            try old.write { database in
                try database.execute(
                    sql: """
                        INSERT INTO mailbox (account, name, display, selectable, uidvalidity, total,
                            highestmodseq, confirmed_at)
                        VALUES ('a', x'58', 'X', 1, 1, 1, 90, 1);
                        INSERT INTO message (mailbox, place, uid, flags, size, sender, recipient,
                            copied, attachment)
                        VALUES (1, 1, 4, '', 5, '', '', '', 0);
                        """
                )
            }
        }
        let store = try MailStore(path: scratch.path)
        let state = try #require(try store.mailbox(1)?.state)
        #expect(state.highestModSeq == nil)
        #expect(state.permanentFlags == nil)
        let stored = try store.messages(in: 1, limit: 9)
        #expect(stored.map(\.data.uid) == [UID(4)])
        #expect(stored.map(\.data.labels) == [nil])
    }

    @Test("the flags that a server keeps are known until it says otherwise")
    func permanentFlags() throws {
        var now = state(1)
        now.permanentFlags = PermanentFlags([.seen, .important], allowsNewKeywords: false)
        _ = try store.apply(MailboxChange(state: now), to: inbox)
        _ = try store.apply(MailboxChange(state: state(1)), to: inbox)
        let kept = try #require(try store.mailbox(inbox)?.state?.permanentFlags)
        #expect(kept == now.permanentFlags)
        #expect(kept.permits(.important))
        #expect(try !kept.permits(#require(Flag(word: "work"))))
        now.permanentFlags = PermanentFlags([], allowsNewKeywords: true)
        _ = try store.apply(MailboxChange(state: now), to: inbox)
        #expect(try store.mailbox(inbox)?.state?.permanentFlags == now.permanentFlags)
    }
}
