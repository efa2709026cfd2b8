// Header fields as they go on the wire: ASCII, folded, encoded words only where needed. Everything
// given to it has passed `DraftCheck`; a fold is the only place where it writes a line end inside a
// field.

import MailModel

/// Writes a header section field by field.
struct HeaderWriter {
    /// The octets so far.
    private(set) var octets: [UInt8] = []
    /// Octets in the current line.
    private var column = 0
    /// Whether nothing of the field's body is written yet.
    private var isAtStart = false
    /// The length that the current line may have where possible.
    private var lineMax = preferred

    private static let preferred = MessageFormatLimits.lineOctetsPreferred

    /// A field of one short ASCII value.
    mutating func field(_ name: String, _ value: String) {
        begin(name.utf8)
        for word in value.utf8.split(separator: ASCII.space) { write(Array(word)) }
        end()
    }

    /// An unstructured field (RFC 5322 3.6.5) in UTF-8.
    mutating func text(_ name: String, _ value: [UInt8]) {
        begin(name.utf8)
        // Such that every word fits into the first line.
        writeText(value, wordMax: Self.preferred - name.utf8.count - 2)
        end()
    }

    /// A field that a caller adds.
    ///
    /// Its long words stay as they are while a line can hold them: the field may be structured, and
    /// an encoded word inside a URI in `<>` would break it.
    mutating func added(_ header: Draft.Header) {
        begin(header.name)
        writeText(header.value, wordMax: MessageFormatLimits.addedHeaderWordOctetsMax)
        end()
    }

    /// A field of mailboxes; nothing for none.
    mutating func mailboxes(_ name: String, _ mailboxes: [Draft.Mailbox]) {
        guard !mailboxes.isEmpty else { return }
        begin(name.utf8)
        for (index, mailbox) in mailboxes.enumerated() {
            let comma = index + 1 < mailboxes.count ? [UInt8(ascii: ",")] : []
            if let phrase = mailbox.name, !phrase.isEmpty {
                writePhrase(phrase)
                write([UInt8(ascii: "<")] + mailbox.address.octets + [UInt8(ascii: ">")] + comma)
            } else {
                write(mailbox.address.octets + comma)
            }
        }
        end()
    }

    /// A field of message ids; nothing for none.
    mutating func messageIDs(_ name: String, _ ids: [String]) {
        guard !ids.isEmpty else { return }
        begin(name.utf8)
        for id in ids { write(Array("<\(id)>".utf8)) }
        end()
    }

    /// A field of a token and parameters, each parameter on a line of its own where needed.
    mutating func parameters(_ name: String, _ token: String, _ parameters: [[UInt8]]) {
        begin(name.utf8)
        for (index, item) in ([Array(token.utf8)] + parameters).enumerated() {
            write(item + (index < parameters.count ? [UInt8(ascii: ";")] : []))
        }
        end()
    }

    private mutating func begin(_ name: some Collection<UInt8>) {
        octets += name
        octets.append(UInt8(ascii: ":"))
        column = name.count + 1
        isAtStart = true
        lineMax = Self.preferred
    }

    private mutating func end() {
        octets += [ASCII.cr, ASCII.lf]
        column = 0
    }

    /// A word with a space before it, on a new line if it does not fit.
    private mutating func write(_ word: [UInt8]) {
        if column + 1 + word.count > lineMax, column > 1 { fold() } else { space() }
        append(word)
    }

    /// A word of unstructured text: as `write`, but the first one stays behind the field's name.
    ///
    /// QUIRK: a fold right behind the name is legal, but CPython shows its blank as part of the
    /// text (email.policy.default, 3.11).
    private mutating func writeTextWord(_ word: ArraySlice<UInt8>) {
        guard isAtStart else { return write(Array(word)) }
        space()
        append(Array(word))
    }

    private mutating func append(_ word: [UInt8]) {
        octets += word
        column += word.count
        isAtStart = false
    }

    private mutating func space() {
        // A folded line has begun with its space already.
        guard column > 1 else { return }
        octets.append(ASCII.space)
        column += 1
    }

    private mutating func fold() {
        octets += [ASCII.cr, ASCII.lf, ASCII.space]
        column = 1
        lineMax = Self.preferred
    }

    /// The words that need encoding or are longer than `wordMax` and all between them are encoded,
    /// the others stay readable.
    private mutating func writeText(_ value: [UInt8], wordMax: Int) {
        let words = value.split(separator: ASCII.space, omittingEmptySubsequences: false)
        // A blank at an end or two in a row survive only when encoded.
        let isFragile = words.contains(where: \.isEmpty) && !value.isEmpty
        let isEncoded = { (word: ArraySlice<UInt8>) in
            word.count > wordMax || Self.needsEncoding(word)
        }
        let first = isFragile ? 0 : words.firstIndex(where: isEncoded)
        let last = isFragile ? words.count - 1 : words.lastIndex(where: isEncoded)
        guard let first, let last else {
            for word in words where !word.isEmpty { writeTextWord(word) }
            return
        }
        for word in words[..<first] { writeTextWord(word) }
        writeEncoded(Array(words[first...last].joined(separator: [ASCII.space])))
        for word in words[(last + 1)...] { writeTextWord(word) }
    }

    private static func needsEncoding(_ word: ArraySlice<UInt8>) -> Bool {
        var isAfterEquals = false
        for octet in word {
            if octet >= 0x80 || (isAfterEquals && octet == UInt8(ascii: "?")) { return true }
            isAfterEquals = octet == UInt8(ascii: "=")
        }
        return false
    }

    /// A display name (RFC 5322 3.2.5): bare, quoted or encoded.
    ///
    /// QUIRK: never folded inside unless it is encoded. GMime 3.2 makes the line end of a fold part
    /// of the name.
    private mutating func writePhrase(_ name: [UInt8]) {
        let words = name.split(separator: ASCII.space, omittingEmptySubsequences: false)
        let isBare = words.allSatisfy { !$0.isEmpty && $0.allSatisfy(Self.isAtomText) }
        let phrase = isBare ? name : Self.quoted(name)
        if phrase.count > Self.preferred - 2 || words.contains(where: Self.needsEncoding) {
            writeEncoded(name)
        } else {
            write(phrase)
        }
    }

    /// A quoted-string (RFC 5322 3.2.4).
    static func quoted(_ text: [UInt8]) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for octet in text {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                result.append(UInt8(ascii: "\\"))
            }
            result.append(octet)
        }
        return result + [UInt8(ascii: "\"")]
    }

    /// atext (RFC 5322 3.2.3).
    static func isAtomText(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "!#$%&'*+-/=?^_`{|}~".utf8.contains(octet)
        }
    }

    /// Encoded words (RFC 2047 2), each in a line of at most 76 characters all in all.
    private mutating func writeEncoded(_ text: [UInt8]) {
        var encoder = EncodedWordEncoder(text)
        while !encoder.isAtEnd {
            let room = min(
                MessageFormatLimits.encodedWordOctetsMax,
                MessageFormatLimits.encodedLineOctetsMax - column - (column > 1 ? 1 : 0)
            )
            if let word = encoder.next(octetsMax: room, isLineFresh: isAtStart || column == 1) {
                space()
                append(word)
                lineMax = MessageFormatLimits.encodedLineOctetsMax
            } else {
                fold()
            }
        }
    }
}
