// The repository as the rules see it: its files, and where they stand.

import Foundation

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

/// The repository this file is in.
enum SourceTree {
    /// The folder with Package.swift. A scratch package may reach this folder through a link.
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

    /// The names of the folders in a folder.
    static func folders(in path: String) -> Set<String> {
        let place = root.appending(path: path).path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return Set(
            names.filter { name in
                var isDirectory: ObjCBool = false
                let exists = FileManager.default.fileExists(
                    atPath: "\(place)/\(name)",
                    isDirectory: &isDirectory
                )
                return exists && isDirectory.boolValue && !name.hasPrefix(".")
            }
        )
    }

    /// Files below a folder whose name has one of the endings; every text file with "".
    static func files(below folder: String, endings: [String]) -> [SourceFile] {
        let place = root.appending(path: folder).path
        let names = FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
        return names.sorted().compactMap { name in
            guard endings.contains(where: { name.hasSuffix($0) }) else { return nil }
            return text("\(folder)/\(name)").map {
                SourceFile(path: "\(folder)/\(name)", text: $0)
            }
        }
    }
}
