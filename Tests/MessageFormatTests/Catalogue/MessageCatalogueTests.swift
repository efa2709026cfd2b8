// Rows C01 to C37 of the catalogue (reliability.md 2.C) that are about reading a whole message.
// Rows about headers stand in HeaderCatalogueTests, those about display in FrontEndTests, those
// about servers in BrokerCoreTests.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite struct MessageCatalogueTests {
    private func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(repeatElement(Array(text.utf8), count: count).joined())
    }

    private func tree(_ text: String) -> MessageTree { MessageTree(parsing: Array(text.utf8)) }

    @Test(
        "C01: nesting is cut at 100, says so, and the rest is one opaque leaf",
        arguments: [
            ("Content-Type: multipart/mixed; boundary=b#\n\n--b#\n", 10_000, "multipart"),
            ("Content-Type: message/rfc822\n\n", 1_000, "message"),
        ]
    )
    func deepNesting(unit: String, count: Int, type: String) throws {
        let units = (0..<count).map { unit.replacingOccurrences(of: "#", with: "\($0)x") }
        let octets = Array(units.joined().utf8)
        let tree = MessageTree(parsing: octets)
        #expect(tree.isTruncated)
        #expect(tree.parts.count == 101)
        let rest = try #require(tree.parts.last)
        #expect(rest.kind == .leaf && rest.type == type && rest.depth == 100)
        // Nothing is lost: the leaf holds all that follows but the line end at the very end.
        #expect(octets.count - rest.body.upperBound <= 1)
        #expect(tree.structure.isTruncated)
    }

    @Test("C02: a million parts are stopped at 10,000 in memory bounded by parts, not by the mail")
    func manyParts() throws {
        let octets =
            Array("Content-Type: multipart/mixed; boundary=a\n\n".utf8)
            + repeated("--a\n\nx\n", 1_000_000)
        let tree = MessageTree(parsing: octets)
        #expect(tree.isTruncated)
        #expect(tree.parts.count == 10_000)
        #expect(octets.count - (try #require(tree.parts.last).body.upperBound) <= 1)
    }

    @Test("C03: 100,000 header lines and a header of 50 MB are cut with a mark")
    func hugeHeaders() {
        let lines = MessageTree(parsing: repeated("A: b\n", 100_000) + Array("\nbody".utf8))
        #expect(lines.isTruncated && lines.header.fields.count == 1_000)
        #expect(lines.content(of: 0) == Array("body".utf8))
        let long = Array("Subject: ".utf8) + [UInt8](repeating: 0x61, count: 50_000_000)
        let tree = MessageTree(parsing: long + Array("\n\nbody".utf8))
        #expect(tree.isTruncated && tree.header.isTruncated)
        #expect(tree.header.subject?.utf8.count == 1_048_576 - 9)
        #expect(tree.content(of: 0) == Array("body".utf8))
    }

    @Test("C09: base64 with junk, without and with surplus padding, in one endless line")
    func base64() {
        for text in ["aGVs bG8", "aGVsbG8=", "aGVsbG8====", "*aGVs\u{7}bG8=\n--\n"] {
            let content = TransferDecoder.decode(Array(text.utf8), encoding: "base64")
            #expect(content == Array("hello".utf8), "\(text)")
        }
        var decoder = TransferDecoder(encoding: "base64")
        let piece = repeated("YWJj", 65_536)
        var count = 0
        for _ in 0..<64 { count += decoder.decode(piece).count }
        #expect(count + decoder.finish().count == 64 * 65_536 * 3)
    }

    @Test("C10: an `=` before anything is kept, and a million of them take linear time")
    func quotedPrintable() {
        for (text, content) in [("a=ZZb", "a=ZZb"), ("a=", "a"), ("a=0", "a=0"), ("==3D", "==")] {
            let decoded = TransferDecoder.decode(Array(text.utf8), encoding: "quoted-printable")
            #expect(decoded == Array(content.utf8), "\(text)")
        }
        let soft = TransferDecoder.decode(
            repeated("=\r\n", 1_000_000),
            encoding: "quoted-printable"
        )
        #expect(soft.isEmpty)
    }

    @Test("C11: uuencode, yEnc and TNEF in a message stay what they are: text and attachment")
    func oldEncodings() {
        let text =
            "hi\nbegin 644 a\n#86)C\n`\nend\n=ybegin line=128 size=3 name=a\n)*+\n=yend size=3\n"
        let plain = tree("Subject: x\n\n" + text)
        #expect(plain.content(of: 0) == Array(text.utf8))
        let tnef = tree("Content-Type: application/ms-tnef; name=winmail.dat\n\n\u{1}\u{2}")
        let attachments = TextPartChoice.attachments(of: tnef.structure)
        #expect(attachments.map(\.mediaType) == ["application/ms-tnef"])
        #expect(tnef.content(of: 0) == [1, 2])
    }

    @Test(
        "C12: odd boundaries have one fixed reading",
        arguments: [
            ("boundary=\"\"", "--\n\na\n----\n", ["multipart/mixed"]),
            ("boundary=a", "--a\n\none\n--ab\n--a--\n", ["text/plain"]),
            ("boundary=ab", "--a\n--ab\n\none\n--ab--\n", ["text/plain"]),
            ("boundary=a", "--a\n\none\n", ["text/plain"]),
            ("boundary=a", "text --a\n--a\n\none\n--a--\n", ["text/plain"]),
            ("boundary=a", "--a\n\none\n--a--\n--a\n\ntwo\n", ["text/plain"]),
        ]
    )
    func boundaries(parameter: String, body: String, types: [String]) {
        let tree = tree("Content-Type: multipart/mixed; \(parameter)\n\n\(body)")
        #expect(tree.leaves.map { tree.parts[$0].mediaType } == types)
    }

    @Test("C12: a boundary of 10 kB is none, one of 2,048 octets is")
    func longBoundary() {
        for (count, leaves) in [(2_048, 1), (10_000, 1)] {
            let boundary = String(repeating: "b", count: count)
            let tree = tree(
                "Content-Type: multipart/mixed; boundary=\(boundary)\n\n--\(boundary)\n\none\n"
            )
            #expect(tree.leaves.count == leaves)
            #expect(tree.parts.count == (count <= 2_048 ? 2 : 1))
        }
    }

    @Test("C13: of two Content-Type fields the first counts, and content is not sniffed")
    func contradictions() {
        let twice = tree("Content-Type: text/html\nContent-Type: image/png\n\n<p>")
        #expect(twice.parts[0].mediaType == "text/html")
        let picture = tree("Content-Type: text/plain\n\n\u{89}PNG\r\n")
        #expect(picture.structure.parts[0].mediaType == "text/plain")
        let encodings = tree(
            "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 8bit\n\naGk="
        )
        #expect(encodings.content(of: 0) == Array("hi".utf8))
    }

    @Test(
        "C14: charsets are decoded before anything is made safe, and never make a slash",
        arguments: [
            ("utf-7", Array("+AC8-+ABs-[2J".utf8), "/\u{1B}[2J"),
            ("utf-16be", [0x00, 0x41, 0x00, 0x1B], "A\u{1B}"),
            ("utf-8", [0x61, 0xC0, 0xAF, 0x62], "a\u{FFFD}\u{FFFD}b"),
            ("iso-2022-kr", [0x1B, 0x24, 0x29, 0x43, 0x61], "a"),
        ] as [(String, [UInt8], String)]
    )
    func charsets(label: String, octets: [UInt8], text: String) {
        #expect(
            Charset.decode(octets, label: label).unicodeScalars.elementsEqual(text.unicodeScalars)
        )
    }

    @Test("C25: references in HTML are text: notes and words, nothing that is fetched")
    func htmlReferences() {
        let html = """
            <meta http-equiv=refresh content="0;url=http://evil.tld/r"><link rel=stylesheet \
            href="http://evil.tld/c.css"><style>@import url(http://evil.tld/i)</style><img \
            src="http://evil.tld/t.png" width=1 height=1><iframe src="file:///etc/passwd"></iframe>\
            <form action="http://evil.tld/f"><input value=x></form><p>hello \
            <img src="cid:a@b" alt="logo"></p><a href="javascript:x()">go</a>
            """
        let text = HTMLText.render(html)
        for word in ["evil.tld", "passwd", "javascript"] {
            #expect(text.range(of: word) == nil, "\(word) in \(text)")
        }
        #expect(text.range(of: "hello") != nil)
    }

    @Test("C27: of alternatives the plain text is shown, and the other form is no attachment")
    func alternatives() {
        let tree = tree(
            "Content-Type: multipart/alternative; boundary=a\n\n--a\n\nsafe text\n"
                + "--a\nContent-Type: text/html\n\n<p>other text\n--a--\n"
        )
        #expect(TextPartChoice.texts(of: tree.structure).map(\.section) == ["1"])
        #expect(TextPartChoice.attachments(of: tree.structure).isEmpty)
        #expect(BodyView(tree.structure).htmlBody.map { tree.section(of: $0) } == ["2"])
    }

    @Test(
        "C28: a protected header that differs from the one outside is found, an equal one is not",
        arguments: [
            ("protected-headers=\"v1\"", "Subject: real\nFrom: a@b\n", ["Subject: real"]),
            ("hp=\"clear\"", "Subject: [...]\nFrom: c@d\n", ["From: c@d"]),
            ("hp=\"clear\"", "Subject: [...]\nFrom: a@b\n", []),
            ("charset=utf-8", "Subject: real\n", nil),
        ]
    )
    func protectedHeader(mark: String, fields: String, differences: [String]?) throws {
        let tree = tree(
            "Subject: [...]\nFrom: a@b\nContent-Type: multipart/signed; boundary=s\n\n--s\n"
                + "Content-Type: text/plain; \(mark)\n\(fields)\nhello\n--s\n"
                + "Content-Type: application/pgp-signature\n\nx\n--s--\n"
        )
        let part = ProtectedHeader.part(of: tree.structure)
        #expect((part == nil) == (differences == nil))
        guard let part, let index = tree.structure.parts.firstIndex(of: part) else { return }
        let found = ProtectedHeader.differences(
            outer: tree.header,
            protected: tree.header(of: index)
        )
        #expect(found.map { "\($0.name): \($0.value)" } == differences)
    }

    @Test("C32: an archive is an attachment that comes out as it went in")
    func archives() {
        let bomb: [UInt8] = [0x1F, 0x8B, 0x08, 0x00] + [UInt8](repeating: 0, count: 1_000)
        let encoded = Data(bomb).base64EncodedString(options: .lineLength76Characters)
        let tree = tree(
            "Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n\(encoded)"
        )
        #expect(tree.content(of: 0) == bomb)
        #expect(TextPartChoice.texts(of: tree.structure).isEmpty)
    }

    @Test("C33: NUL cuts nothing, in header and text")
    func nul() {
        let tree = tree("Subject: a\0b\nX\0: c\n\nd\0e")
        #expect(tree.header.subject?.utf8.elementsEqual("a\0b".utf8) == true)
        #expect(tree.header.fields.count == 2)
        #expect(
            Array(
                MessageText.display(
                    tree.content(of: 0),
                    type: "plain",
                    charset: nil,
                    flowed: false,
                    delSp: false
                ).utf8
            ) == Array("d\0e".utf8)
        )
    }

    @Test("C37: calendars and cards are attachments, unsubscribe addresses are values")
    func actionable() {
        let tree = tree(
            "List-Unsubscribe: <https://list.example/u?x=1>\n"
                + "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nhi\n--a\n"
                + "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
                + "--a\nContent-Type: text/vcard\n\nBEGIN:VCARD\n--a--\n"
        )
        let attachments = TextPartChoice.attachments(of: tree.structure)
        #expect(attachments.map(\.mediaType) == ["text/calendar", "text/vcard"])
        let field = tree.header.first("list-unsubscribe")
        #expect(field.map { ListURIs.parse($0.rawValue).uris } == ["https://list.example/u?x=1"])
    }
}
