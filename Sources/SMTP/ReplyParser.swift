// Octets to replies, at any slicing of the stream. It holds at most one reply and what stands
// behind it; it does not know what a reply means. Strict where leniency has let replies be
// forged: three ASCII digits, then a space, a hyphen or the line end, one code on every line.

internal import MailModel

/// An incremental reader of replies (RFC 5321 4.2.1).
package struct ReplyParser: Sendable {
    /// Why octets are no reply.
    ///
    /// Offsets count from the first octet this parser got.
    package enum Fault: Error, Sendable, Hashable {
        /// A line does not begin with three digits 200 to 599 and a space, hyphen or line end.
        case malformedLine(offset: Int)
        /// A line of a multi-line reply has another code than the first.
        case mixedCodes(offset: Int)
        /// A line is longer than `SMTPLimits.replyLineOctetsMax`.
        case lineTooLong(offset: Int)
        /// A reply has more than `SMTPLimits.replyLinesMax` lines.
        case tooManyLines(offset: Int)
        /// A reply is longer than `SMTPLimits.replyOctetsMax`.
        case replyTooLong(offset: Int)
    }

    private var buffer: [UInt8] = []
    /// Where the next line starts in `buffer`.
    private var start = 0
    /// No line feed stands between `start` and here.
    private var scanned = 0
    /// Octets that were dropped from the front of `buffer`.
    private var dropped = 0
    private var code: Int?
    private var lines: [[UInt8]] = []
    private var replyOctets = 0

    /// A parser at the start of a stream.
    package init() {}

    /// Whether no octet waits: neither an unread one nor the lines of an unfinished reply.
    package var isEmpty: Bool { start == buffer.count && lines.isEmpty }

    /// Adds octets from the socket.
    package mutating func append(_ octets: [UInt8]) {
        if start > 0 {
            buffer.removeFirst(start)
            dropped = dropped &+ start
            scanned -= start
            start = 0
        }
        buffer += octets
    }

    /// The next complete reply; nil while there is none.
    /// - Throws: `Fault`; the stream cannot be read on after that.
    package mutating func next() throws(Fault) -> SMTPReply? {
        while let line = try nextLine() {
            if let reply = try take(line) { return reply }
        }
        return nil
    }

    /// The bounds of the next line with its line end; nil while it is incomplete.
    private mutating func nextLine() throws(Fault) -> Range<Int>? {
        let limit = start + SMTPLimits.replyLineOctetsMax
        guard let lineFeed = buffer[scanned...].firstIndex(of: ASCII.lf) else {
            scanned = buffer.count
            guard buffer.count < limit else { throw .lineTooLong(offset: offset(of: limit)) }
            return nil
        }
        guard lineFeed < limit else { throw .lineTooLong(offset: offset(of: limit)) }
        let line = start..<(lineFeed + 1)
        start = lineFeed + 1
        scanned = start
        return line
    }

    /// Takes one line into the reply; the reply when it was the last one.
    private mutating func take(_ line: Range<Int>) throws(Fault) -> SMTPReply? {
        var content = buffer[line].dropLast()
        if content.last == ASCII.cr { content.removeLast() }
        guard let lineCode = Self.code(of: content) else {
            throw .malformedLine(offset: offset(of: line.lowerBound))
        }
        guard code == nil || code == lineCode else {
            throw .mixedCodes(offset: offset(of: line.lowerBound))
        }
        guard lines.count < SMTPLimits.replyLinesMax else {
            throw .tooManyLines(offset: offset(of: line.lowerBound))
        }
        guard replyOctets + line.count <= SMTPLimits.replyOctetsMax else {
            throw .replyTooLong(offset: offset(of: line.lowerBound))
        }
        code = lineCode
        replyOctets += line.count
        lines.append(Array(content.dropFirst(4)))
        guard content.dropFirst(3).first != UInt8(ascii: "-") else { return nil }
        defer {
            code = nil
            lines = []
            replyOctets = 0
        }
        return SMTPReply(code: lineCode, lines: lines)
    }

    private func offset(of index: Int) -> Int { dropped &+ index }

    /// The code of a line whose first four octets are well-formed.
    private static func code(of line: ArraySlice<UInt8>) -> Int? {
        guard line.count >= 3 else { return nil }
        var value = 0
        for octet in line.prefix(3) {
            guard (0x30...0x39).contains(octet) else { return nil }
            value = value * 10 + Int(octet - 0x30)
        }
        guard (200...599).contains(value) else { return nil }
        switch line.dropFirst(3).first {
        case nil, ASCII.space, UInt8(ascii: "-"): return value
        default: return nil
        }
    }
}

extension ReplyParser.Fault: CustomStringConvertible {
    /// A clause for an error line.
    package var description: String {
        switch self {
        case .malformedLine(let offset):
            "expected three digits and a space or hyphen at \(offset)"
        case .mixedCodes(let offset): "the code changes within one reply at \(offset)"
        case .lineTooLong(let offset):
            "a reply line is longer than \(SMTPLimits.replyLineOctetsMax) octets at \(offset)"
        case .tooManyLines(let offset):
            "a reply has more than \(SMTPLimits.replyLinesMax) lines at \(offset)"
        case .replyTooLong(let offset):
            "a reply is longer than \(SMTPLimits.replyOctetsMax) octets at \(offset)"
        }
    }
}
