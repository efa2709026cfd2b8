// The first words of a message for a list: what its writer wrote, on one line. Works on display
// text; reads no further than it must.

import MailModel

/// Previews of messages.
package enum PreviewText {
    /// One line of preview of a display text.
    ///
    /// Left out are quoted lines and the line that introduces them, the signature and what follows,
    /// rules, and the list of links below rendered HTML with the numbers that refer to it.
    ///
    /// - Parameters:
    ///   - text: text with LF line ends, as `MessageText.display` makes it.
    ///   - scalarsMax: the most scalars; cut before a letter, not between it and its accents.
    /// - Returns: the line; empty where nothing is left.
    package static func make(
        from text: String,
        scalarsMax: Int = MessageFormatLimits.previewScalarsMax
    ) -> String {
        let octets = Array(text.utf8)
        let end = notesStart(octets)
        var words = PreviewWords(scalarsMax: scalarsMax, dropsNotes: end < octets.count)
        var reader = PreviewLines(octets: octets, end: end)
        while !words.isFull, let line = reader.next() {
            let trimmed = PreviewLines.trimmed(octets, line)
            // A signature begins behind `-- ` (RFC 3676 4.3); the blank is often lost.
            if octets[trimmed].elementsEqual("--".utf8) { break }
            if isOriginalMessage(octets[trimmed]) { break }
            if trimmed.isEmpty || octets[trimmed.lowerBound] == UInt8(ascii: ">") { continue }
            if isRule(octets[trimmed]) || reader.isAttribution(trimmed) { continue }
            words.append(octets[trimmed])
        }
        return words.text
    }

    /// Where the list of links at the end begins; the end where there is none.
    private static func notesStart(_ octets: [UInt8]) -> Int {
        var start = octets.count
        var end = octets.count
        while end > 0 {
            var lineStart = end - 1
            while lineStart > 0, octets[lineStart - 1] != ASCII.lf { lineStart -= 1 }
            guard isNote(octets[lineStart..<end]) else { break }
            (start, end) = (lineStart, lineStart)
        }
        return start
    }

    /// Whether a line is `[1] target`.
    private static func isNote(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.first == UInt8(ascii: "[") else { return false }
        let rest = line.dropFirst().drop { $0 &- 0x30 < 10 }
        guard rest.startIndex > line.startIndex + 1, rest.first == UInt8(ascii: "]") else {
            return false
        }
        let target = ASCII.trimmed(rest.dropFirst())
        return !target.dropLast().contains { $0 <= ASCII.space }
    }

    /// Whether a line has nothing but marks that draw a rule.
    private static func isRule(_ line: ArraySlice<UInt8>) -> Bool {
        line.count > 1
            && line.allSatisfy { PreviewWords.ruleMarks.contains($0) || $0 == ASCII.space }
    }

    /// Whether a line is the one that Outlook puts before what it answers to.
    private static func isOriginalMessage(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: "---".utf8), line.last == UInt8(ascii: "-") else { return false }
        let words = line.filter { $0 != UInt8(ascii: "-") }
        return ASCII.equal(ASCII.trimmed(words[...]), "Original Message")
    }
}

/// The lines of a text.
private struct PreviewLines {
    let octets: [UInt8]
    let end: Int
    private var index = 0

    init(octets: [UInt8], end: Int) { (self.octets, self.end) = (octets, end) }

    /// The next line, without its line end.
    mutating func next() -> Range<Int>? {
        guard index < end else { return nil }
        let line = line(from: index)
        index = line.upperBound + 1
        return line
    }

    /// Whether a line that was just read introduces a quotation, like `On Monday Ann wrote:`.
    ///
    /// If it is broken in two, the second line is read as well.
    mutating func isAttribution(_ line: Range<Int>) -> Bool {
        if octets[line].last == UInt8(ascii: ":") {
            return Self.verbs.contains { octets[line].suffix($0.utf8.count).elementsEqual($0.utf8) }
                || isQuotationNext(from: index)
        }
        guard Self.openings.contains(where: { octets[line].starts(with: $0.utf8) }), index < end
        else { return false }
        let second = Self.trimmed(octets, self.line(from: index))
        guard
            Self.verbs.contains(where: {
                octets[second].suffix($0.utf8.count).elementsEqual($0.utf8)
            })
        else { return false }
        index = self.line(from: index).upperBound + 1
        return true
    }

