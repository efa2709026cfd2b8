// Facts about messages that are attached as they are.

import Testing

@testable import MessageFormat

@Suite struct ContentScanTests {
    @Test(
        "a message is attached as it is where the way carries it",
        arguments: [
            ("A: b\r\n\r\nc\r\n", "7bit", "7bit"), ("A: b\n\nc\n", "7bit", "7bit"),
            ("A: b\r\n\r\nä\r\n", nil, "8bit"), ("A: ä\r\n\r\nc\r\n", nil, nil),
            ("A: b\r\n\r\nc\n", nil, nil), ("A: b\n\nc\rd\n", nil, nil),
            ("A: b\n\nc\r", nil, nil), ("A: b\r\n\r\nc\r\r\n", nil, nil),
            ("A: b\n\n\0\n", nil, nil), ("", nil, nil),
            ("A: b\n\n" + String(repeating: "x", count: 998) + "\n", "7bit", "7bit"),
            ("A: b\n\n" + String(repeating: "x", count: 999), nil, nil),
            ("A: b", "7bit", "7bit"), ("\nä", nil, "8bit"),
        ] as [(String, String?, String?)]
    )
    func encoding(message: String, sevenBit: String?, eightBit: String?) {
        let scan = ContentScan(Array(message.utf8))
        #expect(scan.messageEncoding(.sevenBit) == sevenBit)
        #expect(scan.messageEncoding(.eightBit) == eightBit)
        #expect(scan.messageEncoding(.internationalized) == eightBit)
    }

    @Test("a scan in any two chunks is that of the whole")
    func chunks() {
        let message = Array("A: b\r\nC: d\r\n\r\n\r\nä\0\n\rlong line\r\n".utf8)
        for cut in 0...message.count {
            var scan = ContentScan()
            scan.scan(Array(message[..<cut]))
            scan.scan(Array(message[cut...]))
            #expect(scan == ContentScan(message))
        }
    }

    @Test("what is passed on has CRLF, and a message that changed is noticed")
    func passing() {
        let message = Array("A: b\n\nc\n".utf8)
        for cut in 0...message.count {
            var encoder = AttachmentEncoder(passing: ContentScan(message))
            let output =
                encoder.encode(Array(message[..<cut]))
                + encoder.encode(Array(message[cut...]))
            #expect(encoder.isAsPromised)
            #expect(output + encoder.finish() == Array("A: b\r\n\r\nc\r\n".utf8))
        }
        var encoder = AttachmentEncoder(passing: ContentScan(message))
        _ = encoder.encode(Array("A: b\n\nC\rd\n".utf8))
        #expect(!encoder.isAsPromised)
        _ = encoder.finish()
        _ = encoder.encode(message)
        #expect(encoder.isAsPromised)
    }
}
