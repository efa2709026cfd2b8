// Facts about watching events.

import BrokerProtocol
import Foundation
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
                {"schema":"mb.event/1","event":"ready","seq":1}
                {"schema":"mb.event/1","account":"bob","event":"message.gone","ids":[9],\
                "mailbox":"INBOX","seq":1}

                """
        )
    }

    @Test("only the kinds asked for are told, and that events are missing always is")
    func kinds() throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, EventsSubscribe.Result(seq: 7, resync: true))
            for kind in [Event.Kind.messageFlags, .messageMoved, .messageGone] {
                try connection.event(Event(seq: 8, event: kind, account: "a", mailbox: "b"))
            }
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("watch", "--exit-on-first", "--events", "gone,moved") == 0)
        #expect(captured.out.text == "resync\nmoved  a/b    to \n")
        #expect(CapturedSession(socket: broker.path).run("watch", "--events", "gone,x") == 64)
    }

    @Test("--exec gives the event to a command as text to read, never as part of it")
    func exec() throws {
        let file = NSTemporaryDirectory() + "mailbroker-exec-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let captured = CapturedSession(socket: try Self.broker().path)
        let command = "cat > '\(file)'; exit 3"
        #expect(
            captured.run("watch", "--exit-on-first", "-a", "alice", "--exec", command) == 0
        )
        #expect(
            try String(contentsOfFile: file, encoding: .utf8) == """
                {"schema":"mb.event/1","account":"alice","event":"message.gone","ids":[3],\
                "mailbox":"INBOX","seq":2}

                """
        )
        #expect(captured.out.text == "")
        #expect(captured.err.text.contains("the command for event 2 gave 3"))
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
