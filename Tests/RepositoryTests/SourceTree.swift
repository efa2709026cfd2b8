// The repository as the rules see it: its files, and where they stand.

import Foundation
import Testing

/// A file of the repository.
struct SourceFile: Sendable {
    /// The path below the repository.
    let path: String
    let text: String

    /// `IMAP` for `Sources/IMAP/Wire/IMAPFrame.swift`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// Lines without their ends.
    var lines: [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// A broken rule, as a line for the report.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    /// From 1; 0 for the whole file.
    let line: Int
    let rule: String

    var description: String { "\(path):\(line): \(rule)" }
}

/// Fails a test once, with every violation on a line of its own.
func expectNone(
    _ violations: [Violation],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard !violations.isEmpty else { return }
    let lines = violations.map(\.description).joined(separator: "\n")
    Issue.record("\(violations.count) violations:\n\(lines)", sourceLocation: sourceLocation)
}

/// The repository this file is in.
enum SourceTree {
    /// The folder with Package.swift.
    ///
    /// A scratch package may reach this folder through a link, so links are resolved.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below Sources.
    static let sources = files(below: "Sources", endings: [".swift"])

    /// Every Swift file below Tests.
    static let tests = files(below: "Tests", endings: [".swift"])

    /// The text of a file; nil when it is not there.
    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The names of the folders in a folder that hold source files.
    static func folders(in path: String) -> Set<String> {
        Set(files(below: path, endings: [".swift", ".c", ".h"]).map(\.target))
    }

    /// Files below a folder whose name has one of the endings; every text file with "".
    static func files(below folder: String, endings: [String]) -> [SourceFile] {
        let place = root.appending(path: folder).path
        let entries = FileManager.default.enumerator(atPath: place)
        let names = entries?.compactMap { $0 as? String } ?? []
        return names.sorted().compactMap { name in
            guard endings.contains(where: { name.hasSuffix($0) }) else { return nil }
            return text("\(folder)/\(name)").map {
                SourceFile(path: "\(folder)/\(name)", text: $0)
            }
        }
    }
}
