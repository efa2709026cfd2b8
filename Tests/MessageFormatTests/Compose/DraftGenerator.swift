// Drafts of every shape from a seed, each with the lines an independent reader must print of it.
// What is expected comes from the generator's own choices, never from the code under test.

import MailModel

@testable import MessageFormat

/// A draft, the contents of its attachments, and what is to be read of the message.
struct SampleDraft {
    var draft: Draft
    var form: WireForm
    var contents: [[UInt8]] = []
    /// Lines as `contrib/test.d/email-read.py` prints them.
    var expected: [[String]] = []

    /// The expected lines, for a reader with a rule for blanks.
    func lines(_ rule: BlankRule) -> [[String]] {
        let names: Set = ["from", "sender", "reply-to", "to", "cc"]
        return expected.map { line in
            // Where a line holds a text, it is the second of its fields, or the third of a
            // header's.
            let place = line[0] == "header" ? 2 : 1
            var octets = Array(line[place].utf8)
            switch rule {
            case .asWritten: return line
            case .trimmedNames:
                guard names.contains(line[0]) else { return line }
                octets = Array(ASCII.trimmed(octets[...]))
            case .collapsed:
                guard names.union(["subject", "header"]).contains(line[0]) else { return line }
                octets = Array(octets.split(separator: ASCII.space).joined(separator: [0x20]))
            }
            var changed = line
            changed[place] = String(decoding: octets, as: UTF8.self)
            return changed
        }
    }
}

/// Makes sample drafts.
struct DraftGenerator {
    private var random: SeededGenerator
    private var number = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// The next draft.
    mutating func next() throws -> SampleDraft {
        let form = pick(WireForm.allCases)
        let offset = pick([0, 60, -300, 330, 765, -720])
        let seconds = Int64(number(0...2_000_000_000))
        let id = messageID()
        var sample = SampleDraft(
            draft: Draft(
                from: try mailbox(form),
                date: DateTime(unixSeconds: seconds, offsetMinutes: offset),
                messageID: id
            ),
            form: form
        )
        try addMailboxes(&sample)
        sample.draft.subject = Array(text().utf8)
        sample.expected.append(["subject", string(sample.draft.subject)])
        addIDs(&sample)
        sample.expected.append(["date", String(seconds), String(offset)])
        addHeaders(&sample)
        addParts(&sample)
        sample.expected.append(["defects", "0"])
        return sample
    }

    // MARK: fields

    private mutating func addMailboxes(_ sample: inout SampleDraft) throws {
        let form = sample.form
        func expect(_ field: String, _ mailboxes: [Draft.Mailbox]) {
            for mailbox in mailboxes {
                sample.expected.append([field, string(mailbox.name ?? []), mailbox.address.text])
            }
        }
        expect("from", [sample.draft.from])
        if chance(5) {
            let sender = try mailbox(form)
            sample.draft.sender = sender
            expect("sender", [sender])
        }
        for _ in 0..<(chance(4) ? number(1...3) : 0) {
            sample.draft.replyTo.append(try mailbox(form))
        }
        expect("reply-to", sample.draft.replyTo)
        let toCount = chance(40) ? number(100...300) : number(1...8)
        for _ in 0..<toCount { sample.draft.to.append(try mailbox(form)) }
        expect("to", sample.draft.to)
        for _ in 0..<(chance(2) ? number(0...6) : 0) { sample.draft.cc.append(try mailbox(form)) }
        expect("cc", sample.draft.cc)
        if chance(3) {
            sample.draft.bcc = [
                Draft.Mailbox(address: try AddrSpec("hidden-recipient@test.com".utf8))
            ]
        }
    }

    private mutating func addIDs(_ sample: inout SampleDraft) {
        sample.expected.append(["message-id", sample.draft.messageID])
        for _ in 0..<number(0...2) { sample.draft.inReplyTo.append(messageID()) }
        for _ in 0..<(chance(3) ? number(0...30) : 0) {
            sample.draft.references.append(messageID())
        }
        sample.expected += sample.draft.inReplyTo.map { ["in-reply-to", $0] }
        sample.expected += sample.draft.references.map { ["references", $0] }
    }

