// One Received field: who handed a message to whom, and when. For showing the way of a message;
// only the fields that our own provider wrote are to be believed.

package import MailModel

/// A trace field (RFC 5321 4.4), read tolerantly.
package struct ReceivedField: Sendable, Hashable {
    /// The name the sending host gave, without brackets, or nil.
    package private(set) var from: String?
    /// The address in the comment or brackets behind `from`, as written, or nil.
    package private(set) var fromIP: String?
    /// The receiving host, or nil.
    package private(set) var by: String?
    /// The link as written (`TCP`, `Frontend Transport`), or nil.
    package private(set) var via: String?
    /// The protocol as written (`ESMTPS`, `Microsoft SMTP Server`), or nil.
    package private(set) var with: String?
    /// The receiving host's queue id, without brackets, or nil.
    package private(set) var id: String?
    /// The recipient, without brackets, or nil.
    package private(set) var recipient: String?
    /// The time behind the last semicolon, or nil.
    package private(set) var date: DateTime?

    /// Reads a field body; what is not there or not readable is nil.
    ///
    /// The first clause of a kind counts, clauses may come in any order, and unknown words between
    /// them are skipped.
    package static func parse(_ octets: some Sequence<UInt8>) -> ReceivedField {
        var reader = ReceivedReader(
            FieldOctets.array(octets, limit: MessageFormatLimits.receivedOctetsMax)
        )
        return reader.run()
    }

    private struct ReceivedReader {
        private var scanner: FieldScanner
        private var field = ReceivedField()
        private var clause = Clause.none
        /// The words of the two clauses that may have several.
        private var linkWords: [UInt8] = []
        private var protocolWords: [UInt8] = []
        private var dateOctets: ArraySlice<UInt8>?

        init(_ octets: [UInt8]) { scanner = FieldScanner(octets) }

        mutating func run() -> ReceivedField {
            scanner.skipBlanks()
            unwrapFrom()
            while !scanner.isAtEnd { step() }
            field.via = text(linkWords[...])
            field.with = text(protocolWords[...])
            field.date = dateOctets.flatMap { DateField.parse($0) }
            return field
        }

        /// QUIRK: sendmail writes `(from user@localhost) by ...` for mail of its own host.
        private mutating func unwrapFrom() {
            var ahead = scanner
            guard let comment = ahead.comment(), ASCII.hasPrefix(comment, "from ") else { return }
            scanner = ahead
            var inner = ReceivedReader(Array(comment))
            while !inner.scanner.isAtEnd { inner.step() }
            (field.from, field.fromIP) = (inner.field.from, inner.field.fromIP)
        }

        private mutating func step() {
            scanner.skipBlanks()
            guard let octet = scanner.current else { return }
            switch octet {
            case UInt8(ascii: ";"):
                scanner.skip()
                clause = .none
                dateOctets = scanner.rest
            case UInt8(ascii: "("):
                if let comment = scanner.comment() {
                    take(comment: comment)
                } else {
                    scanner.skip()
                }
            case UInt8(ascii: "<"):
                take(scanner.enclosed(by: UInt8(ascii: ">")))
            case UInt8(ascii: "["):
                takeLiteral()
            case UInt8(ascii: "\""):
                if let word = scanner.quotedString() { take(word[...]) } else { scanner.skip() }
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: ">"), UInt8(ascii: ","):
                scanner.skip()
            default:
                takeWord()
            }
        }

        private mutating func takeWord() {
            let word = scanner.word { $0 <= ASCII.space || Self.endsWord($0) }
            if let next = Clause(keyword: word), clause.isComplete || next != clause {
                clause = next
            } else {
                take(word)
            }
        }

        /// `[192.0.2.1]`: the host itself, or what stands behind its name.
        private mutating func takeLiteral() {
            let literal = scanner.enclosed(by: UInt8(ascii: "]"))
            // A port may follow the bracket: it is no word of its own.
            if scanner.current == UInt8(ascii: ":") { _ = scanner.word { $0 <= ASCII.space } }
            if case .from(isComplete: true) = clause, field.from != nil {
                take(comment: literal)
            } else {
                take(literal)
            }
        }

        private mutating func take(comment: ArraySlice<UInt8>) {
            switch clause {
            case .from:
                clause = .from(isComplete: true)
                if field.fromIP == nil { field.fromIP = IPText.first(in: comment) }
            case .via, .with: clause = .none
            default: break
            }
        }

        private mutating func take(_ word: ArraySlice<UInt8>) {
            switch clause {
            case .from(isComplete: false):
                if field.from == nil { field.from = text(word) }
                clause = .from(isComplete: true)
                return
            case .via: return Self.append(word, to: &linkWords)
            case .with: return Self.append(word, to: &protocolWords)
            case .by: if field.by == nil { field.by = text(word) }
            case .id: if field.id == nil { field.id = text(word) }
            case .recipient: if field.recipient == nil { field.recipient = text(word) }
            case .from, .none: return
            }
            clause = .none
        }

        private static func append(_ word: ArraySlice<UInt8>, to words: inout [UInt8]) {
            if !words.isEmpty { words.append(ASCII.space) }
            words += word
        }

        private func text(_ octets: ArraySlice<UInt8>) -> String? {
            let visible = octets.filter { $0 != ASCII.cr && $0 != ASCII.lf }
            return visible.isEmpty ? nil : Charset.guess(visible)
        }

        private static func endsWord(_ octet: UInt8) -> Bool {
            octet == UInt8(ascii: ";") || octet == UInt8(ascii: "(") || octet == UInt8(ascii: ",")
                || octet == UInt8(ascii: "<") || octet == UInt8(ascii: ")")
        }
    }

    /// What the next word belongs to.
    private enum Clause: Equatable {
        case none, by, via, with, id, recipient
        /// Complete once the name is read: what follows then describes the host.
        case from(isComplete: Bool)

        /// Whether a keyword may follow at once: no value is being waited for.
        var isComplete: Bool {
            switch self {
            case .none, .via, .with, .from(isComplete: true): true
            default: false
            }
        }

        init?(keyword: ArraySlice<UInt8>) {
            guard keyword.count <= 4 else { return nil }
            switch String(decoding: keyword.map(ASCII.lowercased), as: UTF8.self) {
            case "from": self = .from(isComplete: false)
            case "by": self = .by
            case "via": self = .via
            case "with": self = .with
            case "id": self = .id
            case "for": self = .recipient
            default: return nil
            }
        }
    }
}
