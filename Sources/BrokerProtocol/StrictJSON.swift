// The check a line passes before any decoder sees it. Foundation's decoder takes UTF-16, a BOM,
// duplicate keys and 1.0e0 as an Int (reliability.md D09), so two readers could read one line in
// two ways; this check leaves one reading. Iterative, one pass, no allocation but the keys. A NUL
// escape in a value passes, as mail text may hold one; `WireHeader.isPlain` refuses it where a name
// stands.

/// Whether a line is the strict JSON of this wire: one object, UTF-8, no duplicate keys, whole
/// numbers only, bounded depth.
package struct StrictJSON {
    /// Why a line is refused, and at which octet.
    package struct Fault: Error, Sendable, Equatable {
        /// What is wrong, as a clause.
        package let reason: String
        /// Octets before the fault.
        package let offset: Int
    }

    private enum Container {
        case object, array
    }

    private enum Expectation {
        case value, valueOrEnd, key, keyOrEnd, commaOrEnd, end
    }

    private let line: [UInt8]
    private var index = 0
    private var stack: [Container] = []
    /// The keys of each open object, innermost last.
    private var keys: [Set<ArraySlice<UInt8>>] = []
    private var expectation = Expectation.value
    /// The members that say what a line is, as JSON; and the one whose value is being read.
    private var header: [UInt8] = []
    private var headerValue: Int?
    private static let headerKeys = ["jsonrpc", "id", "method"].map { Array($0.utf8)[...] }

    private init(_ line: [UInt8]) { self.line = line }

    /// Checks one line without its LF.
    ///
    /// Gives its members `jsonrpc`, `id` and `method` as an object of their own, so that a decoder
    /// need not read a long line to learn what it is.
    /// - Throws: `Fault` at the first octet that is wrong.
    @discardableResult
    package static func check(_ line: [UInt8]) throws(Fault) -> [UInt8] {
        guard validate(line) else { throw Fault(reason: "not UTF-8", offset: 0) }
        var check = StrictJSON(line)
        try check.run()
        return [UInt8(ascii: "{")] + check.header + [UInt8(ascii: "}")]
    }

    private static func validate(_ line: [UInt8]) -> Bool {
        String(validating: line, as: UTF8.self) != nil
    }

    private mutating func run() throws(Fault) {
        skipSpace()
        guard peek == UInt8(ascii: "{") else { throw fault("expected an object") }
        while expectation != .end {
            skipSpace()
            try step()
        }
        skipSpace()
        guard index == line.count else { throw fault("more after the object") }
    }

    private mutating func step() throws(Fault) {
        guard let octet = peek else { throw fault("ended early") }
        switch (expectation, octet) {
        case (.value, _): try value(octet)
        case (.valueOrEnd, UInt8(ascii: "]")): close()
        case (.valueOrEnd, _): try value(octet)
        case (.keyOrEnd, UInt8(ascii: "}")): close()
        case (.keyOrEnd, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")): try key()
        case (.commaOrEnd, UInt8(ascii: ",")): try comma()
        case (.commaOrEnd, UInt8(ascii: "}")), (.commaOrEnd, UInt8(ascii: "]")): try end(octet)
        default: throw fault("unexpected octet")
        }
    }

    private mutating func value(_ octet: UInt8) throws(Fault) {
        switch octet {
        case UInt8(ascii: "{"): try open(.object, then: .keyOrEnd)
        case UInt8(ascii: "["): try open(.array, then: .valueOrEnd)
        case UInt8(ascii: "\""):
            _ = try string()
            finishValue()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
        default: try word()
        }
    }

    private mutating func open(_ container: Container, then next: Expectation) throws(Fault) {
        guard stack.count < BrokerLimits.depthMax else { throw fault("nested too deep") }
        stack.append(container)
        if container == .object { keys.append([]) }
        index += 1
        expectation = next
    }

    private mutating func end(_ octet: UInt8) throws(Fault) {
        switch (stack.last, octet) {
        case (.object, UInt8(ascii: "}")), (.array, UInt8(ascii: "]")): close()
        default: throw fault("unexpected octet")
        }
    }

    private mutating func close() {
        if stack.removeLast() == .object { keys.removeLast() }
        index += 1
        finishValue()
    }

    private mutating func finishValue() {
        expectation = stack.isEmpty ? .end : .commaOrEnd
        guard let start = headerValue, stack.count == 1 else { return }
        header += line[start..<index]
        headerValue = nil
    }

    private mutating func comma() throws(Fault) {
        index += 1
        guard let container = stack.last else { throw fault("unexpected octet") }
        switch container {
        case .object: expectation = .key
        case .array: expectation = .value
        }
    }

    private mutating func key() throws(Fault) {
        let start = index
        let key = try string()
        // A key is one of our own words, short and ASCII. An escape could only hide a duplicate; a
        // long run of combining marks would cost a decoder's String quadratic time.
        guard key.count <= BrokerLimits.keyMax,
            key.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "\\") })
        else { throw Fault(reason: "no key of this protocol", offset: start) }
        guard let innermost = keys.indices.last, keys[innermost].insert(key).inserted else {
            throw Fault(reason: "duplicate key", offset: start)
        }
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw fault("expected a colon") }
        index += 1
        expectation = .value
        guard stack.count == 1, Self.headerKeys.contains(key) else { return }
        if !header.isEmpty { header.append(UInt8(ascii: ",")) }
        header += [UInt8(ascii: "\"")] + key + Array("\":".utf8)
        headerValue = index
    }

    /// Passes over a string; gives what is between its quotes.
    private mutating func string() throws(Fault) -> ArraySlice<UInt8> {
        index += 1
        let start = index
        while let octet = peek {
            switch octet {
            case UInt8(ascii: "\""):
                index += 1
                return line[start..<(index - 1)]
            case UInt8(ascii: "\\"): try escape()
            case 0..<0x20: throw fault("control character in a string")
            default: index += 1
            }
        }
        throw fault("string without end")
    }

    private mutating func escape() throws(Fault) {
        index += 1
        guard let octet = peek else { throw fault("ended early") }
        guard octet == UInt8(ascii: "u") else {
            guard Self.escapes.contains(octet) else { throw fault("unknown escape") }
            index += 1
            return
        }
        let first = try unicodeEscape()
        guard (0xD800...0xDFFF).contains(first) else { return }
        guard first < 0xDC00, peek == UInt8(ascii: "\\"), index + 1 < line.count,
            line[index + 1] == UInt8(ascii: "u")
        else { throw fault("lone surrogate") }
        index += 1
        guard (0xDC00...0xDFFF).contains(try unicodeEscape()) else { throw fault("lone surrogate") }
    }

    /// Reads `u` and four hexadecimal digits.
    private mutating func unicodeEscape() throws(Fault) -> UInt16 {
        guard index + 5 <= line.count else { throw fault("ended early") }
        var value: UInt16 = 0
        for octet in line[(index + 1)..<(index + 5)] {
            switch octet {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt16(octet - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                value = value << 4 | UInt16((octet | 0x20) - 0x57)
            default: throw fault("bad \\u escape")
            }
        }
        index += 5
        return value
    }

    /// A whole number of at most 18 digits: no fraction, no exponent, no leading zero.
    private mutating func number() throws(Fault) {
        if peek == UInt8(ascii: "-") { index += 1 }
        let start = index
        while let octet = peek, (0x30...0x39).contains(octet) { index += 1 }
        let digits = index - start
        guard digits > 0, digits <= 18, digits == 1 || line[start] != 0x30 else {
            throw fault("number out of range")
        }
        if let octet = peek, Self.notWhole.contains(octet) { throw fault("not a whole number") }
        finishValue()
    }

    private mutating func word() throws(Fault) {
        guard let word = Self.words.first(where: { line[index...].starts(with: $0) }) else {
            throw fault("unexpected octet")
        }
        index += word.count
        finishValue()
    }

    private static let escapes = Array("\"\\/bfnrt".utf8)
    private static let notWhole = Array(".eE+-".utf8)
    private static let words = ["true", "false", "null"].map { Array($0.utf8) }

    private var peek: UInt8? { index < line.count ? line[index] : nil }

    private mutating func skipSpace() {
        while let octet = peek, octet == 0x20 || octet == 0x09 || octet == 0x0D { index += 1 }
    }

    private func fault(_ reason: String) -> Fault { Fault(reason: reason, offset: index) }
}
