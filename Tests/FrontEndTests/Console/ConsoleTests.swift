// Facts about the console as a whole.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite(.serialized) struct ConsoleTests {
    init() { Screen.prepareLocale() }

    /// A broker with one message that sends an event of new mail behind the reply to
    /// `message.list`.
    private static func broker(announces: Bool = false) throws -> FakeBroker {
        try FakeBroker { request, connection in
            switch request.method {
            case EventsSubscribe.name:
                try connection.reply(request, EventsSubscribe.Result(seq: 1, resync: false))
            case MessageList.name:
                if announces {
                    let new = Event(
                        seq: 2,
                        event: .messageNew,
                        account: "alice",
                        mailbox: "INBOX",
                        role: .inbox,
                        message: Sample.message(4832, subject: "Lunch\u{1B}[2J?")
                    )
                    try connection.event(new)
                }
                try connection.reply(request, Sample.list([Sample.message(5), Sample.message(4)]))
            case MessageRead.name:
                let id = try request.params(MessageRead.Params.self).id
                let body = MessageRead.Body(
                    type: "text/plain",
                    part: "1",
                    text: "text of \(id)",
                    truncated: false
                )
                let result = MessageRead.Result(
                    account: "alice",
                    summary: Sample.message(id),
                    bcc: [],
                    replyTo: [],
                    body: body,
                    parts: []
                )
                try connection.reply(request, result)
            case MessageFlag.name, MessageTrash.name:
                try connection.reply(request, ChangeResult(items: []))
            case MessageSend.name:
                let result = MessageSend.Result(item: .example(.queued))
                try connection.reply(request, result)
            default:
                try connection.fail(request, BrokerError(.mailboxNotFound, "no such mailbox"))
            }
        }
    }

    private static func run(
        _ lines: [String],
        _ broker: FakeBroker
    ) -> (status: Int32, captured: CapturedSession) {
        let captured = CapturedSession(socket: broker.path)
        let input = CapturedSession.pipe(Array((lines.joined(separator: "\n") + "\n").utf8))
        let console = Console(
            session: captured.session,
            editor: PipedLines(descriptor: input),
            input: input
        )
        return (console.run(), captured)
    }

    @Test("commands of a pipe run one after the other on one connection")
    func commands() throws {
        let broker = try Self.broker()
        let (status, captured) = Self.run(["h", "5", "n", "d", "q", "inbox"], broker)
        #expect(status == 0)
        #expect(captured.out.text.utf8.count(of: "text of 5") == 1)
        #expect(captured.out.text.utf8.count(of: "text of 4") == 1)
        #expect(
            broker.requests.map(\.method) == [
                "events.subscribe", "message.list", "message.read", "message.flag", "message.read",
                "message.flag", "message.trash",
            ]
        )
        #expect(try broker.request(6).params(MessageTrash.Params.self).ids == [4])
    }

    @Test("a command that fails is told and the console goes on")
    func failure() throws {
        let broker = try Self.broker()
        let (status, captured) = Self.run(["parts 1", "read x", "nonsense", "\"open", "5"], broker)
        #expect(status == 64)
        #expect(captured.err.text.utf8.count(of: "mb: no such mailbox\n") == 1)
        #expect(captured.out.text.utf8.count(of: "the quote \" at position 1 is not closed\n") == 1)
        #expect(captured.out.text.utf8.count(of: "text of 5") == 1)
    }

    @Test("new mail is announced once, cleaned, on a line of its own")
    func announcement() throws {
        let broker = try Self.broker(announces: true)
        let (_, captured) = Self.run(["h", "q"], broker)
        let line = "\n** new mail: 4832 Alice Martin: Lunch␛[2J?\n"
        #expect(captured.out.text.utf8.count(of: line) == 1)
    }

    @Test("a message is written and sent with what was attached before")
    func compose() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let lines = [
            "attach '\(scratch.write("a b", [1, 2]))'", "compose a@b", "", "", "Hi", "Hello", ".",
            "compose", "c@d", "", "", "Again", "x", ".",
        ]
        let (status, captured) = Self.run(lines, broker)
        #expect(status == 0)
        #expect(
            captured.out.text.utf8.count(
                of: "queued 17 <b7c1@alice.example> to 2 recipients (1.2M)\n"
            ) == 2
        )
        let first = try broker.request(1).params(MessageSend.Params.self)
        #expect(first.to == ["a@b"])
        #expect(first.attachments?.map(\.name) == ["a b"])
        #expect(try broker.request(1).uploads[first.bodyStream] == Array("Hello\n".utf8))
        #expect(try broker.request(2).params(MessageSend.Params.self).attachments?.isEmpty == true)
    }

    @Test("an absent broker is said so with status 69")
    func absent() {
        let captured = CapturedSession()
        let input = CapturedSession.pipe([])
        let editor = PipedLines(descriptor: input)
        #expect(Console(session: captured.session, editor: editor, input: input).run() == 69)
    }

    @Test("a broker that goes away is reached again by the next command")
    func restart() throws {
        let broker = try FakeBroker { request, connection in
            if request.method == EventsSubscribe.name {
                try connection.reply(request, EventsSubscribe.Result(seq: 1, resync: false))
            } else if try request.params(MessageList.Params.self).mailbox == "bye" {
                connection.hangUp()
            } else {
                try connection.reply(request, Sample.list([]))
            }
        }
        let (_, captured) = Self.run(["list bye", "inbox"], broker)
        #expect(captured.err.text == "mb: the broker closed the connection\n")
        #expect(captured.out.text.utf8.count(of: "alice/INBOX  0 of 1204") == 1)
        #expect(
            broker.requests.map(\.method)
                == ["events.subscribe", "message.list", "events.subscribe", "message.list"]
        )
    }
}
