// Facts about authentication results. Examples are written by hand after RFC 8601 appendix B and
// RFC 8617.

import Testing

@testable import MessageFormat

@Suite struct AuthenticationResultsTests {
    private func parse(_ text: String) -> AuthenticationResults {
        AuthenticationResults.parse(Array(text.utf8))
    }

    /// `method=result ptype.property=value...` of each result.
    private func lines(_ text: String) -> [String] {
        parse(text).results.map { result in
            let properties = result.properties.map { " \($0.type).\($0.name)=\($0.value)" }
            return "\(result.method)=\(result.result)" + properties.joined()
        }
    }

    @Test("a field without a check has a host and no results")
    func none() {
        let field = parse(" example.org 1; none")
        #expect(field.authservID == "example.org")
        #expect(field.version == 1)
        #expect(field.results == [])
        #expect(parse("").authservID == nil)
    }

    @Test(
        "methods, outcomes and properties are read",
        arguments: [
            (
                "example.com;\r\n\tspf=pass smtp.mailfrom=example.net",
                ["spf=pass smtp.mailfrom=example.net"]
            ),
            (
                "a; auth=pass (cram-md5) smtp.auth=s@e.net; SPF=Pass smtp.MailFrom=e.net;",
                ["auth=pass smtp.auth=s@e.net", "spf=pass smtp.mailfrom=e.net"]
            ),
            (
                "a; dkim=pass reason=\"good signature\" header.i=@mail.example header.b=a/b=",
                ["dkim=pass header.i=@mail.example header.b=a/b="]
            ),
            (
                "foo.example (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait) "
                    + "fail\r\n policy (A dot can go here) . (like that) expired (this is odd) "
                    + "= (as I wasn't expecting it) 1362471462",
                ["dkim=fail policy.expired=1362471462"]
            ),
            ("a; x=pass smtp.mailfrom=\"a b\"@c", ["x=pass smtp.mailfrom=a b@c"]),
            ("spf=pass (x) smtp.mailfrom=b; dkim=none", ["spf=pass smtp.mailfrom=b", "dkim=none"]),
            (
                "a; dkim=pass header.d=b dkim=fail header.d=c",
                ["dkim=pass header.d=b", "dkim=fail header.d=c"]
            ),
            ("a; =pass; ; x; (; y=", ["y="]),
            (
                "a from=b; domainkeys=neutral (no sig); from=b; dkim=neutral",
                ["domainkeys=neutral", "dkim=neutral"]
            ),
            (
                "a; dmarc=pass action=none header.from=b;compauth=pass reason=100",
                ["dmarc=pass header.from=b", "compauth=pass"]
            ),
        ]
    )
    func results(text: String, expected: [String]) { #expect(lines(text) == expected) }

    @Test("version, reason and comment of a result are kept")
    func details() {
        let result = parse("a; dkim/1=fail (bad \\(key\\)) reason=\"no \\\"key\\\"\"").results.first
        #expect(result?.methodVersion == 1)
        #expect(result?.reason == "no \"key\"")
        #expect(result?.comment == "bad \\(key\\)")
        #expect(parse("a; dkim=pass header.d=b").results.first?.value("header.d") == "b")
    }

    @Test("an ARC field has its instance before the host")
    func arc() {
        let field = parse("i=2; mx.example; dkim=pass header.d=b; arc=pass (i=1)")
        #expect(field.instance == 2)
        #expect(field.authservID == "mx.example")
        #expect(field.results.map(\.method) == ["dkim", "arc"])
    }

    @Test("numbers and lengths are bounded")
    func limits() {
        let many = "a" + String(repeating: "; x=y", count: 500)
        #expect(parse(many).results.count == 64)
        let wide = "a; x=y" + String(repeating: " h.d=v", count: 500)
        #expect(parse(wide).results.first?.properties.count == 32)
        let long = String(repeating: "n", count: 129)
        #expect(parse("a; \(long)=pass; b=c").results.map(\.method) == ["b"])
        let value = parse("a; b=c h.d=" + String(repeating: "v", count: 9_000)).results.first
        #expect(value?.properties.first?.value.utf8.count == 4_096)
    }
}
