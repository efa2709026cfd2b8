// HTML cut into text and tags, in one pass and without a tree. Anything is accepted; nothing is
// fetched, executed or looked up. Pieces are ranges of the input: nothing is copied.

import MailModel

/// Walks over HTML (after the WHATWG's tokenization, much simplified).
struct HTMLTokenizer {
    /// What a piece is.
    enum Kind {
        /// Text with character references still in it.
        case text
        /// Text of a CDATA section, as it is.
        case literal
        /// `<name attributes>`.
        case start
        /// `</name>`.
        case end
    }

    /// The input, UTF-8.
    let octets: [UInt8]
    /// What the current piece is.
    private(set) var kind = Kind.text
    /// The element of a tag.
    private(set) var element = HTMLElement.other
    /// Where the text is.
    private(set) var text = 0..<0
    /// The attributes of a start tag.
    private(set) var attributes = HTMLAttributes()
    private var index = 0
    /// Quotes that never close again; from then on they do not quote.
    private var unbalanced: Set<UInt8> = []

    private static let lessThan = UInt8(ascii: "<")
    private static let greaterThan = UInt8(ascii: ">")

    init(_ octets: [UInt8]) { self.octets = octets }

    /// Goes to the next piece; false at the end.
    ///
    /// Comments, declarations and the content of scripts and styles are skipped.
    mutating func next() -> Bool {
        while index < octets.count {
            guard octets[index] == Self.lessThan, index + 1 < octets.count else {
                scanText()
                return true
            }
            switch octets[index + 1] {
            case UInt8(ascii: "!") where hasPrefix("<![CDATA["):
                scanLiteral()
                return true
            case UInt8(ascii: "!"), UInt8(ascii: "?"):
                skipDeclaration()
            case UInt8(ascii: "/") where index + 2 < octets.count && isLetter(octets[index + 2]):
                scanEndTag()
                return true
            case let octet where isLetter(octet):
                if scanStartTag() { return true }
            default:
                scanText()
                return true
            }
        }
        return false
    }

    private mutating func scanText() {
        let start = index
        index += 1
        while index < octets.count {
            if octets[index] == Self.lessThan, index + 1 < octets.count {
                let next = octets[index + 1]
                if isLetter(next) || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
                    || next == UInt8(ascii: "/")
                {
                    break
                }
            }
            index += 1
        }
        (kind, text) = (.text, start..<index)
    }

    /// QUIRK: in HTML a CDATA section is a comment; XHTML that is sent as HTML means text.
    private mutating func scanLiteral() {
        let start = index + "<![CDATA[".utf8.count
        index = start
        while index < octets.count {
            if octets[index] == UInt8(ascii: "]"), hasPrefix("]]>") { break }
            index += 1
        }
        var end = index
        if index == octets.count, octets[start...].suffix(2).elementsEqual("]]".utf8) { end -= 2 }
        (kind, text) = (.literal, start..<end)
        index = min(index + 3, octets.count)
    }

    private mutating func skipDeclaration() {
        let isComment = hasPrefix("<!--")
        // `<!-->` and `<!--->` are empty comments; `--!>` closes one as well.
        index += isComment ? 2 : 1
        while index < octets.count {
            if octets[index] == Self.greaterThan, !isComment || closesComment(index) { break }
            index += 1
        }
        index = min(index + 1, octets.count)
    }

    private func closesComment(_ at: Int) -> Bool {
        let dash = UInt8(ascii: "-")
        if octets[at - 1] == dash, octets[at - 2] == dash { return true }
        return octets[at - 1] == UInt8(ascii: "!") && at > 4 && octets[at - 2] == dash
            && octets[at - 3] == dash
    }

    private mutating func scanEndTag() {
        index += 2
        element = HTMLElement.named(scanName())
        while index < octets.count, octets[index] != Self.greaterThan { index += 1 }
        index = min(index + 1, octets.count)
        kind = .end
    }

