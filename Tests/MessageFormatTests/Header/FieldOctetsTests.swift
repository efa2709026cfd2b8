// Facts about the way in for octets.

import Testing

@testable import MessageFormat

@Suite struct FieldOctetsTests {
    @Test("octets of any shape become one array of a limited length")
    func octets() {
        #expect(FieldOctets.array("abc".utf8, limit: 2) == Array("ab".utf8))
        #expect(FieldOctets.array(Array("abc".utf8)[1...], limit: 2) == Array("bc".utf8))
        #expect(FieldOctets.array([1, 2].lazy.map { UInt8($0) }) == [1, 2])
        #expect(FieldOctets.array([UInt8](), limit: 0) == [])
    }
}
