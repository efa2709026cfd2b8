// How long a line, a function and a file may be.

/// The size limits.
enum SizeLimits {
    static let columnsMax = 100
    static let functionLinesMax = 70
    static let fileLinesMax = 600

    /// Violations of a file of Swift.
    static func violations(in file: SourceFile) -> [Violation] {
        lengths(in: file)
            + functions(of: file.text).filter { $0.lines > functionLinesMax }.map { function in
                Violation(
                    path: file.path,
                    line: function.line,
                    rule: "a function of \(function.lines) lines"
                )
            }
    }

    /// Violations of any file of text: long lines, too many lines.
    static func lengths(in file: SourceFile) -> [Violation] {
        let lines = file.lines
        let code = file.path.hasPrefix("Tests/") ? SwiftMask.code(of: file.text) : nil
        let codeLines = code.map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        let count = lines.last == "" ? lines.count - 1 : lines.count
        let whole =
            count > fileLinesMax
            ? [Violation(path: file.path, line: 0, rule: "a file of \(count) lines")] : []
        return whole
            + lines.enumerated().compactMap { number, line in
                let columns = line.unicodeScalars.count
                guard columns > columnsMax else { return nil }
                // Wire data in a test cannot be folded: what counts there is the code around it.
                if let code = codeLines?[number], !isComment(line), width(of: code) <= columnsMax {
                    return nil
                }
                let rule = "a line of \(columns) columns"
                return Violation(path: file.path, line: number + 1, rule: rule)
            }
    }

    private static func isComment(_ line: some StringProtocol) -> Bool {
        line.drop { $0 == " " }.hasPrefix("//")
    }

    /// Columns up to the last one that is code.
    private static func width(of line: some StringProtocol) -> Int {
        var scalars = line.unicodeScalars[...]
        while scalars.last == " " || scalars.last == "\"" || scalars.last == ","
            || scalars.last == "#"
        {
            scalars.removeLast()
        }
        return scalars.count
    }

    /// The functions and initializers with a body: the line they begin on and how many they take.
    static func functions(of text: String) -> [(line: Int, lines: Int)] {
        let code = Array(SwiftMask.code(of: text).utf8)
        var line = 1
        var found: [(line: Int, lines: Int)] = []
        for index in code.indices {
            if code[index] == UInt8(ascii: "\n") { line += 1 }
            guard isDeclaration(code, at: index), let body = bodyStart(code, after: index),
                let end = bodyEnd(code, from: body)
            else { continue }
            let ends = code[index...end].count { $0 == UInt8(ascii: "\n") }
            found.append((line, ends + 1))
        }
        return found
    }

    private static func isDeclaration(_ code: [UInt8], at index: Int) -> Bool {
        let isFree = index == 0 || " \n\t".utf8.contains(code[index - 1])
        guard isFree else { return false }
        guard "fid".utf8.contains(code[index]) else { return false }
        let rest = code[index...]
        return ["func ", "init(", "init?(", "init<", "deinit "].contains {
            rest.starts(with: $0.utf8)
        }
    }

    /// The brace that opens the body; nil for a requirement of a protocol.
    private static func bodyStart(_ code: [UInt8], after index: Int) -> Int? {
        var depth = 0
        for place in index..<code.count {
            switch code[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0: return place
            case UInt8(ascii: "}") where depth == 0: return nil
            case UInt8(ascii: "f"), UInt8(ascii: "i"), UInt8(ascii: "v"), UInt8(ascii: "s"):
                guard place > index, depth == 0, startsMember(code, at: place) else { continue }
                return nil
            default: continue
            }
        }
        return nil
    }

    private static func startsMember(_ code: [UInt8], at place: Int) -> Bool {
        guard " \n".utf8.contains(code[place - 1]) else { return false }
        let words = ["func ", "init(", "var ", "static "]
        return words.contains { code[place...].starts(with: $0.utf8) }
    }

    private static func bodyEnd(_ code: [UInt8], from start: Int) -> Int? {
        var depth = 0
        for place in start..<code.count {
            if code[place] == UInt8(ascii: "{") { depth += 1 }
            if code[place] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return place }
        }
        return nil
    }
}
