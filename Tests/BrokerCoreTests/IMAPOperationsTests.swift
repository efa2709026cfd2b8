// Facts about changes on their way to the server, against scripted servers.

import BrokerProtocol
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct IMAPOperationsTests: WorkerScripts {
    private static let listed = login + inbox([1]) + headers([1]) + idle
    private static let done: [Step] = [.expect("DONE"), .send("A0005 OK ended\r\n")]
    private static let present: [Step] = [
        .expect("UID FETCH 1 (UID RFC822.SIZE INTERNALDATE)"),
        .send("* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n"), .answer("* OK"),
    ]
    private static let unchanged: [Step] = [
        .expect("UID FETCH 1:*"), .send("* 1 FETCH (UID 1 FLAGS ())\r\n"), .answer("* OK"),
    ]

    private func listed(_ scripts: [[Step]]) async throws -> (WorkerFixture, StoredMessage) {
        let fixture = try await fixture(scripts)
        #expect(await eventually { fixture.idles(0) == 1 })
        let list = await fixture.cached()
        return (fixture, try await fixture.stored(try #require(list.first)))
    }

    @Test("a move made without a connection is shown at once and done when there is one")
    func offline() async throws {
        let moved: [Step] = [
            .expect(#"UID MOVE 1 "Trash""#), .send("* OK [COPYUID 7 1 31] moved\r\n"),
            .send("* 1 EXPUNGE\r\n"), .answer("* OK"),
        ]
        let (fixture, message) = try await listed([
            Self.listed + [.close], [.close], [.close],
            Self.login + Self.inbox([1]) + Self.present + moved + Self.idle + [.hold],
        ])
        #expect(await eventually { fixture.states.last == .offline })
        let items = try await fixture.worker.trash([message])
        #expect(items.map(\.outcome) == [.trashed])
        if items.first?.waiting == true {
            #expect(try await fixture.list().total == 0)
        }
        #expect(
            await eventually(within: .seconds(30)) {
                await fixture.worker.hurry()
                return (try? fixture.worker.store.message(message.record.id)?.data.uid) == UID(31)
            }
        )
        #expect(try fixture.worker.store.waitingCount(of: "alice") == 0)
        #expect(try fixture.worker.store.message(message.record.id)?.hasUID == true)
    }

    @Test("what the server refuses is shown as it is there, and the asker hears why")
    func refused() async throws {
        let (fixture, message) = try await listed([
            Self.listed + Self.done + Self.present + [
                .expect("UID MOVE"), .answer("* NO [NOPERM] Trash is locked"),
            ] + Self.unchanged + Self.idle + [.hold]
        ])
        let items = try await fixture.worker.trash([message])
        #expect(items.map(\.outcome) == [.failed])
        #expect(items[0].error?.data.code == .serverRefused)
        #expect(items[0].error?.message.contains("Trash is locked") == true)
        #expect(await eventually { fixture.idles(0) == 2 })
        #expect(try await fixture.list().total == 1)
    }

    @Test(
        "Q74: where MOVE is offered and refused, messages are copied and deleted",
        arguments: ["* NO [CANNOT] MOVE", "* BAD unknown command"]
    )
    func refusedMove(answer: String) async throws {
        let (fixture, message) = try await listed([
            Self.listed + Self.done + Self.present + [
                .expect(#"UID MOVE 1 "Trash""#), .answer(answer),
                .expect(#"UID COPY 1 "Trash""#), .answer("* OK [COPYUID 7 1 31] copied"),
                .expect("UID STORE 1 +FLAGS.SILENT (\\Deleted)"), .answer("* OK"),
                .expect("UID EXPUNGE 1"), .send("* 1 EXPUNGE\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        ])
        let items = try await fixture.worker.trash([message])
        #expect(items.map(\.error) == [nil])
        #expect(items.map(\.outcome) == [.trashed])
        #expect(
            await eventually {
                (try? fixture.worker.store.message(message.record.id)?.data.uid) == UID(31)
            }
        )
    }

    @Test("a copy that was made before the connection ended is not made again (no MOVE)")
    func copiedBefore() async throws {
        let login = Self.login.map { step -> Step in
            guard case .answer(let text) = step, text.contains("MOVE") else { return step }
            return .answer(text.replacing(" MOVE", with: ""))
        }
        let first =
            login + Self.inbox([1]) + Self.headers([1]) + Self.idle + Self.done + Self.present + [
                .expect(#"UID COPY 1 "Trash""#), .close,
            ]
        let second =
            login + Self.inbox([1]) + Self.present + Self.inbox([31], validity: "7") + [
                .expect("UID SEARCH"), .send("* SEARCH 31\r\n"), .answer("* OK"),
            ] + Self.inbox([1]) + [
                .expect("UID STORE 1 +FLAGS.SILENT (\\Deleted)"), .answer("* OK"),
                .expect("UID EXPUNGE 1"), .send("* 1 EXPUNGE\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        let header = "Subject: number 1\r\nMessage-ID: <one@x>\r\n\r\n"
        let named = first.map { step -> Step in
            guard case .send(let text) = step, text.contains("BODY[HEADER") else { return step }
            return .send(
                "* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 10 BODY[HEADER.FIELDS (SUBJECT)] "
                    + "{\(header.utf8.count)}\r\n\(header))\r\n"
            )
        }
        let (fixture, message) = try await listed([named, second])
        let items = try await fixture.worker.trash([message])
        #expect(items.map(\.error) == [nil])
        #expect(
            await eventually {
                fixture.server.connections == 2
                    && fixture.server.lines[1].contains { $0.contains("UID EXPUNGE") }
            }
        )
        #expect(!fixture.server.lines[1].contains { $0.contains("UID COPY") })
    }

    @Test("Q55: a Trash that is missing is made in the user's namespace")
    func missingTrash() async throws {
        let login: [Step] = [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"),
            .answer("* OK [CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS NAMESPACE] in"),
            .expect("NAMESPACE"), .send("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n"),
            .answer("* OK"),
            .expect("LIST"), .send("* LIST () \".\" INBOX\r\n"), .answer("* OK"),
        ]
        let made: [Step] = [
            .expect(#"CREATE "INBOX.Trash""#), .answer("* OK made"),
            .expect("LIST"),
            .send("* LIST () \".\" INBOX\r\n* LIST () \".\" INBOX.Trash\r\n"), .answer("* OK"),
            .expect(#"UID MOVE 1 "INBOX.Trash""#), .answer("* OK [COPYUID 7 1 31] moved"),
        ]
        let (fixture, message) = try await listed([
            login + Self.inbox([1]) + Self.headers([1]) + Self.idle
                + [.expect("DONE"), .send("A0006 OK ended\r\n")] + Self.present + made + [.hold]
        ])
        let items = try await fixture.worker.trash([message])
        #expect(items.map(\.error) == [nil])
        #expect(
            await eventually { fixture.server.lines[0].contains { $0.contains("UID MOVE") } }
        )
    }

    @Test("A34: a message of another size under the UID is not touched")
    func anotherMessage() async throws {
        let (fixture, message) = try await listed([
            Self.listed + Self.done + [
                .expect("UID FETCH 1 (UID RFC822.SIZE INTERNALDATE)"),
                .send("* 1 FETCH (UID 1 RFC822.SIZE 11)\r\n"), .answer("* OK"),
            ] + Self.idle + [.hold]
        ])
        let items = try await fixture.worker.purge([message])
        #expect(items[0].error?.data.code == .messageNotFound)
        #expect(!fixture.server.lines[0].contains { $0.contains("STORE") })
    }
}