    private mutating func addHeaders(_ sample: inout SampleDraft) {
        if chance(3) { sample.draft.userAgent = Array(text().utf8) }
        for index in 0..<(chance(3) ? number(1...4) : 0) {
            let name = "X-T\(index)" + String(repeating: "x", count: chance(9) ? 46 : 2)
            let value =
                chance(4) ? "<https://test.com/\(string(letters(number(1...800))))>" : text()
            sample.draft.headers.append(.init(name: Array(name.utf8), value: Array(value.utf8)))
            sample.expected.append(["header", name, value])
        }
    }

    // MARK: structure

    private mutating func addParts(_ sample: inout SampleDraft) {
        let attachments = (0..<(chance(2) ? number(1...4) : 0)).map { _ in attachment(sample.form) }
        let (text, textExpected) = bodyText(isFlowed: false)
        let (flowed, flowedExpected) = bodyText(isFlowed: true)
        sample.draft.isFlowed = chance(3)
        sample.draft.text = Array((sample.draft.isFlowed ? flowed : text).utf8)
        let plain = sample.draft.isFlowed ? flowedExpected : textExpected
        var related: [Attachment] = []
        var rich: String?
        if chance(3) {
            let (html, htmlExpected) = bodyText(isFlowed: false)
            sample.draft.html = Array("<p>\(html)".utf8)
            rich = "<p>" + (htmlExpected.isEmpty ? "\n" : htmlExpected)
            related = attachments.filter {
                $0.value.contentID != nil && $0.value.disposition == .inline
            }
        }
        sample.draft.attachments = attachments.map(\.value)
        sample.contents = attachments.map(\.content)
        let others = attachments.filter { attachment in
            rich == nil || attachment.value.contentID == nil
                || attachment.value.disposition != .inline
        }
        var path = "1"
        if !others.isEmpty {
            sample.expected.append(["node", path, "multipart/mixed", "-", "-", "-"])
            path += ".1"
        }
        expectReadable(plain, rich, related, at: path, &sample)
        for (index, attachment) in others.enumerated() {
            sample.expected += attachment.expected(at: "1.\(index + 2)")
        }
    }

    private func expectReadable(
        _ plain: String,
        _ rich: String?,
        _ related: [Attachment],
        at path: String,
        _ sample: inout SampleDraft
    ) {
        func leaf(_ type: String, _ text: String, _ path: String) {
            sample.expected.append(["node", path, type, "-", "-", "-"])
            sample.expected.append(contentLine(path, Array(text.utf8)))
        }
        guard let rich else { return leaf("text/plain", plain, path) }
        var path = path
        if !sample.draft.text.isEmpty {
            sample.expected.append(["node", path, "multipart/alternative", "-", "-", "-"])
            leaf("text/plain", plain, path + ".1")
            path += ".2"
        }
        guard !related.isEmpty else { return leaf("text/html", rich, path) }
        sample.expected.append(["node", path, "multipart/related", "-", "-", "-"])
        leaf("text/html", rich, path + ".1")
        for (index, attachment) in related.enumerated() {
            sample.expected += attachment.expected(at: "\(path).\(index + 2)")
        }
    }

    // MARK: attachments

    private struct Attachment {
        var value: DraftAttachment
        var content: [UInt8]
        var type: String
        /// For an attached message: subject, id, and text as the reader sees it.
        var inner: (subject: String, id: String, text: [UInt8])?

        func expected(at path: String) -> [[String]] {
            let name = String(decoding: value.name, as: UTF8.self)
            let node = [
                "node", path, type, value.disposition.rawValue, name, value.contentID ?? "-",
            ]
            guard let inner else { return [node, contentLine(path, content)] }
            return [
                node, ["embedded", path, inner.subject, "<\(inner.id)>"],
                ["node", path + ".1", "text/plain", "-", "-", "-"],
                contentLine(path + ".1", inner.text),
            ]
        }
    }

