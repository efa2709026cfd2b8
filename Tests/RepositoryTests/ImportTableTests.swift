// The import table of the design, held to every import line of Sources.

import Testing

@Suite struct ImportTableTests {
    @Test("no source imports what its target must not")
    func everyImportIsAllowed() {
        expectNone(SourceTree.sources.flatMap(ImportTable.violations))
    }

    @Test("the rules look at the whole of Sources")
    func everySourceIsSeen() {
        #expect(SourceTree.sources.count > 100)
        #expect(SourceTree.sources.flatMap(ImportTable.imports).count > 300)
    }

    @Test("the table has a row for every folder of Sources and none beside")
    func tableMatchesFolders() {
        #expect(SourceTree.folders(in: "Sources") == Set(ImportTable.allowed.keys))
    }

    @Test("the table has no cycle and points downwards only")
    func tableHasNoCycle() {
        var rest = ImportTable.allowed.mapValues { row in
            row.filter { ImportTable.allowed[$0] != nil }
        }
        var isChanging = true
        while isChanging {
            let leaves = Set(rest.filter { $0.value.isEmpty }.keys)
            isChanging = !leaves.isEmpty
            rest = rest.filter { !leaves.contains($0.key) }.mapValues { $0.subtracting(leaves) }
        }
        #expect(rest.isEmpty)
    }

    @Test(
        "an import that is not allowed is found",
        arguments: [
            ("Sources/IMAP/A.swift", "import NIOCore", 1),
            ("Sources/IMAP/A.swift", "\n@preconcurrency import Foundation", 2),
            ("Sources/FrontEnd/A.swift", "package import NIOPosix", 1),
            ("Sources/FrontEnd/A.swift", "import Foundation", 1),
            ("Sources/BrokerCore/A.swift", "import GRDB", 1),
            ("Sources/BrokerCore/A.swift", "import Dispatch", 1),
            ("Sources/mb/main.swift", "import struct CReadline.Line", 1),
            ("Sources/mailbrokerd/main.swift", "import Glibc; import COpenSSL", 1),
            ("Sources/Unknown/A.swift", "", 0),
        ]
    )
    func badImportIsFound(path: String, text: String, line: Int) {
        let found = ImportTable.violations(in: SourceFile(path: path, text: text))
        #expect(found.map(\.line) == [line])
    }

    @Test(
        "an import that is allowed, or none at all, is not",
        arguments: [
            ("Sources/OpenSSLTLS/A.swift", "package import NIOCore\nimport Glibc"),
            ("Sources/IMAP/A.swift", "// import Foundation\nlet a = \"import Foundation\""),
            ("Sources/IMAP/A.swift", "/* import NIO\nimport GRDB */ import SASL"),
            ("Sources/BrokerCore/Programs/ChildProgram.swift", "import Dispatch"),
        ]
    )
    func goodImportIsNot(path: String, text: String) {
        #expect(ImportTable.violations(in: SourceFile(path: path, text: text)) == [])
    }
}
