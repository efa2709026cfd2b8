// Replies from octets: what is one, what is none and where, at every slicing and at each limit.
// Rows B04 to B06 of reliability.md.

import SMTP
import Testing

@Suite struct ReplyParserTests {
    private func parse(_ slices: [[UInt8]]) throws -> [SMTPReply] {
        var parser = ReplyParser()
        var replies: [SMTPReply] = []
        for slice in slices {
            parser.append(slice)
            while let reply = try parser.next() { replies.append(reply) }
        }
        return replies
    }

    private func fault(_ slices: [[UInt8]]) -> ReplyParser.Fault? {
        do {
            _ = try parse(slices)
            return nil
        } catch {
            return error as? ReplyParser.Fault
        }
    }

    private static let stream = "220 a b\r\n250-one\r\n250-\r\n250 two\n354\r\n550 5.1.1 no\r\n"

    @Test("the same replies come out whole, octet by octet and at every split")
    func slicing() throws {
        let expected = [
            SMTPReply(code: 220, lines: [octets("a b")]),
            SMTPReply(code: 250, lines: [octets("one"), [], octets("two")]),
            SMTPReply(code: 354, lines: [[]]),
            SMTPReply(code: 550, lines: [octets("5.1.1 no")]),
        ]
        let stream = octets(Self.stream)
        #expect(try parse([stream]) == expected)
        #expect(try parse(stream.map { [$0] }) == expected)
        for split in 0...stream.count {
            let slices = [Array(stream[..<split]), Array(stream[split...])]
            #expect(try parse(slices) == expected, "split at \(split)")
        }
    }

    @Test("an unfinished reply gives nothing and is not empty")
    func incomplete() throws {
        for length in 1..<Self.stream.utf8.prefix(9).count {
            var parser = ReplyParser()
            parser.append(Array(octets(Self.stream).prefix(length)))
            #expect(try parser.next() == nil)
            #expect(!parser.isEmpty)
        }
        var parser = ReplyParser()
        parser.append(octets("250-a\r\n"))
        #expect(try parser.next() == nil)
        #expect(!parser.isEmpty)
        parser.append(octets("250 b\r\n"))
        #expect(try parser.next() != nil)
        #expect(parser.isEmpty)
    }

    @Test(
        "B06: only three ASCII digits and a space, hyphen or line end make a reply line",
        arguments: [
            "25\r\n", "2500 ok\r\n", "-50\r\n", "\r\n", " 250 ok\r\n", "２５０ ok\r\n", "250\tok\r\n",
            "250.ok\r\n", "199 x\r\n", "600 x\r\n", "000 x\r\n", "2\u{0}0 x\r\n",
            "HTTP/1.1 400\r\n",
            "+OK\r\n", "25\n", "\n", "250\r\r\n",
        ]
    )
    func malformed(_ line: String) {
        #expect(fault([octets(line)]) == .malformedLine(offset: 0))
        #expect(fault(octets(line).map { [$0] }) == .malformedLine(offset: 0))
    }

    @Test("B06: a code without text is a reply", arguments: ["250\r\n", "250\n", "250 \r\n"])
    func codeAlone(_ line: String) throws {
        #expect(try parse([octets(line)]) == [SMTPReply(code: 250, lines: [[]])])
    }

    @Test(
        "B04: a code that changes within a reply is a fault at the line where it does",
        arguments: ["220-a\r\n250 b\r\n", "220-a\r\n221-b\r\n", "220-a\r\n 20 b\r\n"]
    )
    func mixed(_ text: String) {
        let expected: ReplyParser.Fault =
            text.contains(" 20")
            ? .malformedLine(offset: 7) : .mixedCodes(offset: 7)
        #expect(fault([octets(text)]) == expected)
        #expect(fault(octets(text).map { [$0] }) == expected)
    }

    @Test("the offset of a fault counts from the first octet of the stream")
    func offsets() {
        let text = octets("220 hello\r\n250 x\r\n25\r\n")
        #expect(fault([text]) == .malformedLine(offset: 18))
        #expect(fault(text.map { [$0] }) == .malformedLine(offset: 18))
    }

    @Test("B05: a line may have 2,048 octets with its end and no more, ended or not")
    func lineLimit() throws {
        let fits = octets("250 " + String(repeating: "x", count: 2_042) + "\r\n")
        #expect(fits.count == 2_048)
        #expect(try parse([fits]).count == 1)
        #expect(try parse(fits.map { [$0] }).count == 1)
        let ended = octets("250 " + String(repeating: "x", count: 2_043) + "\r\n")
        let endless = octets("250 " + String(repeating: "x", count: 1_000_000))
        for line in [ended, Array(ended.dropLast()), endless, Array(endless.prefix(2_048))] {
            #expect(fault([line]) == .lineTooLong(offset: 2_048))
            #expect(fault(line.prefix(3_000).map { [$0] }) == .lineTooLong(offset: 2_048))
        }
        #expect(fault([Array(endless.prefix(2_047))]) == nil)
    }

    @Test("B05: a reply may have 100 lines and no more")
    func linesLimit() throws {
        let line = octets("250-x\r\n")
        let most = Array(repeatElement(line, count: 99).joined()) + octets("250 y\r\n")
        #expect(try parse([most]).first?.lines.count == 100)
        let endless = Array(repeatElement(line, count: 100_000).joined())
        #expect(fault([endless]) == .tooManyLines(offset: 700))
        #expect(fault(endless.prefix(800).map { [$0] }) == .tooManyLines(offset: 700))
    }

    @Test("B05: a reply may have 65,536 octets and no more")
    func replyLimit() throws {
        let line = octets("250-" + String(repeating: "x", count: 2_042) + "\r\n")
        let full = Array(repeatElement(line, count: 31).joined())
        let last = octets("250 " + String(repeating: "x", count: 2_042) + "\r\n")
        #expect(try parse([full + last]).first?.lines.count == 32)
        #expect(fault([full + line + octets("250 y\r\n")]) == .replyTooLong(offset: 65_536))
    }

    @Test("the limits hold for each reply anew")
    func limitsPerReply() throws {
        let reply =
            Array(repeatElement(octets("250-x\r\n"), count: 99).joined())
            + octets("250 y\r\n")
        #expect(try parse([reply + reply + reply]).count == 3)
    }

    @Test("a CR within a line and octets above 127 stay in the text")
    func textIsKept() throws {
        let line: [UInt8] = octets("250 a\rb") + [0x00, 0xFF, 0x1B] + octets("\r\n")
        #expect(
            try parse([line]).first?.lines == [octets("a\rb") + [0x00, 0xFF, 0x1B]]
        )
    }

    @Test("a fault names where and what for people")
    func description() {
        #expect(
            ReplyParser.Fault.malformedLine(offset: 3).description
                == "expected three digits and a space or hyphen at 3"
        )
    }
}