    private mutating func attachment(_ form: WireForm) -> Attachment {
        if chance(4) { return attachedMessage(form) }
        let types: [(String, String)] = [
            (".png", "image/png"), (".txt", "text/plain"), (".eml", "application/octet-stream"),
            ("", "application/octet-stream"), (".tar.gz", "application/gzip"),
        ]
        let (suffix, type) = pick(types)
        var value = DraftAttachment(name: Array((fileName() + suffix).utf8))
        if chance(2) { value.disposition = .inline }
        if chance(2) { value.contentID = messageID() }
        let content = (0..<number(0...(chance(2) ? 5_000 : 80))).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        return Attachment(value: value, content: content, type: type)
    }

    private mutating func attachedMessage(_ form: WireForm) -> Attachment {
        let lineEnd = chance(2) ? "\r\n" : "\n"
        let (subject, id) = (string(letters(12)), messageID())
        let isWide = chance(2)
        var lines = (0..<number(0...20)).map { _ in string(letters(number(0...60))) }
        lines += ["--=_boundary", ".", "From here", isWide ? "größer 日本" : "plain"]
        var header = [
            "From: a@test.com", "Subject: \(subject)", "Message-ID: <\(id)>",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit",
        ]
        let fault = number(0...9)
        if fault == 0 { header.append("X-Wide: ä") }
        if fault == 1 { lines.append("bare\rCR") }
        if fault == 2 { lines.append(string(letters(999))) }
        if fault == 3 { lines.append("nul\0") }
        if fault == 4 { lines.append(lineEnd == "\n" ? "mixed\r" : "mixed\nends") }
        let text = (header + [""] + lines).joined(separator: lineEnd) + lineEnd
        let content = Array(text.utf8)
        let isClean = fault > 4 && !(isWide && form == .sevenBit)
        let name = fileName() + ".eml"
        let value = DraftAttachment(name: Array(name.utf8), message: ContentScan(content))
        return Attachment(
            value: value,
            content: content,
            type: isClean ? "message/rfc822" : "application/octet-stream",
            // The reader prints texts without disposition with LF.
            inner: isClean ? (subject, id, lines.flatMap { Array($0.utf8) + [10] }) : nil
        )
    }

    // MARK: texts

    private static let words = [
        "a", "Hello", "world", "e-mail", "Re:", "[list]", "don't", "100%", "x=y", "=?", "?=",
        "=?x?=",
        "=?utf-8?q?x?=", "\"quoted\"", "back\\slash", "comma,", "semi;colon", "<angle@test.com>",
        "(paren", "paren)", "@", ":", "Grüße", "naïve", "Привет", "Ελλάδα", "שלום", "مرحبا",
        "नमस्ते", "日本語の件名", "中文主题", "한국어", "💩", "👨‍👩‍👧‍👦", "e\u{301}\u{323}", "x\u{85}y",
        "x\u{2028}y", "\u{FEFF}bom", "\u{202E}rtl", "~!#$%^&*_-+={}|'`.?/",
    ]

    /// A line of header text: words, sometimes with odd blanks, sometimes long.
    private mutating func text() -> String {
        switch number(0...19) {
        case 0: return ""
        case 1: return string(letters(number(1...2_000)))
        case 2: return String(repeating: pick(Self.words), count: number(1...200))
        case 3: return " " + pick(Self.words)
        case 4: return pick(Self.words) + "  "
        case 5: return " "
        default:
            let isAscii = chance(3)
            let pool = isAscii ? Array(Self.words.prefix(8)) : Self.words
            let words = (0..<number(1...25)).map { _ in pick(pool) }
            return words.joined(separator: chance(15) ? "  " : " ")
        }
    }

    private mutating func fileName() -> String {
        switch number(0...7) {
        case 0: return String(repeating: pick(Self.words), count: number(1...30))
        case 1: return "../../etc/passwd"
        case 2: return " lead and trail "
        case 3: return "q\"uo\\te's;a=b%20*"
        case 4: return string(letters(number(1...200)))
        default: return (0..<number(1...6)).map { _ in pick(Self.words) }.joined(separator: " ")
        }
    }

