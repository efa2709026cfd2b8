// Facts about the list verbs.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ListVerbsTests {
    init() { Screen.prepareLocale() }

    @Test("inbox is one request, a table and a footer")
    func inbox() throws {
        let broker = try FakeBroker { request, connection in
            let old = Sample.now - 400 * 86_400
            try connection.reply(request, Sample.list([Sample.message(4829, at: old)]))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("inbox", "-n", "4") == 0)
        let headingGap = String(repeating: " ", count: 43)
        let gap = String(repeating: " ", count: 34)
        #expect(
            captured.out.text == """
                      ID  DATE        FROM                    SUBJECT\(headingGap)SIZE
                *   4829  2025-08-18  Alice Martin            Lunch on Friday?\(gap)3.0K
                alice/INBOX  1 of 1204, 2 unread, live

                """
        )
        #expect(broker.requests.map(\.method) == ["message.list"])
        #expect(try broker.request(0).params(MessageList.Params.self).limit == 4)
    }

    @Test(
        "each list verb asks for its mailbox",
        arguments: [["sent"], ["trash"], ["list", "Work/2026"]]
    )
    func mailboxes(arguments: [String]) throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, Sample.list([]))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(MailCommand.run(arguments, session: captured.session) == 0)
        #expect(try broker.request(0).params(MessageList.Params.self).mailbox == arguments.last)
    }

    @Test("a mailbox that does not exist exits 66 with the broker's line")
    func missing() throws {
        let broker = try FakeBroker { request, connection in
            try connection.fail(request, BrokerError(.mailboxNotFound, "no mailbox Nope"))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("list", "Nope") == 66)
        #expect(captured.err.text == "mb: no mailbox Nope\n")
    }

    @Test("--fresh is asked of the broker, and folders say since when the server is away")
    func freshness() throws {
        let broker = try FakeBroker { request, connection in
            let since = DateTime(unixSeconds: Sample.now)
            try connection.reply(
                request,
                MailboxList.Result(account: "alice", offlineSince: since, mailboxes: [])
            )
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("folders", "--fresh") == 0)
        #expect(captured.out.text.hasPrefix("offline since "))
        #expect(try broker.request(0).params(MailboxList.Params.self).fresh == true)
    }

    @Test("folders show counts, roles and names")
    func folders() throws {
        let broker = try FakeBroker { request, connection in
            let mailboxes = [
                MailboxInfo(name: "INBOX", role: .inbox, total: 12, unseen: 2),
                MailboxInfo(name: "Gel\u{202E}oscht", role: .trash, total: 1, unseen: nil),
                MailboxInfo(name: "Projects", role: nil, selectable: false),
            ]
            try connection.reply(
                request,
                MailboxList.Result(
                    account: "alice",
                    mailboxes: mailboxes,
                    quota: StorageQuota(used: 100_663_296, limit: 104_857_600)
                )
            )
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("folders") == 0)
        #expect(
            captured.out.text == """
                 UNREAD    TOTAL  ROLE       NAME
                      2       12  inbox      INBOX
                      -        1  trash      Gel<U+202E>oscht
                      -        -             Projects  (holds only mailboxes)
                96 % full: 96M of 100M

                """
        )
    }

    @Test("JSON keeps what could act on a terminal as escapes")
    func json() throws {
        let broker = try FakeBroker { request, connection in
            let message = Sample.message(1, subject: "a\u{9B}31m\u{202E}b\u{1B}[2J\u{7F}\u{E0041}")
            try connection.reply(request, Sample.list([message]))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("inbox", "--json") == 0)
        let text = captured.out.text
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value > 0x7E })
        #expect(text.utf8.count(of: #"a\u009b31m\u202eb\u001b[2J\u007f\udb40\udc41"#) == 1)
    }
}

extension Collection where Element == UInt8 {
    /// How often octets stand within these.
    func count(of text: String) -> Int {
        let octets = Array(self)
        let part = Array(text.utf8)
        guard part.count <= octets.count else { return 0 }
        return (0...(octets.count - part.count)).count { octets[$0...].starts(with: part) }
    }
}
