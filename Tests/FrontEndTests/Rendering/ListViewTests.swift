// Facts about lists as people see them.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ListViewTests {
    init() { Screen.prepareLocale() }

    private let now = LocalDate(unixSeconds: Sample.now, offsetMinutes: 0)
    /// 2025-08-18: the form of the date that no time zone changes.
    private static let before = Sample.now - 400 * 86_400

    private let messages = [
        Sample.message(
            4831,
            subject: "Re: contract, second reading",
            at: before,
            flags: [.flagged],
            attachment: true,
            size: 49_213
        ),
        Sample.message(
            4830,
            from: "日本語の名前がここにあります",
            subject: "e\u{301}te\u{301} 日本語の件名がここにあります",
            at: before
        ),
        Sample.message(
            9,
            from: nil,
            address: "git@lists.example",
            subject: nil,
            at: before,
            flags: [.seen, .answered],
            size: 217_088
        ),
    ]

    private func lines(_ columns: Int, role: MailboxRole = .inbox) -> [String] {
        let list = Sample.list(messages, role: role)
        return ListView(list, screen: Screen(columns: columns), now: now).lines
    }

    @Test("40 columns: no size, one space between columns")
    func forty() {
        #expect(
            lines(40) == [
                "      ID DATE       FROM     SUBJECT",
                "*!  4831 2025-08-18 Alice M… Re: contra…",
                "*   4830 2025-08-18 日本語…  e\u{301}te\u{301} 日本語…",
                "  R    9 2025-08-18 git@lis… ",
                "alice/INBOX  3 of 1204, 2 unread, live",
            ]
        )
    }

    @Test("80 columns")
    func eighty() {
        #expect(
            lines(80) == [
                "      ID  DATE        FROM              SUBJECT                             SIZE",
                "*!  4831  2025-08-18  Alice Martin      Re: contract, second reading     @   48K",
                "*   4830  2025-08-18  日本語の名前が…   e\u{301}te\u{301} 日本語の件名がここにあります    3.0K",
                "  R    9  2025-08-18  git@lists.examp…                                      212K",
                "alice/INBOX  3 of 1204, 2 unread, live",
            ]
        )
    }

    @Test("200 columns: everything in full")
    func twoHundred() {
        let rows = lines(200)
        let start = "*!  4831  2025-08-18  Alice Martin              Re: contract, second reading"
        #expect(rows[1] == start + String(repeating: " ", count: 117) + "@   48K")
        let who = "日本語の名前がここにあ… "  // 11 characters of two cells, the mark, one space
        #expect(rows[2].utf8.count(of: "  \(who)  e") == 1)
    }

    @Test("no line is wider than the screen", arguments: [40, 41, 59, 60, 61, 80, 100, 200, 400])
    func width(columns: Int) {
        for line in lines(columns) { #expect(CellText(line, width: 1000).width <= columns) }
    }

    @Test("in Sent the recipient stands in place of the author")
    func sent() {
        let rows = lines(80, role: .sent)
        let heading =
            "      ID  DATE        TO                SUBJECT                             SIZE"
        #expect(rows[0] == heading)
        #expect(
            rows[1].unicodeScalars.starts(with: "*!  4831  2025-08-18  Bob Fisher".unicodeScalars)
        )
    }

    @Test("an empty mailbox is its footer alone")
    func empty() {
        let list = MessageList.Result(
            account: "alice",
            mailbox: "INBOX",
            role: .inbox,
            total: 0,
            unseen: 0,
            live: true,
            asOf: DateTime(unixSeconds: Sample.now),
            messages: []
        )
        let view = ListView(list, screen: Screen(columns: 80), now: now)
        #expect(view.lines == ["alice/INBOX  0 of 0, 0 unread, live"])
    }

    @Test("a list that is not live says of when it is, and since when the server is away")
    func age() {
        let now = LocalDate(unixSeconds: Sample.now)
        func footer(_ list: MessageList.Result) -> String? {
            ListView(list, screen: Screen(columns: 80), now: now).lines.last
        }
        let asOf = LocalDate(unixSeconds: Sample.now - 1680).clock
        let old = "alice/INBOX  0 of 1204, 2 unread, as of \(asOf)"
        #expect(footer(Sample.list([], live: false)) == old)
        let since = LocalDate(unixSeconds: Sample.now - 60).clock
        #expect(
            footer(Sample.list([], live: false, offlineSince: Sample.now - 60))
                == "\(old), offline since \(since)"
        )
    }

    @Test("a name that poses as an address is not shown in a list")
    func impostor() {
        let message = Sample.message(
            1,
            from: "ceo@bank.com",
            address: "x@evil.tld",
            at: Self.before
        )
        let view = ListView(Sample.list([message]), screen: Screen(columns: 100), now: now)
        #expect(
            view.lines[1].unicodeScalars.starts(
                with: "*      1  2025-08-18  x@evil.tld ".unicodeScalars
            )
        )
    }

    @Test("unseen rows are bold only where colour may be")
    func colour() {
        let screen = Screen(columns: 80, isTerminal: true, hasColour: true)
        let rows = ListView(Sample.list(messages), screen: screen, now: now).lines
        #expect(rows[1].utf8.starts(with: "\u{1B}[1m*!".utf8))
        #expect(!rows[3].utf8.contains(0x1B))
        #expect(!lines(80).joined().utf8.contains(0x1B))
    }

    @Test("a subject that acts on a terminal is shown, not obeyed")
    func hostile() {
        let message = Sample.message(
            1,
            from: "\u{1B}[2J",
            subject: "a\u{1B}]52;c;x\u{07}\r\nb\u{202E}c"
        )
        let rows = ListView(Sample.list([message]), screen: Screen(columns: 200), now: now).lines
        #expect(rows.count == 3)
        #expect(!rows.joined().unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{202E}" })
    }
}
