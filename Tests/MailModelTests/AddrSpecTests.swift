// Facts about addresses that may go out.

import Testing

@testable import MailModel

@Suite struct AddrSpecTests {
    @Test(
        "an ordinary, quoted, literal or internationalised address is accepted as it is",
        arguments: [
            "alice@test.com", "a.b+c@x-y.example", "\"john doe\"@example.org", "a@[127.0.0.1]",
            "a@[IPv6:::1]", "δοκιμή@παράδειγμα.δοκιμή", "\"a\\\"b\"@c",
        ]
    )
    func accepts(text: String) throws {
        #expect(try AddrSpec(text.utf8).octets == Array(text.utf8))
    }

    @Test(
        "an address that would inject, or is none, is refused with its fault",
        arguments: [
            ("", AddrSpec.Fault.empty),
            ("alice", .missingDomain),
            ("@test.com", .emptyLocalPart),
            ("alice@", .emptyDomain),
            ("alice@[]", .emptyDomain),
            ("alice@[::1", .forbiddenOctet(UInt8(ascii: "["), offset: 6)),
            ("alice@[1.2]3]", .forbiddenOctet(UInt8(ascii: "]"), offset: 10)),
            ("alice@a:25", .forbiddenOctet(UInt8(ascii: ":"), offset: 7)),
            ("a@x>\r\nRCPT TO:<evil@y", .forbiddenOctet(0x3E, offset: 3)),
            ("a\r\nb@x", .forbiddenOctet(0x0D, offset: 1)),
            ("a@x\0", .forbiddenOctet(0, offset: 3)),
            ("a b@x", .forbiddenOctet(0x20, offset: 1)),
            ("user@good-corp.com(x)evil.com", .forbiddenOctet(0x28, offset: 18)),
            ("a@b@c", .forbiddenOctet(0x40, offset: 3)),
            ("\"a\"b@c", .forbiddenOctet(0x62, offset: 3)),
            ("\"a\nb\"@c", .forbiddenOctet(0x0A, offset: 2)),
        ]
    )
    func refuses(text: String, fault: AddrSpec.Fault) {
        #expect(throws: fault) { try AddrSpec(text.utf8) }
    }

    @Test(
        "a domain that would be syntax in a header is refused",
        arguments: ["a@b:c", "a@]", "a@[x", "a@[", "a@b]:[c", "a@[a]b]", "a@[]"]
    )
    func domains(address: String) {
        #expect(throws: AddrSpec.Fault.self) { try AddrSpec(address.utf8) }
    }

    @Test("a quoted local part may hold an @, and the domain is what follows the quotes")
    func quotedAt() throws {
        let spec = try AddrSpec("\"xclow3n@gmail.com x\"@internal.domain".utf8)
        #expect(Array(spec.domain) == Array("internal.domain".utf8))
    }

    @Test("254 octets are accepted and 255 are not")
    func lengthLimit() throws {
        let local = String(repeating: "a", count: 64)
        let longest = local + "@" + String(repeating: "b", count: 189)
        #expect(try AddrSpec(longest.utf8).octets.count == 254)
        #expect(throws: AddrSpec.Fault.tooLong) { try AddrSpec((longest + "b").utf8) }
    }
}
