// What must not stand in Sources: everything that ends the process on bad data, that sees
// Characters where octets count, or that is a promise instead of code.

/// The ban list.
enum BannedConstructs {
    /// Violations of a source file.
    static func violations(in file: SourceFile) -> [Violation] {
        let code = SwiftMask.code(of: file.text)
        let codeLines = code.split(separator: "\n", omittingEmptySubsequences: false)
        var found: [Violation] = []
        for (number, line) in codeLines.enumerated() {
            for rule in rules(broken: Array(line.utf8), in: file) {
                found.append(Violation(path: file.path, line: number + 1, rule: rule))
            }
        }
        for (number, line) in file.lines.enumerated() {
            for word in ["TODO", "FIXME", "XXX"] where holds(Array(line.utf8), word: word) {
                found.append(Violation(path: file.path, line: number + 1, rule: word))
            }
        }
        return found + unexplained(file, codeLines.map(String.init)) + withoutHeader(file)
    }

    /// Pieces of code that stand for what is banned, each at the beginning of a word.
    private static let calls = [
        "Regex(": "Regex is not for data from outside",
        "NSRegularExpression": "NSRegularExpression is not for data from outside",
        "Character(": "a Character hides octets: CR LF is one",
        "fatalError()": "fatalError without a reason",
        "try!": "try! ends the process",
        "as!": "as! ends the process",
    ]

    /// Targets that talk to people.
    private static let printers: Set<String> = [
        "FrontEnd", "mb", "mb-fetch", "mb-console", "mailbrokerd",
    ]

    /// Targets without clock, socket and concurrency (design.md section 2).
    private static let withoutInputOutput: Set<String> = [
        "MailModel", "SASL", "IMAP", "SMTP", "MessageFormat", "BrokerProtocol",
    ]

    private static let impure = ["await", "async", "Task", "ContinuousClock"]

    private static func rules(broken line: [UInt8], in file: SourceFile) -> [String] {
        var broken = calls.filter { holds(line, start: $0.key) }.map(\.value).sorted()
        if hasForceUnwrap(line) { broken.append("a value is unwrapped by force") }
        if !printers.contains(file.target), holds(line, start: "print(") {
            broken.append("print is for front ends")
        }
        if withoutInputOutput.contains(file.target) {
            for word in impure where holds(line, word: word) {
                broken.append("\(word) in a module without input and output")
            }
        }
        return broken
    }

    /// `!` right behind a value or type, other than `!=`, `as!` and `try!`.
    static func hasForceUnwrap(_ line: [UInt8]) -> Bool {
        line.indices.dropFirst().contains { index in
            guard line[index] == UInt8(ascii: "!") else { return false }
            let before = line[index - 1]
            guard isWord(before) || ")]}\">?".utf8.contains(before) else { return false }
            if index + 1 < line.count, line[index + 1] == UInt8(ascii: "=") { return false }
            return !["as", "try"].contains { endsWith(line[..<index], word: $0) }
        }
    }

    private static func endsWith(_ line: ArraySlice<UInt8>, word: String) -> Bool {
        let start = line.count - word.utf8.count
        guard start >= 0, line[start...].elementsEqual(word.utf8) else { return false }
        return start == 0 || !isWord(line[start - 1])
    }

    /// Whether a piece of code stands in a line and begins there as a word of its own.
    private static func holds(_ line: [UInt8], start text: String) -> Bool {
        let first = text.utf8.first
        return line.indices.contains { index in
            guard line[index] == first, line[index...].starts(with: text.utf8) else { return false }
            return index == 0 || !(isWord(line[index - 1]) || line[index - 1] == UInt8(ascii: "."))
        }
    }

    private static func holds(_ line: [UInt8], word: String) -> Bool {
        let first = word.utf8.first
        return line.indices.contains { index in
            let end = index + word.utf8.count
            guard line[index] == first, end <= line.count,
                line[index..<end].elementsEqual(word.utf8)
            else { return false }
            let isBegin = index == 0 || !isWord(line[index - 1])
            return isBegin && (end == line.count || !isWord(line[end]))
        }
    }

    private static func isWord(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
            true
        default: false
        }
    }

    private static let unsafeMarks = ["@unchecked Sendable", "nonisolated(unsafe)"]

    /// What turns the compiler's checks off without `// SAFETY:` on the two lines before or after.
    private static func unexplained(_ file: SourceFile, _ code: [String]) -> [Violation] {
        let lines = file.lines
        return code.indices.compactMap { index in
            guard let mark = unsafeMarks.first(where: { code[index].contains($0) }) else {
                return nil
            }
            let near = max(0, index - 2)...min(lines.count - 1, index + 2)
            guard !lines[near].contains(where: { $0.contains("// SAFETY:") }) else { return nil }
            let rule = "\(mark) without a // SAFETY: line"
            return Violation(path: file.path, line: index + 1, rule: rule)
        }
    }

    private static func withoutHeader(_ file: SourceFile) -> [Violation] {
        guard !file.text.hasPrefix("// ") else { return [] }
        return [Violation(path: file.path, line: 1, rule: "does not begin with what it is for")]
    }
}
