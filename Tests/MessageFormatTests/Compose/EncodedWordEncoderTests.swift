// Facts about the cutting of text into encoded words.

import Testing

@testable import MessageFormat

@Suite struct EncodedWordEncoderTests {
    private func words(_ text: String, room: Int = 75) -> [String] {
        var encoder = EncodedWordEncoder(Array(text.utf8))
        var words: [String] = []
        while !encoder.isAtEnd, words.count < 10_000 {
            guard let word = encoder.next(octetsMax: room, isLineFresh: true) else { break }
            words.append(String(decoding: word, as: UTF8.self))
        }
        return words
    }

    @Test("base64 is padded in the last word only, and words hold whole scalars")
    func padding() {
        let texts = [
            String(repeating: "日", count: 100), "a" + String(repeating: "日", count: 100),
            "é" + String(repeating: "日", count: 100), String(repeating: "💩", count: 100),
            String(repeating: "я", count: 100) + "日", String(repeating: "a日é💩", count: 60),
        ]
        for text in texts {
            for room in 24...75 {
                let words = words(text, room: room)
                #expect(words.allSatisfy { $0.utf8.count <= room })
                #expect(
                    !words.dropLast().contains { $0.hasSuffix("=?=") && $0.hasPrefix("=?UTF-8?B") }
                )
                let decoded = words.map { HeaderText.decodeKeepingBlanks(Array($0.utf8)) }
                #expect(decoded.joined().utf8.elementsEqual(text.utf8))
            }
        }
    }

    @Test("one scalar goes ahead where whole groups of three would never be filled")
    func ahead() {
        let words = words("a" + String(repeating: "日", count: 20))
        #expect(words.first == "=?UTF-8?Q?a?=")
        #expect(words.dropFirst().allSatisfy { $0.hasPrefix("=?UTF-8?B?") })
    }

    @Test("where nothing fits there is no word")
    func full() {
        var encoder = EncodedWordEncoder(Array("日本".utf8))
        #expect(encoder.next(octetsMax: 12, isLineFresh: false) == nil)
        #expect(encoder.next(octetsMax: -5, isLineFresh: true) == nil)
        #expect(encoder.next(octetsMax: 20, isLineFresh: false) != nil)
    }
}
