// The readers of fields and reports against input that was made to be slow or to break them.

import MailModel
import Testing

@testable import MessageFormat

@Suite(.serialized) struct FieldLinearTests {
    /// A reader and what may be slow for it when it comes often.
    private struct Reader: Sendable, CustomTestStringConvertible {
        let name: String
        let units: [String]
        let read: @Sendable ([UInt8]) -> Void

        var testDescription: String { name }
    }

    private static let readers: [Reader] = [
        Reader(
            name: "AuthenticationResults",
            units: ["(", "(a) ", "\"", "\"\\", ";", "a=", "a.", ". ", "a=b ", "a=b.c;"],
            read: { _ = AuthenticationResults.parse($0) }
        ),
        Reader(
            name: "ReceivedField",
            units: ["(", "((a)", "\"", "<", "[", ";", "from ", "by a ", "with ", "(from "],
            read: { _ = ReceivedField.parse($0) }
        ),
        Reader(
            name: "CommaList",
            units: [",", "\"", "\"\\", "=?utf-8?q?", "=?a?q?b?=", "a "],
            read: { _ = CommaList.parse($0) }
        ),
        Reader(name: "ListID", units: ["<", "(", "\"", "a<"], read: { _ = ListID.parse($0) }),
        Reader(
            name: "ListURIs",
            units: ["<", "(", "<a:b>", "x"],
            read: { _ = ListURIs.parse($0) }
        ),
        Reader(
            name: "AutomaticKind",
            units: ["(", "(a) ", "a"],
            read: { _ = AutomaticKind.of(autoSubmitted: $0, precedence: $0) }
        ),
        Reader(
            name: "DeliveryReport",
            units: ["\n", "a:b\n", "a:\n b", "\n ", "final-recipient:a\n\n", "status:("],
            read: { _ = DeliveryReport.parse($0) }
        ),
        Reader(
            name: "DispositionReport",
            units: ["disposition:a/b;c/d,", "/", "disposition:("],
            read: { _ = DispositionReport.parse($0) }
        ),
        Reader(
            name: "FeedbackReport",
            units: ["reported-uri:a\n", "authentication-results:a;b=c\n"],
            read: { _ = FeedbackReport.parse($0) }
        ),
        Reader(
            name: "CalendarSummary",
            units: ["BEGIN:X\n", "END:X\n", "\n ", "X;A=\"", "BEGIN:VEVENT\nSUMMARY:a\n", "X:\\"],
            read: { _ = CalendarSummary.parse($0) }
        ),
        Reader(
            name: "armour",
            units: ["-----BEGIN PGP", "-\n", "\n", "- "],
            read: { _ = ProtectionKind.armour(in: $0) }
        ),
    ]

    @Test("every reader takes time in proportion to its input", arguments: readers)
    private func linear(reader: Reader) {
        for unit in reader.units {
            LinearTime.expect(
                "\(reader.name) \(unit)",
                input: { Array(String(repeating: unit, count: $0).utf8) },
                count: 1_000,
                work: reader.read
            )
        }
    }

    private static let examples = [
        "i=1; a.example 1; dkim/1=pass (c) reason=\"r\" header.d=b; spf=fail smtp.mailfrom=a@b",
        "from a (b [192.0.2.1]) by c via d with e id <f> for <g@h>; 3 Feb 2026 04:05:06 +0100",
        "reporting-mta: dns; a\n\nfinal-recipient: rfc822; <a@b>\naction: failed\nstatus: 5.1.1\n",
        "disposition: manual-action/mdn-sent-manually; displayed/error\n",
        "BEGIN:VEVENT\nDTSTART;TZID=\"a\":20260203T040506Z\nORGANIZER;CN=a:mailto:b@c\n",
        "SUMMARY:a\\, b\\n\n c\nEND:VEVENT\n", "\"a\" <b.c>", "<mailto:a@b>, <https://c>",
    ]

    @Test("no octets make a reader trap", arguments: 0..<8 as Range<UInt64>)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let units = Self.readers.flatMap(\.units) + Self.examples
        for _ in 0..<500 {
            var octets: [UInt8] = []
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                let unit = units.randomElement(using: &generator) ?? ""
                octets += unit.utf8
                if Bool.random(using: &generator) {
                    octets.append(UInt8.random(in: 0...255, using: &generator))
                }
            }
            for reader in Self.readers { reader.read(octets) }
        }
    }

    @Test(
        "one piece many times and then another many times is linear in every reader",
        arguments: [
            ("=?a?q?x", " ?="), ("a ", ":"), ("a ", "x@y.z :"), ("<", ">"), ("\"", "\\"),
            ("(", ")"),
            ("a@b ", "="), ("[", "]"), ("=?", "?="), ("a, ", ";"),
        ]
    )
    func twoPieces(first: String, second: String) {
        let readers: [(String, ([UInt8]) -> Void)] = [
            ("AddressList", { _ = AddressList.parse($0) }),
            ("HeaderText", { _ = HeaderText.decode($0) }),
            ("ContentTypeField", { _ = ContentTypeField.parse($0).parameters.value("name") }),
            ("MessageIDs", { _ = MessageIDs.parse($0) }),
        ]
        for (name, read) in readers {
            LinearTime.expect(
                "\(name), \(first) and \(second)",
                input: { count in
                    let parts = [first, "x@y.z ", second].map { Array($0.utf8) }
                    return Array(repeatElement(parts[0], count: count).joined()) + parts[1]
                        + Array(repeatElement(parts[2], count: count).joined())
                },
                count: 1_000,
                work: read
            )
        }
    }

    @Test("the words of one mailbox have a bound, and what stands before the bound is read")
    func manyWords() {
        let words = Array(repeatElement(Array("a ".utf8), count: 300_000).joined())
        #expect(AddressList.parse(words + Array("<x@y.z>".utf8)).map(\.address) == ["x@y.z"])
        #expect(AddressList.parse(Array("x@y.z ".utf8) + words).map(\.address) == ["x@y.z"])
    }
}
