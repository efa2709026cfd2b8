// Turns values into command octets. The one place that decides how a string is written, and the one
// that refuses what cannot be. It works octet by octet: a quote inside a string cannot end it,
// whatever combining mark follows.

internal import MailModel

/// A command as the pieces in which it goes out.
struct IMAPCommandText: Sendable, Equatable {
    /// One piece.
    enum Piece: Sendable, Equatable {
        /// Octets to write.
        case text([UInt8])
        /// Nothing more until the server says `+`.
        case wait
        /// So many octets of a message, from the caller.
        case message(UInt64)
    }

    /// The pieces in order.
    var pieces: [Piece] = []
}

/// Writes one command.
struct IMAPCommandWriter {
    private let capabilities: IMAPCapabilities
    private var pieces: [IMAPCommandText.Piece] = []
    private var text: [UInt8] = []
    private var lineOctets = 0

    /// A writer for a server.
    init(_ capabilities: IMAPCapabilities) { self.capabilities = capabilities }

    /// Writes text of our own.
    mutating func write(_ constant: String) { write(Array(constant.utf8)) }

    /// Writes octets that are syntax already.
    mutating func write(_ octets: [UInt8]) {
        text += octets
        lineOctets += octets.count
    }

    /// Writes a string as quoted or literal (RFC 3501 4.3), never as an atom: a mailbox may be
    /// called NIL.
    /// - Throws: `invalidArgument` for octets that hold a NUL or are more than a literal may.
    mutating func writeString(_ octets: [UInt8]) throws(IMAPError) {
        if let quoted = IMAPString.quoted(octets) {
            write(quoted)
            return
        }
        guard !octets.contains(0), UInt64(octets.count) <= IMAPLimits.literalOctetsMax else {
            throw IMAPError(.invalidArgument)
        }
        writeLiteralStart(UInt64(octets.count), unaskedMax: IMAPLimits.literalOctetsMax)
        text += octets  // The length of a line does not count literals.
    }

    /// Writes the announcement of a message; its octets come from the caller.
    mutating func writeMessage(_ size: UInt64) {
        writeLiteralStart(size, unaskedMax: IMAPLimits.messageUnaskedOctetsMax)
        flush()
        pieces.append(.message(size))
    }

    /// Writes a UID set, every run from its smaller to its larger end.
    /// - Throws: `invalidArgument` for an empty set or UID 0.
    mutating func writeSet(_ set: UIDSet) throws(IMAPError) {
        guard !set.isEmpty, set.ranges.allSatisfy({ $0.first > 0 && $0.last > 0 }) else {
            throw IMAPError(.invalidArgument)
        }
        for (index, range) in set.ranges.enumerated() {
            if index > 0 { write(",") }
            write(range.ascendingText)
            try checkLength()
        }
    }

    private func checkLength() throws(IMAPError) {
        guard lineOctets <= IMAPLimits.commandOctetsMax else { throw IMAPError(.commandTooLong) }
    }

    /// Writes flags in parentheses.
    mutating func writeFlags(_ flags: [Flag]) {
        write("(")
        for (index, flag) in flags.enumerated() {
            if index > 0 { write(" ") }
            write(flag.octets)
        }
        write(")")
    }

    /// Writes labels in parentheses: the server's own ones bare, others as strings.
    /// - Throws: `invalidArgument` for one that no string can hold.
    mutating func writeLabels(_ labels: [Label]) throws(IMAPError) {
        write("(")
        for (index, label) in labels.enumerated() {
            if index > 0 { write(" ") }
            if label.isSystem {
                write(label.octets)
            } else {
                try writeString(label.octets)
            }
        }
        write(")")
    }

    /// The finished command with its CRLF.
    /// - Throws: `commandTooLong`.
    mutating func finish() throws(IMAPError) -> IMAPCommandText {
        write([ASCII.cr, ASCII.lf])
        flush()
        try checkLength()
        return IMAPCommandText(pieces: pieces)
    }

    private mutating func writeLiteralStart(_ size: UInt64, unaskedMax: UInt64) {
        let isUnasked =
            size <= unaskedMax
            && (capabilities.hasLiteralPlus
                || (capabilities.hasLiteralMinus && size <= IMAPLimits.literalMinusOctetsMax))
        write("{\(size)\(isUnasked ? "+" : "")}\r\n")
        guard !isUnasked else { return }
        flush()
        pieces.append(.wait)
    }

    private mutating func flush() {
        if !text.isEmpty { pieces.append(.text(text)) }
        text = []
    }
}

/// Strings as IMAP quotes them.
enum IMAPString {
    /// The quoted form; nil for what only a literal can carry: controls, 8-bit octets, too many.
    static func quoted(_ octets: [UInt8]) -> [UInt8]? {
        guard octets.count <= IMAPLimits.quotedOctetsMax, octets.allSatisfy(isQuotable) else {
            return nil
        }
        var result: [UInt8] = [UInt8(ascii: "\"")]
        for octet in octets {
            if needsEscape(octet) { result.append(UInt8(ascii: "\\")) }
            result.append(octet)
        }
        result.append(UInt8(ascii: "\""))
        return result
    }

    /// The quoted form of a secret, in locked memory; nil for what cannot be quoted.
    static func quoted(_ secret: Secret) -> Secret? {
        guard let result = Secret() else { return nil }
        let isWhole = secret.withUnsafeBytes { octets in
            guard octets.allSatisfy(isQuotable), result.append(UInt8(ascii: "\"")) else {
                return false
            }
            for octet in octets {
                if needsEscape(octet), !result.append(UInt8(ascii: "\\")) { return false }
                guard result.append(octet) else { return false }
            }
            return result.append(UInt8(ascii: "\""))
        }
        return isWhole ? result : nil
    }

    private static func isQuotable(_ octet: UInt8) -> Bool { (0x20...0x7E).contains(octet) }

    private static func needsEscape(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\")
    }
}
