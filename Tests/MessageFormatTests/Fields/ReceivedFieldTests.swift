// Facts about Received fields. The examples are written by hand after RFC 5321 4.4.

import MailModel
import Testing

@testable import MessageFormat

@Suite struct ReceivedFieldTests {
    private func parse(_ text: String) -> ReceivedField { ReceivedField.parse(Array(text.utf8)) }

    @Test("every clause of RFC 5321 is read, folded, in any case and order")
    func clauses() {
        let field = parse(
            "From a.example (b.example [192.0.2.1])\r\n\tBY c.example (Postfix) VIA tcp WITH ESMTPS"
                + "\r\n\tFOR <d@e.example> ID 4ABC (f); Tue, 3 Feb 2026 04:05:06 +0100 (CET)"
        )
        #expect(field.from == "a.example")
        #expect(field.fromIP == "192.0.2.1")
        #expect(field.by == "c.example")
        #expect(field.via == "tcp")
        #expect(field.with == "ESMTPS")
        #expect(field.recipient == "d@e.example")
        #expect(field.id == "4ABC")
        #expect(field.date?.rfc3339 == "2026-02-03T04:05:06+01:00")
    }

    @Test(
        "the address of the sending host is found where hosts write it",
        arguments: [
            ("from [192.0.2.1] by b", nil),
            ("from a ([IPv6:2001:db8::1]) by b", "2001:db8::1"),
            ("from a ([fe80::1%eth0]) by b", "fe80::1"),
            ("from a [192.0.2.1] by b", "192.0.2.1"),
            ("from a (HELO [192.0.2.9]) (192.0.2.1:25) by b", "192.0.2.1"),
            ("from a (helo=[192.0.2.9]) by b", nil),
            ("from ([192.0.2.1]) by b", "192.0.2.1"),
            ("from a by b ([192.0.2.1])", nil),
            ("from a (192.0.2.256) by b", nil),
        ]
    )
    func addresses(text: String, address: String?) { #expect(parse(text).fromIP == address) }

    @Test("a clause that is missing, repeated or without a word is nil or the first")
    func broken() {
        #expect(parse("") == parse("; nonsense"))
        #expect(parse("from by with for id via;").by == nil)
        #expect(parse("by a by b").by == "a")
        #expect(parse("from a (unclosed by b; Tue, 3 Feb 2026 04:05:06 Z").by == "b")
        #expect(parse("from a; b; 3 Feb 2026 04:05:06 Z").date?.rfc3339 == "2026-02-03T04:05:06Z")
    }

    @Test("sendmail's form for mail of its own host names the user")
    func localUser() {
        let field = parse("(from root@localhost) by a.example (8.14) id x1; 3 Feb 2026 04:05 Z")
        #expect(field.from == "root@localhost")
        #expect(field.id == "x1")
    }

    @Test("several words name a protocol or a link")
    func protocols() {
        #expect(parse("by a via Frontend Transport; x").via == "Frontend Transport")
        #expect(parse("by a with Microsoft SMTP Server (x) id 1").with == "Microsoft SMTP Server")
    }
}
