// The header readers against vectors and whole messages that this project did not write. Every
// number below is a floor: raising it is progress, and lowering it needs a reason written beside
// it.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite(.enabled(if: Corpora.root != nil, Corpora.missing)) struct HeaderCorpusTests {
    // Differences by decision: Go keeps `=?UTF-8?Q?A=B?=` raw and rejects unknown encodings with an
    // error; we decode what can be decoded. enmime decodes twice; we decode once.
    @Test("encoded word vectors decode as their sources say, but for the decisions named here")
    func encodedWords() throws {
        var score = Score("encoded-words")
        for vector in try Corpora.vectors("encoded-words") {
            guard let expected = vector.fields["expected"] as? String else { continue }
            let actual = HeaderText.decode(vector.input)
            score.check(actual == HeaderText.decode(Array(expected.utf8)), "\(vector.id) \(actual)")
        }
        score.report()
        #expect(score.misses.count <= 2)
    }

    // Six differences: Go and Stalwart put comments into a name, GMime and MimeKit do not; a
    // comment inside an addr-spec names it here; a single word is an address without domain here, a
    // name to nodemailer; and nodemailer drops a text in open brackets.
    @Test("address vectors parse as their sources say, but for sources that contradict each other")
    func addresses() throws {
        var score = Score("addresses")
        for vector in try Corpora.vectors("addresses") {
            guard let expected = vector.fields["expected"] as? [[String: Any]] else { continue }
            let wanted = Self.flattened(expected)
            let actual = AddressList.parse(vector.input).map { [$0.name ?? "", $0.address] }
            score.check(actual == wanted, "\(vector.id) \(actual) not \(wanted)")
        }
        score.report()
        #expect(score.misses.count <= 6)
    }

    // Two differences: Go does not know the zone CST.
    @Test("date vectors are read as their sources say, but for forms that Go refuses")
    func dates() throws {
        var score = Score("dates")
        for vector in try Corpora.vectors("dates") {
            let isRefused = vector.fields["invalid_in_strict_parser"] as? Bool ?? false
            let expected = vector.fields["expected"] as? String
            let actual = DateField.parse(vector.input)
            if expected == nil, isRefused, actual != nil { continue }
            let text = actual.map { DateTime(unixSeconds: $0.unixSeconds).rfc3339 }
            score.check(text == expected, "\(vector.id) \(text ?? "nil") not \(expected ?? "nil")")
        }
        score.report()
        #expect(score.misses.count <= 2)
    }

    @Test(
        "parameter vectors decode as their sources say, but for one of Ruby"
    )
    func parameters() throws {
        var score = Score("params")
        for vector in try Corpora.vectors("params") {
            guard let expected = vector.fields["expected"] as? [String: Any],
                let wanted = expected["params"] as? [String: String]
            else { continue }
            let list = ContentDispositionField.parse(vector.input).parameters
            let actual = wanted.keys.reduce(into: [String: String]()) { $0[$1] = list.value($1) }
            score.check(actual == wanted, "\(vector.id) \(actual) not \(wanted)")
        }
        score.report()
        #expect(score.misses.count <= 1)
    }

    @Test("message id vectors")
    func messageIDs() throws {
        for vector in try Corpora.vectors("message-ids") {
            #expect(MessageIDs.parse(vector.input) == vector.fields["expected"] as? [String])
        }
    }

    // Two differences: a name without address is kept here (ruby-mail rfc2822/example13), and an id
    // without brackets is one (ruby-mail bad_date_header).
    @Test("headers of whole messages agree with what two independent programs read")
    func messages() throws {
        var scores = [
            "subject", "from", "to", "cc", "reply_to", "date", "message_id", "in_reply_to",
            "references",
        ].map { Score("eml \($0)") }
        for (path, firm) in try Self.messages() {
            let header = HeaderBlock(parsing: try Corpora.octets(path))
            for index in scores.indices {
                let field = String(scores[index].name.dropFirst(4))
                guard let wanted = firm[field] else { continue }
                let actual = Self.value(of: field, in: header)
                let isRight = Self.canonical(actual) == Self.canonical(wanted)
                scores[index].check(isRight, "\(path) \(actual) not \(wanted)")
            }
        }
        for score in scores { score.report() }
        let misses = scores.reduce(0) { $0 + $1.misses.count }
        #expect(misses <= 2)
    }

    private static func messages() throws -> [(path: String, firm: [String: Any])] {
        guard let root = Corpora.root else { return [] }
        let folder = root.appendingPathComponent("eml")
        let names = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
        return try (names ?? []).filter { $0.hasSuffix(".expected.json") }.sorted().map { name in
            let data = try Data(contentsOf: folder.appendingPathComponent(name))
            let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
            let path = "eml/" + name.dropLast(".expected.json".count) + ".eml"
            return (path, json?["firm"] as? [String: Any] ?? [:])
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
