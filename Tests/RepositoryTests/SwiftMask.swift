// Swift source with everything blanked that is not code: comments and the text of string literals.
// What remains keeps its place, so that a lexical rule can tell lines and never mistakes a word in
// a comment for code. Interpolations are code and stay.

/// A scanner over one Swift file.
struct SwiftMask {
    private enum Frame {
        /// Code; inside an interpolation, with the number of parentheses that are open.
        case code(parentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let source: [UInt8]
    private var masked: [UInt8]
    private var index = 0
    private var frames = [Frame.code(parentheses: 0)]

    private init(_ source: [UInt8]) {
        self.source = source
        masked = source
    }

    /// The code of a file: the same number of octets, comments and string contents as blanks.
    static func code(of source: String) -> String {
        var scanner = SwiftMask(Array(source.utf8))
        while scanner.index < scanner.source.count { scanner.step() }
        return String(decoding: scanner.masked, as: UTF8.self)
    }

    private mutating func step() {
        switch frames.last {
        case .string(let hashes, let isMultiline):
            scanString(hashes: hashes, isMultiline: isMultiline)
        case .code(let parentheses): scanCode(parentheses: parentheses)
        case nil: index += 1
        }
    }

    private mutating func scanCode(parentheses: Int) {
        let octet = source[index]
        switch octet {
        case UInt8(ascii: "/"):
            if starts(with: "//") { return blankLine() }
            if starts(with: "/*") { return blankComment() }
        case UInt8(ascii: "#"), UInt8(ascii: "\""):
            if openString() { return }
        default: break
        }
        index += 1
        if octet == UInt8(ascii: "(") { setParentheses(parentheses + 1) }
        guard octet == UInt8(ascii: ")") else { return }
        if frames.count > 1, parentheses == 1 {
            frames.removeLast()
        } else {
            setParentheses(parentheses - 1)
        }
    }

    private mutating func setParentheses(_ count: Int) {
        frames[frames.count - 1] = .code(parentheses: count)
    }

    private mutating func openString() -> Bool {
        var hashes = 0
        while index + hashes < source.count, source[index + hashes] == UInt8(ascii: "#") {
            hashes += 1
        }
        guard starts(with: "\"", at: index + hashes) else { return false }
        let isMultiline = starts(with: "\"\"\"", at: index + hashes)
        index += hashes + (isMultiline ? 3 : 1)
        frames.append(.string(hashes: hashes, isMultiline: isMultiline))
        return true
    }

    private mutating func scanString(hashes: Int, isMultiline: Bool) {
        guard source[index] == UInt8(ascii: "\"") || source[index] == UInt8(ascii: "\\") else {
            return blank(1)
        }
        let marks = String(repeating: "#", count: hashes)
        if starts(with: (isMultiline ? "\"\"\"" : "\"") + marks) {
            index += (isMultiline ? 3 : 1) + hashes
            frames.removeLast()
        } else if starts(with: "\\" + marks + "(") {
            blank(1 + hashes)
            index += 1
            frames.append(.code(parentheses: 1))
        } else if starts(with: "\\" + marks) {
            blank(2 + hashes)
        } else {
            blank(1)
        }
    }

    private mutating func blankLine() {
        while index < source.count, source[index] != UInt8(ascii: "\n") { blank(1) }
    }

    private mutating func blankComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                blank(2)
            } else if starts(with: "*/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < source.count
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < source.count {
            if source[index] != UInt8(ascii: "\n") { masked[index] = UInt8(ascii: " ") }
            index += 1
        }
    }

    private func starts(with text: String, at place: Int? = nil) -> Bool {
        source[min(place ?? index, source.count)...].starts(with: text.utf8)
    }
}
