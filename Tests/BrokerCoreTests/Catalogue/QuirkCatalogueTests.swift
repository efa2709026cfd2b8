// Quirks of servers by their numbers in protocols.md section 5, and rows of the catalogue
// (reliability.md 2.G), as an account meets them.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct QuirkCatalogueTests: WorkerScripts {
    private static func boxes(_ names: String...) -> String {
        names.map { "* LIST () \"/\" \($0)\r\n" }.joined()
    }

    private static let unchanged: [Step] = [
        .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"),
        .answer("* OK"),
    ]

    private static func sizes(_ uids: [Int]) -> [Step] {
        [.expect("(UID RFC822.SIZE INTERNALDATE)")]
            + uids.map { .send("* \($0) FETCH (UID \($0) RFC822.SIZE \($0 * 10))\r\n") }
            + [.answer("* OK")]
    }

    // MARK: Gmail

    @Test("Q5: a STATUS that counts more than SELECT has a mailbox looked at once")
    func statusAndSelect() async throws {
        let status = Step.send("* STATUS All (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 1)\r\n")
        let notify: [Step] = [.expect("NOTIFY SET"), status, .answer("* OK")]
        let look: [Step] =
            [.expect("NOTIFY SET (selected"), .answer("* OK"), .expect("SELECT \"All\"")]
            + Self.inbox([7, 8]).dropFirst() + Self.headers([7, 8])
        let script =
            Self.opening("IDLE NOTIFY", mailboxes: Self.boxes("INBOX", "All")) + Self.inbox([1])
            + Self.headers([1]) + notify + look + Self.inbox([1]) + Self.unchanged + notify
            + Self.idle + [.hold]
        let fixture = try await fixture([script], watchesAll: true)
        #expect(await eventually { fixture.idles(0) == 1 })
        #expect(fixture.server.lines[0].filter { $0.contains("SELECT \"All\"") }.count == 1)
    }

    @Test("Q6: INBOX is opened by that name, whatever else is called \\Inbox or is \\Noselect")
    func localisedInbox() async throws {
        let mailboxes =
            "* LIST (\\Noselect) \"/\" \"[Gmail]\"\r\n* LIST (\\Inbox) \"/\" Eingang\r\n"
            + "* LIST () \"/\" INBOX\r\n"
        let script =
            Self.opening(mailboxes: mailboxes) + [.expect("SELECT \"INBOX\"")]
            + Self.inbox([1]).dropFirst() + Self.headers([1]) + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        let boxes = try fixture.worker.store.mailboxes(of: "alice")
        #expect(boxes.filter { $0.role == .inbox }.map(\.display) == ["INBOX"])
        #expect(boxes.filter { !$0.isSelectable }.map(\.display) == ["[Gmail]"])
    }

    @Test("Q7: new UIDs that descend belong to the messages in the order given")
    func descendingCopyUID() async throws {
        let script =
            Self.opening() + Self.inbox([1, 2]) + Self.headers([1, 2]) + Self.sizes([1, 2]) + [
                .expect("UID MOVE"), .send("* OK [COPYUID 7 1:2 32,31] moved\r\n"),
                .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        let messages = try await fixture.storedMessages()
        let items = try await fixture.worker.trash(messages)
        #expect(items.map(\.error) == [nil, nil])
        for message in messages {
            let expected = message.record.data.uid == UID(1) ? UID(32) : UID(31)
            #expect(
                await eventually {
                    (try? fixture.worker.store.message(message.record.id)?.data.uid) == expected
                }
            )
        }
    }

    @Test("Q8: Gmail's messages are moved to Trash and deleted there")
    func gmailDelete() async throws {
        let script =
            Self.opening("UIDPLUS MOVE X-GM-EXT-1") + Self.inbox([1]) + Self.headers([1])
            + Self.sizes([1]) + [
                .expect("UID MOVE 1 \"Trash\""), .answer("* OK [COPYUID 7 1 31] (Success)"),
                .expect("SELECT \"Trash\""),
            ] + Self.inbox([31], validity: "7").dropFirst() + [
                .expect("UID STORE 31 +FLAGS.SILENT (\\Deleted)"), .answer("* OK"),
                .expect("UID EXPUNGE 31"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        let items = try await fixture.worker.purge(try await fixture.storedMessages())
        #expect(items.map(\.error) == [nil])
        #expect(items.map(\.outcome) == [.purged])
        #expect(
            await eventually { fixture.server.lines[0].contains { $0.contains("UID EXPUNGE 31") } }
        )
    }

    @Test("Q9: a label that changes is seen by its mod-sequence within five minutes")
    func changedLabel() {
        let before = MailboxState(
            uidValidity: UIDValidity(1),
            total: 2,
            unseen: 0,
            highestModSeq: 8,
            confirmedAt: 0
        )
        var status = IMAPMailboxStatus(name: .inbox)
        status.messages = 2
        status.highestModSeq = 8
        #expect(!AccountNews.Figures(status).differ(from: before))
        status.highestModSeq = 9
        #expect(AccountNews.Figures(status).differ(from: before))
        #expect(CoreLimits.pollPause <= .seconds(300))
    }

    @Test("Q11: a session that has expired is made anew, and nobody is asked for a password")
    func expiredSession() async throws {
        let first =
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [
                .send("* BYE Session expired, please login again.\r\n"), .close,
            ]
        let second = Self.login + Self.inbox([1]) + Self.unchanged + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(
            await eventually {
                if fixture.server.connections == 1 { await fixture.settle() }
                return fixture.idles(1) > 0
            }
        )
        #expect(fixture.states.last == .live)
    }

    // MARK: Exchange

    @Test("Q18, Q67: IMAP4rev2 is not enabled where it is offered, and LSUB is not sent")
    func revisionTwo() async throws {
        let script =
            Self.opening("IMAP4rev2 ENABLE LIST-EXTENDED SPECIAL-USE") + Self.inbox([1])
            + Self.headers([1]) + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        #expect(!fixture.server.lines[0].contains { $0.contains("ENABLE") })
        #expect(!fixture.server.lines[0].contains { $0.contains("LSUB") })
    }

    @Test("Q16: a change that Exchange throttles waits, and is not given up")
    func throttledChange() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + Self.sizes([1]) + [
                .expect("UID STORE"),
                .answer("* BAD Request is throttled. Suggested Backoff Time: 299 milliseconds"),
                .hold,
            ]
        let fixture = try await fixture([script])
        let messages = try await fixture.storedMessages()
        let items = try await fixture.worker.setFlags(of: messages, add: [.seen], remove: [])
        #expect(items.map(\.error) == [nil])
        #expect(items.map(\.waiting) == [true])
    }

    @Test("Q22: where COPYUID is empty, a moved message is in its new mailbox without a UID")
    func emptyCopyUID() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + Self.sizes([1]) + [
                .expect("UID MOVE"), .answer("* OK [COPYUID 14  ] done"), .hold,
            ]
        let fixture = try await fixture([script])
        let messages = try await fixture.storedMessages()
        let items = try await fixture.worker.trash(messages)
        #expect(items.map(\.error) == [nil])
        let moved = try await fixture.stored(try #require(messages.first).record.id)
        #expect(moved.place.role == .trash)
        #expect(!moved.record.hasUID)
    }

    @Test("Q26: the old last message that comes instead of a new one is not taken for new")
    func oldLastMessage() async throws {
        let script =
            Self.login + Self.inbox([1]) + Self.headers([1]) + Self.idle + [
                .send("* 2 EXISTS\r\n"), .expect("DONE"), .send("A0005 OK ended\r\n"),
                .expect("UID FETCH 2:*"),
            ] + Self.headers([1]).dropFirst() + Self.unchanged + Self.idle + [.hold]
        let fixture = try await fixture([script])
        #expect(await eventually { fixture.idles(0) == 2 })
        #expect(await fixture.cached().count == 1)
    }

    // MARK: Dovecot and others

    @Test("Q104: under NOTIFY Dovecot writes STATUS into literals, so it is off at every FETCH")
    func notifyIsHushed() async throws {
        let script =
            Self.opening("IDLE NOTIFY", mailboxes: Self.boxes("INBOX")) + Self.inbox([1])
            + Self.headers([1]) + [.expect("NOTIFY SET"), .answer("* OK")] + Self.idle + [
                .expect("DONE"), .send("A0006 OK ended\r\n"), .expect("NOTIFY SET (selected"),
                .answer("* OK"), .expect("BODY.PEEK[1]"),
                .send("* 1 FETCH (UID 1 BODY[1]<0> {2}\r\nhi)\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script], watchesAll: true)
        #expect(await eventually { fixture.idles(0) == 1 })
        let message = try await fixture.stored(try #require(await fixture.cached().first))
        let body = try await fixture.worker.perform(isRepeatable: false) { worker, session in
            let partial = IMAPPartial(offset: 0, count: 10)
            return try await worker.section("1", of: message, partial, session)
        }
        #expect(body == Array("hi".utf8))
        var isOn = false
        for line in fixture.server.lines[0] {
            if line.contains("NOTIFY") { isOn = line.contains("personal") }
            #expect(!(isOn && line.contains("FETCH")), "\(line)")
        }
    }

    @Test("Q49: NOTIFY is used with IDLE only, for it tells nothing of INBOX outside of it")
    func notifyNeedsIdle() async throws {
        let script =
            Self.opening("NOTIFY", mailboxes: Self.boxes("INBOX")) + Self.inbox([1])
            + Self.headers([1]) + [
                .expect("LIST"), .send(Self.boxes("INBOX")), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script], watchesAll: true)
        #expect(
            await eventually {
                fixture.server.lines[0].filter { $0.contains("LIST") }.count == 2
            }
        )
        await fixture.settle()
        #expect(!fixture.server.lines[0].contains { $0.contains("NOTIFY") })
    }

    @Test("Q44: the delimiter is read from LIST \"\" \"*\", and LIST \"\" \"\" is not sent")
    func listing() async throws {
        let fixture = try await fixture([
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + [.hold]
        ])
        #expect(try await fixture.subjects() == ["number 1"])
        let lists = fixture.server.lines[0].filter { $0.contains("LIST") }
        #expect(lists == ["A0002 LIST \"\" \"*\""])
    }

    @Test("Q45: a mailbox that is listed and cannot be opened does not cost the others")
    func phantom() async throws {
        let mailboxes = Self.boxes("INBOX", "Ghost") + "* LIST (\\NonExistent) \"/\" Void\r\n"
        let script =
            Self.opening(mailboxes: mailboxes) + Self.inbox([1]) + Self.headers([1]) + [
                .expect("SELECT \"Ghost\""), .answer("* NO [CANNOT] there is no such mailbox"),
                .expect("LIST"), .send(mailboxes), .answer("* OK"),
            ] + Self.inbox([1]) + Self.unchanged + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        let error = await #expect(throws: SessionError.self) {
            _ = try await fixture.list(mailbox: "Ghost")
        }
        #expect(error?.endsConnection == false)
        #expect(try await fixture.subjects() == ["number 1"])
        let boxes = try fixture.worker.store.mailboxes(of: "alice")
        #expect(boxes.filter { !$0.isSelectable }.map(\.display) == ["Void"])
        #expect(fixture.server.connections == 1)
    }

    @Test("Q54: mailboxes are opened with SELECT, and a fresh list begins with NOOP")
    func courier() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + [
                .expect("NOOP"), .send("* 2 EXISTS\r\n"), .answer("* OK"), .expect("UID FETCH 2:*"),
            ] + Self.headers([2]).dropFirst() + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        let list = try await fixture.list(fresh: true)
        #expect(list.messages.compactMap(\.subject).sorted() == ["number 1", "number 2"])
        #expect(!fixture.server.lines[0].contains { $0.contains("EXAMINE") })
    }

    @Test("Q39: no command asks for the headers of more than 2000 messages")
    func rangesOfYahoo() {
        var parts = FillParts(exists: 100_000, stored: 200, wanted: CoreLimits.filledMax)
        var count = 0
        while let part = parts.next() {
            #expect(part.count <= 2000)
            count += part.count
        }
        #expect(count == 99_800)
    }

    @Test("Q82: a UIDNEXT of 0 is unknown, and no sign that a mailbox was numbered anew")
    func zeroes() async throws {
        func select(_ next: Int) -> [Step] {
            [
                .expect("SELECT"), .send("* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"),
                .send("* OK [UIDNEXT \(next)] n\r\n* OK [UNSEEN 0] u\r\n"), .answer("* OK in"),
            ]
        }
        let fixture = try await fixture([
            Self.opening() + select(2) + Self.headers([1]) + [.hold],
            Self.opening() + select(0) + Self.unchanged + [.hold],
        ])
        let before = try await fixture.storedMessages().map(\.record.id)
        #expect(await fixture.reconnects())
        #expect(await eventually { fixture.server.lines[1].last?.contains("FLAGS") == true })
        #expect(try await fixture.list().messages.map(\.id) == before)
    }

    // MARK: The network

    @Test("G10: behind a captive portal the account waits, and goes on without a restart")
    func captivePortal() async throws {
        let portal: [Step] = [
            .send("HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"), .close,
        ]
        let real = Self.opening() + Self.inbox([1]) + Self.headers([1]) + [.hold]
        let fixture = try await fixture([portal, real], isConnected: false)
        #expect(
            await eventually {
                let subjects = try? await fixture.subjects()
                return subjects == ["number 1"]
            }
        )
        #expect(fixture.server.connections == 2)
        #expect(fixture.states.last == .live)
    }

    @Test(
        "G11: a login that is one too many is tried again, and the account keeps its password",
        arguments: ["[LIMIT] too many connections", "[THROTTLED] slow down"]
    )
    func tooMany(text: String) async throws {
        let refused: [Step] = [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* NO \(text)"), .hold,
        ]
        let real = Self.opening() + Self.inbox([1]) + Self.headers([1]) + [.hold]
        let fixture = try await fixture([refused, real], isConnected: false)
        #expect(
            await eventually {
                let subjects = try? await fixture.subjects()
                return subjects == ["number 1"] || fixture.states.last == .needsLogin
            }
        )
        #expect(fixture.states.last == .live)
    }

    @Test("G14: of eight accounts the seven whose servers answer do not wait for the eighth")
    func deadServer() async throws {
        let dead = try await fixture([[.hold]], isConnected: false)
        let script = Self.opening() + Self.inbox([1]) + Self.headers([1]) + [.hold]
        var others: [WorkerFixture] = []
        for _ in 0..<7 { others.append(try await fixture([script])) }
        #expect(await eventually { dead.server.connections == 1 })
        for other in others { #expect(try await other.subjects() == ["number 1"]) }
        #expect(dead.states.last == .connecting)
        #expect(dead.server.connections == 1)
        _ = await dead.worker.stop()
    }
}
