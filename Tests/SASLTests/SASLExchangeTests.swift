// The mechanisms against the strings of their specifications and against hostile challenges.
// Expected base64 is from coreutils base64(1).

import MailModel
import SASL
import Testing

@Suite struct SASLExchangeTests {
    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func credential(_ user: String, _ password: String) throws -> SASLCredential {
        try SASLCredential(
            user: octets(user),
            secret: try #require(Secret(octets(password)))
        )
    }

    private func text(_ secret: Secret?) -> String? {
        secret?.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "PLAIN is base64 of NUL user NUL password (RFC 4616 4)",
        arguments: [
            ("tim", "tanstaaftanstaaf", "AHRpbQB0YW5zdGFhZnRhbnN0YWFm"),
            ("a", "b", "AGEAYg=="),
            ("ab", "c", "AGFiAGM="),
            ("é", "\u{1F511}", "AMOpAPCflJE="),
        ]
    )
    func plain(user: String, password: String, expected: String) throws {
        var direct = SASLExchange(.plain, credential: try credential(user, password))
        #expect(text(try direct.initialResponse()) == expected)
        var asked = SASLExchange(.plain, credential: try credential(user, password))
        #expect(text(try asked.respond(to: [])) == expected)
    }

    @Test("PLAIN gives its answer once, however it is asked")
    func plainOnce() throws {
        var exchange = SASLExchange(.plain, credential: try credential("tim", "pw"))
        _ = try exchange.initialResponse()
        #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(to: []) }
        #expect(text(try exchange.initialResponse()) == nil)
    }

    @Test(
        "A37: PLAIN refuses a challenge that is not base64",
        arguments: ["!!!!", "abc", "=abc", "ab=c", "a\u{0}bc", "ok"]
    )
    func plainInvalid(challenge: String) throws {
        var exchange = SASLExchange(.plain, credential: try credential("tim", "pw"))
        #expect(throws: SASLError.invalidChallenge) {
            try exchange.respond(to: octets(challenge)[...])
        }
    }

    @Test(
        "LOGIN answers by position, whatever the prompts say",
        arguments: [
            ("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("UGFzc3dvcmQ6", "VXNlcm5hbWU6"), ("", ""),
            ("Username:", "not base64!"), ("VXNlciBOYW1lAA==", "UGFzc3dvcmQA"),
        ]
    )
    func login(first: String, second: String) throws {
        var exchange = SASLExchange(.login, credential: try credential("tim", "secret"))
        #expect(text(try exchange.initialResponse()) == nil)
        #expect(text(try exchange.respond(to: octets(first)[...])) == "dGlt")
        #expect(text(try exchange.respond(to: octets(second)[...])) == "c2VjcmV0")
        #expect(throws: SASLError.unexpectedChallenge) { try exchange.respond(to: []) }
    }

    @Test(
        "A37: a challenge of a megabyte is refused before it is looked at",
        arguments: SASLMechanismName.allCases
    )
    func longChallenge(mechanism: SASLMechanismName) throws {
        var exchange = SASLExchange(mechanism, credential: try credential("tim", "pw"))
        let challenge = [UInt8](repeating: UInt8(ascii: "A"), count: 1 << 20)
        #expect(throws: SASLError.challengeTooLong) { try exchange.respond(to: challenge[...]) }
    }

    @Test("A secret whose base64 does not fit the locked page is refused, not cut")
    func tooLong() throws {
        let password = String(repeating: "x", count: Secret.octetsMax - 100)
        var plain = SASLExchange(.plain, credential: try credential("tim", password))
        #expect(throws: SASLError.credentialTooLong) { try plain.initialResponse() }
        var login = SASLExchange(.login, credential: try credential("tim", password))
        _ = try login.respond(to: [])
        #expect(throws: SASLError.credentialTooLong) { try login.respond(to: []) }
    }

    @Test(
        "PLAIN goes before LOGIN; names are compared without case",
        arguments: [
            (["LOGIN", "PLAIN"], SASLMechanismName.plain), (["login"], .login),
            (["XOAUTH2", "plain", "GSSAPI"], .plain), (["CRAM-MD5"], nil), ([], nil),
            (["PLAIN\u{301}", ""], nil), (["PLAIN-CLIENTTOKEN"], nil),
        ] as [([String], SASLMechanismName?)]
    )
    func choose(offered: [String], expected: SASLMechanismName?) {
        #expect(SASLExchange.choose(offered: offered.map(octets)) == expected)
    }
}
