// Catalogue cases A34 and A45: UIDs that name other messages, and servers that end every login.

import BrokerProtocol
import MailModel
import MailSession
import MailStore
import MailTestSupport
import Testing

@testable import BrokerCore

@Suite struct NumberingCatalogueTests: WorkerScripts {
    static func dated(_ uid: Int, _ date: String) -> [Step] {
        let header = "Subject: number \(uid)\r\n\r\n"
        return [
            .expect("FETCH"),
            .send(
                "* 1 FETCH (UID \(uid) FLAGS () RFC822.SIZE 50 INTERNALDATE \"\(date)\" "
                    + "BODY[HEADER.FIELDS (SUBJECT)] {\(header.utf8.count)}\r\n\(header))\r\n"
            ), .answer("* OK"),
        ]
    }

    @Test("A34: a UID that comes back with another INTERNALDATE is not deleted")
    func reusedDate() async throws {
        let fixture = try await fixture([
            Self.opening() + Self.inbox([5]) + Self.dated(5, " 3-Feb-2026 04:05:06 +0100") + [
                .expect("UID FETCH 5"),
                .send(
                    "* 1 FETCH (UID 5 RFC822.SIZE 50 INTERNALDATE \" 4-Feb-2026 04:05:06 +0100\")\r\n"
                ),
                .answer("* OK"), .expect("UID STORE"), .answer("* OK"), .expect("EXPUNGE"),
                .answer("* OK"),
                .hold,
            ]
        ])
        let messages = try await fixture.storedMessages()
        let outcomes = try await fixture.worker.purge(messages)
        #expect(outcomes.map(\.outcome) == [.failed])
        #expect(!fixture.server.lines[0].contains { $0.contains("STORE") })
    }

    @Test("A34: a message whose UID names another one now is not listed as it was")
    func purged() async throws {
        let fixture = try await fixture([
            Self.opening() + Self.inbox([5]) + Self.headers([5]) + [
                .expect("UID FETCH 5"), .send("* 1 FETCH (UID 5 RFC822.SIZE 51)\r\n"),
                .answer("* OK"),
                .hold,
            ]
        ])
        let messages = try await fixture.storedMessages()
        _ = try await fixture.worker.purge(messages)
        let store = fixture.worker.store
        #expect(try store.message(messages[0].record.id) == nil)
    }

    @Test("A34: a UIDNEXT below what was known has the mailbox's messages fetched anew")
    func uidNext() async throws {
        let first: [Step] = [
            .expect("SELECT"),
            .send("* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n* OK [UIDNEXT 8] n\r\n"),
            .answer("* OK"),
        ]
        let second: [Step] = [
            .expect("SELECT"),
            .send("* 1 EXISTS\r\n* OK [UIDVALIDITY 1] v\r\n* OK [UIDNEXT 6] n\r\n"),
            .answer("* OK"),
        ]
        let other = "Subject: another\r\n\r\n"
        let fixture = try await fixture([
            Self.opening() + first + Self.headers([5]) + [.hold],
            Self.opening() + second + [
                .expect("FETCH"),
                .send(
                    "* 1 FETCH (UID 5 FLAGS () RFC822.SIZE 99 BODY[HEADER.FIELDS (SUBJECT)] "
                        + "{\(other.utf8.count)}\r\n\(other))\r\n"
                ), .answer("* OK"), .hold,
            ],
        ])
        #expect(try await fixture.subjects() == ["number 5"])
        #expect(await fixture.reconnects())
        #expect(try await fixture.subjects() == ["another"])
    }

    @Test("A45, Q87: logins are thirty seconds apart, also while requests wait")
    func thirty() async throws {
        let goodbye: [Step] = [
            .send("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n"),
            .expect("AUTHENTICATE"), .answer("* OK [CAPABILITY IMAP4rev1 IDLE] in"),
            .expect("LIST"), .send("* BYE too many connections\r\n"), .hold,
        ]
        let fixture = try await fixture([goodbye])
        let waiting = Task { try await fixture.list() }
        #expect(await !eventually(within: .seconds(3)) { fixture.server.connections > 2 })
        waiting.cancel()
    }
}
