// What passes as a server name, and how it will be matched.
import Testing

@testable import OpenSSLTLS

@Suite struct TLSConfigurationTests {
    @Test(
        "host names keep their text and lose one trailing dot",
        arguments: [
            ("localhost", "localhost"), ("imap.example.org.", "imap.example.org"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"), ("IMAP.Example", "IMAP.Example"),
            ("a_b.example", "a_b.example"), ("127.1", "127.1"),
        ]
    )
    func hostNames(configured: String, name: String) throws {
        #expect(try ServerIdentity(configured) == .hostName(name))
    }

    @Test(
        "IP literals are addresses",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("2001:db8::7", "2001:db8::7"),
            ("192.0.2.1.", "192.0.2.1"),
        ]
    )
    func addresses(configured: String, address: String) throws {
        #expect(try ServerIdentity(configured) == .address(address))
    }

    @Test(
        "names that cannot be a host are refused",
        arguments: [
            "", ".", "..", ".example.org", "a..b", "example.org..", "a b", "a\0b", "127.0.0.1\0",
            "a\rb", "a\nb", "a\r\nb", "bücher.example", "*.example.org", "[::1]", "fe80::1%lo",
            "a/b", "localhost:993", String(repeating: "a", count: 64) + ".example",
            String(repeating: "abc.", count: 63) + "ab",
        ]
    )
    func refusedNames(name: String) {
        let error = tlsError { _ = try ServerIdentity(name) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.fault == .caller)
        #expect(error?.isTemporary == false)
    }

    @Test("a name of 253 bytes passes, with or without its dot")
    func longestName() throws {
        let name = String(repeating: "abc.", count: 63) + "a"
        #expect(name.utf8.count == 253)
        #expect(try ServerIdentity(name) == .hostName(name))
        #expect(try ServerIdentity(name + ".") == .hostName(name))
    }
}
