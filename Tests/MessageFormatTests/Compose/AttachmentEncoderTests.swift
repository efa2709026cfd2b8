// Facts about base64 on the wire.

import Foundation
import Testing

@testable import MessageFormat

@Suite struct AttachmentEncoderTests {
    @Test("every size, in every pair of chunks, makes the lines that Foundation makes")
    func lines() {
        for count in 0..<180 {
            let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let expected = Array(
                Data(content).base64EncodedString(options: [
                    .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
                ]).utf8
            )
            #expect(AttachmentEncoder.encodedCount(of: UInt64(count)) == UInt64(expected.count))
            for cut in stride(from: 0, through: count, by: 7) {
                var encoder = AttachmentEncoder()
                let head = encoder.encode(Array(content[..<cut]))
                let tail = encoder.encode(Array(content[cut...]))
                #expect(head + tail + encoder.finish() == expected)
            }
        }
    }

    @Test("an absurd size does not overflow")
    func sizes() {
        #expect(AttachmentEncoder.encodedCount(of: .max) == .max)
    }

    @Test("an encoder is as new after it has finished")
    func again() {
        var encoder = AttachmentEncoder()
        _ = encoder.encode([UInt8](repeating: 1, count: 100))
        _ = encoder.finish()
        #expect(encoder.encode([0]) == [])
        #expect(encoder.finish() == Array("AA==".utf8))
    }
}
