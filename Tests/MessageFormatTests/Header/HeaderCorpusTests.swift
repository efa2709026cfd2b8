// The header readers against vectors and whole messages that this project did not write. Each one
// is equal or stands in a list with the reason why it is not.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite(.enabled(if: Corpora.root != nil, Corpora.missing)) struct HeaderCorpusTests {
    @Test("encoded word vectors decode as their sources say")
    func encodedWords() throws {
        var vectors = VectorComparison(
            "encoded-words",
            differences: [
                "0162": "of base64 that is cut, Thunderbird drops the octet that is whole",
                "0235": "enmime decodes a word inside a word; once is the rule (C30)",
            ]
        )
        for vector in try Corpora.vectors("encoded-words") {
            guard let expected = vector.fields["expected"] as? String else { continue }
            let wanted = HeaderText.decode(Array(expected.utf8))
            vectors.check(vector.id, HeaderText.decode(vector.input), wanted)
        }
        vectors.conclude()
    }

    @Test("address vectors parse as their sources say")
    func addresses() throws {
        var vectors = VectorComparison(
            "addresses",
            differences: [
                "0005": "Go puts a comment into the name; GMime and MimeKit do not",
                "0061": "Go puts all comments into the name; GMime and MimeKit do not",
                "0216": "a single word is an address without domain here, a name to nodemailer",
                "0217": "a single word is an address without domain here, a name to nodemailer",
                "0220": "nodemailer drops the text of a bracket that is never closed",
            ]
        )
        for vector in try Corpora.vectors("addresses") {
            guard let expected = vector.fields["expected"] as? [[String: Any]] else { continue }
            let actual = AddressList.parse(vector.input).map { [$0.name ?? "", $0.address] }
            vectors.check(vector.id, actual, Self.flattened(expected))
        }
        vectors.conclude()
    }

    @Test("date vectors are read as their sources say; forms that Go refuses may be read")
    func dates() throws {
        var vectors = VectorComparison(
            "dates",
            differences: [
                "0013": "Go knows no zone CST", "0014": "Go knows no zone CST",
            ]
        )
        for vector in try Corpora.vectors("dates") {
            let isRefused = vector.fields["invalid_in_strict_parser"] as? Bool ?? false
            let expected = vector.fields["expected"] as? String
            let actual = DateField.parse(vector.input)
            if expected == nil, isRefused, actual != nil { continue }
            let text = actual.map { DateTime(unixSeconds: $0.unixSeconds).rfc3339 }
            vectors.check(vector.id, text, expected)
        }
        vectors.conclude()
    }

    @Test("parameter vectors decode as their sources say")
    func parameters() throws {
        var vectors = VectorComparison(
            "params",
            differences: ["0125": "the language of a parameter is no parameter, as Ruby has it"]
        )
        for vector in try Corpora.vectors("params") {
            guard let expected = vector.fields["expected"] as? [String: Any],
                let wanted = expected["params"] as? [String: String]
            else { continue }
            let list = ContentDispositionField.parse(vector.input).parameters
            let actual = wanted.keys.reduce(into: [String: String]()) { $0[$1] = list.value($1) }
            vectors.check(vector.id, actual, wanted)
        }
        vectors.conclude()
    }

    @Test("message id vectors")
    func messageIDs() throws {
        var vectors = VectorComparison("message-ids")
        for vector in try Corpora.vectors("message-ids") {
            let expected = vector.fields["expected"] as? [String] ?? []
            vectors.check(vector.id, MessageIDs.parse(vector.input), expected)
        }
        vectors.conclude()
    }

    @Test("headers of whole messages agree with what two independent programs read")
    func messages() throws {
        let fields = [
            "subject", "from", "to", "cc", "reply_to", "date", "message_id", "in_reply_to",
            "references",
        ]
        let reasons = [
            "to": ["eml/ruby-mail/rfc2822__example13.eml": "a name without address is kept"],
            "in_reply_to": [
                "eml/ruby-mail/error_emails__bad_date_header.eml": "an id may lack its brackets"
            ],
        ]
        let messages = try Self.messages()
        for field in fields {
            var fieldValues = VectorComparison("eml \(field)", differences: reasons[field] ?? [:])
            for (path, header, firm) in messages {
                guard let wanted = firm[field] else { continue }
                let actual = Self.value(of: field, in: header)
                fieldValues.check(path, Self.canonical(actual), Self.canonical(wanted))
            }
            fieldValues.conclude()
        }
    }

    private static func messages() throws
        -> [(path: String, header: HeaderBlock, firm: [String: Any])]
    {
        guard let root = Corpora.root else { return [] }
        let folder = root.appendingPathComponent("eml")
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
        return try (names ?? []).filter { $0.hasSuffix(".expected.json") }.sorted().map { name in
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let path = "eml/" + name.dropLast(".expected.json".count) + ".eml"
            let header = HeaderBlock(parsing: try Corpora.octets(path))
            return (path, header, json?["firm"] as? [String: Any] ?? [:])
        }
    }

    /// What we read of a field, in the shape of the expectation.
    private static func value(of field: String, in header: HeaderBlock) -> Any {
        let name = field.map { $0 == "_" ? "-" : String($0) }.joined()
        guard let found = header.first(name) else { return field == "subject" ? NSNull() : [Any]() }
        switch field {
        case "subject":
            return HeaderText.decode(found.rawValue)
        case "date":
            let date = DateField.parse(found.rawValue)
            return date.map { DateTime(unixSeconds: $0.unixSeconds).rfc3339 as Any } ?? NSNull()
        case "message_id":
            return MessageIDs.parse(found.rawValue).first.map { $0 as Any } ?? NSNull()
        case "in_reply_to", "references":
            return MessageIDs.parse(found.rawValue)
        default:
            return AddressList.parse(found.rawValue).map {
                ["name": $0.name.map { $0 as Any } ?? NSNull(), "addr": $0.address]
            }
        }
    }

    private static func canonical(_ value: Any) -> String {
        if let list = value as? [[String: Any]] {
            return list.map { "\(canonical($0["name"] as Any))<\(canonical($0["addr"] as Any))>" }
                .joined(separator: ", ")
        }
        if let list = value as? [String] { return list.joined(separator: " ") }
        if let list = value as? [Any], list.isEmpty { return "" }
        return (value as? String)?.precomposedStringWithCanonicalMapping ?? ""
    }

    private static func flattened(_ addresses: [[String: Any]]) -> [[String]] {
        addresses.flatMap { address -> [[String]] in
            if let members = address["members"] as? [[String: Any]] { return flattened(members) }
            let pair = [address["name"] as? String ?? "", address["addr"] as? String ?? ""]
            return pair == ["", ""] ? [] : [pair]
        }
    }
}
