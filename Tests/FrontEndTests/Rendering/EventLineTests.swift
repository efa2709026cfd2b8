// Facts about the lines that tell of events.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct EventLineTests {
    init() { Screen.prepareLocale() }

    private static func new(_ role: MailboxRole?) -> Event {
        Event(
            event: .messageNew,
            account: "alice",
            mailbox: "INBOX",
            role: role,
            message: Sample.message(4832)
        )
    }

    @Test("new mail in the inbox is announced, in Sent it is not")
    func announcement() {
        let line = "** new mail: 4832 Alice Martin: Lunch on Friday?"
        #expect(EventLine.announcement(Self.new(.inbox)) == line)
        #expect(EventLine.announcement(Self.new(.sent)) == nil)
        #expect(EventLine.announcement(Self.new(.inbox), seenFrom: "alice") == line)
        let other = "** new mail for alice: 4832 Alice Martin: Lunch on Friday?"
        #expect(EventLine.announcement(Self.new(.inbox), seenFrom: "bob") == other)
    }

    @Test("flags and departures need no words while somebody types")
    func quiet() {
        #expect(EventLine.announcement(Event(event: .messageFlags, ids: [1])) == nil)
        #expect(EventLine.announcement(Event(event: .resync)) == nil)
    }

    @Test("watch has a line for every kind of event")
    func watch() {
        #expect(
            EventLine.text(Self.new(.inbox))
                == "new    alice/INBOX  4832 Alice Martin: Lunch on Friday?"
        )
        let gone = Event(event: .messageGone, account: "alice", mailbox: "INBOX", ids: [1, 2])
        #expect(EventLine.text(gone) == "gone   alice/INBOX  1 2")
        let state = Event(
            event: .accountState,
            account: "alice",
            state: .offline,
            text: "no\nroute"
        )
        #expect(EventLine.text(state) == "state  alice  offline  no route")
        var moved = gone
        moved.event = .messageMoved
        moved.target = "Trash"
        #expect(EventLine.text(moved) == "moved  alice/INBOX  1 2  to Trash")
        let made = Event(event: .mailboxCreated, account: "alice", mailbox: "Work")
        #expect(EventLine.text(made) == "mailbox alice/Work  created")
        for kind in Event.Kind.allCases {
            let line = EventLine.text(Event(event: kind, account: "a", mailbox: "b"))
            #expect(line.hasPrefix(EventLine.word(kind)), "\(kind)")
        }
    }
}
