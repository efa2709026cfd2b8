// The corpora of response lines against the framer, the tokens and the interpreters. Every line is
// read for crash and hang; where two independent parsers agree, so must we.

import Foundation
import MailModel
import Testing

@testable import IMAP

@Suite(.enabled(if: Corpus.root != nil, "no corpora at ../shared/corpora or MAILBROKER_CORPORA"))
struct IMAPCorpusTests {
    /// The first response of some octets, read in slices of a size.
    private func frame(_ octets: [UInt8], slice: Int) throws -> IMAPFrame? {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        var rest = octets[...]
        while !rest.isEmpty {
            framer.receive(Array(rest.prefix(slice)))
            rest = rest.dropFirst(slice)
            while let event = try framer.next() {
                if case .response(let frame) = event { return frame }
            }
        }
        return nil
    }

    /// The tokens as the trees of the corpora are written.
    private func tree(_ frame: IMAPFrame) -> Corpus.Tree? {
        let tokens = IMAPTokens(frame)
        var stack: [[Corpus.Tree]] = [[]]
        for token in tokens.tokens {
            switch token {
            case .open:
                stack.append([])
            case .close:
                guard stack.count > 1, let list = stack.popLast() else { return nil }
                stack[stack.count - 1].append(.list(list))
            default:
                let octets = tokens.octets(of: token) ?? []
                let text = String(validating: octets, as: UTF8.self)
                let leaf: Corpus.Tree =
                    tokens.isNil(token) ? .null : text.map { .text($0) } ?? .octets(octets)
                stack[stack.count - 1].append(leaf)
            }
        }
        return stack.count == 1 ? .list(stack[0]) : nil
    }

    @Test(
        "A42: every line is read, in one piece and octet by octet, with the same result",
        arguments: Corpus.files
    )
    func everything(file: String) throws {
        var read = 0
        for record in try Corpus.records(file) {
            guard let octets = record.octets else { continue }
            let whole = try? frame(octets, slice: octets.count)
            #expect((try? frame(octets, slice: 1))?.octets == whole?.octets)
            if let whole {
                _ = IMAPResponse(whole)
                read += 1
            }
        }
        #expect(read > 0)
    }

    /// One line for score_imap.py of the corpora.
    private struct Verdict: Encodable {
        let id: String
        /// Whether the line is a whole response that says something or can be read past.
        let ok: Bool
        let tree: Corpus.Tree?
    }

    /// Conditions are no lists of tokens, for their text is no grammar: they have no tree.
    private func verdict(_ id: String, _ octets: [UInt8]) -> Verdict {
        guard let frame = try? frame(octets, slice: octets.count) else {
            return Verdict(id: id, ok: false, tree: nil)
        }
        switch IMAPResponse(frame) {
        case .continuation, .tagged(_, .some), .untagged(.condition):
            return Verdict(id: id, ok: true, tree: nil)
        case .tagged(_, nil):
            return Verdict(id: id, ok: false, tree: nil)
        case .untagged, .search, .skipped:
            let tree = tree(frame)
            return Verdict(id: id, ok: tree != nil, tree: tree)
        }
    }

    @Test(
        "What we make of every line is written for contrib/dev/conformance",
        .enabled(if: Self.verdictFile != nil, "MAILBROKER_IMAP_VERDICTS names no file")
    )
    func verdicts() throws {
        let encoder = JSONEncoder()
        var lines = Data()
        for file in Corpus.files {
            for record in try Corpus.records(file) {
                guard let id = record.id, let octets = record.octets else { continue }
                lines += try encoder.encode(verdict(id, octets)) + [ASCII.lf]
            }
        }
        try lines.write(to: URL(fileURLWithPath: try #require(Self.verdictFile)))
    }

    private static let verdictFile =
        ProcessInfo.processInfo.environment["MAILBROKER_IMAP_VERDICTS"]

    @Test("Where two parsers agree on the tokens, so do we", arguments: Corpus.files)
    func trees(file: String) throws {
        var passed = 0
        var failed: [String] = []
        for record in try Corpus.records(file) where record.isFirm {
            guard let octets = record.octets, let expected = record.expected?.tree else { continue }
            let mine = try? frame(octets, slice: octets.count).flatMap { tree($0) }
            if mine == expected {
                passed += 1
            } else {
                failed.append(
                    "\(record.id ?? "?")\n  \(expected)\n  \(mine.map { "\($0)" } ?? "-")"
                )
            }
        }
        print("\(file): \(passed) passed, \(failed.count) failed")
        #expect(failed == [])
    }
}
