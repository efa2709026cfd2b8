// Quoted-printable as mail holds it (RFC 2045 6.7): lower-case digits, `=` before anything, blanks
// that a relay added before line ends. Streams; holds back one escape and the blanks before a
// possible line end.

import MailModel

/// A streaming quoted-printable decoder that keeps what is no escape.
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
    /// Blanks that are dropped if a line end follows and kept otherwise.
    private var blanks: [UInt8] = []

    /// The octets of the next characters.
    mutating func decode(_ chunk: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(chunk.count + blanks.count + 2)
        chunk.withUnsafeBufferPointer { chunk in
            var index = 0
            while index < chunk.count {
                guard case .none = escape else {
                    continueEscape(chunk[index], into: &output)
                    index += 1
                    continue
                }
                let end = Self.endOfText(chunk, from: index)
                text(chunk[index..<end], into: &output)
                index = end
                if index < chunk.count {
                    literal(chunk[index], into: &output)
                    index += 1
                }
            }
        }
        return output
    }

    /// The index of the next `=` or line end.
    private static func endOfText(_ chunk: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while index < chunk.count {
            let octet = chunk[index]
            if octet == UInt8(ascii: "=") || octet == ASCII.lf || octet == ASCII.cr { break }
            index += 1
        }
        return index
    }

    /// Takes a run without `=` and line ends: all but the blanks at its end is sure to stay.
    private mutating func text(
        _ run: Slice<UnsafeBufferPointer<UInt8>>,
        into output: inout [UInt8]
    ) {
        let isBlank = { (octet: UInt8) in octet == ASCII.space || octet == ASCII.tab }
        let last = run.lastIndex { !isBlank($0) }
        if let last {
            release(into: &output)
            output.append(contentsOf: run[...last])
        }
        for octet in run[(last.map { $0 + 1 } ?? run.startIndex)...] {
            literal(octet, into: &output)
        }
    }

    /// What is left at the end: an unfinished escape is kept as text, a last `=` and blanks are
    /// dropped.
    mutating func finish() -> [UInt8] {
        defer { self = QuotedPrintableDecoder() }
        if case .digit(let digit) = escape { return blanks + [UInt8(ascii: "="), digit] }
        return []
    }

    private mutating func literal(_ octet: UInt8, into output: inout [UInt8]) {
        switch octet {
        case UInt8(ascii: "="):
            release(into: &output)
            escape = .open
        case ASCII.space, ASCII.tab:
            if blanks.count >= MessageFormatLimits.heldBlanksMax { release(into: &output) }
            blanks.append(octet)
        case ASCII.cr, ASCII.lf:
            blanks.removeAll(keepingCapacity: true)
            output.append(octet)
        default:
            release(into: &output)
            output.append(octet)
        }
    }

    private mutating func release(into output: inout [UInt8]) {
        guard !blanks.isEmpty else { return }
        output.append(contentsOf: blanks)
        blanks.removeAll(keepingCapacity: true)
    }

    private mutating func continueEscape(_ octet: UInt8, into output: inout [UInt8]) {
        let before = escape
        escape = .none
        switch (before, octet) {
        case (.digit(let first), _):
            if let high = Hexadecimal.value(first), let low = Hexadecimal.value(octet) {
                output.append(high << 4 | low)
            } else {
                output.append(UInt8(ascii: "="))
                output.append(first)
                literal(octet, into: &output)
            }
        case (.carriageReturn, _):
            if octet != ASCII.lf { literal(octet, into: &output) }
        case (_, ASCII.lf):
            blanks.removeAll(keepingCapacity: true)
        case (_, ASCII.cr):
            blanks.removeAll(keepingCapacity: true)
            escape = .carriageReturn
        case (_, ASCII.space), (_, ASCII.tab):
            guard blanks.count < MessageFormatLimits.heldBlanksMax else {
                output.append(UInt8(ascii: "="))
                literal(octet, into: &output)
                return
            }
            blanks.append(octet)
            escape = .blanks
        case (.open, _) where Hexadecimal.value(octet) != nil:
            escape = .digit(octet)
        default:
            // No escape: the `=` and what it held back are text.
            output.append(UInt8(ascii: "="))
            literal(octet, into: &output)
        }
    }
}
