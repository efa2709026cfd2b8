// Facts about `mb sendmail`: it takes what other sendmails take.

import BrokerProtocol
import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite struct SendmailTests {
    private static func broker(_ error: BrokerError? = nil) throws -> FakeBroker {
        try FakeBroker { request, connection in
            if let error { return try connection.fail(request, error) }
            try connection.reply(request, MessageSend.Result(item: .example(.queued)))
        }
    }

    private func run(
        _ arguments: [String],
        _ broker: FakeBroker,
        input: String
    ) -> (status: Int32, out: String, err: String) {
        let captured = CapturedSession(socket: broker.path, input: Array(input.utf8))
        let status = MailCommand.run(["sendmail"] + arguments, session: captured.session)
        return (status, captured.out.text, captured.err.text)
    }

    @Test(
        "options are glued, alone, unknown to us and harmless",
        arguments: [
            (["-t", "-i"], [true, true]), (["-ti"], [true, true]), (["-oi", "-t"], [true, true]),
            (["-oem", "-odb", "-B8BITMIME", "-i", "a@b"], [false, true]),
            (["-O", "DeliveryMode=b", "-N", "never", "a@b"], [false, false]),
        ]
    )
    func options(words: [String], expected: [Bool]) throws {
        let options = try SendmailOptions(words)
        #expect([options.readsRecipients, options.ignoresDots] == expected)
        #expect(options.recipients == words.filter { $0.contains("@") })
    }

    @Test("sender, name and recipients are read, also behind --")
    func values() throws {
        let options = try SendmailOptions(
            ["-fme@a", "-F", "Cron Daemon", "-v", "x@y", "-r", "last@a", "--", "-z@y"]
        )
        #expect(options.sender == "last@a")
        #expect(options.fullName == "Cron Daemon")
        #expect(options.isVerbose)
        #expect(options.recipients == ["x@y", "-z@y"])
    }

    @Test("the reports of -N and -R go with the message, and an unknown one is refused")
    func reports() throws {
        let broker = try Self.broker()
        for words in [["-N", "Failure,delay", "-Rhdrs"], ["-Nnever"], ["-R", "full"]] {
            #expect(run(words + ["a@b"], broker, input: "Subject: x\n\ny\n").status == 0)
        }
        let asked = try broker.requests.map { try $0.params(MessageSubmit.Params.self).dsn }
        let first = DSNRequest([.failure, .delay], content: .headers)
        #expect(asked == [first, DSNRequest([DSNRequest.Event]()), nil])
        for words in [["-N", "never,delay"], ["-N", ""], ["-Rall"], ["-N"]] {
            #expect(run(words + ["a@b"], broker, input: "x").status == 64, "\(words)")
        }
    }

    @Test(
        "what only a server can do is refused with 64",
        arguments: [["-bd"], ["-bi"], ["-b"], ["-f"], ["-Z"], []]
    )
    func refused(words: [String]) throws {
        let broker = try Self.broker()
        #expect(run(words, broker, input: "Subject: x\n\ny\n").status == 64)
        #expect(broker.requests.isEmpty)
    }

    @Test("a message is handed over as it is, with the envelope beside it, in silence")
    func message() throws {
        let broker = try Self.broker()
        let text = "To: b@c\nSubject: x\n\nhello\n.\nthere\n"
        #expect(run(["-t", "-i", "-f", "me@a", "d@e"], broker, input: text) == (0, "", ""))
        let request = try broker.request(0)
        let params = try request.params(MessageSubmit.Params.self)
        #expect(params.recipients == ["d@e"])
        #expect(params.fromHeader)
        #expect(params.sender == "me@a")
        #expect(request.uploads[params.stream] == Array(text.utf8))
    }

    @Test(
        "without -i a dot alone ends the message, and a dot at a line's start is text",
        arguments: [
            ("a\n.\nb\n", "a\n"), ("a\r\n.\r\nb", "a\r\n"), (".a\n..\n.\n", ".a\n..\n"),
            ("a\n.", "a\n"), ("a.\n.x", "a.\n.x"), (".\r.\n", ".\r.\n"),
        ]
    )
    func dots(input: String, expected: String) throws {
        let broker = try Self.broker()
        #expect(run(["a@b"], broker, input: input).status == 0)
        let request = try broker.request(0)
        let stream = try request.params(MessageSubmit.Params.self).stream
        #expect(request.uploads[stream] == Array(expected.utf8))
    }

    @Test("-v tells what was done, and a refusal has its exit status and its line")
    func outcome() throws {
        let verbose = run(["-v", "a@b"], try Self.broker(), input: "x\n")
        #expect(verbose.out == "queued 17 <b7c1@alice.example> to 2 recipients (1.2M)\n")
        let error = BrokerError(.messageInvalid, "there is no recipient")
        let refused = run(["-t"], try Self.broker(error), input: "x\n")
        #expect(refused.status == 65)
        #expect(refused.err.utf8.count(of: "there is no recipient") == 1)
    }

    @Test("-bs speaks SMTP: each message is in the outbox before it is told 250")
    func conversation() throws {
        let broker = try Self.broker()
        let spoken = run(
            ["-bs"],
            broker,
            input: """
                EHLO me\r
                DATA\r
                MAIL FROM:<me@a> BODY=8BITMIME\r
                RCPT TO:<b@c>\r
                RCPT TO:<d@e>\r
                DATA\r
                Subject: x\r
                \r
                ..dot\r
                .\r
                MAIL FROM:<>\r
                RCPT TO:<f@g>\r
                DATA\r
                y\r
                .\r
                QUIT\r

                """
        )
        #expect(spoken.status == 0)
        let codes = spoken.out.utf8.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0.prefix(4), as: UTF8.self)
        }
        #expect(
            codes == [
                "220 ", "250-", "250-", "250-", "250 ", "503 ", "250 ", "250 ", "250 ", "354 ",
                "250 ", "250 ", "250 ", "354 ", "250 ", "221 ",
            ]
        )
        let first = try broker.request(0)
        let params = try first.params(MessageSubmit.Params.self)
        #expect(params.recipients == ["b@c", "d@e"])
        #expect(params.sender == "me@a")
        #expect(first.uploads[params.stream] == Array("Subject: x\r\n\r\n.dot\r\n".utf8))
        let second = try broker.request(1).params(MessageSubmit.Params.self)
        #expect(second.recipients == ["f@g"])
        #expect(second.sender == nil)
    }

    @Test("-bs: a message that is refused is told so, and the conversation goes on")
    func conversationRefused() throws {
        let broker = try Self.broker(BrokerError(.messageInvalid, "no such thing"))
        let spoken = run(
            ["-bs"],
            broker,
            input: "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nNOOP\nQUIT\n"
        )
        #expect(spoken.status == 65)
        #expect(spoken.out.utf8.count(of: "554 5.6.0 no such thing\r\n250 2.0.0 ok\r\n221 ") == 1)
    }

    @Test("-bs: an end within a message sends nothing")
    func conversationCut() throws {
        let broker = try Self.broker()
        let spoken = run(
            ["-bs"],
            broker,
            input: "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nhalf of"
        )
        #expect(spoken.status == 65)
        #expect(broker.requests.isEmpty)
    }

    @Test("a program is sendmail by the last part of its path")
    func name() {
        #expect(Sendmail.isName("/usr/sbin/sendmail"))
        #expect(Sendmail.isName("sendmail"))
        #expect(!Sendmail.isName("/usr/bin/mb"))
        #expect(!Sendmail.isName("/sendmail/mb"))
    }
}
