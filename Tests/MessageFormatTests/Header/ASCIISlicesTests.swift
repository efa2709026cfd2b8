// Facts about comparisons of arrays and slices, and about the way in for octets.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ASCIISlicesTests {
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

    @Test("octets of any shape become one array of a limited length")
    func octets() {
        #expect(FieldOctets.array("abc".utf8, limit: 2) == Array("ab".utf8))
        #expect(FieldOctets.array(Array("abc".utf8)[1...], limit: 2) == Array("bc".utf8))
        #expect(FieldOctets.array([1, 2].lazy.map { UInt8($0) }) == [1, 2])
        #expect(FieldOctets.array([UInt8](), limit: 0) == [])
    }
}
