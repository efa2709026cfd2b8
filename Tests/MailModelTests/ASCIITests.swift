// Facts about ASCII over octets.

import MailModel
import Testing

@Suite struct ASCIITests {
    @Test("letters are folded, nothing else is, and lengths count")
    func equality() {
        #expect(ASCII.equal(Array("Content-ID".utf8), "content-id"))
        #expect(!ASCII.equal(Array("a".utf8), "ab"))
        #expect(!ASCII.equal(Array("ab".utf8), "a"))
        #expect(ASCII.equal([], ""))
        // `@` and `` ` ``, `[` and `{` differ by the bit that letters differ by.
        #expect(!ASCII.equal(Array("@[".utf8), "`{"))
        #expect(ASCII.equal(Array("xAb".utf8)[1...], Array("aB".utf8)[...]))
        #expect(!ASCII.equal(Array("xAb".utf8)[1...], Array("aBc".utf8)[...]))
    }

    @Test("a prefix may be the whole and not more")
    func prefixes() {
        #expect(ASCII.hasPrefix(Array("MailTo:x".utf8), "mailto:"))
        #expect(ASCII.hasPrefix(Array("mailto:".utf8)[...], "mailto:"))
        #expect(!ASCII.hasPrefix(Array("mail".utf8), "mailto:"))
        #expect(ASCII.hasPrefix([UInt8](), ""))
    }

    @Test("only the 52 letters change their case")
    func cases() {
        let letters = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        for octet in UInt8.min...UInt8.max {
            let isUpper = letters.contains { $0 - 32 == octet }
            let isLower = letters.contains(octet)
            #expect(ASCII.lowercased(octet) == (isUpper ? octet + 32 : octet))
            #expect(ASCII.uppercased(octet) == (isLower ? octet - 32 : octet))
        }
    }
}
