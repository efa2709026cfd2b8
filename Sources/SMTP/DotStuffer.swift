// A message to what follows DATA: canonical line ends and doubled dots (RFC 5321 2.3.8 and 4.5.2).
// What BDAT carries has the same line ends, and its dots stay single.
// What comes out holds no CR without LF and no LF without CR, whatever goes in: a server that takes
// another line end than CRLF for one cannot be made to see a second message (SMTP smuggling).

internal import Glibc
internal import MailModel

/// Canonicalises and dot-stuffs a message that arrives in slices of any size.
///
/// LF and lone CR become CRLF, the last line gets its CRLF, a dot that begins a line is doubled.
/// Nothing is held back between slices. Lines are neither folded nor cut at any length.
package struct DotStuffer: Sendable {
    /// Why a message cannot be sent.
    package enum Fault: Error, Sendable, Hashable {
        /// A NUL, which RFC 5321 4.5.2 forbids; the offset counts from the start of the message.
        case nul(offset: UInt64)
    }

    private enum State {
        /// At the start of a line.
        case lineStart
        /// At the start of a line that a CR began; an LF here belongs to that CR.
        case afterCR
        /// Within a line.
        case text
    }

    private let doublesDots: Bool
    private var state = State.lineStart
    private var octetsIn: UInt64 = 0

    /// Octets of the canonical message so far, without doubled dots and the final dot.
    package private(set) var canonicalOctets: UInt64 = 0

    /// A stuffer at the start of a message; for BDAT (RFC 3030) it doubles no dots.
    package init(doublesDots: Bool = true) { self.doublesDots = doublesDots }

    /// The octets for the wire of the next slice of the message.
    /// - Throws: `Fault`; then nothing of this slice was taken.
    package mutating func stuff(_ octets: [UInt8]) throws(Fault) -> [UInt8] {
        let nul = octets.withUnsafeBytes { Self.find(0, in: $0, from: 0) }
        guard nul == octets.count else { throw .nul(offset: octetsIn &+ UInt64(nul)) }
        var output: [UInt8] = []
        output.reserveCapacity(octets.count + octets.count / 32 + 16)
        let doubled = octets.withUnsafeBytes { stuff($0, into: &output) }
        octetsIn &+= UInt64(octets.count)
        canonicalOctets &+= UInt64(output.count - doubled)
        return output
    }

    /// The end of the message: the CRLF that may be missing, then the dot of DATA.
    package mutating func finish() -> [UInt8] {
        defer { state = .lineStart }
        let dot = doublesDots ? [UInt8(ascii: "."), ASCII.cr, ASCII.lf] : []
        guard state == .text else { return dot }
        canonicalOctets &+= 2
        return [ASCII.cr, ASCII.lf] + dot
    }

    /// Copies whole runs of lines and stops only where an octet must be added or left out.
    /// - Returns: how many dots were added.
    private mutating func stuff(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Int
    {
        var doubled = 0
        /// What was read but not yet copied starts here.
        var run = 0
        var index = 0
        // Both searches go on from where they last found something, so the work stays linear for
        // input made of one kind of line end.
        var nextLF = Self.find(ASCII.lf, in: input, from: 0)
        var nextCR = Self.find(ASCII.cr, in: input, from: 0)
        while index < input.count {
            if state == .afterCR, input[index] == ASCII.lf {
                state = .lineStart
                index += 1
                run = index
                nextLF = Self.find(ASCII.lf, in: input, from: index)
                continue
            }
            if doublesDots, state != .text, input[index] == UInt8(ascii: ".") {
                output.append(contentsOf: input[run...index])
                run = index
                doubled += 1
            }
            let end = min(nextLF, nextCR)
            guard end < input.count else {
                state = .text
                break
            }
            if end + 1 < input.count, end == nextCR, nextLF == end + 1 {
                index = end + 2
                state = .lineStart
            } else {
                output.append(contentsOf: input[run..<end])
                output.append(ASCII.cr)
                output.append(ASCII.lf)
                state = end == nextCR ? .afterCR : .lineStart
                index = end + 1
                run = index
            }
            if nextLF < index { nextLF = Self.find(ASCII.lf, in: input, from: index) }
            if nextCR < index { nextCR = Self.find(ASCII.cr, in: input, from: index) }
        }
        output.append(contentsOf: input[run...])
        return doubled
    }

    /// The first index of an octet from `start` on; `bytes.count` where there is none.
    private static func find(
        _ octet: UInt8,
        in bytes: UnsafeRawBufferPointer,
        from start: Int
    ) -> Int {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, Int32(octet), bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(found) - base
    }
}

extension DotStuffer.Fault: CustomStringConvertible {
    /// A clause for an error line.
    package var description: String {
        switch self {
        case .nul(let offset): "the message holds a NUL at \(offset)"
        }
    }
}
