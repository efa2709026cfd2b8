// Facts about watching events.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct WatchVerbTests {
    private static func broker() throws -> FakeBroker {
        try FakeBroker { request, connection in
            // One event in front of the reply, one with it.
            let early = Event(
                seq: 1,
                event: .messageGone,
                account: "bob",
                mailbox: "INBOX",
                ids: [9]
            )
            try connection.event(early)
            try connection.reply(request, EventsSubscribe.Result(seq: 1, resync: false))
            let event = Event(
                seq: 2,
                event: .messageGone,
                account: "alice",
                mailbox: "INBOX",
                ids: [3]
            )
            try connection.event(event)
        }
    }

    @Test("--exit-on-first ends after the first event of the account")
    func first() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("watch", "--exit-on-first", "-a", "alice") == 0)
        #expect(captured.out.text == "gone   alice/INBOX  3\n")
    }

    @Test("with --json each event is an object on its line")
    func json() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("--json", "watch", "--exit-on-first") == 0)
        #expect(
            captured.out.text == """
                {"schema":"mb.event/1","account":"bob","event":"message.gone","ids":[9],\
                "mailbox":"INBOX","seq":1}

                """
        )
    }

    @Test("a broker that goes away ends it with status 75")
    func lost() throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, EventsSubscribe.Result(seq: 1, resync: false))
            connection.hangUp()
        }
        #expect(CapturedSession(socket: broker.path).run("watch") == 75)
    }
}
