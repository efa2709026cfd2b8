// Facts about sending messages.

import BrokerProtocol
import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite struct SendVerbTests {
    private static func broker(
        _ state: OutboxState = .queued,
        text: String? = nil,
        sendAt: DateTime? = nil,
        online: Bool = true
    ) throws -> FakeBroker {
        try FakeBroker { request, connection in
            var item = OutboxItem.example(state)
            (item.text, item.sendAt) = (text, sendAt)
            try connection.reply(request, MessageSend.Result(item: item, online: online))
        }
    }

    @Test("what is missing is named and exits 64 without asking the broker")
    func missing() throws {
        let broker = try Self.broker()
        for (arguments, missing) in [
            (["-s", "x", "--body", "y"], ["recipient"]),
            (["-t", "", "-s", "x", "--body", "y"], ["recipient"]),
            (["-t", " , ", "-s", "x", "--body", "y"], ["recipient"]),
            (["-t", "a@b", "--body", "y"], ["subject"]),
            (["-t", "a@b", "-s", " ", "--body", "y"], ["subject"]),
            (["-t", "a@b", "-s", "x", "--body", ""], ["body"]),
            (["-t", "a@b", "-s", "x"], ["body"]),
            (["-t", "a@b", "-s", "x", "--body", " \n\t\r\n"], ["body"]),
            (["--body", ""], ["recipient", "subject", "body"]),
            (["--allow-empty"], ["recipient"]),
        ] {
            let captured = CapturedSession(socket: broker.path)
            #expect(MailCommand.run(["send"] + arguments, session: captured.session) == 64)
            for word in missing { #expect(captured.err.text.utf8.count(of: word) > 0) }
        }
        #expect(broker.requests.isEmpty)
    }

    @Test("CR, LF and NUL are refused by the name of their field")
    func lineEnds() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let file = scratch.write("a\nb.txt", [1])
        for (field, arguments) in [
            ("to", ["-t", "a@b\r\nBcc: x@y"]), ("cc", ["-c", "a@b\n"]), ("bcc", ["-b", "a\0@b"]),
            ("subject", ["-s", "x\r\nBcc: x@y"]), ("from", ["--from", "a@b\n"]),
            ("file name", ["--attach", file]),
        ] {
            let captured = CapturedSession(socket: broker.path)
            let whole = ["send", "-t", "a@b", "--body", "y", "--json"] + arguments
            #expect(MailCommand.run(whole, session: captured.session) == 65)
            #expect(captured.out.text.utf8.count(of: "\"field\":\"\(field)\"") == 1)
        }
        #expect(broker.requests.isEmpty)
    }

    @Test("text, recipients and attachments of 0, 1 and 600,000 octets arrive whole and in order")
    func attachments() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let large = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        let captured = CapturedSession(socket: broker.path)
        let status = captured.run(
            "send",
            "-t",
            "a@b, c@d",
            "-t",
            "e@f",
            "-c",
            "g@h",
            "-b",
            "i@j",
            "-s",
            "-dash",
            "--body",
            "Hello",
            "--attach",
            scratch.write("empty", []),
            "--attach",
            scratch.write("ö \"x\".bin", [7]),
            "--attach",
            scratch.write("large", large)
        )
        #expect(status == 0)
        #expect(
            captured.out.text
                == "queued 17 <b7c1@alice.example> to 2 recipients (1.2M)\n"
        )
        let request = try broker.request(0)
        let params = try request.params(MessageSend.Params.self)
        #expect(params.to == ["a@b, c@d", "e@f"])
        #expect(params.cc == ["g@h"])
        #expect(params.bcc == ["i@j"])
        #expect(params.subject == "-dash")
        #expect(request.uploads[params.bodyStream] == Array("Hello".utf8))
        let attached = try #require(params.attachments)
        #expect(attached.map(\.name) == ["empty", "ö \"x\".bin", "large"])
        #expect(attached.map { request.uploads[$0.stream] } == [[], [7], large])
        let streams = [params.bodyStream] + attached.map(\.stream)
        #expect(streams == streams.sorted())
    }

    @Test(
        "the text comes from standard input, with and without a dash",
        arguments: [["-"], ["--body-file", "-"], []]
    )
    func standardInput(arguments: [String]) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path, input: Array("from stdin\n".utf8))
        let whole = ["send", "-t", "a@b", "-s", "x"] + arguments
        #expect(MailCommand.run(whole, session: captured.session) == 0)
        let request = try broker.request(0)
        #expect(request.uploads[1] == Array("from stdin\n".utf8))
    }

    @Test("the text comes from a file")
    func bodyFile() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let captured = CapturedSession(socket: broker.path)
        let file = scratch.write("text", Array("from file".utf8))
        #expect(captured.run("send", "-t", "a@b", "-s", "x", "--body-file", file) == 0)
        #expect(try broker.request(0).uploads[1] == Array("from file".utf8))
    }

    @Test("--allow-empty sends without subject and text")
    func allowEmpty() throws {
        let broker = try Self.broker()
        #expect(CapturedSession(socket: broker.path).run("send", "-t", "a@b", "--allow-empty") == 0)
        #expect(try broker.request(0).uploads[1] == [])
    }

    @Test("what was asked for goes with the message, and a key of its own")
    func options() throws {
        let broker = try Self.broker()
        for _ in 0..<2 {
            let captured = CapturedSession(socket: broker.path)
            let words = [
                "--hold", "2m", "--partial", "--wait", "--at", "2027-01-02T03:04:05Z", "--dsn",
                "success,delay", "--dsn-return", "full",
            ]
            _ = MailCommand.run(
                ["send", "-t", "a@b", "-s", "x", "--body", "y"] + words,
                session: captured.session
            )
        }
        let params = try broker.request(0).params(MessageSend.Params.self)
        #expect(params.hold == 120)
        #expect(params.sendAt == DateTime(unixSeconds: 1_798_859_045))
        #expect((params.partial, params.wait) == (true, true))
        #expect(params.dsn == DSNRequest([.delay, .success], content: .full))
        let keys = try [0, 1].map { try broker.request($0).params(MessageSend.Params.self).key }
        #expect(keys.map { $0?.utf8.count } == [32, 32])
        #expect(keys[0] != keys[1])
    }

    @Test(
        "reports that nobody makes are refused",
        arguments: [["--dsn", "always"], ["--dsn", "never,"], ["--dsn-return", "full"]]
    )
    func unknownReports(words: [String]) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        let all = ["send", "-t", "a@b", "-s", "x", "--body", "y"] + words
        #expect(MailCommand.run(all, session: captured.session) == 64)
        #expect(broker.requests.isEmpty)
    }

    @Test("a message that does not leave at once says when, and how to take it back")
    func later() throws {
        let sendAt = DateTime(unixSeconds: 1_798_859_045)
        let captured = CapturedSession(socket: try Self.broker(sendAt: sendAt).path)
        #expect(captured.run("send", "-t", "a@b", "-s", "x", "--body", "y") == 0)
        #expect(captured.out.text.utf8.count(of: "; leaves ") == 1)
        #expect(captured.out.text.utf8.count(of: "(mb outbox cancel 17 takes it back)") == 1)
        let offline = CapturedSession(socket: try Self.broker(online: false).path)
        #expect(offline.run("send", "-t", "a@b", "-s", "x", "--body", "y") == 0)
        #expect(offline.out.text.utf8.count(of: "leaves when the account is logged in") == 1)
    }

    @Test(
        "--wait tells what the first attempt came to, and exits by it",
        arguments: [
            (OutboxState.filed, 0, "sent <b7c1@alice.example> to 2 recipients (1.2M)\n", ""),
            (.sent, 0, "sent <b7c1@alice.example> to 2 recipients (1.2M)\n", ""),
            (.failed, 77, "", "mb: not sent: no such user\n"),
            (.unknown, 75, "", "mb: no such user\n"),
            (
                .queued, 75, "",
                "mb: not sent yet: no such user; it is tried again (mb outbox show 17)\n"
            ),
        ]
    )
    func waiting(state: OutboxState, status: Int32, out: String, err: String) throws {
        let captured = CapturedSession(socket: try Self.broker(state, text: "no such user").path)
        #expect(captured.run("send", "--wait", "-t", "a@b", "-s", "x", "--body", "y") == status)
        #expect(captured.out.text == out)
        #expect(captured.err.text == err)
    }

    @Test("a time that is none, a hold that is none: exit 64, and the broker is not asked")
    func badTimes() throws {
        let broker = try Self.broker()
        for words in [["--at", "whenever"], ["--at", "25:00"], ["--hold", "soon"]] {
            let captured = CapturedSession(socket: broker.path)
            let whole = ["send", "-t", "a@b", "-s", "x", "--body", "y"] + words
            #expect(MailCommand.run(whole, session: captured.session) == 64)
        }
        #expect(broker.requests.isEmpty)
    }

    @Test("a broker that goes away leaves a key with which the message is sent only once")
    func lostBroker() throws {
        let broker = try FakeBroker { _, _ in throw POSIXError(.ECONNRESET) }
        let captured = CapturedSession(socket: broker.path)
        let status = captured.run("send", "--key", "k1", "-t", "a@b", "-s", "x", "--body", "y")
        #expect(status == 75)
        #expect(captured.err.text.utf8.count(of: "--key k1") == 1)
    }

    @Test("a file that changes during the upload takes the request back")
    func changed() throws {
        let broker = try Self.broker()
        let scratch = ScratchDirectory()
        let path = scratch.write("a", Array(repeating: 1, count: 3_000_000))
        let file = try OutgoingFile(path: path)
        #expect(truncate(path, 1_000_000) == 0)
        let captured = CapturedSession(socket: broker.path)
        var message = OutgoingMessage()
        message.to = ["a@b"]
        #expect(throws: FrontEndError.self) {
            _ = try message.send(BodySource(file), in: captured.session)
        }
        // The connection is still good.
        #expect(captured.run("send", "-t", "a@b", "-s", "x", "--body", "y") == 0)
        #expect(broker.cancelled == 1)
        #expect(broker.requests.count == 1)
    }

    @Test("the broker may refuse before everything is uploaded")
    func earlyRefusal() throws {
        let broker = try FakeBroker { request, connection in
            try connection.fail(request, BrokerError(.messageInvalid, "bad address", field: "to"))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("send", "-t", "a", "-s", "x", "--body", "y") == 65)
        #expect(captured.err.text == "mb: bad address\n")
    }
}
