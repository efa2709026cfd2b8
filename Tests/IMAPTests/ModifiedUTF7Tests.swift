// Names for people. Expected encodings are from RFC 3501 and Python's utf-7 with its two changes.

import MailModel
import Testing

@testable import IMAP

@Suite struct ModifiedUTF7Tests {
    @Test(
        "Names and their encodings (RFC 3501 5.1.3)",
        arguments: [
            ("INBOX", "INBOX"), ("", ""), ("&", "&-"), ("a & b", "a &- b"), ("&&x&&", "&-&-x&-&-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("tietä&jä&", "tiet&AOQ-&-j&AOQ-&-"), ("Entwürfe", "Entw&APw-rfe"),
            ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"), ("☺!", "&Jjo-!"),
            ("\u{1F4E7}", "&2D3c5w-"), ("a\u{1F4E7}b", "a&2D3c5w-b"), ("-", "-"),
            ("cafe\u{301}", "cafe&AwE-"), ("caf\u{e9}", "caf&AOk-"),
        ]
    )
    func pairs(text: String, encoded: String) throws {
        #expect(ModifiedUTF7.encode(text) == Array(encoded.utf8))
        let decoded = try #require(ModifiedUTF7.decode(Array(encoded.utf8)))
        #expect(Array(decoded.utf8) == Array(text.utf8))
        #expect(Array(ModifiedUTF7.display(Array(encoded.utf8)).utf8) == Array(text.utf8))
    }

    @Test(
        "A24: what is no encoding is shown escaped",
        arguments: [
            ("&Jjo!", #"\x26Jjo!"#), ("&AAA-", #"\x26AAA-"#), ("&2AA-", #"\x262AA-"#),
            ("&", #"\x26"#), ("&Jjo", #"\x26Jjo"#),
            ("&U,BTFw-&ZeVnLIqe-", #"\x26U,BTFw-\x26ZeVnLIqe-"#),
            ("&AGE-", #"\x26AGE-"#), ("&Jjp-", #"\x26Jjp-"#), ("&3ADYAA-", #"\x263ADYAA-"#),
            ("&AA=-", #"\x26AA=-"#), ("&A-", #"\x26A-"#), ("a\u{1}b", #"a\x01b"#),
            ("a\u{7F}&-", #"a\x7f\x26-"#), ("&ABs-", #"\x26ABs-"#), ("&AIU-", #"\x26AIU-"#),
        ]
    )
    func bad(encoded: String, shown: String) {
        #expect(ModifiedUTF7.display(Array(encoded.utf8)) == shown)
    }

    @Test("Names in plain UTF-8 are shown as they are; other 8-bit octets are escaped")
    func plain() {
        #expect(ModifiedUTF7.display(Array("Entwürfe & mehr".utf8)) == "Entwürfe & mehr")
        #expect(ModifiedUTF7.display([0x61, 0xFF, 0x5C]) == #"a\xff\x5c"#)
        #expect(ModifiedUTF7.display(Array("ü\u{85}".utf8)) == #"\xc3\xbc\xc2\x85"#)
    }

    @Test("Any text comes back from its encoding; seed 20260203")
    func roundTrip() throws {
        var random = SeededGenerator(20_260_203)
        for _ in 0..<5000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let ceiling = [0x7F, 0x100, 0xFFFF, 0x10FFFF].randomElement(using: &random) ?? 0
                let value = UInt32.random(in: 0...UInt32(ceiling), using: &random)
                if let scalar = Unicode.Scalar(value) { text.append(scalar) }
            }
            let name = String(text)
            let encoded = ModifiedUTF7.encode(name)
            #expect(encoded.allSatisfy { (0x20...0x7E).contains($0) })
            let decoded = try #require(ModifiedUTF7.decode(encoded))
            #expect(Array(decoded.utf8) == Array(name.utf8))
        }
    }

    @Test("Two names never have the same text; seed 7")
    func injective() {
        var random = SeededGenerator(7)
        let alphabet = Array("&-AQgDa,+/".utf8)
        for _ in 0..<20_000 {
            let name = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            guard let text = ModifiedUTF7.decode(name) else { continue }
            #expect(ModifiedUTF7.encode(text) == name)
        }
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// A generator from a seed.
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
