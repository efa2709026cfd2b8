// Facts about where the console stands.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ConsolePlaceTests {
    private static func event(_ kind: Event.Kind, _ id: Int64, in mailbox: String) -> Event {
        var event = Event(event: kind, account: "alice", mailbox: mailbox, ids: [id])
        if kind == .messageNew { event.message = Sample.message(id) }
        return event
    }

    @Test("the prompt says where one is and how much is unread")
    func prompt() {
        var place = ConsolePlace()
        #expect(place.prompt == "mb> ")
        place.listed(Sample.list([Sample.message(5)]), isChange: true)
        #expect(place.prompt == "alice/INBOX 2*> ")
    }

    @Test("a list of another mailbox shows its ids and leaves the place")
    func otherList() {
        var place = ConsolePlace()
        place.listed(Sample.list([Sample.message(5)]), isChange: true)
        place.listed(Sample.list([Sample.message(9)], role: .sent), isChange: false)
        #expect(place.mailbox == "INBOX")
        #expect(place.shown == [9])
        place.listed(Sample.list([], role: .sent), isChange: true)
        #expect(place.mailbox == "Sent")
    }

    @Test("next and previous follow the list and end with it")
    func steps() {
        var place = ConsolePlace()
        place.listed(Sample.list([7, 5, 3].map { Sample.message($0) }), isChange: true)
        #expect(place.neighbour(1) == 7)
        #expect(place.neighbour(-1) == nil)
        place.current = 5
        #expect(place.neighbour(1) == 3)
        #expect(place.neighbour(-1) == 7)
        place.current = 3
        #expect(place.neighbour(1) == nil)
        place.current = 99
        #expect(place.neighbour(1) == 7)
    }

    @Test("events of this mailbox make the count stale; others do not")
    func events() {
        var place = ConsolePlace()
        place.listed(Sample.list([Sample.message(5)]), isChange: true)
        place.happened(Self.event(.messageNew, 6, in: "Archive"))
        place.happened(Event(event: .outboxChanged, account: "alice"))
        #expect(!place.isStale)
        #expect(place.shown == [5])
        place.happened(Self.event(.messageNew, 6, in: "INBOX"))
        #expect(place.isStale)
        #expect(place.shown == [6, 5])
    }
}
