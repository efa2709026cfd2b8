// Vectors of single fields and encodings that this project did not write. Each one is equal or
// stands in a list, or in a class defined here in code, with the reason why it is not.

import Foundation
import Glibc
import MailModel
import Testing

@testable import MessageFormat

@Suite(.enabled(if: Corpora.root != nil, Corpora.missing)) struct FieldCorpusTests {
    @Test("comma list vectors")
    func commaLists() throws {
        var vectors = VectorComparison("comma-lists")
        for vector in try Corpora.vectors("comma-lists") {
            let expected = vector.fields["expected"] as? [String] ?? []
            vectors.check(vector.id, CommaList.parse(vector.input), expected)
        }
        vectors.conclude()
    }

    @Test("quoted string vectors")
    func quotedStrings() throws {
        var vectors = VectorComparison("quoted-string")
        for vector in try Corpora.vectors("quoted-string") {
            let expected = Array((vector.fields["expected"] as? String ?? "").utf8)
            vectors.check(vector.id, QuotedString.unquoted(vector.input[...]), expected)
        }
        vectors.conclude()
    }

    // The source lets its caller name a charset for 8-bit octets. Here there is one policy (UTF-8
    // if valid, else windows-1252, README of the corpora), so that vectors whose caller named
    // another charset differ.
    @Test("8-bit header vectors under the one policy")
    func eightBit() throws {
        let isRead = "octets that are not UTF-8 are windows-1252 here, U+FFFD there"
        var vectors = VectorComparison(
            "header-8bit",
            differences: [
                "0004": isRead, "0006": isRead, "0008": isRead, "0009": isRead, "0010": isRead,
                "0011": isRead, "0012": isRead, "0014": isRead,
            ]
        )
        for vector in try Corpora.vectors("header-8bit") {
            let json = try JSONSerialization.jsonObject(with: Data(vector.input)) as? [String]
            guard let json, let first = json.first else { continue }
            let octets = first.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            // With one member the expectation stands in the vector itself.
            let expected = json.count > 1 ? json[1] : vector.fields["expected"] as? String
            vectors.check(vector.id, HeaderText.decode(octets), expected)
        }
        vectors.conclude()
    }

    @Test("address display vectors: names and addresses as GMime shows them")
    func addressDisplay() throws {
        var vectors = VectorComparison(
            "address-display",
            differences: [
                "0018": "two commas: GMime reads `Charles` alone; one comma is text to it (0015)",
                "0019": "GMime drops the dot behind a domain; addresses are as written here",
                "0020": "GMime keeps a tab in a name; runs of blanks are one space here",
                "0021": "GMime drops octets without a meaning; they are U+FFFD here",
                "0033": "GMime drops quotes that an encoded word decodes to; once is the rule",
                "0035": "GMime drops `c tert@wp.pl`; `c` is its name here",
            ]
        )
        for vector in try Corpora.vectors("address-display") {
            let addresses = AddressList.parse(vector.input)
            let actual = addresses.map(Self.display).joined(separator: ", ")
            let expected = vector.fields["expected"] as? String ?? ""
            vectors.check(vector.id, actual, Self.withoutGroups(expected))
        }
        vectors.conclude()
    }

    /// `Name <address>` with quotes where RFC 5322 wants them.
    private static func display(_ address: Address) -> String {
        guard let name = address.name else { return address.address }
        let isQuoted = name.utf8.contains { "()<>[]:;@\\,.".utf8.contains($0) }
        return (isQuoted ? "\"\(name)\"" : name) + " <\(address.address)>"
    }

    /// A list as GMime shows it without the names and marks of groups, which are flattened here.
    private static func withoutGroups(_ text: String) -> String {
        guard let name = text.range(of: ": "), let end = text.range(of: ";") else { return text }
        var result = text
        result.removeSubrange(end)
        result.removeSubrange(text.startIndex..<name.upperBound)
        return result
    }
}