    /// A start tag; false where its element was skipped.
    private mutating func scanStartTag() -> Bool {
        index += 1
        let start = index
        element = HTMLElement.named(scanName())
        let name = start..<index
        if element == .other, isAddress(name) {
            scanAddress(from: start - 1)
            return true
        }
        attributes.removeAll()
        while scanAttribute() {}
        index = min(index + 1, octets.count)
        kind = .start
        guard element.traits.contains(.raw) else { return true }
        skipContent(of: name)
        return false
    }

    /// QUIRK: `<a@b>` and `<http://...>` in text that was not escaped are tags to a browser.
    private func isAddress(_ name: Range<Int>) -> Bool {
        octets[name].contains(UInt8(ascii: "@"))
            || octets[name].last == UInt8(ascii: ":") && hasPrefix("//")
    }

    private mutating func scanAddress(from start: Int) {
        while index < octets.count, !isBlank(octets[index]), octets[index] != Self.lessThan,
            octets[index] != Self.greaterThan
        { index += 1 }
        if index < octets.count, octets[index] == Self.greaterThan { index += 1 }
        (kind, text) = (.text, start..<index)
    }

    /// Skips to the end tag of a raw element or to the end.
    private mutating func skipContent(of name: Range<Int>) {
        while index < octets.count {
            if octets[index] == Self.lessThan, index + 1 < octets.count,
                octets[index + 1] == UInt8(ascii: "/"),
                ASCII.equal(octets[(index + 2)...].prefix(name.count), octets[name])
            {
                return scanEndTag()
            }
            index += 1
        }
    }

    private mutating func scanName() -> HTMLName {
        var name = HTMLName()
        while index < octets.count, !isBlank(octets[index]), octets[index] != Self.greaterThan,
            octets[index] != UInt8(ascii: "/")
        {
            name.append(octets[index])
            index += 1
        }
        return name
    }

    /// Takes the next attribute; false at the `>` or the end.
    private mutating func scanAttribute() -> Bool {
        while index < octets.count, isBlank(octets[index]) || octets[index] == UInt8(ascii: "/") {
            index += 1
        }
        guard index < octets.count, octets[index] != Self.greaterThan else { return false }
        var name = HTMLName()
        repeat {
            name.append(octets[index])
            index += 1
        } while index < octets.count && !isBlank(octets[index])
            && octets[index] != UInt8(ascii: "=") && octets[index] != Self.greaterThan
            && octets[index] != UInt8(ascii: "/")
        skipBlanks()
        var value = index..<index
        if index < octets.count, octets[index] == UInt8(ascii: "=") {
            index += 1
            skipBlanks()
            value = scanValue()
        }
        if let attribute = HTMLAttribute.named(name) { attributes.add(attribute, value) }
        return true
    }

    private mutating func scanValue() -> Range<Int> {
        guard index < octets.count else { return index..<index }
        let quote = octets[index]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), !unbalanced.contains(quote) {
            let start = index + 1
            var end = start
            while end < octets.count, octets[end] != quote { end += 1 }
            if end < octets.count {
                index = end + 1
                return start..<end
            }
            unbalanced.insert(quote)
        }
        let start = index
        while index < octets.count, !isBlank(octets[index]), octets[index] != Self.greaterThan {
            index += 1
        }
        return start..<index
    }

    private mutating func skipBlanks() {
        while index < octets.count, isBlank(octets[index]) { index += 1 }
    }

    private func hasPrefix(_ prefix: StaticString) -> Bool {
        prefix.withUTF8Buffer { octets[index...].starts(with: $0) }
    }

    private func isLetter(_ octet: UInt8) -> Bool { (octet | 0x20) &- 0x61 < 26 }

    private func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || octet &- 9 < 5
    }
}

/// The attributes of one tag, as ranges of the input; the first of a name counts.
struct HTMLAttributes {
    private var entries: [(name: HTMLAttribute, value: Range<Int>)] = []

    /// Where the value of an attribute is; nil where it is absent.
    subscript(_ name: HTMLAttribute) -> Range<Int>? {
        for entry in entries where entry.name == name { return entry.value }
        return nil
    }

    /// Adds one unless its name is there.
    mutating func add(_ name: HTMLAttribute, _ value: Range<Int>) {
        if self[name] == nil { entries.append((name, value)) }
    }

    /// Removes all.
    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
