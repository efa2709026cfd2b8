// Facts about uuencode. Expected values by `uuencode` of sharutils and by CPython's binascii.

import Testing

@testable import MessageFormat

@Suite struct UUDecoderTests {
    /// `printf 'hello world, hello world, hello world, hello world' | uuencode -m`'s old form.
    private static let encoded = """
        begin 644 hello.txt
        M:&5L;&\\@=V]R;&0L(&AE;&QO('=O<FQD+"!H96QL;R!W;W)L9"P@:&5L;&\\@
        %=V]R;&0`
        `
        end

        """
    private static let content = Array(
        "hello world, hello world, hello world, hello world".utf8
    )

    @Test("a file decodes, whole and in pieces of any size, and its length is exact")
    func decode() {
        let text = Array(Self.encoded.utf8)
        #expect(TransferDecoder.decode(text, encoding: "x-uuencode") == Self.content)
        for size in 1...20 {
            var decoder = TransferDecoder(encoding: "X-UUE")
            var output: [UInt8] = []
            for start in stride(from: 0, to: text.count, by: size) {
                output += decoder.decode(text[start..<min(start + size, text.count)])
            }
            #expect(output + decoder.finish() == Self.content)
        }
    }

    @Test("what stands around the file is not content, and CRLF is a line end")
    func surroundings() {
        let lines = Self.encoded.split(separator: "\n", omittingEmptySubsequences: false)
        let text = "hello,\r\n" + lines.joined(separator: "\r\n") + "bye\r\n"
        #expect(TransferDecoder.decode(Array(text.utf8), encoding: "uuencode") == Self.content)
    }

    @Test("spaces that were cut off at a line's end are zeros")
    func trimmedLines() {
        // `#86)C` is "abc"; its last characters missing read as spaces.
        let text = Array("begin 600 a\n#86)C\n#\nend\n".utf8)
        #expect(TransferDecoder.decode(text, encoding: "x-uuencode") == Array("abc\0\0\0".utf8))
    }

    @Test("files in a text are found with their names and places")
    func find() throws {
        let text = Array("see below\n\(Self.encoded)and\n\(Self.encoded)".utf8)
        let files = UUEncodedFile.find(in: text)
        #expect(files.map(\.name) == [Array("hello.txt".utf8), Array("hello.txt".utf8)])
        let first = try #require(files.first)
        #expect(first.range.lowerBound == 10)
        #expect(first.content(in: text) == Self.content)
    }

    @Test(
        "words about beginning are no file",
        arguments: [
            "begin 644 is what he said\nand this is a long line of text that is no data at all\nend\n",
            "begin 999 x\nend\n", "begin 644\nend\n", "begin 644 x\n#86)C\n",
        ]
    )
    func noFile(text: String) {
        #expect(UUEncodedFile.find(in: Array(text.utf8)).isEmpty)
    }

    @Test("much is not made of nothing: lines without their characters have a bound")
    func amplification() {
        let text =
            Array("begin 644 a\n".utf8)
            + Array(repeatElement([0x5F, 0x0A], count: 100_000).joined())
        let content = TransferDecoder.decode(text, encoding: "x-uuencode")
        #expect(content.count <= 4 * text.count + 1_024)
    }

    @Test("a line that ends one file may begin another, and a line may have lost its only space")
    func findAgain() {
        let again = Array("begin 644 words\nbegin 644 real\n#86)C\n`\nend\n".utf8)
        #expect(UUEncodedFile.find(in: again).map(\.name) == [Array("real".utf8)])
        let trimmed = Array("begin 644 a\n#86)C\n\nend\n".utf8)
        #expect(
            UUEncodedFile.find(in: trimmed).map { $0.content(in: trimmed) } == [Array("abc".utf8)]
        )
    }
}
