// The conditions of a server: OK, NO, BAD, BYE, PREAUTH (RFC 3501 7.1), tagged or not.

internal import MailModel

/// One condition with its code and its text for people.
package struct IMAPCondition: Sendable, Hashable {
    /// What the server says.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case ok = "OK"
        case no = "NO"
        case bad = "BAD"
        case bye = "BYE"
        case preauth = "PREAUTH"
    }

    /// What the server says.
    package let kind: Kind
    /// The code in brackets, or nil.
    package let code: IMAPResponseCode?
    /// The text as octets, bounded; brackets that hold no code are part of it.
    ///
    /// Not fit for a terminal.
    package let text: [UInt8]

    /// A condition from its parts.
    package init(_ kind: Kind, code: IMAPResponseCode? = nil, text: [UInt8] = []) {
        self.kind = kind
        self.code = code
        self.text = Array(text.prefix(IMAPLimits.textOctetsMax))
    }
}

extension IMAPCondition.Kind {
    /// The kind a word names, in any case.
    init?(word: ArraySlice<UInt8>) {
        let kinds: [(StaticString, Self)] = [
            ("OK", .ok), ("NO", .no), ("BAD", .bad), ("BYE", .bye), ("PREAUTH", .preauth),
        ]
        guard let kind = kinds.first(where: { IMAPKeyword.equal(word, $0.0) })?.1 else {
            return nil
        }
        self = kind
    }
}

extension IMAPCondition {
    /// A condition from its kind and what follows the word.
    init(_ kind: Kind, rest: ArraySlice<UInt8>) {
        let rest = ASCII.trimmed(rest)
        guard rest.first == UInt8(ascii: "["), let close = Self.closingBracket(in: rest),
            let code = IMAPResponseCode(parsing: rest[(rest.startIndex + 1)..<close])
        else {
            self.init(kind, code: Self.limit(kind, rest), text: Array(rest))
            return
        }
        let text = ASCII.trimmed(rest[(close + 1)...])
        self.init(kind, code: Self.limit(kind, text) ?? code, text: Array(text))
    }

    /// LIMIT where a refusal says in its text what that says (RFC 5530 3), else nil.
    ///
    /// QUIRK: Exchange throttles with BAD and no code. Gmail says ALERT or OVERQUOTA where one
    /// connection or one megabyte is too many, and neither tells that another try is worth it.
    private static func limit(_ kind: Kind, _ text: ArraySlice<UInt8>) -> IMAPResponseCode? {
        guard kind == .no || kind == .bad || kind == .bye else { return nil }
        let text = text.prefix(IMAPLimits.textOctetsMax).map(ASCII.lowercased)
        let isLimit = [
            "request is throttled", "too many simultaneous connections",
            "command or bandwidth limits",
        ].contains { text.firstRange(of: Array($0.utf8)) != nil }
        return isLimit ? .condition(.limit) : nil
    }

    /// The bracket that ends the code: the first outside parentheses and quotes, for flags may hold
    /// brackets; else the first at all.
    private static func closingBracket(in octets: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        var isQuoted = false
        for index in octets.indices.dropFirst() {
            switch octets[index] {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "(") where !isQuoted: depth += 1
            case UInt8(ascii: ")") where !isQuoted: depth -= 1
            case UInt8(ascii: "]") where !isQuoted && depth <= 0: return index
            default: break
            }
        }
        return octets.firstIndex(of: UInt8(ascii: "]"))
    }
}
