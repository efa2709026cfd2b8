// What fuzzing once found stays fixed: every file below Tests/Fixtures/fuzz is given to the
// property of its folder's name. Those of terminals are with the front ends' tests.

import Foundation
import Testing

@Suite struct FuzzFixtureTests {
    /// An input that once broke a property, by its path `target/name`.
    private static let fixtures: [String] = {
        let files = FileManager.default.enumerator(atPath: folder.path)
        let names = files?.compactMap { $0 as? String } ?? []
        return names.filter { $0.contains("/") }.sorted()
    }()

    private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("../Fixtures/fuzz").standardizedFileURL

    @Test("an input that once broke a property breaks it no more", arguments: fixtures)
    func replay(path: String) throws {
        let target = path.prefix { $0 != "/" }
        let property = try #require(Properties.byTarget.first { $0.name == target })
        let octets = try Data(contentsOf: Self.folder.appendingPathComponent(path))
        #expect(throws: Never.self) { try property.check(Array(octets)) }
    }
}
