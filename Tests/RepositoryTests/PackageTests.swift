// Package.swift and the folders say the same, and a target declares exactly what it imports.

import BrokerProtocol
import Testing

@Suite struct PackageTests {
    private let package = PackageText(SourceTree.text("Package.swift") ?? "")

    @Test("every folder of Sources is a target, and every target has a folder")
    func sourcesAreTargets() {
        #expect(Set(package.targets.keys) == SourceTree.folders(in: "Sources"))
    }

    @Test("every folder of Tests is a test target, and every test target has a folder")
    func testsAreTargets() {
        #expect(package.testTargets == SourceTree.folders(in: "Tests"))
    }

    @Test("every target declares the modules of this package that it imports, and no other")
    func dependenciesAreImports() {
        let own = Set(package.targets.keys)
        var imports: [String: Set<String>] = [:]
        for file in SourceTree.sources {
            let modules = ImportTable.imports(of: file).map(\.module)
            imports[file.target, default: []].formUnion(modules.filter(own.contains))
        }
        for (target, dependencies) in package.targets {
            let declared = dependencies.intersection(own)
            #expect(declared == imports[target] ?? [], "\(target)")
        }
    }

    @Test("a target's dependencies are read whatever the layout")
    func layoutDoesNotMatter() {
        let package = PackageText(
            """
            module("A", ["B", nio]), tests("A", ["A"]),
            tool(
                "t",
                [
                    "A", "C"
                ]
            ),
            .target(name: "C", cSettings: [.define("D")]),  // module("E")
            .target(name: "S", path: "Tests/S"),
            """
        )
        #expect(package.targets == ["A": ["B"], "t": ["A", "C"], "C": ["D"]])
        #expect(package.testTargets == ["ATests", "S"])
    }

    @Test(
        "the protocol page names every method",
        .enabled(if: SourceTree.text("Sources/mailbrokerd/Protocol.md") != nil, "no page yet")
    )
    func pageNamesEveryMethod() {
        let page = SourceTree.text("Sources/mailbrokerd/Protocol.md") ?? ""
        #expect(MethodTable.all.map(\.name).filter { !page.contains("`\($0)`") } == [])
    }
}

/// What Package.swift says of its targets, read from its text.
///
/// A target whose folder is below Tests counts as one of the tests.
struct PackageText {
    /// The targets, each with the names in quotes of its declaration.
    private(set) var targets: [String: Set<String>] = [:]
    /// The test targets.
    private(set) var testTargets: Set<String> = []

    init(_ text: String) {
        let code = SwiftMask.code(of: text)
        // The mask keeps quotes and places, so that names come from the text and structure from it.
        let masked = Array(code.utf8)
        let octets = Array(text.utf8)
        for index in masked.indices {
            let rest = masked[index...]
            guard "mt.".utf8.contains(masked[index]) else { continue }
            let isTarget = ["module(", "tool(", ".target("].contains { rest.starts(with: $0.utf8) }
            let isTest = rest.starts(with: "tests(".utf8)
            guard isTarget || isTest, Self.isCall(masked, at: index) else { continue }
            let names = Self.names(masked, octets, from: index)
            guard let name = names.first else { continue }
            if isTest {
                testTargets.insert(name + "Tests")
            } else if names.contains("Tests/" + name) {
                testTargets.insert(name)
            } else {
                targets[name] = Set(names.dropFirst())
            }
        }
    }

    /// Not the declaration of the function, nor a longer word.
    private static func isCall(_ masked: [UInt8], at index: Int) -> Bool {
        index == 0 || masked[index - 1] != UInt8(ascii: ".") && !isFunction(masked, at: index)
    }

    private static func isFunction(_ masked: [UInt8], at index: Int) -> Bool {
        let before = masked[..<index]
        guard before.last == UInt8(ascii: " ") else { return false }
        return before.dropLast().suffix(4).elementsEqual("func".utf8)
    }

    /// The string literals of a call, in order, without those of the helper functions' own bodies.
    private static func names(_ masked: [UInt8], _ octets: [UInt8], from start: Int) -> [String] {
        var depth = 0
        var opened: Int?
        var names: [String] = []
        for place in start..<masked.count {
            switch masked[place] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return names }
            case UInt8(ascii: "\""):
                if let from = opened {
                    names.append(String(decoding: octets[from..<place], as: UTF8.self))
                    opened = nil
                } else {
                    opened = place + 1
                }
            default: continue
            }
        }
        return names
    }
}
