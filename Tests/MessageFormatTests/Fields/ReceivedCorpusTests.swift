// Stalwart's Received vectors. What they say beyond the clauses of RFC 5321 (TLS, ident, HELO,
// reverse name) has no place in `ReceivedField` and is not compared.

import Foundation
import Glibc
import MailModel
import Testing

@testable import MessageFormat

@Suite(.enabled(if: Corpora.root != nil, Corpora.missing)) struct ReceivedCorpusTests {
    /// Stalwart names classes of protocols; these are the words that mean them.
    private static let protocols: [String: String] = [
        "LOCAL-ESMTP": "ESMTP", "LOCAL-ESMTPS": "ESMTPS", "LOCAL-BSMTP": "SMTP", "BSMTP": "SMTP",
        "ESMTP-TLS": "ESMTPS", "MICROSOFT SMTPSVC": "SMTP", "MICROSOFT SMTP SERVER": "SMTP",
        "XMAIL 1.20 ESMTP SERVER": "ESMTP", "MAILENABLE ESMTP": "ESMTP", "HTTPREST": "HTTP",
        "ESMTP/TLS/DHE-RSA-AES256-GCM-SHA384": "ESMTP",
    ]

    @Test("the clauses are read as Stalwart reads them")
    func stalwart() throws {
        var vectors = VectorComparison("received", differences: Self.differences)
        for vector in try Corpora.vectors("received") {
            guard let expected = vector.fields["expected"] as? [String: Any] else { continue }
            let field = ReceivedField.parse(vector.input)
            let wantedProtocol = (expected["with"] as? String)?.uppercased()
            let ourProtocol = field.with?.uppercased()
            let actual = [
                "from": field.from, "by": field.by, "via": field.via, "id": field.id,
                "for": field.recipient, "ip": field.fromIP.map(Self.canonicalIP),
                "date": field.date.map(\.rfc3339),
                // A protocol that Stalwart has no class for is nil there.
                "with": wantedProtocol == nil
                    ? nil : ourProtocol.map { Self.protocols[$0] ?? $0 },
            ].compactMapValues { $0 }
            let wanted = [
                "from": Self.host(expected["from"]), "by": Self.host(expected["by"]),
                "via": expected["via"] as? String, "id": expected["id"] as? String,
                "for": expected["for_"] as? String,
                "ip": (expected["from_ip"] as? String).map(Self.canonicalIP),
                "date": Self.date(expected["date"]), "with": wantedProtocol,
            ].compactMapValues { $0 }
            vectors.check(vector.id, actual, wanted)
        }
        vectors.conclude()
    }

    private static let differences: [String: String] = [
        "0014": asctime, "0118": asctime, "0119": asctime,
        "0029": slash, "0030": slash, "0031": slash, "0126": slash,
        "0068": zone, "0164": zone,
        "0090": year, "0091": year, "0129": year,
        "0124": "Stalwart takes the last `by`; the first host is the one here",
        "0145": "Stalwart stops at a fraction of a second",
        "0152": "a name that is a literal is kept as written here, dropped there",
        "0154": "a recipient without @ is kept as written here, dropped there",
        "0166": "Stalwart reads `invoked from network` in a comment as a host",
        "0172": "Stalwart reads `from userid 1002` in a comment as a host",
    ]
    private static let asctime = "Stalwart does not read the form of asctime"
    private static let slash = "Stalwart cuts words at a slash; they are as written here"
    private static let zone = "Stalwart reads a zone name as UTC (RFC 5322 4.3 names its offset)"
    private static let year = "Stalwart reads year 03 as 1903 (RFC 5322 4.3 says 2003)"

    private static func host(_ value: Any?) -> String? {
        (value as? [String: String])?.values.first
    }

    private static func date(_ value: Any?) -> String? {
        guard let fields = value as? [String: Any] else { return nil }
        func number(_ name: String) -> Int { (fields[name] as? NSNumber)?.intValue ?? -1 }
        let minutes = number("tz_hour") * 60 + number("tz_minute")
        let isWest = fields["tz_before_gmt"] as? Bool ?? false
        return DateTime(
            year: number("year"),
            month: number("month"),
            day: number("day"),
            hour: number("hour"),
            minute: number("minute"),
            second: number("second"),
            offsetMinutes: isWest ? -minutes : minutes
        )?.rfc3339
    }

    /// An IPv6 address in the C library's own spelling.
    private static func canonicalIP(_ text: String) -> String {
        var octets = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &octets) == 1 else { return text }
        return octets.map { String($0, radix: 16) }.joined(separator: " ")
    }
}
