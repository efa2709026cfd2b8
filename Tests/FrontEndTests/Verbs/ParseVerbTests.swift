// Facts about messages in files: `mb parse` and `mb read --file`.

import BrokerProtocol
import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ParseVerbTests {
    init() { Screen.prepareLocale() }

    /// A broker that answers with the subject of what was uploaded to it.
    private static func broker() throws -> FakeBroker {
        try FakeBroker { request, connection in
            let octets = request.uploads.values.first ?? []
            if request.method == MessageRender.name {
                let body = MessageRead.Body(
                    type: "text/plain",
                    part: "1",
                    text: String(decoding: octets, as: UTF8.self),
                    truncated: false
                )
                let result = MessageRender.Result(
                    from: [Address(name: "A", address: "a@b")],
                    to: [],
                    cc: [],
                    bcc: [],
                    replyTo: [],
                    date: nil,
                    subject: "esc\u{1B}[2J",
                    messageID: nil,
                    body: body,
                    parts: []
                )
                return try connection.reply(request, result)
            }
            var message = ParsedMessage()
            message.subject = String(decoding: octets, as: UTF8.self)
            try connection.reply(request, message)
        }
    }

    private static func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "mb-parse-\(UUID().uuidString).eml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test("each file is a line, in order, with its name and what the broker found")
    func lines() throws {
        let broker = try Self.broker()
        let (first, second) = (try Self.file("one\n"), try Self.file("two\n"))
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("parse", first, second) == 0)
        let empty =
            "\"cc\":[],\"date\":null,\"embedded\":[],\"file\":\"%\",\"from\":[],\"in_reply_to\":[],"
            + "\"message_id\":null,\"parts\":[],\"references\":[],\"reply_to\":[],"
        let lines = [(first, "one"), (second, "two")].map { path, subject in
            "{\"schema\":\"mb.parse/1\"," + empty.replacingOccurrences(of: "%", with: path)
                + "\"subject\":\"\(subject)\\n\",\"to\":[],\"truncated\":false}\n"
        }
        #expect(captured.out.text == lines.joined())
    }

    @Test("a file that is not there is an error of its own line, the others are parsed")
    func missing() throws {
        let broker = try Self.broker()
        let file = try Self.file("one")
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("parse", "/nonexistent/x.eml", file) == 66)
        let lines = captured.out.text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("\"error\":{\"code\":\"file.not_found\"") == true)
        #expect(lines.last?.contains("\"subject\":\"one\"") == true)
    }

    @Test("with --crlf every bare line feed gets its carriage return, and no other octet changes")
    func crlf() throws {
        let broker = try Self.broker()
        let file = try Self.file("a\nb\r\nc\r\rd\n")
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("parse", "--crlf", file) == 0)
        #expect(captured.out.text.contains("\"subject\":\"a\\r\\nb\\r\\nc\\r\\rd\\r\\n\""))
    }

    @Test("read --file shows a file as a message, without a command that cannot save from it")
    func readFile() throws {
        let broker = try Self.broker()
        let file = try Self.file("hello\u{1B}]0;x\u{07}\n")
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("read", "--file", file) == 0)
        #expect(captured.out.text == "From: A <a@b>\nSubject: esc␛[2J\n\nhello␛]0;x␇\n")
    }

    @Test(
        "read takes an id or a file, not both and not neither",
        arguments: [["read"], ["read", "4", "--file", "x"], ["read", "--file", "x", "--seen"]]
    )
    func usage(arguments: [String]) throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run(arguments) == 64)
    }
}
