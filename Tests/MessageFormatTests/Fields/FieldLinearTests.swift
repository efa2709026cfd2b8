// The readers of fields and reports against input that was made to be slow or to break them.

import MailModel
import Testing

@testable import MessageFormat

@Suite(.serialized) struct FieldLinearTests {
    private static let readers: [(name: String, read: @Sendable ([UInt8]) -> Void)] = [
        ("AuthenticationResults", { _ = AuthenticationResults.parse($0) }),
        ("ReceivedField", { _ = ReceivedField.parse($0) }),
        ("CommaList", { _ = CommaList.parse($0) }),
        ("ListID", { _ = ListID.parse($0) }),
        ("ListURIs", { _ = ListURIs.parse($0) }),
        ("AutomaticKind", { _ = AutomaticKind.of(autoSubmitted: $0, precedence: $0) }),
        ("DeliveryReport", { _ = DeliveryReport.parse($0) }),
        ("DispositionReport", { _ = DispositionReport.parse($0) }),
        ("FeedbackReport", { _ = FeedbackReport.parse($0) }),
        ("BounceSummary", { _ = BounceSummary.messageID(ofReturned: $0) }),
        ("CalendarSummary", { _ = CalendarSummary.parse($0) }),
        ("armour", { _ = ProtectionKind.armour(in: $0) }),
    ]

    private static let units = [
        "(", "((a)", "\"", "\\", "\"\\", "<", "a<", ";", "a=", "a.", ". ", "a=b ", "(a) ", "=?",
        "=?utf-8?q?", ",", "[", "from ", "by a ", "\n", "a:b\n", "\n ", "a:\n b",
        "final-recipient:a\n\n",
        "BEGIN:X\n", "BEGIN:VEVENT\n", "END:X\n", "X;A=\"", ":", "-----BEGIN PGP", "-\n",
    ]

    @Test("every reader takes time in proportion to its input", arguments: units)
    func linear(unit: String) {
        for reader in Self.readers {
            LinearTime.expect(
                "\(reader.name) \(unit)",
                input: { Array(String(repeating: unit, count: $0).utf8) },
                count: 2_000,
                work: reader.read
            )
        }
    }

    @Test("no octets make a reader trap", arguments: 0..<8 as Range<UInt64>)
    func noise(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var octets: [UInt8] = []
            for _ in 0..<Int.random(in: 0...30, using: &generator) {
                let unit = Self.units.randomElement(using: &generator) ?? ""
                octets += unit.utf8
                if Bool.random(using: &generator) {
                    octets.append(UInt8.random(in: 0...255, using: &generator))
                }
            }
            for reader in Self.readers { reader.read(octets) }
        }
    }
}
