// Facts about the outbox on the command line.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct OutboxVerbsTests {
    private static func items() -> [OutboxItem] {
        var queued = OutboxItem.example(.queued)
        queued.sendAt = DateTime(unixSeconds: 1_795_700_060)
        var held = OutboxItem.example(.held)
        (held.id, held.text) = (18, "it may have been sent")
        var failed = OutboxItem.example(.failed)
        (failed.id, failed.text) = (19, "550 no such user\u{1B}[2J")
        return [queued, held, failed]
    }

    /// Lists three messages, and does what it is told with one that is not number 18.
    private static func broker() throws -> FakeBroker {
        try FakeBroker { request, connection in
            switch request.method {
            case OutboxList.name:
                try connection.reply(request, OutboxList.Result(items: items()))
            case OutboxShow.name:
                let steps: [OutboxShow.Result.Step] = [
                    .init(time: DateTime(unixSeconds: 1_795_700_000), what: "queued"),
                    .init(
                        time: DateTime(unixSeconds: 1_795_700_003),
                        what: "deferred",
                        detail: "451 later\u{1B}[2J"
                    ),
                ]
                try connection.reply(
                    request,
                    OutboxShow.Result(item: .example(.queued), history: steps)
                )
            default:
                let params = try request.params(OutboxChangeRequest.Params.self)
                let refusal = BrokerError(.requestInvalid, "it is held")
                let results = params.ids.map { id -> OutboxChangeRequest.Result.Item in
                    guard id != 18 else { return .init(id: id, error: refusal) }
                    var item = OutboxItem.example(.cancelled)
                    item.id = id
                    return .init(id: id, item: item)
                }
                try connection.reply(request, OutboxChangeRequest.Result(items: results))
            }
        }
    }

    @Test("the list says what waits until when, and what to do about the rest")
    func list() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("outbox") == 0)
        let out = captured.out.text
        #expect(out.utf8.count(of: "bob@example.org +1") == 3)
        #expect(out.utf8.count(of: "leaves ") == 1)
        #expect(out.utf8.count(of: "mb outbox resend 18 or mb outbox done 18") == 1)
        #expect(out.utf8.count(of: "550 no such user") == 1)
        #expect(out.utf8.count(of: "\u{1B}") == 0)
    }

    @Test("an empty outbox says so")
    func empty() throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, OutboxList.Result(items: []))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("outbox", "list", "--all") == 0)
        #expect(captured.out.text == "the outbox is empty\n")
        #expect(try broker.request(0).params(OutboxList.Params.self).all == true)
    }

    @Test("a message is shown with recipients and history, and nothing acts on the terminal")
    func show() throws {
        let captured = CapturedSession(socket: try Self.broker().path)
        #expect(captured.run("outbox", "show", "17") == 0)
        let out = captured.out.text
        #expect(out.utf8.count(of: "Message-ID: <b7c1@alice.example>\n") == 1)
        #expect(out.utf8.count(of: "To:         eve@example.org  pending\n") == 1)
        #expect(out.utf8.count(of: "deferred  451 later") == 1)
        #expect(out.utf8.count(of: "\u{1B}") == 0)
    }

    @Test("global options may stand in front of both words")
    func globalOptions() throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("-a", "work", "--json", "outbox", "list") == 0)
        #expect(captured.out.text.utf8.starts(with: #"{"schema":"mb.outbox/1""#.utf8))
        #expect(try broker.request(0).params(OutboxList.Params.self).account == "work")
    }

    @Test(
        "an order is carried out for ids, for the last message or for all for which it is possible",
        arguments: [
            (["cancel", "17", "19"], [17, 19], OutboxAction.cancel),
            (["cancel", "--last"], [18], .cancel), (["cancel", "--all"], [17, 18], .cancel),
            (["retry", "--all"], [17, 19], .retry), (["resend", "--all"], [18], .resend),
            (["done", "--last"], [18], .done), (["ack", "--all"], [19], .ack),
        ]
    )
    func orders(words: [String], ids: [Int64], action: OutboxAction) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        let status = MailCommand.run(["outbox"] + words, session: captured.session)
        #expect(status == (ids.contains(18) ? 64 : 0))
        let params = try #require(broker.requests.last).params(OutboxChangeRequest.Params.self)
        #expect(params.ids == ids)
        #expect(params.action == action)
        for id in ids where id != 18 {
            #expect(captured.out.text.utf8.count(of: "\(id)  cancelled\n") == 1)
        }
    }

    @Test("all that are to be tried again are those that are due")
    func notDue() throws {
        let broker = try FakeBroker { request, connection in
            var scheduled = OutboxItem.example(.queued)
            scheduled.sendAt = DateTime(unixSeconds: 4_102_444_800)
            try connection.reply(request, OutboxList.Result(items: [scheduled]))
        }
        #expect(CapturedSession(socket: broker.path).run("outbox", "retry", "--all") == 66)
        #expect(broker.requests.map(\.method) == [OutboxList.name])
    }

    @Test("an order without messages, or for none, is refused", arguments: ["cancel", "ack"])
    func nothing(verb: String) throws {
        let broker = try FakeBroker { request, connection in
            try connection.reply(request, OutboxList.Result(items: []))
        }
        #expect(CapturedSession(socket: broker.path).run("outbox", verb) == 64)
        #expect(CapturedSession(socket: broker.path).run("outbox", verb, "1", "--all") == 64)
        #expect(CapturedSession(socket: broker.path).run("outbox", verb, "--all") == 66)
    }
}
