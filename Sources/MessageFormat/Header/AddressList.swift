// Address fields for people: every shape that mail really holds becomes a flat list of mailboxes.
// What is read here is for display and for filling in a reply; nothing may be sent to it before
// `AddrSpec` agreed.

package import MailModel

/// Address lists (RFC 5322 3.4), read tolerantly.
package enum AddressList {
    /// The mailboxes of a field body, groups flattened, in order.
    ///
    /// Names are decoded (RFC 2047); addresses are as written, an encoded word in one stays
    /// encoded. A text without `@` and brackets is a name with an empty address, or an address
    /// without a domain where it is a single word. At most `MessageFormatLimits.addressesMax` are
    /// read.
    package static func parse(_ octets: some Sequence<UInt8>) -> [Address] {
        var parser = AddressListParser(FieldOctets.array(octets))
        return parser.run()
    }

    /// Whether a comment divides a word, as in `user@good.example(x)evil.example`.
    ///
    /// Readers do not agree whom that means, so nothing may be sent to it.
    package static func hasDividedWord(_ octets: some Sequence<UInt8>) -> Bool {
        let octets = FieldOctets.array(octets)
        var lexer = AddressLexer(octets)
        var wordEnd: Int?
        var isBehindComment = false
        while let token = lexer.next() {
            switch token {
            case .word(let word):
                let start = word.raw.startIndex
                if isBehindComment, let wordEnd, octets[wordEnd] == UInt8(ascii: "("),
                    octets[start - 1] == UInt8(ascii: ")")
                {
                    return true
                }
                (wordEnd, isBehindComment) = (word.raw.endIndex, false)
            case .comment: isBehindComment = true
            case .special: wordEnd = nil
            }
        }
        return false
    }
}

/// Collects tokens into mailboxes.
///
/// Holds one mailbox at a time; nothing nests.
private struct AddressListParser {
    private var lexer: AddressLexer
    private var addresses: [Address] = []
    /// Words before `<`, or all words where there is none.
    private var words: [AddressWord] = []
    /// Whether one of the words is an addr-spec: asked often, so never looked for.
    private var hasAddressWord = false
    /// Words between `<` and `>`.
    private var angle: [AddressWord] = []
    /// The first comment that says anything.
    private var comment: ArraySlice<UInt8> = []
    /// The addr-spec in brackets, once closed.
    private var address: ArraySlice<UInt8>?
    private var isInAngle = false
    /// Words without address before a comma: the first half of an unquoted `Doe, John <j@x>`.
    private var pending: [AddressWord] = []

    init(_ octets: [UInt8]) { lexer = AddressLexer(octets) }

    mutating func run() -> [Address] {
        while let token = lexer.next(), addresses.count < MessageFormatLimits.addressesMax {
            switch token {
            case .comment(let text):
                if comment.isEmpty, !isInsideAddrSpec { comment = text }
            case .word(let word) where isInAngle:
                appendInAngle(word)
            case .word(let word):
                append(word)
            case .special(let octet):
                if isInAngle { specialInAngle(octet) } else { special(octet) }
            }
        }
        if isInAngle { closeAngle() }
        finish()
        flushPending()
        return Array(addresses.prefix(MessageFormatLimits.addressesMax))
    }

    private mutating func append(_ word: AddressWord) {
        // Words behind `<a@b>` are comments without parentheses.
        guard address == nil, words.count < MessageFormatLimits.mailboxWordsMax else { return }
        words.append(word)
        hasAddressWord = hasAddressWord || isAddressWord(word)
    }

    private mutating func appendInAngle(_ word: AddressWord) {
        guard angle.count < MessageFormatLimits.mailboxWordsMax else { return }
        angle.append(word)
    }

