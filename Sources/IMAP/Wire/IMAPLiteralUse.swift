// Tells from the text before a literal what the literal is: a body may be huge and is streamed,
// other data of a message may be large (its sender chose it), anything else is small.

internal import MailModel

/// What a literal holds, as far as its size is concerned.
enum IMAPLiteralUse: Sendable, Equatable {
    /// The content of a body section: `BODY[1.2] {n}`.
    case body
    /// Header fields, a file name, a subject: anything else in a FETCH response.
    case messageData
    /// A mailbox name and the like.
    case other

    /// Most octets looked at before a literal; a section name is shorter.
    private static let lookBackOctetsMax = 256

    /// The use of a literal of a FETCH response, from the text since the last one.
    init(inFetch text: ArraySlice<UInt8>) {
        var text = text.suffix(Self.lookBackOctetsMax)
        while text.last == ASCII.space { text.removeLast() }
        if text.last == UInt8(ascii: ">"), let open = text.lastIndex(of: UInt8(ascii: "<")) {
            text = text[..<open]  // the origin of a partial fetch
        }
        self = Self.endsWithSection(text) ? .body : .messageData
    }

    /// Whether a response may hold literals.
    ///
    /// Conditions, answers and `+` carry text for people, and a brace at its end is only a brace
    /// (RFC 3501 7.1).
    static func areAllowed(in response: [UInt8]) -> Bool {
        guard response.first == UInt8(ascii: "*") else { return false }
        let word = words(response).next() ?? []
        return !IMAPKeyword.isAny(word, of: ["OK", "NO", "BAD", "BYE", "PREAUTH"])
    }

    /// Whether a response is `* n FETCH`.
    static func isFetch(_ response: [UInt8]) -> Bool {
        let words = words(response)
        guard let number = words.next(), ASCII.decimal(number) != nil else { return false }
        return words.next().map { IMAPKeyword.begins($0, "FETCH") } ?? false
    }

    /// The words behind the star, one by one.
    private static func words(_ response: [UInt8]) -> AnyIterator<ArraySlice<UInt8>> {
        var rest = response[...].dropFirst()
        return AnyIterator {
            rest = rest.drop { $0 == ASCII.space }
            let word = rest.prefix { $0 != ASCII.space }
            rest = rest[word.endIndex...]
            return word.isEmpty ? nil : word
        }
    }

    /// Whether a text ends in `BODY[1.2.MIME]` or one of its older names.
    ///
    /// A list of header fields is no section here: its closing parenthesis is no part of a
    /// section's name.
    private static func endsWithSection(_ text: ArraySlice<UInt8>) -> Bool {
        if IMAPKeyword.ends(text, "RFC822") || IMAPKeyword.ends(text, "RFC822.TEXT") { return true }
        guard text.last == UInt8(ascii: "]"), let open = text.lastIndex(of: UInt8(ascii: "[")),
            !text[open...].contains(UInt8(ascii: ")"))
        else { return false }
        return IMAPKeyword.ends(text[..<open], "BODY") || IMAPKeyword.ends(text[..<open], "BINARY")
    }
}
