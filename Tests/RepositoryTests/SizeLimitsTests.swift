// The size limits, held to Sources, Tests and the C shims.

import Testing

@Suite struct SizeLimitsTests {
    @Test("no Swift file of Sources or Tests is over a size limit")
    func swiftIsInLimits() {
        let files = SourceTree.sources + SourceTree.tests
        expectNone(files.flatMap(SizeLimits.violations))
    }

    @Test("no C file, script or package file is over the limits of lines and files")
    func otherFilesAreInLimits() {
        let shims = SourceTree.files(below: "Sources", endings: [".c", ".h"])
        let package = SourceTree.text("Package.swift").map {
            SourceFile(path: "Package.swift", text: $0)
        }
        let files = shims + Script.all + (package.map { [$0] } ?? [])
        expectNone(files.flatMap(SizeLimits.lengths))
    }

    @Test("a function's lines are counted from its name to its closing brace")
    func functionIsMeasured() {
        let text = """
            protocol P {
                func a(_ b: Int)
                init(c: Int)
                var d: Int { get }
            }
            struct S: P {
                func a(_ b: Int = { 3 }()) {
                    print("}}}")  // }
                }
                init(
                    c: Int
                ) where T: U { self.init() }
                deinit { x() }
            }
            """
        let found = SizeLimits.functions(of: text)
        #expect(found.map(\.line) == [7, 10, 13])
        #expect(found.map(\.lines) == [3, 3, 1])
    }

    @Test("70 lines are allowed, 71 are not", arguments: [(70, 0), (71, 1)])
    func functionLimit(lines: Int, violations: Int) {
        let body = String(repeating: "    x()\n", count: lines - 2)
        let file = SourceFile(path: "Sources/IMAP/A.swift", text: "func a() {\n\(body)}\n")
        #expect(SizeLimits.violations(in: file).count == violations)
    }

    @Test("600 lines are allowed, 601 are not", arguments: [(600, 0), (601, 1)])
    func fileLimit(lines: Int, violations: Int) {
        let file = SourceFile(path: "A.swift", text: String(repeating: "x\n", count: lines))
        #expect(SizeLimits.violations(in: file).count == violations)
    }

    @Test("100 columns are allowed, 101 are not", arguments: [(100, 0), (101, 1)])
    func columnLimit(columns: Int, violations: Int) {
        let file = SourceFile(path: "A.swift", text: String(repeating: "ä", count: columns))
        #expect(SizeLimits.violations(in: file).count == violations)
    }
}
