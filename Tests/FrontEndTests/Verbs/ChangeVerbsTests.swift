// Facts about rm, purge and flags.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ChangeVerbsTests {
    private static func broker(_ items: [ChangeResult.Item]) throws -> FakeBroker {
        try FakeBroker { request, connection in
            try connection.reply(request, ChangeResult(items: items))
        }
    }

    @Test("rm says where a message went, and says that one is in Trash before it deletes it")
    func rm() throws {
        let broker = try FakeBroker { request, connection in
            let isPurge = request.method == "message.purge"
            let items: [ChangeResult.Item] =
                isPurge
                ? [.init(id: 4830, outcome: .purged)]
                : [
                    .init(id: 4831, outcome: .trashed, mailbox: "Papierkorb"),
                    .init(id: 4830, outcome: .inTrash),
                ]
            try connection.reply(request, ChangeResult(items: items))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("rm", "4831", "4830") == 0)
        #expect(
            captured.out.text == """
                4831  moved to Papierkorb
                4830  deleted for good

                """
        )
        #expect(try broker.request(0).method == "message.trash")
        #expect(try broker.request(0).params(MessageTrash.Params.self).ids == [4831, 4830])
        #expect(captured.err.text == "mb: 4830 is in Trash already: deleting it for good\n")
        #expect(try broker.request(1).params(MessagePurge.Params.self).ids == [4830])
    }

    @Test("a message that fails is told on standard error and decides the exit status")
    func failure() throws {
        let broker = try Self.broker([
            ChangeResult.Item(
                id: 1,
                outcome: .failed,
                error: BrokerError(.messageNotFound, "no such message")
            ),
            ChangeResult.Item(id: 2, outcome: .trashed),
        ])
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("rm", "1", "2") == 66)
        #expect(captured.out.text == "2  moved to Trash\n")
        #expect(captured.err.text == "mb: 1: no such message\n")
    }

    @Test("purge asks on a terminal; only yes deletes", arguments: ["n\n", "\n", "", "x\n"])
    func refused(answer: String) throws {
        let broker = try Self.broker([])
        let input = Array(answer.utf8)
        let captured = CapturedSession(socket: broker.path, canAsk: true, input: input)
        #expect(captured.run("purge", "1", "2") == 0)
        #expect(captured.err.text == "Delete 2 messages for good? [y/N] mb: nothing was deleted\n")
        #expect(broker.requests.isEmpty)
    }

    @Test("purge deletes after yes, with --yes, and without a terminal")
    func purged() throws {
        let broker = try Self.broker([ChangeResult.Item(id: 1, outcome: .purged)])
        let asked = CapturedSession(socket: broker.path, canAsk: true, input: Array("y\n".utf8))
        #expect(asked.run("purge", "1") == 0)
        #expect(CapturedSession(socket: broker.path, canAsk: true).run("purge", "1", "-y") == 0)
        let piped = CapturedSession(socket: broker.path)
        #expect(piped.run("purge", "1") == 0)
        #expect(piped.out.text == "1  deleted for good\n")
        #expect(broker.requests.map(\.method) == Array(repeating: "message.purge", count: 3))
    }

    @Test(
        "each flag verb sets or clears its flag",
        arguments: [
            ("seen", [MailModel.Flag.seen], nil), ("unseen", nil, [.seen]),
            ("flag", [.flagged], nil), ("unflag", nil, [.flagged]),
        ] as [(String, [MailModel.Flag]?, [MailModel.Flag]?)]
    )
    func flags(verb: String, add: [MailModel.Flag]?, remove: [MailModel.Flag]?) throws {
        let broker = try Self.broker([ChangeResult.Item(id: 7, outcome: .flagged)])
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run(verb, "7") == 0)
        #expect(captured.out.octets.isEmpty)
        let params = try broker.request(0).params(MessageFlag.Params.self)
        #expect(params.add == add)
        #expect(params.remove == remove)
    }

    @Test(
        "label takes ids, then labels with a plus or a minus, and tells where a message went",
        arguments: [
            (["7", "8", "+a b", "-Later", "+c"], ["a b", "c"], ["Later"]),
            (["--json", "7", "8", "+2026"], ["2026"], []), (["7", "8", "--json", "-a"], [], ["a"]),
        ] as [([String], [String], [String])]
    )
    func labels(words: [String], add: [String], remove: [String]) throws {
        let broker = try Self.broker([
            .init(id: 7, outcome: .labelled),
            .init(id: 8, outcome: .labelled, mailbox: "All", waiting: true),
        ])
        let captured = CapturedSession(socket: broker.path)
        #expect(MailCommand.run(["label"] + words, session: captured.session) == 0)
        let params = try broker.request(0).params(MessageLabel.Params.self)
        #expect(params.ids == [7, 8])
        #expect(params.add == add)
        #expect(params.remove == remove)
        if words.contains("--json") {
            #expect(captured.out.text.utf8.starts(with: #"{"schema":"mb.change/1","items":["#.utf8))
        } else {
            #expect(captured.out.text == "8  moved to All, when the server can be told\n")
        }
    }

    @Test(
        "label without ids, without labels, or with anything else is a mistake",
        arguments: [
            ["7"], ["+a"], ["7", "a"], ["7", "+"], ["7", "+a", "8"], ["7", "+a", "-a", "alice"],
            ["-a"], ["0", "+a"],
        ]
    )
    func labelMistakes(words: [String]) throws {
        let broker = try Self.broker([])
        let captured = CapturedSession(socket: broker.path)
        #expect(MailCommand.run(["label"] + words, session: captured.session) == 64)
        #expect(broker.requests.isEmpty)
        #expect(captured.run("label", "--help") == 0)
        #expect(captured.out.text.contains("<+label>"))
    }

    @Test("important is the label of that name")
    func important() throws {
        let broker = try Self.broker([.init(id: 7, outcome: .labelled)])
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("important", "7") == 0)
        #expect(captured.out.octets.isEmpty)
        let params = try broker.request(0).params(MessageLabel.Params.self)
        #expect(params.add == ["important"])
        #expect(params.remove == nil)
    }

    @Test("more ids than one request takes go in several")
    func portions() throws {
        let broker = try Self.broker([])
        let ids = (1...2500).map(String.init)
        #expect(
            MailCommand.run(["seen"] + ids, session: CapturedSession(socket: broker.path).session)
                == 0
        )
        let sizes = try broker.requests.map { try $0.params(MessageFlag.Params.self).ids.count }
        #expect(sizes == [1000, 1000, 500])
    }
}
