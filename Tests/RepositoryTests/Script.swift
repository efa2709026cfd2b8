// The scripts of contrib and .ci: shell and Python, told by their first line.

import Foundation

/// Scripts and their checks.
enum Script {
    /// Every script.
    static let all =
        (SourceTree.files(below: "contrib", endings: [""])
        + SourceTree.files(below: ".ci", endings: [""])).filter { interpreter(of: $0) != nil }

    /// The interpreter a script asks for; nil for a file that is none.
    static func interpreter(of file: SourceFile) -> String? {
        let first = file.lines.first ?? ""
        let directive = "# shellcheck shell="
        if first.hasPrefix("#!") && first.contains("python3") { return "/usr/bin/python3" }
        if first.hasPrefix("#!/bin/bash") || first == directive + "bash" { return "/bin/bash" }
        return first.hasPrefix("#!/bin/sh") ? "/bin/sh" : nil
    }

    /// What is wrong with a script's syntax; empty when nothing is.
    static func complaint(about path: String, interpreter: String) throws -> String {
        let parse = "import ast, sys; ast.parse(open(sys.argv[1], 'rb').read())"
        let process = Process()
        process.executableURL = URL(filePath: interpreter)
        process.arguments = interpreter.hasSuffix("python3") ? ["-c", parse, path] : ["-n", path]
        let pipe = Pipe()
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? "" : "exit \(process.terminationStatus): \(said)"
    }
}
