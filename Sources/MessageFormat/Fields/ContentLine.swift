// Content lines of iCalendar objects: unfolded, cut into name, parameters and value.

import MailModel

/// One content line (RFC 5545 3.1): `NAME;PARAM=value;PARAM="value":value`.
struct ContentLine {
    /// The name as written.
    let name: ArraySlice<UInt8>
    private let parameters: ArraySlice<UInt8>
    private let value: ArraySlice<UInt8>

    /// A line without its fold marks; nil where it has no colon.
    init?(_ line: [UInt8]) {
        var isQuoted = false
        let colon = line.firstIndex { octet in
            if octet == UInt8(ascii: "\"") { isQuoted.toggle() }
            return octet == UInt8(ascii: ":") && !isQuoted
        }
        guard let colon = colon ?? line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let head = line[..<colon]
        let nameEnd = head.firstIndex(of: UInt8(ascii: ";")) ?? colon
        name = ASCII.trimmed(head[..<nameEnd])
        parameters = head[nameEnd...]
        value = line[(colon + 1)...].prefix(MessageFormatLimits.calendarValueOctetsMax)
    }

    /// The value without blanks at its ends and controls, not unescaped.
    var word: [UInt8] { ASCII.trimmed(value).filter { $0 > ASCII.space || $0 == ASCII.space } }

    /// The value as a word in upper case; nil where it is empty.
    var upperWord: String? {
        let word = word
        return word.isEmpty ? nil : Charset.guess(word.map(ASCII.uppercased))
    }

    /// The value as text, unescaped (RFC 5545 3.3.11); nil where it is empty.
    var text: String? {
        var text: [UInt8] = []
        var isEscaped = false
        for octet in ASCII.trimmed(value) {
            if !isEscaped, octet == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            let isLineEnd = isEscaped && ASCII.lowercased(octet) == UInt8(ascii: "n")
            text.append(isLineEnd ? ASCII.lf : octet)
            isEscaped = false
        }
        return text.isEmpty ? nil : Charset.guess(text)
    }

    /// The first value of a parameter, without quotes, or nil.
    func parameter(_ wanted: StaticString) -> [UInt8]? {
        var scanner = FieldScanner(Array(parameters))
        while scanner.take(UInt8(ascii: ";")) {
            let name = scanner.word { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ";") }
            guard scanner.take(UInt8(ascii: "=")) else { continue }
            var value = scanner.quotedString() ?? []
            value += scanner.word { $0 == UInt8(ascii: ";") }
            if ASCII.equal(ASCII.trimmed(name), wanted) { return value }
        }
        return nil
    }
}

/// Reads content lines one after another.
struct ContentLines {
    private let octets: [UInt8]
    private let limit: Int
    private var index = 0

    init(_ octets: [UInt8]) {
        self.octets = octets
        limit = min(octets.count, MessageFormatLimits.calendarOctetsMax)
    }

    /// The next line that is one; nil at the end.
    mutating func next() -> ContentLine? {
        while index < limit {
            var line = takeLine()
            // RFC 5545 3.1: a line end and one blank are taken out wherever they stand, in the
            // middle of a character too.
            while index < limit, octets[index] == ASCII.space || octets[index] == ASCII.tab {
                index += 1
                line += takeLine()
            }
            if let line = ContentLine(line) { return line }
        }
        return nil
    }

    private mutating func takeLine() -> [UInt8] {
        let end = octets[index..<limit].firstIndex(of: ASCII.lf) ?? limit
        var line = octets[index..<end]
        if line.last == ASCII.cr { line.removeLast() }
        index = min(end + 1, limit)
        return Array(line)
    }
}
