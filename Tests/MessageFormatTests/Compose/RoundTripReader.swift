// Programs that read many composed messages in one run, and what they say. Each is a mail reader of
// its own; that they agree with a draft is the proof that it was written right.

import Foundation
import Testing

/// Reads a file of messages, each as its length in decimal, LF, octets.
///
/// The answer has the lines of `contrib/test.d/email-read.py` for each message, cut at the tabs.
protocol RoundTripReader: Sendable {
    /// What to call it.
    var name: String { get }
    /// What it does with blanks in texts.
    var blanks: BlankRule { get }
    /// Reads all messages of a file.
    func read(_ file: URL) throws -> [[[String]]]
}

/// What a reader does with the blanks of names, subjects and other unstructured texts.
enum BlankRule {
    case asWritten
    /// Names without blanks at their ends.
    case trimmedNames
    /// All texts without blanks at their ends and with one for several.
    case collapsed
}

/// Where the readers' sources are.
enum RoundTripFiles {
    /// `contrib/test.d` of this package.
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .appendingPathComponent("../../../../contrib/test.d").standardizedFileURL

    /// A directory for one test, removed by its caller.
    static func makeDirectory() throws -> URL {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("mailbroker-roundtrip-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    /// Runs a program to its end; its standard output.
    static func run(
        _ program: String,
        _ arguments: [String],
        isQuiet: Bool = false
    ) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let output = Pipe()
        process.standardOutput = output
        if isQuiet { process.standardError = FileHandle.nullDevice }
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(program: program, status: process.terminationStatus)
        }
        return answer
    }

    struct Failure: Error {
        let program: String
        let status: Int32
    }

    /// The messages of an answer, each as lines of fields.
    static func messages(_ answer: Data) -> [[[String]]] {
        var messages: [[[String]]] = []
        var lines: [[String]] = []
        for line in Array(answer).split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard !line.elementsEqual([UInt8(ascii: ".")]) else {
                messages.append(lines)
                lines = []
                continue
            }
            lines.append(
                line.split(separator: 0x09, omittingEmptySubsequences: false).map(unescaped)
            )
        }
        return messages
    }

    private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
        var octets: [UInt8] = []
        var rest = field
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                octets.append(value)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// The email package of CPython.
struct PythonReader: RoundTripReader {
    static let isAvailable = ReadBack.isAvailable
    let name = "CPython email"
    let blanks = BlankRule.asWritten

    func read(_ file: URL) throws -> [[[String]]] {
        let script = RoundTripFiles.folder.appendingPathComponent("email-read.py").path
        return RoundTripFiles.messages(
            try RoundTripFiles.run("/usr/bin/python3", [script, file.path])
        )
    }
}

/// GMime 3, by a small program that is compiled for the purpose.
struct GMimeReader: RoundTripReader {
    static let isAvailable: Bool = {
        let flags = try? RoundTripFiles.run("pkg-config", ["gmime-3.0"], isQuiet: true)
        return flags != nil && compiler != nil
    }()
    static let missing: Comment = "GMime or a C compiler not found: contrib/install-packages test"
    /// The machine's C compiler, or the one that comes with Swift.
    private static let compiler = ["cc", "clang"].first {
        (try? RoundTripFiles.run($0, ["--version"], isQuiet: true)) != nil
    }
    let name = "GMime"
    let blanks = BlankRule.trimmedNames

    func read(_ file: URL) throws -> [[[String]]] {
        let source = RoundTripFiles.folder.appendingPathComponent("gmime-read.c").path
        let program = file.deletingLastPathComponent().appendingPathComponent("gmime-read").path
        let flags = try RoundTripFiles.run("pkg-config", ["--cflags", "--libs", "gmime-3.0"])
        let words = String(decoding: flags, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        _ = try RoundTripFiles.run(
            Self.compiler ?? "cc",
            ["-O1", "-o", program, source] + words.map(String.init)
        )
        return RoundTripFiles.messages(try RoundTripFiles.run(program, [file.path]))
    }
}
