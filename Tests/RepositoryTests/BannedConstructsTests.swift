// The ban list, held to every file of Sources, and the rules held to small bad samples.

import Testing

@Suite struct BannedConstructsTests {
    @Test("no source holds what is banned")
    func sourcesAreClean() {
        expectNone(SourceTree.sources.flatMap(BannedConstructs.violations))
    }

    @Test("every test file begins with what it is for")
    func testsHaveHeaders() {
        let without = SourceTree.tests.filter { !$0.text.hasPrefix("// ") }.map(\.path)
        #expect(without == [])
    }

    @Test(
        "what is banned is found on its line",
        arguments: [
            "let a = try! f()", "let a = b as! C", "fatalError()", "let a = b!", "let a = b!.c",
            "a[0]![1]", "f()!", "let a: Int!", "let a = Regex(x)", "NSRegularExpression()",
            "Character(x)", "print(1)", "\"\\(a!)\"", "// TODO: later", "/* FIXME */",
            "let a = 1  // XXX", "await f()", "struct S: @unchecked Sendable {}",
            "nonisolated(unsafe) var a = 1",
        ]
    )
    func bannedIsFound(line: String) {
        let file = SourceFile(path: "Sources/IMAP/A.swift", text: "// What.\n\n\n\(line)\n")
        #expect(BannedConstructs.violations(in: file).map(\.line) == [4])
    }

    @Test(
        "what only looks like it is not",
        arguments: [
            "if !a, b != c {}", "a!=b", "f(!a)", "let a = \"b!\"", "// b! try! as!", "[!a]",
            "fatalError(\"broken\")", "let a = #\"\"try!\"\"#", "log.print(1)", "reprint(1)",
            "let s = \"\"\"\n  a! \\(f(\")!\"))\n  \"\"\"", "mkstemp(\"aXXXXXX\")",
            "isCharacter(x)",
            "// SAFETY: one owner.\nstruct S: @unchecked Sendable {}", "#if !os(Linux)\n#endif",
        ]
    )
    func lookalikeIsNot(line: String) {
        let file = SourceFile(path: "Sources/IMAP/A.swift", text: "// What.\n\n\n\(line)\n")
        #expect(BannedConstructs.violations(in: file) == [])
    }

    @Test("a file without a header is found")
    func missingHeaderIsFound() {
        let file = SourceFile(path: "Sources/IMAP/A.swift", text: "\nlet a = 1\n")
        #expect(BannedConstructs.violations(in: file).map(\.line) == [1])
    }

    @Test("a front end may print")
    func frontEndMayPrint() {
        let file = SourceFile(path: "Sources/mb/main.swift", text: "// What.\nprint(1)\n")
        #expect(BannedConstructs.violations(in: file) == [])
    }
}
