// Text of a received message on its way into one of ours. What `DraftCheck` would refuse is made
// harmless here, so that broken or hostile mail can still be answered.

import MailModel

/// Received text made sendable.
enum ReceivedText {
    /// One line in valid UTF-8: controls and line separators become spaces, blanks collapse.
    ///
    /// It is cut between scalars at `MessageFormatLimits.repliedTextOctetsMax`.
    static func line(_ octets: some Sequence<UInt8>) -> [UInt8] {
        let limit = MessageFormatLimits.repliedTextOctetsMax
        var result: [UInt8] = []
        for scalar in String(decoding: Array(octets), as: UTF8.self).unicodeScalars {
            let isBlank =
                scalar.value <= 0x20 || (0x7F...0x9F).contains(scalar.value)
                || scalar.value == 0x2028 || scalar.value == 0x2029
            if isBlank {
                if let last = result.last, last != ASCII.space { result.append(ASCII.space) }
                continue
            }
            guard result.count + UTF8.width(scalar) <= limit else { break }
            result += UTF8.encode(scalar).map(Array.init) ?? []
        }
        if result.last == ASCII.space { result.removeLast() }
        return result
    }

    /// The lines of a text in valid UTF-8 without NUL, empty ones at either end left out.
    static func lines(_ octets: [UInt8]) -> ArraySlice<ArraySlice<UInt8>> {
        let text = Array(String(decoding: octets, as: UTF8.self).utf8).filter { $0 != 0 }
        return trimmed(TextLines.split(text)[...])
    }

    /// Lines without empty ones at either end.
    static func trimmed(
        _ lines: ArraySlice<ArraySlice<UInt8>>
    ) -> ArraySlice<ArraySlice<UInt8>> {
        var lines = lines
        while let last = lines.last, ASCII.trimmed(last).isEmpty { lines.removeLast() }
        while let first = lines.first, ASCII.trimmed(first).isEmpty { lines.removeFirst() }
        return lines
    }
}
