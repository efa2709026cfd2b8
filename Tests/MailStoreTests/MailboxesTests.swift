// Mailboxes as the server lists them: by their octets, and gone when they are listed no more.

import MailModel
import Testing

@testable import MailStore

@Suite struct MailboxesTests {
    private func listing(
        _ name: String,
        role: MailboxRole? = nil,
        isSelectable: Bool = true
    ) -> MailboxListing {
        MailboxListing(
            name: MailboxName(name.utf8),
            display: name,
            role: role,
            isSelectable: isSelectable
        )
    }

    @Test("a later confirmation counts, an earlier one and one of a mailbox never listed do not")
    func confirmed() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let (known, unknown) = (try store.addMailbox("INBOX"), try store.addMailbox("Trash"))
        _ = try store.apply(adding([message(1)]), to: known)
        for time in [50, 40] as [Int64] {
            try store.confirm(mailbox: known, at: time)
            try store.confirm(mailbox: unknown, at: time)
        }
        #expect(try store.mailbox(known)?.state?.confirmedAt == 50)
        #expect(try store.mailbox(unknown)?.state == nil)
    }

    @Test("A23: names that Unicode takes for the same are two mailboxes")
    func canonicalEquivalence() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let names = ["caf\u{e9}", "cafe\u{301}", "K", "\u{212A}", ";", "\u{37E}", "k"]
        try store.setMailboxes(names.map { listing($0) }, of: "a")
        let stored = try store.mailboxes(of: "a")
        #expect(Set(stored.map(\.name.octets)) == Set(names.map { Array($0.utf8) }))
        #expect(Set(stored.map(\.id)).count == names.count)
        let kelvin = try #require(stored.first { $0.name.octets == Array("\u{212A}".utf8) })
        _ = try store.apply(adding([message(1)]), to: kelvin.id)
        for mailbox in stored {
            #expect(try store.count(in: mailbox.id) == (mailbox.id == kelvin.id ? 1 : 0))
        }
    }

    @Test("A20: hostile names are octets like others")
    func hostileNames() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let long = String(repeating: "x", count: 10_000)
        let names = ["../../x", "a//b", "..", "a", "'; DROP TABLE mailbox; --", long, ""]
        try store.setMailboxes(names.map { listing($0) } + [listing("a\u{0}b")], of: "a")
        let stored = try store.mailboxes(of: "a")
        #expect(Set(stored.map(\.display)) == Set(names + ["a\u{FFFD}b"]))
        #expect(stored.contains { $0.name.octets == [0x61, 0, 0x62] })
    }

    @Test("a listing again keeps numbers and content and takes over role and display")
    func again() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        try store.setMailboxes([listing("INBOX"), listing("Sent")], of: "a")
        let before = try store.mailboxes(of: "a")
        _ = try store.apply(adding([message(1)]), to: before[0].id)
        try store.setMailboxes(
            [listing("Sent", role: .sent, isSelectable: false), listing("inbox", role: .inbox)],
            of: "a"
        )
        let after = try store.mailboxes(of: "a")
        #expect(after.map(\.id) == before.map(\.id))
        #expect(after.map(\.role) == [.inbox, .sent])
        #expect(after.map(\.isSelectable) == [true, false])
        #expect(try store.count(in: before[0].id) == 1)
    }

    @Test("a mailbox that is listed no more goes with its messages, of this account only")
    func vanished() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        try store.setMailboxes([listing("INBOX"), listing("x")], of: "a")
        try store.setMailboxes([listing("x")], of: "b")
        let gone = try #require(try store.mailboxes(of: "a").last)
        let id = try store.apply(adding([message(1)]), to: gone.id).added[0].id
        try store.setMailboxes([listing("INBOX")], of: "a")
        #expect(try store.mailbox(gone.id) == nil)
        #expect(try store.message(id) == nil)
        #expect(try store.mailboxes(of: "a").count == 1)
        #expect(try store.mailboxes(of: "b").count == 1)
    }

    @Test("an account can be forgotten")
    func forget() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        try store.setMailboxes([listing("INBOX")], of: "a")
        try store.setMailboxes([listing("INBOX")], of: "b")
        try store.forget(account: "a")
        #expect(try store.mailboxes(of: "a").isEmpty)
        #expect(try store.mailboxes(of: "b").count == 1)
    }

    @Test("ten thousand names with a common beginning take no quadratic time")
    func manyNames() throws {
        let scratch = try Scratch()
        let store = try MailStore(path: scratch.path)
        let prefix = String(repeating: "p", count: 200)
        let listings = (0..<10_000).map { listing(prefix + String($0)) }
        let time = try ContinuousClock().measure { try store.setMailboxes(listings, of: "a") }
        #expect(time < .seconds(20))
        #expect(try store.mailboxes(of: "a").count == 10_000)
    }
}
