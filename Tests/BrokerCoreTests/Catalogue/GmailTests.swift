// Labels, on a server like Gmail and on servers that have none, and messages that somebody else has
// moved (protocols.md section 5, rows 1, 2 and 9).

import BrokerProtocol
import MailModel
import MailTestSupport
import Testing

@testable import BrokerCore
@testable import IMAP
@testable import MailStore

@Suite struct GmailTests: WorkerScripts {
    private static let boxes =
        "* LIST () \"/\" INBOX\r\n* LIST (\\All) \"/\" \"[Gmail]/All Mail\"\r\n"
        + "* LIST (\\Trash) \"/\" \"[Gmail]/Bin\"\r\n* LIST () \"/\" Work\r\n"
    private static let gmail = "UIDPLUS MOVE X-GM-EXT-1"
    private static let sizes: [Step] = [
        .expect("UID FETCH 1 (UID RFC822.SIZE INTERNALDATE)"),
        .send("* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n"), .answer("* OK"),
    ]

    /// The header of message 1, fetched with some items more.
    private static func header(_ uid: Int = 1, items: String, _ more: String) -> [Step] {
        let header = "Subject: number 1\r\nMessage-ID: <1@example.org>\r\n\r\n"
        return [
            .expect("(UID FLAGS INTERNALDATE RFC822.SIZE \(items)BODY.PEEK["),
            .send(
                "* 1 FETCH (\(more)UID \(uid) FLAGS () RFC822.SIZE 10 "
                    + "INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
                    + "BODY[HEADER.FIELDS (SUBJECT)] {\(header.utf8.count)}\r\n\(header))\r\n"
            ),
            .answer("* OK"),
        ]
    }

    private static func labelled(_ labels: String) -> [Step] {
        header(
            items: "X-GM-MSGID X-GM-THRID X-GM-LABELS ",
            "X-GM-THRID 1266894439832287888 X-GM-MSGID 1278455344230334865 X-GM-LABELS \(labels) "
        )
    }

    /// INBOX with message 1, on a server like Gmail.
    private static func listed(_ labels: String = "(\"\\\\Important\" \"a b\")") -> [Step] {
        opening(gmail, mailboxes: boxes) + inbox([1]) + labelled(labels)
    }

    private func events(of fixture: WorkerFixture) async throws -> [Event] {
        fixture.hub.publish(Event(event: .resync))
        var events: [Event] = []
        for await line in fixture.hub.subscribe(after: 0).lines {
            let event = try Wire.params(Event.self, of: Array(line.dropLast()))
            if event.event == .resync { break }
            events.append(event)
        }
        return events
    }

    private func summary(_ fixture: WorkerFixture) async throws -> MessageSummary {
        try #require(try await fixture.list().messages.first)
    }

    @Test("Q1, Q2: labels are listed with that of the mailbox, which Gmail leaves out")
    func labels() async throws {
        let fixture = try await fixture([
            Self.listed("(\"\\\\Important\" \"a b\" [x]/&AOk-)") + [.hold]
        ])
        let summary = try await summary(fixture)
        #expect(summary.labels == ["[x]/\u{e9}", "a b", "important", "inbox"])
        let record = try #require(try fixture.worker.store.message(summary.id))
        #expect(record.data.object?.text == "1278455344230334865")
        #expect(record.data.thread?.text == "1266894439832287888")
    }

    @Test("labels are put on and taken off by X-GM-LABELS, and shown as the server says")
    func change() async throws {
        let fixture = try await fixture([
            Self.listed() + Self.sizes + [
                .expect("UID STORE 1 +X-GM-LABELS (\"Caf&AOk-\" \\Starred)"),
                .send("* 1 FETCH (UID 1 X-GM-LABELS (\"Caf&AOk-\" \"\\\\Starred\" \"a b\"))\r\n"),
                .answer("* OK"), .expect("UID STORE 1 -X-GM-LABELS (\"a b\")"),
                .send("* 1 FETCH (UID 1 X-GM-LABELS (\"Caf&AOk-\" \"\\\\Starred\" new))\r\n"),
                .answer("* OK"), .hold,
            ]
        ])
        let items = try await fixture.worker.setLabels(
            of: try await fixture.storedMessages(),
            add: ["Caf\u{e9}", "STARRED", "inbox"],
            remove: ["a b"]
        )
        #expect(items.map(\.outcome) == [.labelled])
        #expect(items.map(\.error) == [nil])
        #expect(items.map(\.waiting) == [nil])
        #expect(try await summary(fixture).labels == ["Caf\u{e9}", "inbox", "new", "starred"])
        #expect(try await events(of: fixture).map(\.event) == [.messageFlags])
    }

