// Names of header fields that a caller may add. What decides where a message goes, what it is made
// of or which way it came is written by us or by servers, and by nobody else.

import MailModel

/// Header field names (RFC 5322 3.6.8).
enum HeaderName {
    /// What keeps a name from being written; nil for nothing.
    static func fault(in name: [UInt8]) -> MessageFormatError.Reason? {
        let limit = MessageFormatLimits.headerNameOctetsMax
        if name.isEmpty { return .empty }
        if name.count > limit { return .tooLong(octetsMax: limit) }
        if let bad = name.firstIndex(where: { !isFieldText($0) }) {
            return .forbiddenOctet(name[bad], offset: bad)
        }
        return isReserved(name) ? .reservedName : nil
    }

    /// Whether a name belongs to the message's structure, its addressing or its trace.
    static func isReserved(_ name: [UInt8]) -> Bool {
        let name = String(decoding: name.map(ASCII.lowercased), as: UTF8.self)
        return reserved.contains(name) || reservedPrefixes.contains { name.utf8.starts(with: $0) }
    }

    /// ftext (RFC 5322 2.2): printable ASCII but the colon.
    private static func isFieldText(_ octet: UInt8) -> Bool {
        (0x21...0x7E).contains(octet) && octet != UInt8(ascii: ":")
    }

    private static let reserved: Set<String> = [
        // Written from a draft's own fields.
        "date", "from", "sender", "reply-to", "to", "cc", "bcc", "subject", "message-id",
        "in-reply-to", "references", "user-agent", "mime-version",
        // Addressing that some relay obeys.
        "apparently-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "x-original-to",
        // Trace (RFC 5322 3.6.7) and what receivers trust in.
        "return-path", "received", "received-spf", "delivered-to", "authentication-results",
        "dkim-signature", "domainkey-signature",
    ]
    private static let reservedPrefixes = ["content-", "resent-", "arc-"].map { Array($0.utf8) }
}
