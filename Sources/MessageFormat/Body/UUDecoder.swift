// uuencode: the way files travelled in mail before MIME, still seen inside plain text and under the
// name x-uuencode. Line by line; whatever stands outside of begin and end is not content.

import MailModel

/// A streaming uuencode decoder (POSIX uuencode, historical algorithm).
struct UUDecoder {
    private enum State {
        /// Before the `begin` line.
        case outside
        case inside
        /// Behind the `end` line.
        case done
    }

    private var state = State.outside
    /// The beginning of a line whose end has not come.
    private var held: [UInt8] = []
    /// Octets of the lines so far, and those made of characters that were missing: blanks that
    /// were cut off come back, but nobody makes much out of nothing.
    private var (received, padded) = (0, 0)

    /// The octets of the lines that the next chunk completes.
    mutating func decode(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: ASCII.lf) {
            if held.isEmpty {
                line(chunk[start..<end], into: &output)
            } else {
                hold(chunk[start..<end])
                line(held[...], into: &output)
                held.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
        hold(chunk[start...])
        return output
    }

    /// Keeps a piece of a line; a line that is too long is none of uuencode, and its end decides
    /// nothing any more.
    private mutating func hold(_ piece: ArraySlice<UInt8>) {
        held += piece.prefix(MessageFormatLimits.uuencodeLineOctetsMax - held.count)
    }

    /// The octets of a last line without end; the decoder is then as new.
    mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        line(held[...], into: &output)
        self = UUDecoder()
        return output
    }

    private mutating func line(_ line: ArraySlice<UInt8>, into output: inout [UInt8]) {
        // As much of a long line as is held when it comes in pieces.
        var line = line.prefix(MessageFormatLimits.uuencodeLineOctetsMax)
        if line.last == ASCII.cr { line.removeLast() }
        switch state {
        case .outside:
            if UUEncodedFile.name(ofBegin: line) != nil { state = .inside }
        case .inside:
            if line.elementsEqual("end".utf8) {
                state = .done
            } else {
                decodeLine(line, into: &output)
            }
        case .done:
            break
        }
    }

    /// One line: its length, then four characters for each three octets.
    ///
    /// Characters missing at the end are spaces that were cut off on the way.
    private mutating func decodeLine(_ line: ArraySlice<UInt8>, into output: inout [UInt8]) {
        received += line.count + 1
        guard let first = line.first, (0x20...0x60).contains(first) else { return }
        let present = (line.count - 1) * 3 / 4
        var count = Int((first &- 0x20) & 0x3F)
        let missing = max(0, count - present)
        if padded + missing <= 3 * received + MessageFormatLimits.uuencodePaddingBase {
            padded += missing
        } else {
            count = min(count, present)
        }
        var index = line.startIndex + 1
        func next() -> UInt8 {
            defer { index += 1 }
            return index < line.endIndex ? (line[index] &- 0x20) & 0x3F : 0
        }
        var written = 0
        while written < count {
            let (a, b, c, d) = (next(), next(), next(), next())
            output.append(a << 2 | b >> 4)
            if written + 1 < count { output.append(b << 4 | c >> 2) }
            if written + 2 < count { output.append(c << 6 | d) }
            written += 3
        }
    }
}

/// A uuencoded file that stands in a text.
///
/// Found and named, never decoded on its own account: what stands in a text may be anything
/// (reliability.md C11).
package struct UUEncodedFile: Sendable, Hashable {
    /// The file name as written: not safe as a path.
    package let name: [UInt8]
    /// Where the file stands in the text, from its `begin` line to behind its `end` line.
    package let range: Range<Int>

    /// The files in a text, in order.
    ///
    /// A `begin` line without a plausible line behind it is text, as in "begin 644 words later".
    package static func find(in text: [UInt8]) -> [UUEncodedFile] {
        var files: [UUEncodedFile] = []
        var open: (name: [UInt8], start: Int)?
        var index = 0
        while index < text.count, files.count < MessageFormatLimits.uuencodedFilesMax {
            let next = LineScan.lineEnd(in: text, from: index, limit: text.count)
            let end = LineScan.lineEndStart(in: text, before: next, notBefore: index)
            let line = text[index..<end]
            if let begun = open {
                if line.elementsEqual("end".utf8) {
                    files.append(UUEncodedFile(name: begun.name, range: begun.start..<next))
                    open = nil
                } else if !isData(line) {
                    open = name(ofBegin: line).map { ($0, index) }
                }
            } else if let name = name(ofBegin: line) {
                open = (name, index)
            }
            index = next
        }
        return files
    }

    /// The content of a file found in a text.
    package func content(in text: [UInt8]) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= text.count else { return [] }
        var decoder = UUDecoder()
        return decoder.decode(text[range]) + decoder.finish()
    }

    /// The name of `begin 644 name`; nil for any other line.
    static func name(ofBegin line: ArraySlice<UInt8>) -> [UInt8]? {
        guard line.starts(with: "begin ".utf8) else { return nil }
        let mode = line.dropFirst(6).prefix { (0x30...0x37).contains($0) }
        guard mode.count == 3 || mode.count == 4, mode.endIndex < line.endIndex,
            line[mode.endIndex] == ASCII.space
        else { return nil }
        let name = ASCII.trimmed(line[(mode.endIndex + 1)...])
        return name.isEmpty ? nil : Array(name)
    }

    /// Whether a line can be one of data: its length fits the number it begins with.
    private static func isData(_ line: ArraySlice<UInt8>) -> Bool {
        // A line of no octets is a space, which may have been cut off.
        guard let first = line.first else { return true }
        guard (0x20...0x60).contains(first) else { return false }
        let groups = (Int((first &- 0x20) & 0x3F) + 2) / 3
        // One or two more characters are checksums of some writers; fewer are spaces cut off.
        return line.count <= 1 + groups * 4 + 2
            && line.dropFirst().allSatisfy { (0x20...0x60).contains($0) }
    }
}
