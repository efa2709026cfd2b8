// HTML cut into text and tags, in one pass and without a tree. Anything is accepted; nothing is
// fetched, executed or looked up.

import MailModel

/// A piece of HTML.
enum HTMLToken {
    /// Text with entities still in it.
    case text(ArraySlice<UInt8>)
    /// `<name attributes>`.
    case start(name: String, attributes: [HTMLAttribute])
    /// `</name>`.
    case end(name: String)
}

/// An attribute; the name in lower case, the value with entities decoded.
struct HTMLAttribute {
    var name: String
    var value: [UInt8]
}

/// Walks over HTML (after the WHATWG's tokenization, much simplified).
struct HTMLTokenizer {
    private let octets: [UInt8]
    private var index = 0
    /// Quotes that never close again; from then on they do not quote.
    private var unbalanced: Set<UInt8> = []
    /// Elements whose content is no markup and no text to read.
    private static let dropped: Set<String> = [
        "script", "style", "title", "noembed", "noframes", "iframe",
    ]

    init(_ octets: [UInt8]) { self.octets = octets }

    /// The next piece; nil at the end.
    ///
    /// Comments, declarations and dropped elements are skipped.
    mutating func next() -> HTMLToken? {
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "<"), index + 1 < octets.count else {
                return text()
            }
            switch octets[index + 1] {
            case UInt8(ascii: "!"), UInt8(ascii: "?"):
                skipDeclaration()
            case UInt8(ascii: "/") where index + 2 < octets.count && isLetter(octets[index + 2]):
                return endTag()
            case let octet where isLetter(octet):
                if let token = startTag() { return token }
            default:
                return text()
            }
        }
        return nil
    }

    private mutating func text() -> HTMLToken {
        let start = index
        index += 1
        while index < octets.count {
            if octets[index] == UInt8(ascii: "<"), index + 1 < octets.count {
                let next = octets[index + 1]
                let isMarkup =
                    isLetter(next) || next == UInt8(ascii: "!") || next == UInt8(ascii: "?")
                    || next == UInt8(ascii: "/")
                if isMarkup { break }
            }
            index += 1
        }
        return .text(octets[start..<index])
    }

    private mutating func skipDeclaration() {
        let isComment = octets[index...].starts(with: "<!--".utf8)
        // `<!-->` is an empty comment.
        index += isComment ? 2 : 1
        while index < octets.count {
            if octets[index] == UInt8(ascii: ">"),
                !isComment || octets[(index - 2)..<index].elementsEqual("--".utf8)
            {
                break
            }
            index += 1
        }
        index = min(index + 1, octets.count)
    }

    private mutating func endTag() -> HTMLToken {
        index += 2
        let name = name()
        while index < octets.count, octets[index] != UInt8(ascii: ">") { index += 1 }
        index = min(index + 1, octets.count)
        return .end(name: name)
    }

    /// A start tag; nil where its element was dropped.
    private mutating func startTag() -> HTMLToken? {
        index += 1
        let name = name()
        var attributes: [HTMLAttribute] = []
        while let attribute = attribute() {
            if !attributes.contains(where: { $0.name == attribute.name }), attributes.count < 32 {
                attributes.append(attribute)
            }
        }
        index = min(index + 1, octets.count)
        guard Self.dropped.contains(name) else {
            return .start(name: name, attributes: attributes)
        }
        skipContent(of: name)
        return nil
    }

    /// Skips to the end tag of a dropped element or to the end.
    private mutating func skipContent(of name: String) {
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "<"), index + 1 < octets.count,
                octets[index + 1] == UInt8(ascii: "/"),
                ASCII.equal(octets[(index + 2)...].prefix(name.utf8.count), name.utf8)
            else {
                index += 1
                continue
            }
            _ = endTag()
            return
        }
    }

    private mutating func name() -> String {
        let start = index
        while index < octets.count, !isBlank(octets[index]), octets[index] != UInt8(ascii: ">"),
            octets[index] != UInt8(ascii: "/")
        { index += 1 }
        return String(
            decoding: octets[start..<index].prefix(64).map(ASCII.lowercased),
            as: UTF8.self
        )
    }

    /// The next attribute; nil at the `>` or the end.
    private mutating func attribute() -> HTMLAttribute? {
        while index < octets.count, isBlank(octets[index]) || octets[index] == UInt8(ascii: "/") {
            index += 1
        }
        guard index < octets.count, octets[index] != UInt8(ascii: ">") else { return nil }
        let start = index
        index += 1
        while index < octets.count, !isBlank(octets[index]), octets[index] != UInt8(ascii: "="),
            octets[index] != UInt8(ascii: ">"), octets[index] != UInt8(ascii: "/")
        { index += 1 }
        let name = String(
            decoding: octets[start..<index].prefix(64).map(ASCII.lowercased),
            as: UTF8.self
        )
        skipBlanks()
        guard index < octets.count, octets[index] == UInt8(ascii: "=") else {
            return HTMLAttribute(name: name, value: [])
        }
        index += 1
        skipBlanks()
        return HTMLAttribute(name: name, value: HTMLEntities.decode(value()))
    }

    private mutating func value() -> ArraySlice<UInt8> {
        guard index < octets.count else { return [] }
        let quote = octets[index]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"), !unbalanced.contains(quote) {
            if let end = octets[(index + 1)...].firstIndex(of: quote) {
                defer { index = end + 1 }
                return octets[(index + 1)..<end]
            }
            unbalanced.insert(quote)
        }
        let start = index
        while index < octets.count, !isBlank(octets[index]), octets[index] != UInt8(ascii: ">") {
            index += 1
        }
        return octets[start..<index]
    }

    private mutating func skipBlanks() {
        while index < octets.count, isBlank(octets[index]) { index += 1 }
    }

    private func isLetter(_ octet: UInt8) -> Bool { (0x61...0x7A).contains(octet | 0x20) }

    private func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || (0x09...0x0D).contains(octet)
    }
}
