// Facts about how an open mailbox catches up with the server (protocols.md 4.5), against scripted
// servers.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct IMAPResyncTests: WorkerScripts {
    private static func login(_ capabilities: String) -> [Step] {
        [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"),
            .answer("* OK [CAPABILITY IMAP4rev1 IDLE UIDPLUS \(capabilities)] in"),
        ]
    }

    private static let list: [Step] = [
        .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n"), .answer("* OK"),
    ]
    private static let enabling: [Step] = [
        .expect("ENABLE QRESYNC"), .send("* ENABLED QRESYNC\r\n"), .answer("* OK"),
    ]

    private static func select(_ expected: String, exists: Int, modSeq: Int, _ more: String = "")
        -> [Step]
    {
        [
            .expect(expected),
            .send("* \(exists) EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"),
            .send("* OK [HIGHESTMODSEQ \(modSeq)] h\r\n\(more)"), .answer("* OK in"),
        ]
    }

    /// The beginning with a server that has QRESYNC.
    private static let quick = known + list
    /// Such a server again, whose INBOX is known: that is opened first.
    private static let known = login("ENABLE CONDSTORE QRESYNC") + enabling

    /// A connection that lists some messages, is told 90 as their highest mod-sequence, and is cut.
    private static func listed(
        _ uids: [Int],
        _ opening: [Step] = quick,
        by selection: String = "SELECT"
    ) -> [Step] {
        opening + select(selection, exists: uids.count, modSeq: 90) + headers(uids) + idle
            + [.close]
    }

    @Test("QRESYNC tells all changes in the answer to SELECT, and only new headers are fetched")
    func quickResync() async throws {
        let first = Self.listed([1, 2, 3], by: #"SELECT "INBOX" (CONDSTORE)"#)
        let changes =
            "* VANISHED (EARLIER) 1,900:1000\r\n* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (95))\r\n"
            + "* 3 FETCH (UID 4 FLAGS () MODSEQ (96))\r\n"
        let second =
            Self.known
            + Self.select(#"SELECT "INBOX" (QRESYNC (1 90))"#, exists: 3, modSeq: 97, changes)
            + [.expect("UID FETCH 4 (")] + Self.headers([4]).dropFirst() + Self.list + Self.idle
            + [.close]
        let third =
            Self.known
            + Self.select(#"SELECT "INBOX" (QRESYNC (1 97))"#, exists: 3, modSeq: 97)
            + Self.list + Self.idle + [.hold]
        let fixture = try await fixture([first, second, third])
        #expect(await eventually { fixture.server.connections == 3 })
        #expect(await eventually { fixture.server.lines[2].last?.contains("IDLE") == true })
        let list = try await fixture.list()
        let subjects = list.messages.compactMap(\.subject).sorted()
        #expect(subjects == ["number 2", "number 3", "number 4"])
        #expect(list.messages.filter { !$0.unseen }.map(\.subject) == ["number 2"])
        #expect((list.total, list.unseen) == (3, 2))
    }

    @Test("Q32, Q57: CONDSTORE alone: changed flags, then what is left; not iCloud's QRESYNC")
    func condStore() async throws {
        let capabilities = "ENABLE CONDSTORE QRESYNC XAPPLEPUSHSERVICE ESEARCH"
        let opening =
            Self.login(capabilities) + [.expect("CAPABILITY"), .answer("* OK")] + Self.list
        let first = Self.listed([1, 2, 3], opening, by: #"SELECT "INBOX" (CONDSTORE)"#)
        let second =
            opening
            + Self.select(#"SELECT "INBOX" (CONDSTORE)"#, exists: 2, modSeq: 97) + [
                .expect("UID FETCH 1:* (UID FLAGS MODSEQ) (CHANGEDSINCE 90)"),
                .send("* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (95))\r\n"), .answer("* OK"),
                .expect("UID SEARCH RETURN (ALL) UID 1:*"),
                .send("* ESEARCH (TAG \"A0006\") UID ALL 2:3\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(await eventually { fixture.server.lines[1].last?.contains("IDLE") == true })
        let list = try await fixture.list()
        #expect(list.messages.compactMap(\.subject).sorted() == ["number 2", "number 3"])
        #expect(list.unseen == 1)
    }

    @Test("A14: VANISHED that takes all of a mailbox that counts as many is asked again (I4, I5)")
    func wrongVanished() async throws {
        let first = Self.listed([1, 2, 3])
        let second =
            Self.known
            + Self.select("SELECT", exists: 3, modSeq: 91, "* VANISHED (EARLIER) 1:3\r\n") + [
                .expect("UID FETCH 1:* (UID FLAGS)"),
                .send("* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS ())\r\n"),
                .send("* 3 FETCH (UID 3 FLAGS ())\r\n"), .answer("* OK"),
            ] + Self.list + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.server.connections == 2 })
        #expect(await eventually { fixture.server.lines[1].last?.contains("IDLE") == true })
        #expect(try await fixture.subjects().count == 3)
    }

    @Test("flags that another client sets are known without a word to the server")
    func pushedFlags() async throws {
        let script =
            Self.quick
            + Self.select("SELECT", exists: 2, modSeq: 90) + Self.headers([1, 2]) + Self.idle + [
                .send("* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (91))\r\n* VANISHED 2\r\n"),
                .expect("DONE"), .send("A0006 OK ended\r\n"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(
            await eventually { fixture.server.lines[0].filter { $0.contains("IDLE") }.count == 2 }
        )
        #expect(try await fixture.list().messages.map(\.flags) == [[.flagged]])
    }

    @Test("news that name a later message do not hide the ones before it")
    func namedAhead() async throws {
        let news = "* 4 EXISTS\r\n* 4 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (93))\r\n"
        let script =
            Self.quick
            + Self.select("SELECT", exists: 2, modSeq: 90) + Self.headers([1, 2]) + Self.idle + [
                .send(news), .expect("DONE"), .send("A0006 OK ended\r\n"),
                .expect("UID FETCH 3:* "),
            ] + Self.headers([3, 4]).dropFirst() + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 2 })
        #expect(try await fixture.subjects().sorted().suffix(2) == ["number 3", "number 4"])
    }

    @Test("what STORE answers is later than flags that came before it")
    func flagsInOrder() async throws {
        let script =
            Self.quick
            + Self.select("SELECT", exists: 1, modSeq: 90) + Self.headers([1]) + Self.idle + [
                .expect("DONE"), .send("A0006 OK ended\r\n"),
                .expect("UID FETCH 1 (UID RFC822.SIZE INTERNALDATE)"),
                .send("* 1 FETCH (UID 1 FLAGS (\\Flagged) MODSEQ (91))\r\n"),
                .send("* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n"), .answer("* OK"),
                .expect("UID STORE 1 +FLAGS (\\Seen)"),
                .send("* 1 FETCH (UID 1 MODSEQ (92) FLAGS (\\Flagged \\Seen))\r\n"),
                .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 1 })
        let id = try #require(try await fixture.list().messages.first).id
        let message = try await fixture.stored(id)
        _ = try await fixture.worker.setFlags(of: [message], add: [.seen], remove: [])
        #expect(await eventually { fixture.idles(0) == 2 })
        let flags = try await fixture.list().messages.map { Set($0.flags) }
        #expect(flags == [[.flagged, .seen]])
    }

    @Test("a server that refuses the question for changes is asked without it")
    func refusedPoint() async throws {
        let first = Self.listed([1])
        let second =
            Self.known
            + [.expect("(QRESYNC (1 90))"), .answer("* BAD no")]
            + Self.select(#"SELECT "INBOX" (CONDSTORE)"#, exists: 1, modSeq: 91) + [
                .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"),
                .answer("* OK"),
            ] + Self.list + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.idles(1) == 1 })
        #expect(try await fixture.subjects() == ["number 1"])
    }

    @Test("Q38: mod-sequences of a server without CONDSTORE are not relied upon")
    func modSeqsUnoffered() async throws {
        let opening = Self.login("ESEARCH") + Self.list
        let first = Self.listed([1], opening)
        let second =
            opening
            + Self.select("SELECT", exists: 1, modSeq: 90) + [
                .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"),
                .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(await eventually { fixture.idles(1) == 1 })
    }

    @Test("what is said of the former mailbox before CLOSED is not applied to the new one")
    func closed() throws {
        var old = IMAPFetchData(sequenceNumber: 3)
        old.uid = UID(7)
        old.flags = [.seen]
        let codes: [IMAPResponseCode] = [.uidValidity(UIDValidity(5)), .highestModSeq(9)]
        let said = ([.closed] + codes).map { IMAPUntagged.condition(IMAPCondition(.ok, code: $0)) }
        let before = [IMAPUntagged.vanished(UIDSet([UID(2)]), isEarlier: false), .fetch(old)]
        let stored = MailboxState(
            uidValidity: UIDValidity(5),
            total: 3,
            unseen: nil,
            highestModSeq: 8,
            confirmedAt: 0
        )
        let point = IMAPSyncPoint(uidValidity: UIDValidity(5), modSeq: 8)
        let opened = OpenMailbox(
            1,
            IMAPAnswer(untagged: before + said),
            stored: stored,
            asked: point,
            hasModSeqs: true
        )
        guard case .changes(let messages, let vanished) = opened.due else {
            Issue.record("no changes")
            return
        }
        #expect(messages.isEmpty)
        #expect(vanished.isEmpty)
    }

    @Test("headers that do not come are asked for again, from the same point")
    func missingHeaders() async throws {
        let first = Self.listed([1])
        let named = "* 2 FETCH (UID 2 FLAGS () MODSEQ (95))\r\n"
        let second =
            Self.known
            + Self.select("(QRESYNC (1 90))", exists: 2, modSeq: 95, named)
            + [.expect("UID FETCH 2 ("), .answer("* OK"), .expect("UID FETCH 1:*")]
            + [.send(named), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"), .answer("* OK")]
            + [.expect("UID FETCH 2 ("), .answer("* OK"), .expect("UID SEARCH UNSEEN")]
            + [.send("* SEARCH 1 2\r\n"), .answer("* OK")] + Self.list + Self.idle + [.close]
        let third =
            Self.known
            + Self.select("(QRESYNC (1 90))", exists: 2, modSeq: 95, named)
            + [.expect("UID FETCH 2 (")] + Self.headers([2]).dropFirst() + Self.list + Self.idle
            + [.hold]
        let fixture = try await fixture([first, second, third])
        #expect(await eventually { fixture.idles(2) == 1 })
        #expect(try await fixture.subjects().sorted() == ["number 1", "number 2"])
    }
}
