// Every script parses, stops at the first error, and can be run.

import Foundation
import Testing

@Suite struct ScriptTests {
    @Test("every script parses", arguments: Script.all.map(\.path))
    func scriptParses(path: String) throws {
        let file = try #require(Script.all.first { $0.path == path })
        let interpreter = try #require(Script.interpreter(of: file))
        let place = SourceTree.root.appending(path: path).path
        #expect(try Script.complaint(about: place, interpreter: interpreter) == "")
    }

    @Test("every script may be executed, and a shell script stops at errors")
    func scriptIsExecutable() {
        let programs = Script.all.filter { $0.text.hasPrefix("#!") }
        #expect(programs.count >= 4)
        for file in programs {
            let place = SourceTree.root.appending(path: file.path).path
            #expect(FileManager.default.isExecutableFile(atPath: place), "\(file.path)")
            guard Script.interpreter(of: file) == "/bin/bash" else { continue }
            #expect(file.lines.contains("set -euo pipefail"), "\(file.path)")
        }
    }

    @Test("a script that does not parse is found", arguments: ["/bin/bash", "/usr/bin/python3"])
    func badScriptIsFound(interpreter: String) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: place) }
        try Data("if true; then (\n".utf8).write(to: place)
        #expect(try Script.complaint(about: place.path, interpreter: interpreter) != "")
    }
}
