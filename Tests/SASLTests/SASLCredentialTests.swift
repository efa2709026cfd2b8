// What may be a credential, and whose fault it is when it may not.

import MailModel
import SASL
import Testing

@Suite struct SASLCredentialTests {
    @Test(
        "A user name must be there, short enough and without NUL",
        arguments: [[], [0x61, 0], [UInt8](repeating: 0x61, count: 1025)]
    )
    func user(octets: [UInt8]) throws {
        let secret = try #require(Secret([0x70]))
        #expect(throws: SASLError.invalidUser) {
            try SASLCredential(user: octets, secret: secret)
        }
    }

    @Test("A password must be there and without NUL", arguments: [[], [0x61, 0, 0x62]])
    func password(octets: [UInt8]) throws {
        let secret = try #require(Secret(octets))
        #expect(throws: SASLError.invalidSecret) {
            try SASLCredential(user: [0x74], secret: secret)
        }
    }

    @Test("Every error says whose fault it is, and only want of memory is temporary")
    func faults() {
        #expect(SASLError.invalidUser.fault == .caller)
        #expect(SASLError.unexpectedChallenge.fault == .peer)
        #expect(SASLError.outOfMemory.fault == .us)
        #expect(SASLError.outOfMemory.isTemporary)
        #expect(!SASLError.invalidChallenge.isTemporary)
    }
}
