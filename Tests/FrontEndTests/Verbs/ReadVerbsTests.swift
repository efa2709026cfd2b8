// Facts about reading messages.

import BrokerProtocol
import MailModel
import Testing

@testable import FrontEnd

@Suite struct ReadVerbsTests {
    init() { Screen.prepareLocale() }

    private static let pdf = PartInfo(
        part: "2",
        type: "application/pdf",
        name: "con\u{1B}tract.pdf",
        size: 46_080,
        disposition: "attachment",
        attachment: true
    )

    private static func broker(text: String = "Hello\r\nBob\n\n\n") throws -> FakeBroker {
        try FakeBroker { request, connection in
            if request.method == MessageFlag.name {
                let item = ChangeResult.Item(id: 4831, outcome: .flagged)
                try connection.reply(request, ChangeResult(items: [item]))
                return
            }
            let result = MessageRead.Result(
                account: "alice",
                summary: Sample.message(4831, from: "ceo@bank.com", address: "x@evil.tld"),
                bcc: [],
                replyTo: [],
                body: MessageRead.Body(type: "text/plain", part: "1", text: text, truncated: false),
                parts: [pdf]
            )
            try connection.reply(request, result)
        }
    }

    @Test("a message is headers, text, attachments and how to save them")
    func read() throws {
        let broker = try Self.broker()
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("read", "4831") == 0)
        #expect(
            captured.out.text == """
                From: ceo@bank.com <x@evil.tld>  [the name is another address]
                To: Bob Fisher <bob@example.org>
                Date: Tue, 22 Sep 2026 14:02:00 +0000
                Subject: Lunch on Friday?

                Hello
                Bob

                  [2] con␛tract.pdf  application/pdf  45K

                save with: mb fetch 4831

                """
        )
        #expect(broker.requests.map(\.method) == ["message.read"])
    }

    @Test("reading marks as seen only when asked")
    func seen() throws {
        let broker = try Self.broker()
        #expect(CapturedSession(socket: broker.path).run("read", "--seen", "4831") == 0)
        #expect(broker.requests.map(\.method) == ["message.read", "message.flag"])
        #expect(try broker.request(1).params(MessageFlag.Params.self).add == [.seen])
    }

    @Test("a long display name never pushes the address away")
    func longName() {
        let name = String(repeating: "Very Trustworthy ", count: 30)
        let text = AddressText.full(Address(name: name, address: "x@evil.tld"))
        #expect(text.utf8.count < 90)
        #expect(text.utf8.count(of: "<x@evil.tld>") == 1)
    }

    @Test("a text that acts on a terminal is shown, not obeyed")
    func hostile() throws {
        let broker = try Self.broker(text: "a\u{1B}]52;c;x\u{07}\u{9B}2J\rb\u{202E}c\td")
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("read", "4831") == 0)
        #expect(captured.out.text.utf8.count(of: "\na␛]52;c;x␇<9B>2J\nb<U+202E>c    d\n") == 1)
    }

    @Test("raw is refused on a terminal and exact in a pipe")
    func raw() throws {
        let octets = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let broker = try FakeBroker { request, connection in
            let stream = try request.params(MessageRaw.Params.self).stream
            for start in stride(from: 0, to: octets.count, by: 262_144) {
                try connection.octets(
                    stream,
                    Array(octets[start..<min(start + 262_144, octets.count)])
                )
            }
            try connection.reply(request, OctetsSummary(size: Int64(octets.count), sha256: "x"))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("raw", "1") == 0)
        #expect(captured.out.octets == octets)
        captured.session.screen = Screen(columns: 80, isTerminal: true)
        #expect(captured.run("raw", "1") == 64)
        #expect(captured.err.text.utf8.count(of: "--force") == 1)
    }

    @Test("a raw message that came short is an error")
    func rawShort() throws {
        let broker = try FakeBroker { request, connection in
            let stream = try request.params(MessageRaw.Params.self).stream
            try connection.octets(stream, [1, 2, 3])
            try connection.reply(request, OctetsSummary(size: 4, sha256: "x"))
        }
        #expect(CapturedSession(socket: broker.path).run("raw", "1") == 76)
    }

    @Test("parts are a table")
    func parts() throws {
        let broker = try FakeBroker { request, connection in
            let text = PartInfo(
                part: "1",
                type: "text/plain",
                name: nil,
                size: 100,
                disposition: nil,
                attachment: false
            )
            try connection.reply(request, MessageParts.Result(id: 1, parts: [text, Self.pdf]))
        }
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("parts", "1") == 0)
        #expect(
            captured.out.text == """
                  PART  TYPE              SIZE  NAME
                  1     text/plain        100B
                @ 2     application/pdf    45K  con␛tract.pdf

                """
        )
    }
}
