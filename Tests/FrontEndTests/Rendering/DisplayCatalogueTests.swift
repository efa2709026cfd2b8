// Rows C15 to C21, C29 and C31 of the catalogue (reliability.md 2.C): what of a message reaches a
// terminal, a pipe and a directory.

import BrokerProtocol
import Foundation
import MailModel
import Testing

@testable import FrontEnd

@Suite struct DisplayCatalogueTests {
    init() { Screen.prepareLocale() }

    /// Texts that act on a terminal.
    private static let hostile = [
        "\u{1B}]52;c;ZXZpbA==\u{07}", "\u{1B}]0;title\u{07}", "\u{1B}[2J", "\u{1B}[6n",
        "\u{1B}P1$r\u{1B}\\", "\u{9B}2J", "a\u{08}b", "safe\revil", "\u{7F}", "\u{0}", "\u{85}",
    ]

    private static func isSafe(_ text: some StringProtocol, allowing allowed: String = "") -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            allowed.unicodeScalars.contains(scalar)
                || (scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
    }

    /// A broker with one message in which every text is `text`.
    private static func broker(_ text: String) throws -> FakeBroker {
        try FakeBroker { request, connection in
            let address = Address(name: text, address: "\(text)@example.org")
            var notes = MessageNotes()
            notes.protected = [ProtectedField(name: text, value: text)]
            notes.bounce = .init(
                originalMessageID: text,
                recipients: [
                    .init(address: text, delayed: false, status: text, diagnostic: text)
                ]
            )
            notes.event = .init(
                method: text,
                summary: text,
                start: text,
                end: text,
                location: text,
                organizer: nil
            )
            let result = MessageRender.Result(
                from: [address],
                to: [address],
                cc: [address],
                bcc: [address],
                replyTo: [],
                date: nil,
                subject: text,
                messageID: text,
                notes: notes,
                body: MessageRead.Body(
                    type: "text/plain",
                    part: "1",
                    text: text + "\n",
                    truncated: false
                ),
                parts: [
                    PartInfo(
                        part: "2",
                        type: text,
                        name: text,
                        size: 1,
                        disposition: nil,
                        attachment: true
                    )
                ]
            )
            try connection.reply(request, result)
        }
    }

    @Test("C15: nothing of a message acts on a terminal", arguments: hostile)
    func terminal(text: String) throws {
        let broker = try Self.broker(text)
        let captured = CapturedSession(socket: broker.path)
        #expect(captured.run("read", "--file", "/dev/null/x") == 66)
        let file = NSTemporaryDirectory() + "mb-c15-\(UUID().uuidString)"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        #expect(captured.run("read", "--file", file) == 0)
        #expect(Self.isSafe(captured.out.text, allowing: "\n"), "\(captured.out.text)")
    }

    @Test(
        "C16: JSON escapes what would act, also what JSON itself lets through",
        arguments: hostile
    )
    func json(text: String) throws {
        let broker = try Self.broker(text)
        let captured = CapturedSession(socket: broker.path)
        let file = NSTemporaryDirectory() + "mb-c16-\(UUID().uuidString)"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        #expect(captured.run("read", "--file", file, "--json") == 0)
        let line = captured.out.text
        #expect(Self.isSafe(line.dropLast()), "\(line)")
        let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let subject = json?["subject"] as? String
        #expect(subject.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("C17: bidirectional controls are shown by number; the extension is what the octets say")
    func bidirectional() {
        let name = "invoice\u{202E}fdp.exe"
        #expect(TerminalText.line(name) == "invoice<U+202E>fdp.exe")
        #expect(TerminalText.line("\u{2066}a\u{2069}") == "<U+2066>a<U+2069>")
        #expect(FileName.safe(name) == "invoicefdp.exe")
    }

    @Test("C18: invisible characters in names and domains are visible")
    func invisible() {
        for (scalar, shown) in [
            ("\u{200B}", "<U+200B>"), ("\u{2060}", "<U+2060>"), ("\u{E0041}", "<U+E0041>"),
        ] {
            let address = Address(name: "Bank\(scalar)", address: "a@ba\(scalar)nk.com")
            let text = AddressText.full([address])
            #expect(text.unicodeScalars.count > 2 * shown.unicodeScalars.count)
            #expect(!text.unicodeScalars.contains { scalar.unicodeScalars.contains($0) })
        }
    }

    @Test("C19: a name that is an address is marked, and a long name does not hide the address")
    func spoofedName() {
        let spoof = AddressText.full([Address(name: "ceo@bank.com", address: "x@evil.tld")])
        #expect(spoof == "ceo@bank.com <x@evil.tld>  [the name is another address]")
        let long = Address(name: String(repeating: "a ", count: 250), address: "x@evil.tld")
        let text = AddressText.full([long])
        #expect(text.hasSuffix("<x@evil.tld>"))
    }

    @Test("C20: a domain in another script has its ASCII form beside it")
    func homograph() {
        let text = AddressText.full([Address(name: nil, address: "a@\u{430}pple.com")])
        #expect(text.contains("xn--pple-43d.com"), "\(text)")
    }

    @Test(
        "C21: a subject of 100 kB of marks, joiners or tabs is cut by octets before it is measured",
        arguments: ["\u{301}", "\u{200D}\u{1F469}", "\t", "\u{1F468}\u{200D}"]
    )
    func enormousSubject(unit: String) {
        let text = "e" + String(repeating: unit, count: 100_000 / unit.utf8.count * 10)
        let cell = CellText(text, width: 40)
        #expect(cell.width <= 40)
        // Eight marks at most stand on one character: what was cut off was never measured.
        #expect(cell.text.utf8.count <= 40 * 9 * 4)
    }

    @Test(
        "C29: every hostile name is one visible component of at most 249 octets",
        arguments: [
            "../../.bashrc", "/etc/passwd", "..\\..\\x", ".bashrc", "-rf", "~", "`", "$(x)",
            "a\0.png", "%2e%2e%2f", "", ".", "..", String(repeating: "é", count: 300), "CON",
            "a.", "a ", "a\nb", "\u{1B}[2J", "../\u{301}x", ".\u{301}bashrc",
        ]
    )
    func names(name: String) {
        let safe = Array(FileName.safe(name).utf8)
        #expect(!safe.isEmpty && safe.count <= 249)
        #expect(!safe.contains { $0 < 0x20 || $0 == 0x7F || $0 == 0x2F || $0 == 0x5C })
        #expect(!".- ".utf8.contains(safe[0]))
        #expect(safe.last != UInt8(ascii: ".") && safe.last != UInt8(ascii: " "))
        #expect(String(validating: safe, as: UTF8.self) != nil)
    }

    @Test("C31: names that are taken get numbers, and nothing is written over")
    func sameNames() throws {
        let path = NSTemporaryDirectory() + "mb-c31-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let directory = try SaveDirectory(path: path)
        var names: [String] = []
        for number in 0..<5 {
            let file = try directory.newFile()
            try file.write(Array("\(number)".utf8))
            names.append(try file.commit(name: "a.txt", origin: "test", isNumbered: true))
        }
        #expect(names == ["a.txt", "a (1).txt", "a (2).txt", "a (3).txt", "a (4).txt"])
        for (number, name) in names.enumerated() {
            #expect(try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) == "\(number)")
        }
    }
}
