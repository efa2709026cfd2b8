// Tells from the text before a literal what the literal is: a body may be huge and is streamed, a
// header may be large, anything else is small.

internal import MailModel

/// What a literal holds, as far as its size is concerned.
enum IMAPLiteralUse: Sendable, Equatable {
    /// The content of a body section: `BODY[1.2] {n}`.
    case body
    /// Header fields: `BODY[HEADER.FIELDS (...)] {n}`.
    case header
    /// A name, an address, a parameter.
    case other

    /// Most octets looked at before a literal; a longer list of header fields is no list of ours.
    private static let lookBackOctetsMax = 16 * 1024

    /// The use of a literal from the text since the last one.
    init(before text: ArraySlice<UInt8>) {
        var text = text.suffix(Self.lookBackOctetsMax)
        while text.last == ASCII.space { text.removeLast() }
        if text.last == UInt8(ascii: ">"), let open = text.lastIndex(of: UInt8(ascii: "<")) {
            text = text[..<open]  // the origin of a partial fetch
        }
        if Self.endsWith(text, "RFC822.HEADER") {
            self = .header
            return
        }
        if Self.endsWith(text, "RFC822") || Self.endsWith(text, "RFC822.TEXT") {
            self = .body
            return
        }
        guard text.last == UInt8(ascii: "]"), let open = text.lastIndex(of: UInt8(ascii: "[")),
            Self.endsWith(text[..<open], "BODY") || Self.endsWith(text[..<open], "BINARY")
        else {
            self = .other
            return
        }
        self = Self.namesFields(text[(open + 1)...].dropLast()) ? .header : .body
    }

    /// Whether a response may hold literals: conditions, answers and `+` carry text for people, and a
    /// brace at its end is only a brace (RFC 3501 7.1).
    static func areAllowed(in response: [UInt8]) -> Bool {
        guard response.first == UInt8(ascii: "*") else { return false }
        let word = response.dropFirst().drop { $0 == ASCII.space }.prefix { $0 != ASCII.space }
        return !["OK", "NO", "BAD", "BYE", "PREAUTH"].contains { ASCII.equal($0.utf8, word) }
    }

    /// Whether a section is a list of header fields.
    ///
    /// `HEADER` alone may be asked for as a body.
    private static func namesFields(_ section: ArraySlice<UInt8>) -> Bool {
        section.contains(UInt8(ascii: "("))
    }

    private static func endsWith(_ text: ArraySlice<UInt8>, _ word: String) -> Bool {
        ASCII.equal(text.suffix(word.utf8.count), word.utf8)
    }
}
