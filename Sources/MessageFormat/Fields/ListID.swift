// The name of a mailing list, which stays when its address or host changes: the key to file by.

import MailModel

/// A List-Id field (RFC 2919).
package struct ListID: Sendable, Hashable {
    /// The description in front of the brackets, decoded, or nil.
    package let name: String?
    /// The identifier as written, without brackets and blanks.
    package let id: String

    /// Reads a field body; nil where it holds no identifier.
    ///
    /// QUIRK: a lone word without brackets is the identifier, as some list programs write it.
    package static func parse(_ octets: some Sequence<UInt8>) -> ListID? {
        let octets = FieldOctets.array(octets, limit: MessageFormatLimits.fieldOctetsMax)
        // RFC 2919 3: the last bracket counts, as the phrase may hold one in quotes.
        guard let open = octets.lastIndex(of: UInt8(ascii: "<")) else { return bare(octets) }
        let content = octets[(open + 1)...].prefix { $0 != UInt8(ascii: ">") }
        guard let id = identifier(content) else { return nil }
        let phrase = octets[..<open]
        let name =
            phrase.contains(UInt8(ascii: "\""))
            ? HeaderText.decode(QuotedString.unquoted(phrase)) : HeaderText.decode(Array(phrase))
        return ListID(name: name.isEmpty ? nil : name, id: id)
    }

    private static func bare(_ octets: [UInt8]) -> ListID? {
        let words = CommentStripper.strip(octets).split { $0 <= ASCII.space }
        guard words.count == 1, let id = identifier(words[0]) else { return nil }
        return ListID(name: nil, id: id)
    }

    private static func identifier(_ octets: ArraySlice<UInt8>) -> String? {
        let visible = octets.filter { $0 > ASCII.space }
        return visible.isEmpty ? nil : Charset.guess(visible)
    }
}