    @Test("to take the mailbox's own label off is to archive; its number stays")
    func ownLabel() async throws {
        let fixture = try await fixture([
            Self.listed() + Self.sizes + [
                .expect("UID MOVE 1 \"[Gmail]/All Mail\""),
                .answer("* OK [COPYUID 7 1 70] (Success)"), .hold,
            ]
        ])
        let messages = try await fixture.storedMessages()
        let items = try await fixture.worker.setLabels(of: messages, add: [], remove: ["Inbox"])
        #expect(items.map(\.outcome) == [.labelled])
        #expect(items.map(\.mailbox) == ["[Gmail]/All Mail"])
        let record = try #require(try fixture.worker.store.message(messages[0].record.id))
        #expect(record.data.uid == UID(70))
        #expect(record.data.labelWords == ["a b", "important"])
        #expect(try await fixture.list().total == 0)
    }

    @Test("Q9: CONDSTORE tells of labels that others changed, and subscribers hear of it")
    func changedByOthers() async throws {
        let select: (Int) -> [Step] = { modSeq in
            [
                .expect("SELECT \"INBOX\" (CONDSTORE)"), .send("* 1 EXISTS\r\n"),
                .send("* OK [UIDVALIDITY 1] v\r\n* OK [HIGHESTMODSEQ \(modSeq)] h\r\n"),
                .answer("* OK in"),
            ]
        }
        let opening = Self.opening(Self.gmail + " IDLE CONDSTORE ESEARCH", mailboxes: Self.boxes)
        let first = opening + select(90) + Self.labelled("(\"a b\")") + Self.idle + [.close]
        let second =
            opening + select(97) + [
                .expect("UID FETCH 1:* (UID FLAGS MODSEQ X-GM-LABELS) (CHANGEDSINCE 90)"),
                .send("* 1 FETCH (UID 1 FLAGS () X-GM-LABELS (Later) MODSEQ (95))\r\n"),
                .answer("* OK"),
            ] + Self.idle + [.hold]
        let fixture = try await fixture([first, second])
        #expect(
            await eventually {
                if fixture.server.connections == 1 { await fixture.settle() }
                return fixture.idles(1) > 0
            }
        )
        #expect(try await summary(fixture).labels == ["Later", "inbox"])
        #expect(try await events(of: fixture).map(\.event) == [.messageFlags])
    }

    @Test("a window that is compared brings labels and names of what is stored, on Gmail only")
    func compared() async throws {
        let first = Self.listed() + [.hold]
        let second =
            Self.opening(Self.gmail, mailboxes: Self.boxes) + Self.inbox([1]) + [
                .expect("UID FETCH 1:* (UID FLAGS X-GM-MSGID X-GM-THRID X-GM-LABELS)"),
                .send("* 1 FETCH (UID 1 FLAGS () X-GM-MSGID 5 X-GM-LABELS ())\r\n"),
                .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([first, second])
        let id = try await summary(fixture).id
        #expect(await fixture.reconnects())
        #expect(
            await eventually {
                await fixture.settle()
                return (try? fixture.worker.store.message(id)?.data.object?.text) == "5"
            }
        )
        #expect(try await summary(fixture).labels == ["inbox"])
    }

    @Test("EMAILID and THREADID are asked for where the server has OBJECTID, and labels are not")
    func objectID() async throws {
        let items = Self.header(items: "EMAILID THREADID ", "EMAILID (M6d9-a) THREADID NIL ")
        let fixture = try await fixture([
            Self.opening("OBJECTID") + Self.inbox([1]) + items + [.hold]
        ])
        let record = try await fixture.storedMessages()[0].record
        #expect(record.data.object?.text == "M6d9-a")
        #expect(record.data.thread == nil)
        #expect(record.data.labels == nil)
    }

    @Test("Q20: without labels keywords stand for them, as far as the server keeps them")
    func keywords() async throws {
        let script: [Step] =
            Self.opening("UIDPLUS") + [
                .expect("SELECT"), .send("* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"),
                .send("* OK [PERMANENTFLAGS (\\Seen $Important)] limited\r\n"), .answer("* OK in"),
            ] + Self.header(items: "", "") + Self.sizes + [
                .expect("UID STORE 1 +FLAGS ($Important)"),
                .send("* 1 FETCH (UID 1 FLAGS ($Important $Forwarded))\r\n"), .answer("* OK"),
            ] + Self.sizes + [
                .expect("UID FETCH 1:* (UID FLAGS)"),
                .send("* 1 FETCH (UID 1 FLAGS ($Important Later))\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        let messages = try await fixture.storedMessages()
        let done = try await fixture.worker.setLabels(of: messages, add: ["Important"], remove: [])
        #expect(done.map(\.outcome) == [.labelled])
        #expect(try await summary(fixture).labels == ["important"])
        let refused = try await fixture.worker.setLabels(of: messages, add: ["work"], remove: [])
        #expect(refused[0].error?.data.code == .serverRefused)
        #expect(refused[0].error?.message.contains("\"work\"") == true)
        #expect(!fixture.server.lines[0].contains { $0.contains("work") })
        #expect(
            await eventually {
                await fixture.settle()
                return (try? await summary(fixture).labels) == ["Later", "important"]
            }
        )
        for word in ["two words", "seen", "\u{e9}", "", "\\x"] {
            let error = await #expect(throws: BrokerError.self, "\(word)") {
                try await fixture.worker.setLabels(of: messages, add: [word], remove: [])
            }
            #expect(error?.data.code == .requestInvalid)
        }
    }

    @Test("a message that another client has moved keeps its number, and subscribers hear of it")
    func movedByOthers() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.header(items: "", "")
            + [.expect("SELECT \"Trash\"")] + Self.inbox([9], validity: "7").dropFirst()
            + Self.header(9, items: "", "") + Self.inbox([]) + [
                .expect("UID FETCH 1:* (UID FLAGS)"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        let id = try await summary(fixture).id
        let other = try #require(try await fixture.list(mailbox: "trash").messages.first?.id)
        // INBOX is opened again at once: it is watched.
        await fixture.settle()
        #expect(try await fixture.list().total == 0)
        let events = try await events(of: fixture)
        #expect(events.map(\.event) == [.messageMoved, .messageGone])
        #expect(events.map(\.ids) == [[id], [other]])
        #expect(events.map(\.mailbox) == ["INBOX", "Trash"])
        #expect(events.first?.target == "Trash")
        let trash = try #require(try fixture.worker.store.message(id)?.mailbox)
        #expect(try fixture.worker.store.messages(in: trash, limit: 9).map(\.id) == [id])
        #expect(try fixture.worker.store.message(other) == nil)
    }

    @Test("Q1: what only shows messages of All Mail is not fetched ahead")
    func mereLabels() throws {
        func box(_ name: String, _ role: MailboxRole?) -> MailboxRecord {
            MailboxRecord(
                id: 1,
                account: "alice",
                name: MailboxName(Array(name.utf8)),
                display: name,
                role: role,
                isSelectable: true,
                state: nil
            )
        }
        let roles: [MailboxRole?] = [.inbox, .all, .junk, .trash, .sent, .important, .flagged, nil]
        let boxes = roles.map { box("Work", $0) }
        let gmail = ServerProfile(Self.summary("X-GM-EXT-1"))
        let mere = boxes.filter { $0.isMereLabel(in: boxes, gmail) }
        #expect(mere.map(\.role) == [.important, .flagged, nil])
        // All Mail may be hidden from IMAP; and other servers have mailboxes.
        let visible = boxes.filter { $0.role != .all }
        #expect(visible.allSatisfy { !$0.isMereLabel(in: visible, gmail) })
        let other = ServerProfile(Self.summary("CONDSTORE"))
        #expect(boxes.allSatisfy { !$0.isMereLabel(in: boxes, other) })
        #expect(
            boxes.map { $0.label?.word } == [
                "inbox", nil, nil, nil, "sent", "important", "starred", "Work",
            ]
        )
    }

    private static func summary(_ capabilities: String) -> IMAPServerSummary {
        IMAPServerSummary(
            capabilities: IMAPCapabilities(capabilities.utf8.split(separator: ASCII.space)),
            id: [],
            namespaces: nil,
            login: .loginCommand,
            greeting: []
        )
    }

    @Test(
        "a label and the word for it say the same",
        arguments: [
            ("important", "\\Important"), ("Inbox", "\\Inbox"), ("Work/2026", "Work/2026"),
            ("a & b", "a &- b"), ("\u{dc}bung", "&ANw-bung"),
        ]
    )
    func words(word: String, octets: String) throws {
        let label = try #require(Label(word: word))
        #expect(label.octets == Array(octets.utf8))
        #expect(Label(word: label.word) == label)
        #expect(Label(word: "\\Seen") == nil)
        #expect(Label(word: "") == nil)
    }
}
