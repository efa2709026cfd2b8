// Facts about membership in the union of sets.

import MailModel
import Testing

@Suite struct UIDLookupTests {
    @Test("ranges may overlap, come in any order and be written backwards")
    func union() {
        let sets = [
            UIDSet(ranges: [UIDSet.Range(40, 30), UIDSet.Range(5, 5), UIDSet.Range(7, 9)]),
            UIDSet(ranges: [UIDSet.Range(8, 20), UIDSet.Range(4_294_967_295, 4_294_967_290)]),
            UIDSet(),
        ]
        let lookup = UIDLookup(sets)
        let inside: [UInt32] = [5, 7, 8, 9, 10, 20, 30, 35, 40, 4_294_967_290, 4_294_967_295]
        let outside: [UInt32] = [1, 4, 6, 21, 29, 41, 4_294_967_289]
        for value in inside { #expect(lookup.contains(UID(value)), "\(value)") }
        for value in outside { #expect(!lookup.contains(UID(value)), "\(value)") }
    }

    @Test("nothing is in no sets")
    func none() {
        #expect(!UIDLookup([]).contains(UID(1)))
        #expect(!UIDLookup([UIDSet()]).contains(UID(1)))
    }
}
