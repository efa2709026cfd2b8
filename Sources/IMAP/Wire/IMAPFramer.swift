// Cuts the stream from the server into responses: lines and counted literals (RFC 3501 4.3), any
// slicing of the input. Nothing is allocated from a number the server names; body literals go
// through as chunks. It knows just enough grammar to tell a body from a mailbox name.

internal import MailModel

/// The frame layer of a connection.
struct IMAPFramer {
    /// Most octets of a line; raised after the login.
    var lineOctetsMax = IMAPLimits.loginLineOctetsMax
    /// Whether literals are accepted at all; raised after the login.
    var allowsLiterals = false
    /// Whether BODY[...] literals go out as chunks.
    var streamsBodies = false

    /// Octets received so far.
    private(set) var receivedOctets: UInt64 = 0
    /// NULs and empty lines read past between responses.
    private(set) var strippedOctets: UInt64 = 0
    /// Whether nothing is left that no event was made of.
    var isEmpty: Bool { position == buffer.count && isBetweenResponses }

    private enum State {
        case line
        case literal(remaining: UInt64)
    }

    private var state = State.line
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where the search for the end of the line goes on; what is before has none.
    private var scanned = 0
    private var frame = IMAPFrame()
    /// Octets of the frame's lines, literals not counted.
    private var lineOctets = 0
    private var leadingNULs = 0
    private var isBetweenResponses = true
    private var mayHoldLiterals = false
    private var isFetch = false

    private static let compactionOctets = 64 * 1024

