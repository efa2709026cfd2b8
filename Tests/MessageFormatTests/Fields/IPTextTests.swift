// Facts about addresses of hosts in comments.

import Testing

@testable import MessageFormat

@Suite struct IPTextTests {
    @Test(
        "the first word that is an address is found, and nothing else",
        arguments: [
            ("a.example [192.0.2.1]", "192.0.2.1"), ("192.0.2.1:25", "192.0.2.1"),
            ("IPv6:2001:db8::1", "2001:db8::1"), ("[ipv6:::1]", "::1"),
            ("fe80::1%6", "fe80::1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("192.0.2.300", nil), ("1.2.3", nil),
            ("1.2.3.4.5", nil), ("a@192.0.2.1", nil), ("12:30", nil), ("x:y:z", nil),
            ("HELO 192.0.2.9", nil), ("10:15:30", nil), ("1:2:3:4:5:6:7:8:9", nil),
            ("helo=[192.0.2.9] 192.0.2.1", "192.0.2.1"), ("", nil),
        ] as [(String, String?)]
    )
    func addresses(text: String, address: String?) {
        #expect(IPText.first(in: Array(text.utf8)[...]) == address)
    }
}
