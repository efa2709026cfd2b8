// Facts about header sections.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct HeaderBlockTests {
    @Test("fields keep their octets, so that writing them back is the identity")
    func identity() {
        let text = "A: 1\r\nB:\t2\r\n 3\r\nSubject : x\r\nno field\r\n\r\nbody"
        let block = HeaderBlock(parsing: Array(text.utf8))
        #expect(
            block.fields.flatMap(\.octets)
                == Array("A: 1\r\nB:\t2\r\n 3\r\nSubject : x\r\nno field\r\n".utf8)
        )
        #expect(block.octetCount == text.utf8.count - 4)
        #expect(!block.isTruncated)
    }

    @Test("a name is found in any case, with a blank before the colon, and the first one counts")
    func lookup() {
        let block = HeaderBlock(parsing: Array("SUBJECT : one\nSubject: two\n\n".utf8))
        #expect(block.first("subject")?.unfolded == Array("one".utf8))
        #expect(block.all("Subject").count == 2)
        #expect(block.first("to") == nil)
    }

    @Test("the raw value keeps its folding and the unfolded value has none")
    func folding() {
        let block = HeaderBlock(parsing: Array("X: a\r\n\tb\r\n  c\r\n\r\n".utf8))
        #expect(block.first("x").map { Array($0.rawValue) } == Array(" a\r\n\tb\r\n  c".utf8))
        #expect(block.first("x")?.unfolded == Array("a\tb  c".utf8))
    }

    @Test(
        "an mbox From line, a byte order mark and a line of blanks are no fields and no end",
        arguments: [
            "From a@b Mon Jan  1 00:00:00 2024\nSubject: x\n \nTo: y\n\n",
            "\u{FEFF}Subject: x\r\n\t\r\nTo: y\r\n\r\n",
            "Subject: x\r\nTo: y",
        ]
    )
    func tolerance(text: String) {
        let block = HeaderBlock(parsing: Array(text.utf8))
        #expect(block.fields.count == 2)
        #expect(block.first("to")?.unfolded == Array("y".utf8))
    }

    @Test("no header at all is an empty section")
    func empty() {
        #expect(HeaderBlock(parsing: []).fields.isEmpty)
        #expect(HeaderBlock(parsing: Array("\r\nbody".utf8)).octetCount == 2)
    }

    @Test("1,000 fields are kept, one more is dropped and flagged")
    func fieldLimit() {
        let full = Array(String(repeating: "A: b\n", count: 1_000).utf8)
        #expect(!HeaderBlock(parsing: full).isTruncated)
        let over = HeaderBlock(parsing: full + full)
        #expect(over.fields.count == 1_000)
        #expect(over.isTruncated)
    }

    @Test("a section of 1 MiB is cut there and flagged, a large body is not")
    func octetLimit() {
        let wide = [UInt8]("A: ".utf8) + [UInt8](repeating: 0x61, count: 2_000_000)
        let block = HeaderBlock(parsing: wide)
        #expect(block.isTruncated)
        #expect(block.fields.first?.octets.count == 1_048_576)
        let body = HeaderBlock(parsing: Array("A: b\n\n".utf8) + wide)
        #expect(!body.isTruncated)
    }
}
