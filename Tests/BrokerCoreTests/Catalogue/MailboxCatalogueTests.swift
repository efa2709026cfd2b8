// Rows of the catalogue (reliability.md 2.A) where the store matters: what a broken or hostile
// server says of mailboxes and messages, and what the account keeps of it.

import BrokerProtocol
import Foundation
import IMAP
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Synchronization
import Testing

@testable import BrokerCore

@Suite struct MailboxCatalogueTests: WorkerScripts {
    // MARK: What is gone

    /// The start of both stories of A14: sixty messages are known, and the next SELECT says that
    /// 55 of them have vanished.
    private static func vanished(exists: Int) -> [[Step]] {
        let login =
            opening("ENABLE CONDSTORE QRESYNC").prefix(3) + [
                .expect("ENABLE"), .send("* ENABLED QRESYNC\r\n"), .answer("* OK"),
            ]
        let all = Array(1...60)
        let epoch = "* OK [UIDVALIDITY 1] v\r\n* OK [HIGHESTMODSEQ"
        let first: [Step] =
            [.expect("SELECT"), .send("* 60 EXISTS\r\n\(epoch) 90] h\r\n"), .answer("* OK")]
            + headers(all) + [.hold]
        let second: [Step] = [
            .expect("(QRESYNC (1 90))"), .send("* \(exists) EXISTS\r\n\(epoch) 95] h\r\n"),
            .send("* VANISHED (EARLIER) 1:55\r\n"), .answer("* OK"),
        ]
        return [login + opening().suffix(3) + first, login + second]
    }

    /// The answer to what compares the window, and to what asks once more.
    private static func compared(flags: ClosedRange<Int>, found: ClosedRange<Int>) -> [Step] {
        [.expect("UID FETCH 1:* (UID FLAGS)")]
            + flags.map { .send("* 1 FETCH (UID \($0) FLAGS ())\r\n") }
            + [
                .answer("* OK"), .expect("UID SEARCH"),
                .send("* SEARCH " + found.map(String.init).joined(separator: " ") + "\r\n"),
                .answer("* OK"),
            ] + opening().suffix(3) + [.hold]
    }

    @Test("A14: most of a mailbox is not taken away before the server has said it three times")
    func massRemoval() async throws {
        var scripts = Self.vanished(exists: 5)
        scripts[1] += Self.compared(flags: 56...60, found: 56...60)
        let fixture = try await fixture(scripts)
        #expect(try await fixture.list().total == 60)
        #expect(await fixture.reconnects())
        #expect(await eventually { fixture.server.lines[1].contains { $0.contains("SEARCH") } })
        await fixture.settle()
        let list = try await fixture.list(limit: 100)
        let expected = (56...60).reversed().map { "number \($0)" }
        #expect(list.messages.map(\.subject) == expected)
    }

    @Test("A14, Q39, Q54: what a search still finds stays, whatever VANISHED and FETCH say")
    func massRemovalRefuted() async throws {
        var scripts = Self.vanished(exists: 60)
        scripts[1] += Self.compared(flags: 56...60, found: 1...60)
        let fixture = try await fixture(scripts)
        #expect(try await fixture.list().total == 60)
        #expect(await fixture.reconnects())
        #expect(await eventually { fixture.server.lines[1].contains { $0.contains("SEARCH") } })
        await fixture.settle()
        let list = try await fixture.list(limit: 100)
        #expect(list.messages.count == 60)
    }

    // MARK: Mailboxes

