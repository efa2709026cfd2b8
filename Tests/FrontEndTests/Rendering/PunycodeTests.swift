// Facts about punycode.

import MailModel
import Testing

@testable import FrontEnd

@Suite struct PunycodeTests {
    /// Expected values from Python's punycode codec.
    @Test(
        "a domain beyond ASCII has its ASCII form",
        arguments: [
            ("bücher.example", "xn--bcher-kva.example"),
            ("münchen.de", "xn--mnchen-3ya.de"),
            ("аррӏе.com", "xn--80ak6aa92e.com"),
            ("例え.jp", "xn--r8jz45g.jp"),
            ("☃.net", "xn--n3h.net"),
            ("a.é.B", "a.xn--9ca.b"),
            ("ドメイン名例.jp", "xn--eckwd4c7cu47r2wf.jp"),
            ("faß-x.org", "xn--fa-x-wna.org"),
            ("παράδειγμα.gr", "xn--hxajbheg2az3al.gr"),
            ("ليهمابتكلموشعربي.eg", "xn--mgbcah9ar9a4efegftvvn.eg"),
        ]
    )
    func ascii(domain: String, expected: String) {
        #expect(Punycode.ascii(domain: domain.utf8) == expected)
    }

    @Test(
        "an ASCII domain and one that is too long have none",
        arguments: ["example.org", "", "xn--n3h.net"]
    )
    func none(domain: String) {
        #expect(Punycode.ascii(domain: domain.utf8) == nil)
        let long = String(repeating: "é", count: 64)
        #expect(Punycode.ascii(domain: "\(long).org".utf8) == nil)
    }

    @Test("scalars at the end of Unicode do not trap")
    func extremes() {
        let label =
            String(repeating: "\u{10FFFF}", count: 31) + String(repeating: "\u{80}", count: 32)
        #expect(Punycode.ascii(domain: label.utf8) != nil)
    }

    @Test("the ASCII form stands beside a look-alike")
    func address() {
        let address = Address(name: "Apple", address: "x@аррӏе.com")
        #expect(AddressText.full(address) == "Apple <x@аррӏе.com>  [domain: xn--80ak6aa92e.com]")
    }
}
