// Where the shared corpora are, and how their JSON is read. Tests that need them are skipped with
// one line where they are not there.

import Foundation
import Testing

/// The shared test corpora.
enum Corpora {
    /// Their folder, or nil.
    static let root: URL? = {
        if let path = ProcessInfo.processInfo.environment["MAILBROKER_CORPORA"] {
            return existing(URL(fileURLWithPath: path))
        }
        var package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        while package.pathComponents.count > 1 {
            let candidate = package.appendingPathComponent("../shared/corpora").standardizedFileURL
            if let found = existing(candidate) { return found }
            package.deleteLastPathComponent()
        }
        return nil
    }()

    /// The reason shown for a skipped test.
    static let missing: Comment = "corpora not found at ../shared/corpora or $MAILBROKER_CORPORA"

    private static func existing(_ url: URL) -> URL? {
        FileManager.default.fileExists(atPath: url.path) ? url : nil
    }

    /// One vector of `vectors/NAME.json`.
    struct Vector {
        let id: String
        let fields: [String: Any]

        /// The input's octets.
        var input: [UInt8] {
            if let text = fields["input"] as? String { return Array(text.utf8) }
            let data = (fields["input_b64"] as? String).flatMap { Data(base64Encoded: $0) }
            return Array(data ?? Data())
        }
    }

    /// The vectors of a file; empty where there are none.
    static func vectors(_ name: String) throws -> [Vector] {
        guard let root else { return [] }
        let url = root.appendingPathComponent("vectors/\(name).json")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        return (json as? [[String: Any]] ?? []).map {
            Vector(id: $0["id"] as? String ?? "", fields: $0)
        }
    }

    /// The octets of a file below the corpora.
    static func octets(_ path: String) throws -> [UInt8] {
        guard let root else { return [] }
        return try Array(Data(contentsOf: root.appendingPathComponent(path)))
    }
}

/// Counts what agrees, and prints one line at the end.
struct Score {
    let name: String
    private(set) var passed = 0
    private(set) var misses: [String] = []

    init(_ name: String) { self.name = name }

    mutating func check(_ isRight: Bool, _ miss: @autoclosure () -> String) {
        if isRight { passed += 1 } else { misses.append(miss()) }
    }

    /// Prints the count and, with MAILBROKER_VERBOSE, each miss.
    func report() {
        print("\(name): \(passed) passed, \(misses.count) failed")
        guard ProcessInfo.processInfo.environment["MAILBROKER_VERBOSE"] != nil else { return }
        for miss in misses { print("  \(miss)") }
    }
}