    /// Whether the next line with text is quoted.
    private func isQuotationNext(from start: Int) -> Bool {
        var next = start
        while next < end, octets[next] <= ASCII.space { next += 1 }
        return next < end && octets[next] == UInt8(ascii: ">")
    }

    private func line(from start: Int) -> Range<Int> {
        var lineEnd = start
        while lineEnd < end, octets[lineEnd] != ASCII.lf { lineEnd += 1 }
        return start..<lineEnd
    }

    /// A line without blanks at its ends.
    static func trimmed(_ octets: [UInt8], _ line: Range<Int>) -> Range<Int> {
        var (start, end) = (line.lowerBound, line.upperBound)
        while start < end, octets[start] <= ASCII.space { start += 1 }
        while end > start, octets[end - 1] <= ASCII.space { end -= 1 }
        return start..<end
    }

    /// How mail programs end the line before what they quote.
    private static let verbs = [
        " wrote:", " writes:", " schrieb:", " a écrit :", " a écrit\u{A0}:", " a écrit:",
        " escribió:", " ha scritto:", " schreef:", " escreveu:", " skrev:", " napisał:",
        " napsal:", " пишет:", " написал:", "写道:", "写道：",
    ]
    /// How they begin it.
    private static let openings = [
        "On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Den ", "W dniu ",
    ]
}

/// Words on one line, up to a number of scalars.
private struct PreviewWords {
    static let ruleMarks = Array("-_=*~#+".utf8)

    private var scalars = String.UnicodeScalarView()
    private var count = 0
    private(set) var isFull = false
    private let scalarsMax: Int
    private let dropsNotes: Bool
    private let wordOctetsMax: Int

    init(scalarsMax: Int, dropsNotes: Bool) {
        (self.scalarsMax, self.dropsNotes) = (max(0, scalarsMax), dropsNotes)
        // More than fills it, so that a longer word is never seen to be cut.
        wordOctetsMax = 4 * min(self.scalarsMax, 1_000_000) + 4
    }

    /// What was taken.
    var text: String { String(scalars) }

    /// Appends a line's words; stops when it is full.
    mutating func append(_ line: ArraySlice<UInt8>) {
        var index = line.startIndex
        while index < line.endIndex, !isFull {
            while index < line.endIndex, line[index] <= ASCII.space { index += 1 }
            let start = index
            while index < line.endIndex, line[index] > ASCII.space,
                index - start < wordOctetsMax
            { index += 1 }
            let word = line[start..<index]
            if word.isEmpty || dropsNotes && Self.isNoteNumber(word) { continue }
            if word.elementsEqual("[image]".utf8) { continue }
            append(word: String(decoding: word, as: UTF8.self))
        }
    }

    private mutating func append(word: String) {
        if count > 0 { take(" ") }
        for scalar in word.unicodeScalars {
            take(scalar)
            if isFull { return }
        }
    }

    private mutating func take(_ scalar: Unicode.Scalar) {
        if count < scalarsMax {
            scalars.append(scalar)
            count += 1
            return
        }
        isFull = true
        // What is cut off may belong to the last letter, which then goes as well.
        if CellWidth.isZero(scalar) {
            while let last = scalars.popLast(), CellWidth.isZero(last) {}
        }
        while scalars.last == " " { scalars.removeLast() }
    }

    private static func isNoteNumber(_ word: ArraySlice<UInt8>) -> Bool {
        let digits = word.dropFirst().dropLast()
        return word.first == UInt8(ascii: "[") && word.last == UInt8(ascii: "]") && !digits.isEmpty
            && digits.allSatisfy { $0 &- 0x30 < 10 }
    }
}