    @Test("A17: figures of a mailbox that was not asked for are not taken for another's")
    func foreignStatus() async throws {
        let script =
            Self.opening() + Self.inbox([1]) + Self.headers([1]) + [
                .expect("LIST"), .send("* LIST () \"/\" INBOX\r\n* STATUS INBOX (MESSAGES 7)\r\n"),
                .answer("* OK"), .expect("STATUS \"INBOX\""),
                .send("* STATUS Other (MESSAGES 99 UNSEEN 98)\r\n"),
                .send("* STATUS INBOX (MESSAGES 1 UNSEEN 0)\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(try await fixture.subjects() == ["number 1"])
        let folders = try await fixture.worker.folders(MailboxList.Params(fresh: true))
        #expect(folders.mailboxes.map(\.name) == ["INBOX"])
        #expect(folders.mailboxes.map(\.total) == [1])
        #expect(folders.mailboxes.map(\.unseen) == [0])
    }

    @Test("A20: names that look like paths are mailboxes, and no file is named from them")
    func pathNames() async throws {
        let mark = "mb-a20-\(UUID().uuidString)"
        let names = [
            "../\(mark)", "/tmp/\(mark)", "a/../../\(mark)", "..", "a//b", ".",
            mark + String(repeating: "x", count: 4000),
        ]
        let listing = names.map { "* LIST () \"/\" \"\($0)\"\r\n" }.joined()
        let script =
            Self.opening(mailboxes: "* LIST () \"/\" INBOX\r\n" + listing) + Self.inbox([]) + [
                .expect("SELECT \"../\(mark)\""),
                .send("* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"), .answer("* OK in"),
            ] + Self.headers([1]) + [.hold]
        let fixture = try await fixture([script])
        #expect(try await fixture.list().total == 0)
        let list = try await fixture.list(mailbox: names[0])
        #expect(list.mailbox == names[0])
        #expect(list.messages.map(\.subject) == ["number 1"])
        let stored = try fixture.worker.store.mailboxes(of: "alice").map(\.display)
        #expect(Set(stored) == Set(names + ["INBOX"]))
        for directory in [NSTemporaryDirectory(), "/", "/tmp", "."] {
            let files = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(!files.contains { $0.contains(mark) })
        }
    }

    @Test(
        "A23: of two names that Unicode takes for one, the right one is opened",
        arguments: [
            ("caf\u{e9}", "cafe\u{301}", "{5+}"), ("cafe\u{301}", "caf\u{e9}", "{6+}"),
            ("\u{212A}", "K", "{3+}"),
        ]
    )
    func canonicalEquivalence(name: String, other: String, literal: String) async throws {
        let listing = [other, name].map { "* LIST () \"/\" \"\($0)\"\r\n" }.joined()
        let script =
            Self.opening("LITERAL+", mailboxes: "* LIST () \"/\" INBOX\r\n" + listing)
            + Self.inbox([]) + [
                .expect("SELECT \(literal)"), .read(name.utf8.count + 2),
                .send("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"), .answer("* OK in"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(try await fixture.list().total == 0)
        #expect(Array(try await fixture.list(mailbox: name).mailbox.utf8) == Array(name.utf8))
        #expect(fixture.server.lines[0].contains { $0.utf8.elementsEqual((name + "\r\n").utf8) })
        let boxes = try fixture.worker.store.mailboxes(of: "alice")
        #expect(Set(boxes.map(\.id)).count == 3)
    }

    @Test(
        "A24: a name that is no modified UTF-7 is shown escaped and opened as it is",
        arguments: [
            ("&Jjo!", #"\x26Jjo!"#), ("&AAA-", #"\x26AAA-"#), ("&2AA-", #"\x262AA-"#),
            ("&", #"\x26"#),
        ]
    )
    func badModifiedUTF7(name: String, display: String) async throws {
        let script =
            Self.opening(mailboxes: "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"\(name)\"\r\n")
            + Self.inbox([]) + [
                .expect("SELECT \"\(name)\""),
                .send("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n"), .answer("* OK in"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(try await fixture.list().total == 0)
        #expect(try await fixture.list(mailbox: display).mailbox == display)
    }

    // MARK: Messages

    @Test("A31: messages without headers are listed, and an empty body is read as empty")
    func emptyMessages() async throws {
        let fetch = "FLAGS () RFC822.SIZE 0 BODY[HEADER.FIELDS (SUBJECT)]"
        let script =
            Self.opening() + Self.inbox([1, 2, 3]) + [
                .expect("FETCH"), .send("* 1 FETCH (UID 1 \(fetch) {0}\r\n)\r\n"),
                .send("* 2 FETCH (UID 2 \(fetch) {2}\r\n\r\n)\r\n"),
                .send("* 3 FETCH (UID 3 \(fetch) NIL)\r\n"), .answer("* OK"),
                .expect("BODY.PEEK[]<0"), .send("* 1 FETCH (UID 1 BODY[]<0> {0}\r\n)\r\n"),
                .answer("* OK"), .expect("BODY.PEEK[]<0"),
                .send("* 2 FETCH (UID 2 BODY[]<0> {4}\r\n\r\nhi)\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        let messages = try await fixture.storedMessages().sorted { $0.record.id < $1.record.id }
        #expect(messages.map(\.record.data.subject) == [nil, nil, nil])
        for (message, body) in zip(messages, ["", "\r\nhi"]) {
            let download = Download(
                message: message,
                section: "",
                encoding: "binary",
                announced: UInt64(body.utf8.count)
            )
            let received = Mutex<[UInt8]>([])
            let summary = try await download.run(by: fixture.worker) { octets in
                received.withLock { $0 += octets }
            }
            #expect(received.withLock { $0 } == Array(body.utf8))
            #expect(summary.size == Int64(body.utf8.count))
            #expect(summary.missing == nil)
        }
    }

    @Test(
        "A33: whatever UIDVALIDITY becomes, what was stored of the mailbox is dropped",
        arguments: ["4", "6", "0", "4294967296"]
    )
    func renumbered(validity: String) async throws {
        let first = Self.opening() + Self.inbox([1, 7], validity: "5") + Self.headers([1, 7])
        let second = Self.opening() + Self.inbox([7], validity: validity) + Self.headers([7])
        let fixture = try await fixture([first + [.hold], second + [.hold]])
        let before = try await fixture.storedMessages()
        #expect(await fixture.reconnects())
        #expect(try await eventually { try await fixture.subjects() == ["number 7"] })
        let store = fixture.worker.store
        for message in before { #expect(try store.message(message.record.id) == nil) }
    }

    @Test(
        "A33: changes that were asked for before a mailbox was renumbered are refused, not made",
        arguments: ["4", "6", "0"]
    )
    func changesAfterRenumbering(validity: String) async throws {
        let first = Self.opening() + Self.inbox([7], validity: "5") + Self.headers([7])
        let second = Self.opening() + Self.inbox([7], validity: validity) + Self.headers([7])
        let fixture = try await fixture([first + [.hold], second + [.hold]])
        let messages = try await fixture.storedMessages()
        #expect(await fixture.reconnects())
        let worker = fixture.worker
        let changes: [@Sendable () async throws -> [ChangeResult.Item]] = [
            { try await worker.setFlags(of: messages, add: [.seen], remove: []) },
            { try await worker.trash(messages) }, { try await worker.purge(messages) },
        ]
        for change in changes {
            let items = try await change()
            #expect(items.map(\.outcome) == [.failed])
            #expect(items[0].error?.data.code == .messageNotFound)
        }
        expectNothingChanged(fixture)
    }

    @Test("A33: a mailbox that is renumbered under a change is left as it is")
    func renumberedUnderChange() async throws {
        let first =
            Self.opening() + Self.inbox([7], validity: "5") + Self.headers([7]) + [
                .expect("UID FETCH 7"), .send("* OK [UIDVALIDITY 6] x\r\n"),
                .send("* 1 FETCH (UID 7 RFC822.SIZE 70)\r\n"), .answer("* OK"), .hold,
            ]
        let second = Self.opening() + Self.inbox([7], validity: "6") + Self.headers([7])
        let fixture = try await fixture([first, second + [.hold]])
        let messages = try await fixture.storedMessages()
        let items = try await fixture.worker.purge(messages)
        #expect(items.map(\.outcome) == [.failed])
        #expect(items[0].error?.data.code == .messageNotFound)
        #expect(fixture.server.connections == 2)
        expectNothingChanged(fixture)
    }

    @Test("A34: a UID that comes back with another size is not changed, moved or deleted")
    func reusedUID() async throws {
        let other: [Step] = [
            .expect("UID FETCH 5"), .send("* 1 FETCH (UID 5 RFC822.SIZE 51)\r\n"), .answer("* OK"),
        ]
        let fixture = try await fixture([
            Self.opening() + Self.inbox([5]) + Self.headers([5]) + other + other + other + [.hold]
        ])
        let messages = try await fixture.storedMessages()
        #expect(messages.map(\.record.data.size) == [50])
        let outcomes =
            try await fixture.worker.setFlags(of: messages, add: [.seen], remove: [])
            + fixture.worker.trash(messages) + fixture.worker.purge(messages)
        #expect(outcomes.map(\.outcome) == [.failed, .failed, .failed])
        #expect(
            outcomes.map { $0.error?.data.code } == Array(repeating: .messageNotFound, count: 3)
        )
        expectNothingChanged(fixture)
    }

    private func expectNothingChanged(_ fixture: WorkerFixture) {
        let lines = fixture.server.lines.flatMap { $0 }
        for verb in ["STORE", "MOVE", "COPY", "EXPUNGE"] {
            #expect(!lines.contains { $0.contains(verb) }, "\(lines)")
        }
    }

    @Test("A35: EXPUNGE under a FETCH and a STORE moves nothing to another message")
    func expungeUnderWay() async throws {
        let header = "BODY[HEADER.FIELDS (SUBJECT)] {10}\r\nSubject: "
        let script =
            Self.opening() + Self.inbox([1, 2, 3]) + [
                .expect("FETCH 1:3"), .send("* 1 FETCH (UID 1 FLAGS () \(header)1)\r\n"),
                .send("* 1 EXPUNGE\r\n* 1 FETCH (UID 2 RFC822.SIZE 9 FLAGS () \(header)2)\r\n"),
                .send("* 2 FETCH (UID 3 FLAGS () RFC822.SIZE 9 \(header)3)\r\n"), .answer("* OK"),
                .expect("UID FETCH 1:* (UID FLAGS)"), .send("* 1 FETCH (UID 2 FLAGS ())\r\n"),
                .send("* 2 FETCH (UID 3 FLAGS ())\r\n"), .answer("* OK"),
                .expect("UID FETCH 3 "), .send("* 2 FETCH (UID 3 RFC822.SIZE 9)\r\n"),
                .answer("* OK"), .expect("UID STORE 3 +FLAGS (\\Seen)"),
                .send("* 1 EXPUNGE\r\n* 1 FETCH (UID 3 FLAGS (\\Seen))\r\n"), .answer("* OK"),
                .expect("UID FETCH 2:* (UID FLAGS)"),
                .send("* 1 FETCH (UID 3 FLAGS (\\Seen))\r\n"), .answer("* OK"), .hold,
            ]
        let fixture = try await fixture([script])
        #expect(try await eventually { try await fixture.subjects().sorted() == ["2", "3"] })
        let messages = try await fixture.storedMessages().filter { $0.record.data.uid == UID(3) }
        _ = try await fixture.worker.setFlags(of: messages, add: [.seen], remove: [])
        #expect(try await eventually { try await fixture.subjects() == ["3"] })
        #expect(try await fixture.list().messages.map(\.flags) == [[.seen]])
        let stores = fixture.server.lines[0].filter { $0.contains("STORE") }
        #expect(!stores.isEmpty)
        #expect(stores.allSatisfy { $0.contains("UID STORE") })
    }
}