    /// Body text, and what a reader shows: LF behind every line.
    private mutating func bodyText(isFlowed: Bool) -> (text: String, expected: String) {
        guard !chance(12) else { return ("", "") }
        let lineEnd = pick(["\n", "\r\n", "\r"])
        var (lines, shown): ([String], [String]) = ([], [])
        let isAscii = chance(2)
        let pool = isAscii ? Array(Self.words.prefix(22)) : Self.words
        for _ in 0..<number(1...12) {
            var line: String
            switch number(0...13) {
            case 0: line = ""
            case 1: line = pick([".", "..", "From x", "-- ", "--=_0123", "=3D=", "--", " "])
            case 2: line = string(letters(number(1...1_200)))
            case 3: line = "trailing" + pick([" ", "\t", "   "])
            case 4: line = pick([" lead", "\ttab", "a\u{B}b", "esc\u{1B}[1m"])
            default:
                line = (0..<number(1...40)).map { _ in pick(pool) }.joined(separator: " ")
                if line.utf8.first == UInt8(ascii: ">") { line = "x" + line }
            }
            guard isFlowed else {
                lines.append(line)
                shown.append(line)
                continue
            }
            let marks = String(repeating: ">", count: chance(3) ? number(1...5) : 0)
            lines.append(marks.isEmpty ? line : marks + " " + line)
            // Flowed text loses the blanks at line ends, and `>` alone has none.
            let kept = line == "-- " ? line : trimmedEnd(line)
            shown.append(marks + (marks.isEmpty || kept.isEmpty ? "" : " ") + kept)
        }
        let isClosed = chance(2)
        // Without a line end behind it an empty last line is none.
        if !isClosed, lines.last == "" { shown.removeLast() }
        let text = lines.joined(separator: lineEnd) + (isClosed ? lineEnd : "")
        return (text, shown.map { $0 + "\n" }.joined())
    }

    private func trimmedEnd(_ line: String) -> String {
        var octets = Array(line.utf8)
        while octets.last == 0x20 { octets.removeLast() }
        return string(octets)
    }

    // MARK: addresses and ids

    private mutating func mailbox(_ form: WireForm) throws -> Draft.Mailbox {
        var locals = ["bob", "a.b+c", "o'hara", "x!#$%&*/=?^_`{|}~-", "1", "\"a b\"", "\"a,b;c\""]
        var domains = ["test.com", "sub.example.org", "[192.0.2.1]", "localhost"]
        if form == .internationalized {
            locals += ["δοκιμή", "用户", "jösé"]
            domains += ["παράδειγμα.example", "例子.测试"]
        }
        let address = "\(pick(locals))@\(pick(domains))"
        let name = chance(4) ? "" : text()
        return Draft.Mailbox(
            name: name.isEmpty && chance(2) ? nil : Array(name.utf8),
            address: try AddrSpec(address.utf8)
        )
    }

    private mutating func messageID() -> String {
        number += 1
        let left = string(letters(chance(10) ? 150 : number(1...40)))
        return "\(number).\(left)@\(pick(["test.com", "mail.example.org"]))"
    }

    // MARK: choices

    private mutating func number(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    private mutating func chance(_ oneIn: Int) -> Bool { number(1...oneIn) == 1 }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[number(0...(choices.count - 1))]
    }

    private mutating func letters(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(ascii: "a") + UInt8.random(in: 0..<26, using: &random) }
    }

    private func string(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}

/// The line of a leaf's content.
private func contentLine(_ path: String, _ content: [UInt8]) -> [String] {
    ["content", path, String(content.count), String(CRC32.of(content))]
}

/// The checksum that zlib calls crc32.
enum CRC32 {
    private static let table = (UInt32(0)..<256).map { octet in
        (0..<8).reduce(octet) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }

    static func of(_ octets: [UInt8]) -> UInt32 {
        var sum = UInt32.max
        for octet in octets { sum = sum >> 8 ^ table[Int((sum ^ UInt32(octet)) & 0xFF)] }
        return ~sum
    }
}