    /// Takes octets from the transport.
    mutating func receive(_ octets: some Collection<UInt8>) {
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 4 * Self.compactionOctets)
            position = 0
            scanned = 0
        } else if position > Self.compactionOctets, position > buffer.count / 2 {
            buffer.removeFirst(position)
            scanned -= position
            position = 0
        }
        buffer.append(contentsOf: octets)
        receivedOctets += UInt64(octets.count)
    }

    /// The next thing the stream holds, or nil until more arrives.
    /// - Throws: `IMAPError`; the framer is of no use afterwards.
    mutating func next() throws(IMAPError) -> IMAPFrameEvent? {
        while true {
            switch state {
            case .line:
                guard let isWhole = try readLine() else { return nil }
                guard isWhole else { continue }
                defer { beginResponse() }
                return .response(frame)
            case .literal(let remaining):
                if remaining == 0 {
                    finishLiteral()
                } else if position == buffer.count {
                    return nil
                } else if let chunk = readLiteral(remaining) {
                    return .chunk(chunk)
                }
            }
        }
    }

    private var offset: UInt64 { receivedOctets - UInt64(buffer.count - position) }

    private func failure(_ code: IMAPError.Code) -> IMAPError { IMAPError(code, offset: offset) }

    // MARK: Lines

    /// Moves one line into the frame.
    ///
    /// nil: there is no whole line yet. true: the response ends.
    private mutating func readLine() throws(IMAPError) -> Bool? {
        try skipLeadingNULs()
        let lineFeed = buffer[scanned...].firstIndex(of: ASCII.lf)
        let end = lineFeed ?? buffer.count
        guard lineOctets + (end - position) <= lineLimit else { throw failure(.lineTooLong) }
        scanned = end
        guard let lineFeed else { return nil }
        let hasReturn = lineFeed > position && buffer[lineFeed - 1] == ASCII.cr
        let line = buffer[position..<(hasReturn ? lineFeed - 1 : lineFeed)]
        if isBetweenResponses, line.isEmpty {
            // QUIRK: Exchange sends empty lines between responses.
            strippedOctets += UInt64(lineFeed + 1 - position)
            move(to: lineFeed + 1)
            return false
        }
        try append(line)
        move(to: lineFeed + 1)
        return try !beginLiteral()
    }

    private mutating func move(to index: Int) {
        position = index
        scanned = index
    }

    private mutating func append(_ line: ArraySlice<UInt8>) throws(IMAPError) {
        guard frame.octets.count + line.count <= IMAPLimits.responseOctetsMax else {
            throw failure(.responseTooLarge)
        }
        if isBetweenResponses {
            frame.offset = offset
            isBetweenResponses = false
        }
        lineOctets += line.count
        frame.octets.append(contentsOf: line)
    }

    /// QUIRK: some servers send NUL octets before a response.
    private mutating func skipLeadingNULs() throws(IMAPError) {
        guard isBetweenResponses, scanned == position else { return }
        while position < buffer.count, buffer[position] == 0 {
            move(to: position + 1)
            strippedOctets += 1
            leadingNULs += 1
            guard leadingNULs <= IMAPLimits.leadingNULsMax else { throw failure(.lineTooLong) }
        }
    }

    /// The line limit for the line that has begun.
    private var lineLimit: Int {
        guard lineOctetsMax > IMAPLimits.loginLineOctetsMax else { return lineOctetsMax }
        let start = isBetweenResponses ? buffer[position...].prefix(12) : frame.octets.prefix(12)
        let namesMessages =
            IMAPKeyword.begins(start, "* SEARCH ") || IMAPKeyword.begins(start, "* ESEARCH ")
            || IMAPKeyword.begins(start, "* VANISHED ")
        return namesMessages ? IMAPLimits.setLineOctetsMax : lineOctetsMax
    }

    // MARK: Literals

    /// Begins the literal that the frame's last line announces; false when it announces none.
    private mutating func beginLiteral() throws(IMAPError) -> Bool {
        let from = frame.literals.last?.end ?? 0
        if frame.literals.isEmpty {
            mayHoldLiterals = IMAPLiteralUse.areAllowed(in: frame.octets)
            isFetch = IMAPLiteralUse.isFetch(frame.octets)
        }
        guard mayHoldLiterals,
            let mark = try announcement(in: frame.octets[from...])
        else { return false }
        guard allowsLiterals else { throw failure(.invalidLiteral) }
        guard frame.literals.count < IMAPLimits.literalsMax else {
            throw failure(.tooManyLiterals)
        }
        let before = frame.octets[from..<mark.start]
        let fate = try fate(of: mark.size, isFetch ? IMAPLiteralUse(inFetch: before) : .other)
        let end = frame.octets.count
        frame.literals.append(
            IMAPFrame.Literal(start: mark.start, end: end, content: end..<end, fate: fate)
        )
        state = .literal(remaining: mark.size)
        return true
    }

    /// What is to be done with a literal of a size and use.
    private func fate(
        of size: UInt64,
        _ use: IMAPLiteralUse
    ) throws(IMAPError) -> IMAPFrame.Literal.Fate {
        guard size <= IMAPLimits.streamedOctetsMax else { throw failure(.literalTooLarge) }
        if use == .body, streamsBodies { return .streamed(size) }
        if use == .messageData, size > IMAPLimits.messageDataOctetsMax { return .discarded(size) }
        guard use == .messageData || size <= IMAPLimits.literalOctetsMax else {
            throw failure(.literalTooLarge)
        }
        guard frame.octets.count + Int(clamping: size) <= IMAPLimits.responseOctetsMax else {
            throw failure(.responseTooLarge)
        }
        return .kept
    }

    /// Takes what there is of a literal; octets only when they are streamed.
    private mutating func readLiteral(_ remaining: UInt64) -> [UInt8]? {
        let count = min(buffer.count - position, Int(clamping: remaining))
        let octets = buffer[position..<(position + count)]
        move(to: position + count)
        state = .literal(remaining: remaining - UInt64(count))
        switch frame.literals.last?.fate {
        case .streamed: return Array(octets)
        case .kept: frame.octets.append(contentsOf: octets)
        case .discarded, nil: break
        }
        return nil
    }

    private mutating func finishLiteral() {
        state = .line
        let end = frame.octets.count
        if let last = frame.literals.indices.last {
            frame.literals[last].content = frame.literals[last].content.lowerBound..<end
            frame.literals[last].end = end
        }
    }

    private mutating func beginResponse() {
        frame = IMAPFrame()
        lineOctets = 0
        leadingNULs = 0
        isBetweenResponses = true
    }

    /// The announcement at the end of a text: `{5}`, `{5+}` or `~{5}`.
    /// - Throws: `invalidLiteral` where braces at the end hold what only a broken size can be.
    private func announcement(
        in text: ArraySlice<UInt8>
    ) throws(IMAPError) -> (start: Int, size: UInt64)? {
        guard text.last == UInt8(ascii: "}") else { return nil }
        let tail = text.suffix(IMAPLimits.literalDigitsMax + 12).dropLast()
        guard let brace = tail.lastIndex(of: UInt8(ascii: "{")) else { return nil }
        var digits = tail[(brace + 1)...]
        // A mailbox name may end in braces; only what looks like a number is a broken size.
        guard digits.allSatisfy(Self.isSizeOctet) else { return nil }
        if digits.last == UInt8(ascii: "+") { digits.removeLast() }
        guard digits.count <= IMAPLimits.literalDigitsMax, let size = ASCII.decimal(digits) else {
            throw failure(.invalidLiteral)
        }
        let isBinary = brace > text.startIndex && text[brace - 1] == UInt8(ascii: "~")
        return (isBinary ? brace - 1 : brace, size)
    }

    private static func isSizeOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), ASCII.space:
            true
        default:
            false
        }
    }
}
