// Text: blanks collapsed or kept, character references decoded, invisible fillers left out.

import MailModel

extension HTMLRenderer {
    /// What a scalar is to the renderer.
    private enum Role { case shown, blank, noBreak, dropped, joiner }

    /// Takes text with character references.
    mutating func text(_ octets: [UInt8], _ range: Range<Int>) {
        guard hidden == nil, !styles.current.isSmall else { return }
        switch styles.current.whiteSpace {
        case .collapsed: collapsed(octets, range, hasReferences: true)
        case .preserved: preserved(octets, range, hasReferences: true)
        case .lines: separateLines(octets, range)
        }
    }

    /// Takes text as it is.
    mutating func literal(_ octets: [UInt8], _ range: Range<Int>) {
        guard hidden == nil, !styles.current.isSmall else { return }
        if styles.current.whiteSpace == .preserved {
            preserved(octets, range, hasReferences: false)
        } else {
            collapsed(octets, range, hasReferences: false)
        }
    }

    /// Writes words of a source.
    mutating func emit(_ words: ArraySlice<UInt8>) {
        if isCellOwed { startCellText() }
        if lines.breaks > 1, !tables.isEmpty { markLayout() }
        lines.write(words)
    }

    // MARK: - Collapsed blanks

    /// Takes text of which runs of blanks are one.
    mutating func collapsed(_ octets: [UInt8], _ range: Range<Int>, hasReferences: Bool) {
        var index = range.lowerBound
        while index < range.upperBound {
            let end = plainEnd(octets, index, range.upperBound)
            if end > index {
                emit(octets[index..<end])
                index = end
                continue
            }
            let octet = octets[index]
            if octet == UInt8(ascii: "&") {
                index += takeReference(octets[index..<range.upperBound], hasReferences)
            } else if octet == ASCII.space || octet &- 9 < 5 {
                lines.isSpaceOwed = true
                index += 1
            } else if octet < 0x80 {
                // NUL is nothing; other controls are shown by whoever displays the text.
                if octet != 0 { emit(octets[index...index]) }
                index += 1
            } else {
                index += takeSpecial(octets, index, range.upperBound)
            }
        }
    }

    /// The end of a run of octets that are shown as they are, single blanks between them included.
    private func plainEnd(_ octets: [UInt8], _ start: Int, _ limit: Int) -> Int {
        var index = start
        while index < limit {
            let octet = octets[index]
            if octet == ASCII.space {
                guard index > start, index + 1 < limit, Self.isPlain(octets[index + 1]) else {
                    break
                }
            } else if !Self.isPlain(octet) {
                break
            }
            index += 1
        }
        return index
    }

    @inline(__always)
    private static func isPlain(_ octet: UInt8) -> Bool {
        if octet < 0x80 { return octet > ASCII.space && octet != UInt8(ascii: "&") }
        // The first octets of the scalars that `role` knows.
        return octet != 0xC2 && octet != 0xE2 && octet != 0xCD && octet != 0xE1 && octet != 0xEF
    }

    private mutating func takeReference(
        _ octets: ArraySlice<UInt8>,
        _ hasReferences: Bool
    ) -> Int {
        guard hasReferences, let found = HTMLEntities.reference(octets) else {
            emit(octets.prefix(1))
            return 1
        }
        if let encoded = UTF8.encode(found.scalar) {
            take(Self.role(found.scalar.value), Array(encoded)[...])
        }
        return found.length
    }

    /// Takes one scalar of two or three octets; its octets.
    private mutating func takeSpecial(_ octets: [UInt8], _ index: Int, _ limit: Int) -> Int {
        let count = octets[index] < 0xE0 ? 2 : 3
        guard index + count <= limit else {
            emit(octets[index...index])
            return 1
        }
        var value = UInt32(octets[index] & (count == 2 ? 0x1F : 0x0F))
        for octet in octets[(index + 1)..<(index + count)] {
            value = value << 6 | UInt32(octet & 0x3F)
        }
        take(Self.role(value), octets[index..<(index + count)])
        return count
    }

    private mutating func take(_ role: Role, _ octets: ArraySlice<UInt8>) {
        switch role {
        case .shown: emit(octets)
        case .blank: lines.isSpaceOwed = true
        case .noBreak: lines.holdBlank()
        case .dropped: break
        case .joiner:
            // Between blanks it is a filler; inside a word it shapes letters.
            if !lines.isAtLineStart, !lines.isSpaceOwed, !isCellOwed { lines.write(octets) }
        }
    }

    private static func role(_ value: UInt32) -> Role {
        switch value {
        case 0x09...0x0D, 0x20, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F: .blank
        case 0xA0: .noBreak
        // Preview texts are stuffed with these.
        case 0x00, 0xAD, 0x34F, 0x180E, 0x200B, 0x2060, 0xFEFF: .dropped
        case 0x200C, 0x200D: .joiner
        default: .shown
        }
    }

    // MARK: - Kept blanks

    /// Takes preformatted text.
    private mutating func preserved(
        _ octets: [UInt8],
        _ range: Range<Int>,
        hasReferences: Bool
    ) {
        var index = range.lowerBound
        while index < range.upperBound {
            let octet = octets[index]
            if octet == ASCII.lf {
                if !isAtPreformattedStart { lines.breakVerbatim() }
                index += 1
            } else if octet == UInt8(ascii: "&") {
                index += takePreserved(octets[index..<range.upperBound], hasReferences)
            } else if octet == 0 || octet == ASCII.cr {
                index += 1
            } else {
                let start = index
                while index < range.upperBound, octets[index] != ASCII.lf, octets[index] != 0,
                    octets[index] != ASCII.cr, octets[index] != UInt8(ascii: "&")
                { index += 1 }
                emitPreserved(octets[start..<index])
            }
            isAtPreformattedStart = false
        }
    }

    private mutating func takePreserved(
        _ octets: ArraySlice<UInt8>,
        _ hasReferences: Bool
    ) -> Int {
        guard hasReferences, let found = HTMLEntities.reference(octets),
            let encoded = UTF8.encode(found.scalar)
        else {
            emitPreserved(octets.prefix(1))
            return 1
        }
        switch found.scalar.value {
        case 0x0A: lines.breakVerbatim()
        case 0x0D: break
        case 0xA0: emitPreserved([ASCII.space])
        default: emitPreserved(Array(encoded)[...])
        }
        return found.length
    }

    private mutating func emitPreserved(_ octets: ArraySlice<UInt8>) {
        // A cell begins with something visible: blanks at the end of a line do not last.
        if isCellOwed, octets.allSatisfy({ $0 == ASCII.space }) { return }
        // How wide a tab is depends on where it stands.
        if !tables.isEmpty, octets.contains(ASCII.tab) { markLayout() }
        emit(octets)
    }

    /// Takes text of which blanks are collapsed and line ends are kept (`white-space: pre-line`).
    private mutating func separateLines(_ octets: [UInt8], _ range: Range<Int>) {
        var start = range.lowerBound
        for index in range where octets[index] == ASCII.lf {
            collapsed(octets, start..<index, hasReferences: true)
            lines.breakVerbatim()
            start = index + 1
        }
        collapsed(octets, start..<range.upperBound, hasReferences: true)
    }
}
