// Flanker's addr-specs against `AddrSpec`, which decides what may be sent. Flanker reads a mailbox
// as a person types it, names and comments included, and holds to the grammar of RFC 5322; ours
// takes a bare addr-spec and refuses what could break a command or a header. The two differ by the
// classes below and by nothing else.

import Foundation
import MailModel
import Testing

@testable import MessageFormat

@Suite(.enabled(if: Corpora.root != nil, Corpora.missing)) struct AddrSpecCorpusTests {
    /// Why a vector and `AddrSpec` may differ.
    private enum Class: String {
        /// A mailbox with a display name or a comment: valid to flanker, no addr-spec here.
        case notBare
        /// Dots at the ends or side by side, which mail systems in Japan gave out and still use
        /// (RFC 5322 forbids them): may be sent to, as the server decides.
        case dots
        /// A domain with an empty label or a wrong one (`a..b`, `b.`, `.b`, `xn--example`): DNS
        /// decides.
        case labels
        /// A bracket out of place in a domain: no harm in a command, and the server decides.
        case brackets
    }

    /// The class an input belongs to by its own shape, or nil.
    private static func classify(_ input: [UInt8], isValid: Bool) -> Class? {
        guard let at = input.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let (local, domain) = (input[..<at], input[(at + 1)...])
        if isValid {
            let isBare = !input.contains { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "(") }
            return isBare ? nil : .notBare
        }
        let dot = UInt8(ascii: ".")
        let isAtom = local.first != UInt8(ascii: "\"")
        if isAtom, local.split(separator: dot, omittingEmptySubsequences: false).contains([]) {
            return .dots
        }
        if domain.contains(UInt8(ascii: "[")) || domain.contains(UInt8(ascii: "]")) {
            return .brackets
        }
        let labels = domain.split(separator: dot, omittingEmptySubsequences: false)
        return labels.contains { $0.isEmpty || $0.starts(with: "xn--".utf8) } ? .labels : nil
    }

    @Test("flanker's addr-specs are valid or not as it says, but for the classes named here")
    func flanker() throws {
        var passed = 0
        var classes: [Class: Int] = [:]
        for vector in try Corpora.vectors("addr-spec-flanker") {
            let expected = vector.fields["expected"] as? [String: Bool]
            let isValid = expected?["valid"] ?? false
            let isLocalPart = (vector.fields["source"] as? String ?? "").contains("localpart")
            // A local part alone is given a domain; flanker's own remark behind `#` is cut off.
            let input =
                Self.withoutRemark(vector.input) + Array((isLocalPart ? "@x.example" : "").utf8)
            let isSendable = (try? AddrSpec(input)) != nil
            if isSendable == isValid {
                passed += 1
            } else if let found = Self.classify(input, isValid: isValid) {
                classes[found, default: 0] += 1
            } else {
                Issue.record("\(vector.id) \(vector.fields["input"] ?? "") is \(isSendable)")
            }
        }
        print("addr-spec-flanker: \(passed) equal, by class \(classes)")
    }

    private static func withoutRemark(_ input: [UInt8]) -> [UInt8] {
        let text = String(decoding: input, as: UTF8.self)
        guard let remark = text.range(of: "    #") else { return input }
        let head = text[..<remark.lowerBound]
        return Array(head.utf8.reversed().drop { $0 == ASCII.space }.reversed())
    }
}
