// What a message to be attached is made of, found out before it is sent: whether it passes through
// the transport as it is decides how it is labelled, and the label stands in front of it.

import MailModel

/// Facts about the octets of a message, gathered chunk by chunk.
package struct ContentScan: Sendable, Hashable {
    /// All octets.
    package private(set) var octetCount: UInt64 = 0
    /// Octets of the longest line, without its line end.
    package private(set) var lineOctetsMax = 0
    /// Whether the header section holds octets from 0x80 on.
    package private(set) var hasWideHeader = false
    /// Whether what follows the header section does.
    package private(set) var hasWideBody = false
    /// Whether there is a NUL.
    package private(set) var hasNUL = false
    /// Line ends of LF alone.
    package private(set) var bareLFCount: UInt64 = 0
    /// Line ends of CRLF.
    package private(set) var pairCount: UInt64 = 0
    /// Whether a CR stands without its LF.
    package var hasBareCR: Bool { hasInnerCR || isAfterCR }

    private var hasInnerCR = false
    private var isAfterCR = false
    private var isInBody = false
    private var lineOctets = 0

    /// A scan of nothing.
    package init() {}

    /// A scan of a whole message.
    package init(_ octets: [UInt8]) { scan(octets) }

    /// Takes the next octets.
    package mutating func scan(_ chunk: [UInt8]) {
        octetCount += UInt64(chunk.count)
        for octet in chunk {
            if octet == ASCII.lf {
                endLine()
                continue
            }
            if isAfterCR { hasInnerCR = true }
            isAfterCR = octet == ASCII.cr
            if isAfterCR { continue }
            lineOctets += 1
            if lineOctets > lineOctetsMax { lineOctetsMax = lineOctets }
            if octet >= 0x80 {
                if isInBody { hasWideBody = true } else { hasWideHeader = true }
            } else if octet == 0 {
                hasNUL = true
            }
        }
    }

    /// How the message may be attached as message/rfc822: `7bit`, `8bit`, or nil for not at all.
    ///
    /// Lines that end in LF alone, as files have them, become CRLF. What mixes both kinds of line
    /// end, or has a bare CR, a NUL or a line over the limit, would not arrive as it is. UTF-8 in
    /// the header would make it a message/global (RFC 6532 3.7), which few readers know.
    func messageEncoding(_ form: WireForm) -> String? {
        let isMixed = bareLFCount > 0 && pairCount > 0
        guard octetCount > 0, !isMixed, !hasBareCR, !hasNUL, !hasWideHeader,
            lineOctetsMax <= MessageFormatLimits.lineOctetsMax
        else { return nil }
        guard hasWideBody else { return "7bit" }
        return form.allowsEightBit ? "8bit" : nil
    }

    private mutating func endLine() {
        if isAfterCR { pairCount += 1 } else { bareLFCount += 1 }
        if lineOctets == 0 { isInBody = true }
        isAfterCR = false
        lineOctets = 0
    }
}
