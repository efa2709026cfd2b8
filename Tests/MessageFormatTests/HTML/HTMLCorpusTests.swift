// The renderer against what other programs make of the same HTML. What is compared: the words in
// their order and, for inscriptis, which words share a line. Marks of lists differ by convention.

import Foundation
import Testing

@testable import MessageFormat

@Suite struct HTMLCorpusTests {
    /// Reasoned differences to inscriptis; `lines` where the words agree all the same.
    private static let differences: [String: (lines: Bool, reason: String)] = [
        "advanced-prefix-test": (true, "an item that begins with a list shares its line"),
        "invalid-table2": (false, "text between cells stays there, not before the table"),
        "invalid-table3": (false, "text between cells stays there, not before the table"),
        "table-empty-row": (false, "text between rows stays there, not before the table"),
        "tr-only-table": (true, "text between rows stays there, a line each"),
        "nested-table": (true, "tables with tables inside read from top to bottom"),
        "nested-table-alignment": (false, "tables with tables inside read from top to bottom"),
        "nested-table-alignment-css": (false, "tables with tables inside read from top to bottom"),
        "table-in-table": (false, "tables with tables inside read from top to bottom"),
        "table-itemize": (false, "tables with lists inside read from top to bottom"),
    ]

    private func lines(_ text: String) -> [[Substring]] {
        let marks: Set<Substring> = ["*", "+", "o", "-"]
        return text.split(separator: "\n").map { line in
            line.split { $0 == " " || $0 == "\t" }.filter { !marks.contains($0) }
        }.filter { !$0.isEmpty }
    }

    /// The text of HTML whose links have no targets, so that there are no notes.
    private func rendered(_ html: [UInt8]) -> String {
        let text = String(decoding: html, as: UTF8.self)
        return HTMLText.render(text.replacingOccurrences(of: "href=", with: "nohref="))
    }

    @Test(
        "inscriptis and this renderer agree on words and lines",
        .enabled(if: Corpora.root != nil, Corpora.missing)
    )
    func inscriptis() throws {
        let folder = try #require(Corpora.root).appendingPathComponent("html/inscriptis")
        var score = Score("HTML against inscriptis, the rest being reasoned differences")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".txt") {
            let stem = String(name.dropLast(4))
            let html = try Corpora.octets("html/inscriptis/\(stem).html")
            let wanted = lines(
                String(decoding: try Corpora.octets("html/inscriptis/\(name)"), as: UTF8.self)
            )
            let found = lines(rendered(html))
            let difference = Self.differences[stem]
            let isSame =
                switch difference?.lines {
                case nil: found == wanted
                case true?: found.joined().elementsEqual(wanted.joined())
                case false?: found.joined().sorted() == wanted.joined().sorted()
                }
            #expect(isSame, "\(stem): \(found) for \(wanted)")
            score.check(difference == nil && isSame, "\(stem): \(difference?.reason ?? "")")
        }
        score.report()
        #expect(score.passed >= 29)
    }

    /// Runs of letters and digits: html-text sets blanks around marks otherwise.
    private func words(_ text: String) -> [Substring] {
        text.split { !$0.isLetter && !$0.isNumber }
    }

    /// The length of the longest common subsequence.
    private func common(_ left: [Substring], _ right: [Substring]) -> Int {
        var row = [Int](repeating: 0, count: right.count + 1)
        for word in left {
            var diagonal = 0
            for index in right.indices {
                let above = row[index + 1]
                row[index + 1] = word == right[index] ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return row[right.count]
    }

    @Test(
        "html-text's pages have their words in order, but for titles, names in drawings and numbers of lists",
        .enabled(if: Corpora.root != nil, Corpora.missing)
    )
    func pages() throws {
        let path = "html/html_text/test_webpages"
        let folder = try #require(Corpora.root).appendingPathComponent(path)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        where name.hasSuffix(".txt") {
            let html = try Corpora.octets("\(path)/\(name.dropLast(4)).html")
            let wanted = words(
                String(decoding: try Corpora.octets("\(path)/\(name)"), as: UTF8.self)
            )
            let found = words(rendered(html))
            let same = common(wanted, found)
            #expect(wanted.count - same <= 12, "\(name): \(wanted.count - same) lost")
            #expect(found.count - same <= 20, "\(name): \(found.count - same) more")
        }
    }

    @Test(
        "evolution's plain text comes back from its HTML",
        .enabled(if: Corpora.root != nil, Corpora.missing),
        arguments: [0, 1]
    )
    func evolution(number: Int) throws {
        let plain = try Corpora.octets("html/evolution/html.\(number).in")
        let html = try Corpora.octets("html/evolution/html.\(number).out")
        let wanted = lines(String(decoding: plain, as: UTF8.self))
        #expect(lines(HTMLText.render(octets: Array("<pre>".utf8) + html)) == wanted)
        let words = HTMLText.render(octets: html).split { $0 == " " || $0 == "\n" }
        #expect(words == Array(wanted.joined()))
    }

    /// Dovecot's vectors of which ours is meant to differ: it indexes, this one shows.
    private static let shown = [
        "html-text-inline/0001": "&&aaaaaaaaaa", "html-text-inline/0003": "&",
        "html-text-inline/0004": "&", "html-text-inline/0005": "ab",
        "html-text-inline/0006": "abc", "html-text-inline/0008": "ab",
        "html-text-inline/0009": "abc", "html-text-inline/0015": "a<",
        "html-text-inline/0010": "a\n\n> > second level\n>\n> ignored\n\nb",
        "html-text-inline/0014": "a\n\n> foo", "html-text-inline/0021": "&#deee;",
    ]

    @Test(
        "Dovecot's vectors are shown, but for what an index leaves out",
        .enabled(if: Corpora.root != nil, Corpora.missing)
    )
    func dovecot() throws {
        for vector in try Corpora.vectors("html-text-inline") {
            let wanted = Self.shown[vector.id] ?? vector.fields["expected"] as? String ?? ""
            let text = HTMLText.render(octets: vector.input)
            #expect(text == wanted + "\n", "\(vector.id)")
        }
    }
}
