// What is composed is read back equal by programs that are not ours: thousands of drafts of every
// shape. MAILBROKER_ROUNDTRIP=10000 sets their number, MAILBROKER_SEED the first seed.

import Foundation
import Testing

@testable import MessageFormat

@Suite struct RoundTripTests {
    private static let count = setting("MAILBROKER_ROUNDTRIP") ?? 500
    private static let firstSeed = setting("MAILBROKER_SEED") ?? 20_261_125

    private static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// The sample with an index and its message.
    private static func sample(_ index: Int) throws -> (SampleDraft, MessageComposer, [UInt8]) {
        let seed = UInt64(firstSeed + index)
        var drafts = DraftGenerator(seed: seed)
        let sample = try drafts.next()
        var generator = SeededGenerator(seed: seed ^ 0x5555)
        let composer = try MessageComposer(sample.draft, form: sample.form, using: &generator)
        return (sample, composer, ReadBack.assemble(composer, contents: sample.contents))
    }

    @Test("every message keeps the rules of its way, and no hidden recipient is in it")
    func wire() throws {
        for index in 0..<Self.count {
            let (sample, composer, message) = try Self.sample(index)
            let place = "seed \(Self.firstSeed + index)"
            let fault = WireRules.fault(message, form: sample.form)
            #expect(fault == nil, "\(place)")
            #expect(WireRules.foldFault(composer.header(withBcc: true)) == nil, "\(place)")
            let wide = message.contains { $0 >= 0x80 }
            #expect(!wide || composer.needsEightBit || composer.needsSMTPUTF8, "\(place)")
            #expect(!WireRules.contains(message, "hidden-recipient"), "\(place)")
        }
    }

    @Test(
        "CPython reads every draft back as it was",
        .enabled(if: PythonReader.isAvailable, ReadBack.missing)
    )
    func python() throws { try compare(PythonReader()) }

    @Test(
        "GMime reads every draft back as it was",
        .enabled(if: GMimeReader.isAvailable, GMimeReader.missing)
    )
    func gmime() throws { try compare(GMimeReader()) }

    @Test("we read every draft back as it was")
    func own() throws { try compare(OwnReader()) }

    private func compare(_ reader: some RoundTripReader) throws {
        let directory = try RoundTripFiles.makeDirectory()
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("messages")
        var expected: [[[String]]] = []
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        let handle = try FileHandle(forWritingTo: file)
        for index in 0..<Self.count {
            let (sample, _, message) = try Self.sample(index)
            try handle.write(contentsOf: Data("\(message.count)\n".utf8))
            try handle.write(contentsOf: Data(message))
            expected.append(sample.lines(reader.blanks))
        }
        try handle.close()
        let read = try reader.read(file)
        #expect(read.count == Self.count)
        var misses = 0
        for (index, (found, wanted)) in zip(read, expected).enumerated() where !same(found, wanted)
        {
            misses += 1
            if misses > 5 { continue }
            let difference = zip(found, wanted).first { !same([$0], [$1]) }
            Issue.record(
                """
                \(reader.name), seed \(Self.firstSeed + index): read \(found.count) lines, \
                \(wanted.count) wanted; \(String(describing: difference))
                """
            )
        }
        print(
            "\(reader.name): \(Self.count - misses) passed, \(misses) failed; "
                + "seeds \(Self.firstSeed)...\(Self.firstSeed + Self.count - 1)"
        )
    }

    /// Equality by octets: `String` takes different spellings of a letter for the same.
    private func same(_ left: [[String]], _ right: [[String]]) -> Bool {
        left.elementsEqual(right) {
            $0.elementsEqual($1) { Array($0.utf8) == Array($1.utf8) }
        }
    }
}

/// What holds for every message on the wire.
enum WireRules {
    /// The first rule that a message breaks; nil for none.
    static func fault(_ message: [UInt8], form: WireForm) -> String? {
        var column = 0
        var (isBlankLine, isContinuation, isInHeader) = (true, false, true)
        for (index, octet) in message.enumerated() {
            let previous = index == 0 ? 0 : message[index - 1]
            if octet == 0x0A, previous != 0x0D { return "bare LF at \(index)" }
            if previous == 0x0D, octet != 0x0A { return "bare CR at \(index - 1)" }
            if octet == 0 { return "NUL at \(index)" }
            if octet >= 0x80, form == .sevenBit { return "octet \(octet) at \(index)" }
            if octet >= 0x80, isInHeader, form == .eightBit { return "header octet at \(index)" }
            if octet == 0x0A {
                if isInHeader, isContinuation, isBlankLine { return "blank line at \(index)" }
                if column == 1 { isInHeader = false }
                (column, isBlankLine) = (0, true)
                continue
            }
            if column == 0 { isContinuation = octet == 0x20 || octet == 0x09 }
            if octet > 0x20 { isBlankLine = false }
            if isInHeader, octet < 0x20, octet != 0x0D { return "control at \(index)" }
            column += 1
            // The CR counts here.
            if column > 999 { return "long line at \(index)" }
        }
        return message.last == 0x0A ? nil : "no line end at the end"
    }

    /// The first header line that is longer than it must be; nil for none.
    ///
    /// A line over 78 octets is one word that cannot be folded, and one that holds an encoded word
    /// has at most 76 (RFC 2047 2).
    static func foldFault(_ header: [UInt8]) -> String? {
        for line in header.split(separator: 0x0A).map({ $0.dropLast() }) {
            let text = String(decoding: line, as: UTF8.self)
            let words = line.split(separator: 0x20)
            let isName = words.first?.last == UInt8(ascii: ":")
            if line.count > 78, words.count > (isName ? 2 : 1) { return text }
            if line.count > 76, contains(Array(line), "=?UTF-8?") { return text }
        }
        return nil
    }

    /// Whether octets hold a text.
    static func contains(_ octets: [UInt8], _ text: String) -> Bool {
        Data(octets).range(of: Data(text.utf8)) != nil
    }
}
