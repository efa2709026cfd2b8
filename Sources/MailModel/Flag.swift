// IMAP flags and keywords (RFC 3501 2.3.2). Compared without case; written as the standard writes
// them.

/// A message flag or keyword.
package struct Flag: Sendable, Hashable {
    /// Most octets a flag from outside may have; longer ones are refused.
    package static let octetsMax = 256

    /// The form for IMAP commands: `\Seen`, `$Forwarded`.
    package let octets: [UInt8]

    private init(constant: String) { octets = Array(constant.utf8) }

    /// The message has been read.
    package static let seen = Flag(constant: "\\Seen")
    /// The message has been answered.
    package static let answered = Flag(constant: "\\Answered")
    /// The message is marked as urgent or special.
    package static let flagged = Flag(constant: "\\Flagged")
    /// The message is marked for removal by a later EXPUNGE.
    package static let deleted = Flag(constant: "\\Deleted")
    /// The message is a draft.
    package static let draft = Flag(constant: "\\Draft")
    /// The message has arrived since the mailbox was last selected.
    package static let recent = Flag(constant: "\\Recent")

    /// The message is likely to be important (RFC 8457).
    package static let important = Flag(constant: "$Important")

    private static let system: [Flag] = [.seen, .answered, .flagged, .deleted, .draft, .recent]

    /// A flag as a server names it; nil for one that could not go into a command (RFC 3501
    /// flag-keyword: an atom; Gmail's brackets are let through).
    package init?(_ octets: some Collection<UInt8>) {
        guard !octets.isEmpty, octets.count <= Self.octetsMax,
            octets.allSatisfy({ (0x21...0x7E).contains($0) && !Self.isSpecial($0) })
        else { return nil }
        let octets = Array(octets)
        self = Self.system.first { ASCII.equal($0.octets, octets) } ?? Flag(unchecked: octets)
    }

    /// A flag from its word in JSON: `seen`, `$forwarded`; nil for one that IMAP could not carry.
    package init?(word: String) {
        let octets = Array(word.utf8)
        if let known = Self.system.first(where: { ASCII.equal($0.octets.dropFirst(), octets) }) {
            self = known
            return
        }
        guard octets.first != UInt8(ascii: "\\") else { return nil }
        self.init(octets)
    }

    private init(unchecked octets: [UInt8]) { self.octets = octets }

    /// Whether it is a keyword: a word of clients, not one of the standard's flags.
    package var isKeyword: Bool { octets.first != UInt8(ascii: "\\") }

    /// The word in JSON: lower case, without backslash.
    package var word: String {
        let name = octets.first == UInt8(ascii: "\\") ? octets.dropFirst() : octets[...]
        return String(decoding: name.map(ASCII.lowercased), as: UTF8.self)
    }

    /// Compares without case.
    package static func == (left: Flag, right: Flag) -> Bool {
        ASCII.equal(left.octets, right.octets)
    }

    /// Hashes without case.
    package func hash(into hasher: inout Hasher) {
        for octet in octets { hasher.combine(ASCII.lowercased(octet)) }
    }

    private static func isSpecial(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "{"), UInt8(ascii: "%"),
            UInt8(ascii: "*"), UInt8(ascii: "\""):
            true
        default:
            false
        }
    }
}

extension Flag: Codable {
    /// Reads the JSON word.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let flag = Flag(word: word) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a flag")
        }
        self = flag
    }

    /// Writes the JSON word.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}
