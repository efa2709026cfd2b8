// The end of a message that a line with a dot alone ends.

import MailModel

/// Takes a message off a stream of octets up to a line with a dot alone.
struct DotReader {
    private enum State { case lineStart, dot, dotCR, line }

    /// Whether dots at the beginning of a line were doubled by the sender (RFC 5321 4.5.2).
    let isStuffed: Bool
    private var state = State.lineStart
    /// Whether the end was seen.
    private(set) var isAtEnd = false

    /// At the start of a message.
    init(isStuffed: Bool) { self.isStuffed = isStuffed }

    /// The message's part of the next octets, and how many of them were used.
    mutating func take(_ octets: ArraySlice<UInt8>) -> (message: [UInt8], used: Int) {
        var message: [UInt8] = []
        message.reserveCapacity(octets.count)
        for (index, octet) in octets.enumerated() {
            if take(octet, into: &message) { return (message, index + 1) }
        }
        return (message, octets.count)
    }

    private mutating func take(_ octet: UInt8, into message: inout [UInt8]) -> Bool {
        switch (state, octet) {
        case (.lineStart, UInt8(ascii: ".")):
            state = .dot
            return false
        case (.dot, ASCII.cr):
            state = .dotCR
            return false
        case (.dot, ASCII.lf), (.dotCR, ASCII.lf):
            isAtEnd = true
            return true
        case (.dot, _):
            if !isStuffed { message.append(UInt8(ascii: ".")) }
        case (.dotCR, _):
            if !isStuffed { message.append(UInt8(ascii: ".")) }
            message.append(ASCII.cr)
        case (.lineStart, _), (.line, _): break
        }
        message.append(octet)
        state = octet == ASCII.lf ? .lineStart : .line
        return false
    }

    /// What is left at the end of the stream: a dot that nothing follows.
    mutating func finish() -> [UInt8] {
        defer { state = .lineStart }
        switch state {
        case .dot, .dotCR:
            isAtEnd = true
            return []
        case .lineStart, .line: return []
        }
    }
}
