// The lines of the rendered text: line ends and blanks are owed until something visible follows,
// so that margins collapse and nothing trails; each line begins with its quotation marks and
// indents. Knows no elements.

import MailModel

/// Writes lines.
struct HTMLLines {
    /// What was written.
    private(set) var octets: [UInt8] = []
    /// Line ends owed before the next visible text; 2 leaves an empty line.
    var breaks = 0
    /// Whether a blank is owed before the next visible text.
    var isSpaceOwed = false
    /// Where the current line begins, its prefix included.
    private(set) var lineStart = 0
    /// Whether only no-break spaces were seen since the last break: an empty line that is meant.
    private(set) var isBlankLineHeld = false

    /// What lines begin with, and the same with the marks of list items that have no text yet.
    private var prefix: [UInt8] = []
    private var marked: [UInt8] = []
    private var hasMark = false
    /// The shortest prefix since the last line: that of the empty lines before the next one.
    private var floor = 0
    /// Where what is written has grown so far that lines get no prefix any more.
    let budget: Int

    /// - Parameter inputCount: the size of the HTML, which bounds what is written.
    init(inputCount: Int) {
        budget =
            inputCount * MessageFormatLimits.htmlGrowthMax + MessageFormatLimits.htmlGrowthBase
        octets.reserveCapacity(inputCount / 4)
    }

    /// Whether the next text begins a line.
    var isAtLineStart: Bool { breaks > 0 || octets.isEmpty }

    /// Where the text since an index ends without the blanks at its end, which do not stay.
    func visibleEnd(notBefore start: Int) -> Int {
        var end = max(start, octets.count)
        while end > start, octets[end - 1] == ASCII.space { end -= 1 }
        return end
    }

    /// The octets of the prefix.
    var prefixCount: Int { prefix.count }

    // MARK: - Text

    /// Writes a word, or words with single blanks between them, of a source.
    mutating func write(_ source: ArraySlice<UInt8>) {
        if breaks > 0 || octets.isEmpty {
            startLine()
        } else if isSpaceOwed {
            if octets.last != ASCII.space { octets.append(ASCII.space) }
            isSpaceOwed = false
        }
        octets.append(contentsOf: source)
    }

    /// Appends to what was written last, before any break that is owed.
    mutating func appendToLast(_ text: [UInt8]) { octets += text }

    /// Takes a no-break space.
    mutating func holdBlank() {
        if isAtLineStart { isBlankLineHeld = true }
        isSpaceOwed = true
    }

    /// Owes at least so many line ends.
    mutating func breakLine(_ count: Int) {
        // `<div>&nbsp;</div>` is how mail programs write an empty line.
        if isBlankLineHeld, breaks > 0 { breaks = max(breaks, 2) }
        isBlankLineHeld = false
        breaks = max(breaks, count)
        isSpaceOwed = false
    }

    /// Owes one line end more (`<br>`); empty lines do not add up.
    mutating func breakAgain() {
        breaks = isAtLineStart ? min(breaks + 1, 2) : 1
        (isSpaceOwed, isBlankLineHeld) = (false, false)
    }

    /// Owes one line end more of preformatted text, where empty lines count.
    mutating func breakVerbatim() {
        breaks = min(breaks + 1, MessageFormatLimits.emptyLinesMax)
        isSpaceOwed = false
    }

    /// Pays the line ends that are owed and opens a line.
    mutating func startLine() {
        if !octets.isEmpty {
            trimBlanks()
            octets.append(ASCII.lf)
            for _ in 1..<max(breaks, 1) {
                octets.append(contentsOf: prefix.prefix(blankCount))
                octets.append(ASCII.lf)
            }
        }
        lineStart = octets.count
        if octets.count < budget { octets += hasMark ? marked : prefix }
        if hasMark { (marked, hasMark) = (prefix, false) }
        floor = prefix.count
        (breaks, isSpaceOwed, isBlankLineHeld) = (0, false, false)
    }

    /// The octets of the prefix of an empty line.
    private var blankCount: Int {
        guard octets.count < budget else { return 0 }
        var count = floor
        while count > 0, prefix[count - 1] == ASCII.space { count -= 1 }
        return count
    }

    private mutating func trimBlanks() {
        octets.removeLast(octets.count - visibleEnd(notBefore: 0))
    }

    // MARK: - Prefixes

    /// Lets the lines to come begin with one more piece.
    ///
    /// Past the limit deeper ones look like this one; a list item's mark is still shown.
    ///
    /// - Parameters:
    ///   - piece: what the lines begin with.
    ///   - mark: what the first line has instead, of the same size.
    mutating func indent(_ piece: [UInt8], mark: [UInt8]? = nil) {
        let fits = prefix.count + piece.count <= MessageFormatLimits.linePrefixOctetsMax
        if fits {
            prefix += piece
            marked += mark ?? piece
        } else if let mark, marked.count < 2 * MessageFormatLimits.linePrefixOctetsMax {
            marked += mark
        }
        if mark != nil { hasMark = true }
    }

    /// Shortens the prefix to so many octets.
    mutating func outdent(to count: Int) {
        guard count <= prefix.count else { return }
        prefix.removeLast(prefix.count - count)
        marked.removeLast(max(0, marked.count - count))
        if marked.elementsEqual(prefix) { hasMark = false }
        floor = min(floor, count)
    }

    // MARK: - Tables

    /// Replaces what was written since an index in a line by lines that have no prefix yet, after
    /// an empty line if they are to be apart.
    mutating func replace(from start: Int, with lines: [[UInt8]], isApart: Bool) {
        octets.removeLast(octets.count - start)
        if isApart { insertEmptyLine() }
        floor = prefix.count
        for (index, line) in lines.drop(while: \.isEmpty).enumerated() {
            if index > 0 {
                octets.append(ASCII.lf)
                lineStart = octets.count
                octets += line.isEmpty ? prefix.prefix(blankCount) : prefix[...]
            }
            octets += line
        }
    }

    /// Inserts an empty line before the last line, of which there is only the prefix.
    private mutating func insertEmptyLine() {
        var start = octets.count
        while start > 0, octets[start - 1] != ASCII.lf { start -= 1 }
        guard start > 0 else { return }
        var before = start - 1
        while before > 0, Self.isQuotation(octets[before - 1]) { before -= 1 }
        guard before > 0, octets[before - 1] != ASCII.lf else { return }
        let head = Array(octets[start...])
        octets.removeLast(head.count)
        octets.append(contentsOf: prefix.prefix(blankCount))
        octets.append(ASCII.lf)
        octets += head
    }

    private static func isQuotation(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: ">") || octet == ASCII.space
    }

    // MARK: - The end

    /// Everything, with the notes below and one line end at the end.
    mutating func finish(notes: [[UInt8]]) -> [UInt8] {
        while let last = octets.last, last <= ASCII.space { octets.removeLast() }
        guard !octets.isEmpty else { return [] }
        octets.append(ASCII.lf)
        if !notes.isEmpty { octets.append(ASCII.lf) }
        for (index, note) in notes.enumerated() {
            octets += "[\(index + 1)] ".utf8
            octets += note
            octets.append(ASCII.lf)
        }
        return octets
    }
}
