// Quoted-printable as mail holds it (RFC 2045 6.7): lower-case digits, `=` before anything, blanks
// behind soft line breaks. Streams; holds back one escape.

import MailModel

/// A streaming quoted-printable decoder that keeps what is no escape.
///
/// QUIRK: blanks before a line end stay. RFC 2045 6.7 (3) deletes them as added on the way, but no
/// relay of this century adds any, and writers that leave theirs bare mean them: CPython and GMime
/// keep them too.
struct QuotedPrintableDecoder {
    /// What an `=` has begun.
    private enum Escape {
        case none
        /// `=`
        case open
        /// `=` and one digit.
        case digit(UInt8)
        /// `=` and blanks: a soft line break if a line end follows.
        case blanks
        /// `=` and CR: a soft line break, whose LF is still to come.
        case carriageReturn
    }

    private var escape = Escape.none
    /// Blanks behind an `=`, which stay if no line end follows.
    private var blanks: [UInt8] = []

    /// The octets of the next characters.
    mutating func decode(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
        let capacity = chunk.count + blanks.count + 2
        var state = self
        defer { self = state }
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, written in
            chunk.withUnsafeBufferPointer { chunk in
                state.run(chunk, output, &written)
            }
        }
    }

    /// What is left at the end: an unfinished escape is kept as text, a last `=` is dropped.
    mutating func finish() -> [UInt8] {
        defer { self = QuotedPrintableDecoder() }
        if case .digit(let digit) = escape { return [UInt8(ascii: "="), digit] }
        return []
    }

    /// Decodes everything; `output` has room for what comes out.
    private mutating func run(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ written: inout Int
    ) {
        var index = 0
        while index < chunk.count {
            if case .none = escape {
                index = copyText(chunk, index, output, &written)
                if index < chunk.count {
                    index = readEscape(chunk, index, output, &written)
                }
            } else {
                continueEscape(chunk[index], output, &written)
                index += 1
            }
        }
    }

    /// Copies up to the next `=`; the index of that.
    private func copyText(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ start: Int,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ written: inout Int
    ) -> Int {
        let end = LineScan.index(of: UInt8(ascii: "="), in: chunk, from: start) ?? chunk.count
        LineScan.copy(chunk, start..<end, to: output, at: written)
        written += end - start
        return end
    }

    /// Reads an escape that is whole, begins one that is not, and gives the index behind it.
    private mutating func readEscape(
        _ chunk: UnsafeBufferPointer<UInt8>,
        _ index: Int,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ written: inout Int
    ) -> Int {
        guard index + 2 < chunk.count else {
            escape = .open
            return index + 1
        }
        let (first, second) = (chunk[index + 1], chunk[index + 2])
        if let high = Hexadecimal.value(first), let low = Hexadecimal.value(second) {
            output[written] = high << 4 | low
            written += 1
            return index + 3
        }
        if first == ASCII.lf { return index + 2 }
        if first == ASCII.cr, second == ASCII.lf { return index + 3 }
        escape = .open
        return index + 1
    }

    private mutating func continueEscape(
        _ octet: UInt8,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ written: inout Int
    ) {
        func put(_ octet: UInt8) {
            output[written] = octet
            written += 1
        }
        let before = escape
        escape = .none
        switch (before, octet) {
        case (.digit(let first), _):
            if let high = Hexadecimal.value(first), let low = Hexadecimal.value(octet) {
                put(high << 4 | low)
            } else {
                put(UInt8(ascii: "="))
                put(first)
                literal(octet, put)
            }
        case (.carriageReturn, _):
            if octet != ASCII.lf { literal(octet, put) }
        case (_, ASCII.lf):
            blanks.removeAll(keepingCapacity: true)
        case (_, ASCII.cr):
            blanks.removeAll(keepingCapacity: true)
            escape = .carriageReturn
        case (_, ASCII.space), (_, ASCII.tab):
            blanks.append(octet)
            if blanks.count < MessageFormatLimits.heldBlanksMax {
                escape = .blanks
            } else {
                release(put)
            }
        case (.open, _) where Hexadecimal.value(octet) != nil:
            escape = .digit(octet)
        default:
            release(put)
            literal(octet, put)
        }
    }

    /// Gives out an `=` that was no escape, and the blanks behind it, as text.
    private mutating func release(_ put: (UInt8) -> Void) {
        put(UInt8(ascii: "="))
        for blank in blanks { put(blank) }
        blanks.removeAll(keepingCapacity: true)
    }

    /// An octet behind something that was no escape: text, or the beginning of another one.
    private mutating func literal(_ octet: UInt8, _ put: (UInt8) -> Void) {
        if octet == UInt8(ascii: "=") { escape = .open } else { put(octet) }
    }
}
