// No input may trap, hang or break a promise. Mutations of real shapes from a seed that is printed
// when a promise breaks; a trap shows as a crashed test run.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct FuzzTests {
    private static let seeds: [String] = [
        "From: =?utf-8?q?a=C3?= =?utf-8?b?qQ==?= <a@b>\r\nTo: G: a@b,"
            + " \"c\\\" d\" <e@[IPv6:::1]> (x (y));\r\n\r\n",
        "Fri, 21 Nov 1997 09:55:06 -0600 (MDT)", "2008-06-17T17:10:08+02:00",
        "Sat Mar 24 21:23:03 EDT 2007",
        "attachment; filename*0*=utf-8''%C3%A4; filename*1=\"b\"; name==?utf-8?B?w6Q=?=; x",
        "<p style='display:none'>a</p><a href=\"x\">&auml;&#x41;<!-- --><ul><li>"
            + "<pre>b\n</pre><blockquote>",
        "<table><tr><td colspan=2 style='font-size:0'>a<td align=right>b</tr><caption>c</table>",
        "a=3D=\r\n b \r\n=C3=A4=", "aGVsbG8=\r\nd29ybGQ", "> a \n>> b \n-- \n c",
        "<a@b> <c@\r\n d>",
        "\u{1B}$B\u{1B}(I\u{1B}$(D~{+AOQ-\u{FE}\u{FF}",
    ]

    /// Runs `check` on mutated seeds for about a second.
    private func fuzz(_ name: String, seed: UInt64, _ check: ([UInt8]) -> Bool) {
        var generator = SeededGenerator(seed: seed)
        let clock = ContinuousClock()
        let start = clock.now
        var rounds = 0
        while clock.now - start < .seconds(1) {
            let octets = mutate(&generator)
            rounds += 1
            guard check(octets) else {
                Issue.record("\(name) seed \(seed) round \(rounds): \(octets)")
                return
            }
        }
    }

    private func mutate(_ generator: inout SeededGenerator) -> [UInt8] {
        var octets: [UInt8] = []
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            octets += (Self.seeds.randomElement(using: &generator) ?? "").utf8
        }
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            guard !octets.isEmpty else { break }
            let at = Int.random(in: 0..<octets.count, using: &generator)
            switch Int.random(in: 0...4, using: &generator) {
            case 0: octets[at] = UInt8.random(in: 0...255, using: &generator)
            case 1: octets.remove(at: at)
            case 2:
                octets.insert(
                    Array("<>()\"\\,;:=?@[]&%*'\r\n ".utf8).randomElement(using: &generator) ?? 0,
                    at: at
                )
            case 3: octets.removeSubrange(at..<min(octets.count, at + 9))
            default: octets.insert(contentsOf: octets[at..<min(octets.count, at + 20)], at: at)
            }
        }
        return octets
    }

    private func hasLineEnd(_ text: String) -> Bool { text.utf8.contains { $0 == 10 || $0 == 13 } }

    @Test("header sections keep every octet behind the preamble")
    func headers() {
        fuzz("HeaderBlock", seed: 11) { octets in
            let block = HeaderBlock(parsing: octets)
            _ = block.fields.map { ($0.name, $0.rawValue, $0.unfolded) }
            return block.fields.reduce(0) { $0 + $1.octets.count } <= octets.count
        }
    }

    @Test("header text and addresses never hold a line end")
    func texts() {
        fuzz("HeaderText", seed: 12) { octets in
            !hasLineEnd(HeaderText.decode(octets))
                && AddressList.parse(octets).allSatisfy {
                    !hasLineEnd($0.name ?? "") && !hasLineEnd($0.address)
                }
        }
    }

    @Test("dates and ids are read or not")
    func dates() {
        fuzz("DateField", seed: 13) { octets in
            _ = DateField.parse(octets)
            return MessageIDs.parse(octets).allSatisfy { !hasLineEnd($0) }
        }
    }

    @Test("MIME fields are read without a line end in any value")
    func fields() {
        fuzz("ParameterList", seed: 14) { octets in
            let field = ContentDispositionField.parse(octets)
            let type = ContentTypeField.parse(octets)
            let values = ["filename", "name", "charset", "x"].flatMap {
                [field.parameters.value($0), type.parameters.value($0)].compactMap { $0 }
            }
            return values.allSatisfy { !hasLineEnd($0) && !FileName.safe($0).utf8.contains(0x2F) }
        }
    }

    @Test("transfer decoding in two chunks is that in one")
    func transfer() {
        fuzz("TransferDecoder", seed: 15) { octets in
            ["base64", "quoted-printable"].allSatisfy { encoding in
                let whole = TransferDecoder.decode(octets, encoding: encoding)
                var decoder = TransferDecoder(encoding: encoding)
                let head = decoder.decode(Array(octets.prefix(octets.count / 2)))
                let tail = decoder.decode(Array(octets.dropFirst(octets.count / 2)))
                return head + tail + decoder.finish() == whole
            }
        }
    }

    @Test("text of any charset and type is shown without CR")
    func display() {
        let labels = [
            nil, "utf-8", "iso-2022-jp", "utf-7", "gb18030", "utf-16", "euc-kr", "big5", "x",
        ]
        fuzz("MessageText", seed: 16) { octets in
            labels.allSatisfy { label in
                let plain = MessageText.display(
                    octets,
                    type: "plain",
                    charset: label,
                    flowed: true,
                    delSp: true
                )
                let html = MessageText.display(
                    octets,
                    type: "html",
                    charset: label,
                    flowed: false,
                    delSp: false
                )
                return !plain.utf8.contains(13) && html.utf8.count >= 0
            }
        }
    }

    @Test("a draft of any octets is refused or makes clean lines")
    func drafts() throws {
        let address = try AddrSpec("a@b".utf8)
        fuzz("MessageComposer", seed: 17) { octets in
            let clean = octets.filter { $0 >= 0x20 && $0 != 0x7F }
            let text = Array(String(decoding: clean, as: UTF8.self).utf8)
            var draft = Draft(
                from: Draft.Mailbox(name: text, address: address),
                subject: text,
                text: Array(String(decoding: octets, as: UTF8.self).utf8),
                date: DateTime(unixSeconds: 0),
                messageID: "a@b"
            )
            draft.attachments = [DraftAttachment(name: Array("x".utf8) + text.prefix(0))]
            guard let composer = try? MessageComposer(draft) else { return draft.text.contains(0) }
            let message = ReadBack.assemble(composer, contents: [octets])
            let header = HeaderBlock(parsing: message)
            return ReadBack.wireFault(message) == nil && header.fields.count == 6
                && header.first("subject").map { HeaderText.decode($0.rawValue) } == collapsed(text)
        }
    }

    @Test("an answer to any message can be sent, and so can its forward")
    func replies() throws {
        let me = Draft.Mailbox(address: try AddrSpec("me@test.com".utf8))
        fuzz("ReplyBuilder", seed: 18) { octets in
            let text = String(decoding: octets, as: UTF8.self)
            let ids = MessageIDs.parse(octets) + [text]
            let original = OriginalMessage(
                from: AddressList.parse(octets) + [Address(name: text, address: "a@b")],
                cc: [Address(name: text, address: text)],
                messageID: ids.first,
                inReplyTo: ids,
                references: ids,
                subject: octets,
                date: DateField.parse(octets),
                text: octets
            )
            guard let reply = try? ReplyBuilder.reply(to: original, mode: .all, own: []) else {
                return false
            }
            var draft = Draft(from: me, date: DateTime(unixSeconds: 0), messageID: "1@b")
            ReplyBuilder.apply(reply, to: &draft)
            let forward = ForwardBuilder.attached(original, scan: ContentScan(octets))
            draft.attachments = forward.attachments
            draft.html = ForwardBuilder.inline(original).text
            guard let composer = try? MessageComposer(draft, form: .internationalized) else {
                return false
            }
            let message = ReadBack.assemble(composer, contents: [octets])
            return WireRules.fault(message, form: .internationalized) == nil
        }
    }

    @Test("flowed text of any octets loses nothing but blanks and marks")
    func flowed() {
        fuzz("FlowedWriter", seed: 19) { octets in
            let kept = { (octets: [UInt8]) in
                octets.filter { $0 > 0x20 && $0 != UInt8(ascii: ">") }
            }
            return kept(Array(FlowedWriter(octets).lines.joined())) == kept(octets)
        }
    }

    /// The text as a reader shows it: blanks collapsed.
    private func collapsed(_ text: [UInt8]) -> String {
        let words = text.split(separator: 0x20).joined(separator: [0x20])
        return String(decoding: Array(words), as: UTF8.self)
    }
}