    private mutating func special(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: "<"):
            if address != nil { finish() }
            isInAngle = true
            angle = []
        case UInt8(ascii: ","):
            finish()
        case UInt8(ascii: ";"):
            finish()
            flushPending()
        case UInt8(ascii: ":"):
            // The words so far named a group (RFC 5322 3.4) or are a scheme like `mailto`.
            if address == nil, !hasAddressWord {
                words.removeAll(keepingCapacity: true)
                comment = []
                flushPending()
            } else {
                append(mark(":", isApart: false))
            }
        default:
            append(mark(">", isApart: true))
        }
    }

    private mutating func specialInAngle(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: ">"):
            closeAngle()
        case UInt8(ascii: "<"):
            // A bracket that never closed: it was text, or the mailbox before it has ended.
            if angle.contains(where: isAddressWord) {
                closeAngle()
                finish()
            } else {
                for word in angle { append(word) }
            }
            isInAngle = true
            angle = []
        case UInt8(ascii: ":"):
            // `<@route1,@route2:user@host>`: a source route is dropped (RFC 5322 4.4).
            if angle.first?.raw.first == UInt8(ascii: "@") {
                angle = []
            } else {
                appendInAngle(mark(":", isApart: false))
            }
        default:
            guard angle.first?.raw.first != UInt8(ascii: "@") else { return }
            // QUIRK: `<a@x, b@y>` and `<a@x, B <b@y>`, seen by MimeKit's tests.
            closeAngle()
            finish()
            isInAngle = true
        }
    }

    private mutating func closeAngle() {
        isInAngle = false
        let content = Self.joined(angle)
        angle.removeAll(keepingCapacity: true)
        if address == nil, !content.contains(UInt8(ascii: "@")), !content.isEmpty {
            // `John <middle> Doe <j@x>`: text for now; the last one is the address if none is
            // better.
            bracketed = words.count
            append(
                AddressWord(
                    raw: content,
                    text: [UInt8(ascii: "<")] + content + [UInt8(ascii: ">")],
                    isQuoted: false,
                    isApart: true
                )
            )
        } else if address == nil {
            address = content
        }
    }

    /// Where `words` holds a text in brackets that may be an address after all.
    private var bracketed: Int?

    private mutating func finish() {
        defer {
            words.removeAll(keepingCapacity: true)
            hasAddressWord = false
            comment = []
            address = nil
            bracketed = nil
        }
        if address == nil, let bracketed, bracketed == words.count - 1 {
            address = words.removeLast().raw
        }
        if let address {
            let name = text(of: joined(pending, words))
            pending = []
            if !name.isEmpty || !address.isEmpty { emit(name: name, address: address) }
        } else if hasAddressWord {
            flushPending()
            finishBare()
        } else if !words.isEmpty, pending.count < MessageFormatLimits.mailboxWordsMax {
            if !pending.isEmpty { pending.append(mark(",", isApart: false)) }
            pending += words
        }
    }

    /// Words without brackets, one of which holds an `@`.
    private mutating func finishBare() {
        if words.count == 1 {
            emit(name: HeaderText.decode(comment), address: words[0].raw)
            return
        }
        let groups = bareGroups()
        let specs = groups.filter { $0.contains(where: isAddressWord) }
        var name = text(of: groups.filter { !$0.contains(where: isAddressWord) }.flatMap { $0 })
        if name.isEmpty { name = HeaderText.decode(comment) }
        for spec in specs {
            emit(name: specs.count == 1 ? name : "", address: Self.joined(spec))
        }
    }

    /// Words that belong together: `":sysmail"@ Some. Org` is one addr-spec with blanks in it.
    private func bareGroups() -> [[AddressWord]] {
        var groups: [[AddressWord]] = []
        var last: UInt8?
        for word in words {
            let isGlued =
                Self.isGlue(last) || (Self.isGlue(word.raw.first) && !word.isQuoted)
            if !groups.isEmpty, isGlued || !word.isApart {
                groups[groups.count - 1].append(word)
            } else {
                groups.append([word])
            }
            last = word.isQuoted ? nil : word.raw.last
        }
        return groups
    }

    private static func isGlue(_ octet: UInt8?) -> Bool {
        octet == UInt8(ascii: ".") || octet == UInt8(ascii: "@") || octet == UInt8(ascii: ":")
    }

    private mutating func flushPending() {
        defer { pending = [] }
        guard let first = pending.first else { return }
        if pending.count == 1, !first.isQuoted {
            emit(name: HeaderText.decode(comment), address: first.raw)
        } else if isListOfWords(pending) {
            for word in pending where !isComma(word) { emit(name: "", address: word.raw) }
        } else {
            emit(name: text(of: pending), address: [])
        }
    }

    /// Whether words are single ones with commas between them: `root, daemon` are two mailboxes of
    /// this host.
    private func isListOfWords(_ words: [AddressWord]) -> Bool {
        words.count > 2
            && words.enumerated().allSatisfy { index, word in
                !word.isQuoted && isComma(word) == (index % 2 == 1)
            }
    }

    private func isComma(_ word: AddressWord) -> Bool {
        !word.isQuoted && word.raw.elementsEqual([UInt8(ascii: ",")])
    }

    /// Whether the last word is an addr-spec that goes on: a comment there names nobody.
    private var isInsideAddrSpec: Bool {
        guard let last = words.last, !last.isQuoted, !isInAngle else { return false }
        return last.raw.last == UInt8(ascii: ".") || last.raw.last == UInt8(ascii: "@")
    }

    private mutating func emit(name: String, address: ArraySlice<UInt8>) {
        guard addresses.count < MessageFormatLimits.addressesMax else { return }
        let isFolded = address.contains { $0 == ASCII.cr || $0 == ASCII.lf }
        let visible =
            isFolded ? address.filter { $0 != ASCII.cr && $0 != ASCII.lf }[...] : address
        addresses.append(
            Address(name: name.isEmpty ? nil : name, address: Charset.guess(visible))
        )
    }

    /// The octets of words as one; those of a single word are not copied.
    private static func joined(_ words: [AddressWord]) -> ArraySlice<UInt8> {
        words.count == 1 ? words[0].raw : words.flatMap(\.raw)[...]
    }

    private func joined(_ first: [AddressWord], _ second: [AddressWord]) -> [AddressWord] {
        guard !first.isEmpty else { return second }
        guard !second.isEmpty else { return first }
        return first + [mark(",", isApart: false)] + second
    }

    private func text(of words: [AddressWord]) -> String {
        guard words.count > 1 else { return words.first.map { HeaderText.decode($0.text) } ?? "" }
        var octets: [UInt8] = []
        for word in words {
            if word.isApart, !octets.isEmpty { octets.append(ASCII.space) }
            octets += word.text
        }
        return HeaderText.decode(octets)
    }

    private func mark(_ text: StaticString, isApart: Bool) -> AddressWord {
        let octets = text.withUTF8Buffer { Array($0) }[...]
        return AddressWord(raw: octets, text: octets, isQuoted: false, isApart: isApart)
    }
}

/// Whether a word holds the `@` of an addr-spec; one in quotes or in an encoded word is text.
private func isAddressWord(_ word: AddressWord) -> Bool {
    guard !word.isQuoted, word.raw.contains(UInt8(ascii: "@")) else { return false }
    return !(word.raw.starts(with: "=?".utf8) && word.raw.suffix(2).elementsEqual("?=".utf8))
}
