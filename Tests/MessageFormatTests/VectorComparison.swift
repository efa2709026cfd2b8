// Vectors against what we read. A vector is equal, or stands in a list with the reason why not: an
// entry of that list whose vector is equal after all fails the test as well.

import Foundation
import Testing

/// Compares the vectors of one file.
struct VectorComparison {
    private let name: String
    /// Ids of vectors that differ by decision, and the decision.
    private let reasons: [String: String]
    private var passed = 0
    private var differing: [String: String] = [:]

    /// A comparison; an id `NAME/0001` is listed as `0001`, any other as it is.
    init(_ name: String, differences reasons: [String: String] = [:]) {
        self.name = name
        self.reasons = reasons
    }

    /// Compares one vector.
    mutating func check<Value: Equatable>(_ id: String, _ actual: Value, _ expected: Value) {
        let number = id.hasPrefix(name + "/") ? String(id.dropFirst(name.count + 1)) : id
        if actual == expected {
            passed += 1
        } else {
            differing[number] = "\(actual) not \(expected)"
        }
    }

    /// Fails for each difference without a reason and for each reason without a difference.
    func conclude() {
        print("\(name): \(passed) passed, \(differing.count) failed")
        let isVerbose = ProcessInfo.processInfo.environment["MAILBROKER_VERBOSE"] != nil
        for (number, text) in differing.sorted(by: { $0.key < $1.key }) {
            if isVerbose { print("  \(name)/\(number) \(text)") }
            if reasons[number] == nil { Issue.record("\(name)/\(number) \(text)") }
        }
        for number in reasons.keys.sorted() where differing[number] == nil {
            Issue.record("\(name)/\(number) is listed as different and is not")
        }
    }
}
