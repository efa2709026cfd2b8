// What a server offers, read from its reply to EHLO. Unknown keywords are kept and never acted on.

internal import MailModel

/// The service extensions of a server (RFC 5321 4.1.1.1).
///
///     S: 250-mail.example.org
///     S: 250-SIZE 35882577
///     S: 250-AUTH PLAIN LOGIN
///     S: 250 PIPELINING
package struct SMTPExtensions: Sendable, Hashable {
    /// PIPELINING (RFC 2920): several commands may be sent before their replies.
    package private(set) var hasPipelining = false
    /// 8BITMIME (RFC 6152).
    package private(set) var has8BitMIME = false
    /// SMTPUTF8 (RFC 6531).
    package private(set) var hasSMTPUTF8 = false
    /// STARTTLS (RFC 3207).
    package private(set) var hasStartTLS = false
    /// CHUNKING (RFC 3030): messages go out by BDAT where there is PIPELINING as well.
    package private(set) var hasChunking = false
    /// BURL (RFC 4468); this module does not use it.
    private var hasBURL = false
    /// DSN (RFC 3461).
    package private(set) var hasDSN = false
    /// ENHANCEDSTATUSCODES (RFC 2034); the codes are read whether offered or not.
    package private(set) var hasEnhancedStatusCodes = false
    /// SIZE (RFC 1870), with or without a number.
    package private(set) var hasSize = false
    /// Whether SIZE came without a number, as Dovecot's submission service sends it before AUTH.
    package private(set) var isSizeUnstated = false
    /// Most octets of a message; nil where none is stated, and for 0, which means no fixed limit.
    package private(set) var sizeMax: UInt64?
    /// The names behind AUTH (RFC 4954) as sent, each once.
    package private(set) var mechanisms: [[UInt8]] = []
    /// Most recipients of one transaction (RFC 9422 RCPTMAX).
    package private(set) var recipientsMax: UInt64?
    /// Most transactions of one session (RFC 9422 MAILMAX).
    package private(set) var messagesMax: UInt64?
    /// Most different recipient domains of one transaction (RFC 9422 RCPTDOMAINMAX).
    package private(set) var recipientDomainsMax: UInt64?
    /// Every line with a keyword, as sent.
    package private(set) var keywordLines: [[UInt8]] = []

    /// Whether a message may go out by BDAT; several chunks are sent before the first is answered.
    ///
    /// QUIRK: Dovecot 2.3's submission service, which alone offers BURL, hangs in the middle of
    /// some messages (measured 2026).
    var allowsChunks: Bool { hasChunking && hasPipelining && !hasBURL }

    /// Whether more is offered once somebody is logged in, as by Dovecot's submission service.
    var growAfterLogin: Bool { isSizeUnstated || (hasBURL && !hasDSN) }

    /// Takes back CHUNKING, of a server that does not know BDAT all the same.
    mutating func forgetChunking() { hasChunking = false }

    /// No extension at all, as after HELO.
    package init() {}

    /// Reads the reply to EHLO; its first line is the server's greeting and no keyword.
    package init(ehloReply: SMTPReply) {
        for line in ehloReply.lines.dropFirst() {
            let words = line.split { $0 == ASCII.space || $0 == ASCII.tab }
            // QUIRK: smtp-sink and small servers end the list with an empty line (measured 2026).
            guard let keyword = words.first else { continue }
            keywordLines.append(line)
            take(keyword, words.dropFirst())
        }
    }

    private mutating func take(
        _ keyword: ArraySlice<UInt8>,
        _ parameters: ArraySlice<ArraySlice<UInt8>>
    ) {
        switch keyword {
        case _ where ASCII.equal(keyword, "PIPELINING"): hasPipelining = true
        case _ where ASCII.equal(keyword, "8BITMIME"): has8BitMIME = true
        case _ where ASCII.equal(keyword, "SMTPUTF8"): hasSMTPUTF8 = true
        case _ where ASCII.equal(keyword, "STARTTLS"): hasStartTLS = true
        case _ where ASCII.equal(keyword, "CHUNKING"): hasChunking = true
        case _ where ASCII.equal(keyword, "BURL"): hasBURL = true
        case _ where ASCII.equal(keyword, "DSN"): hasDSN = true
        case _ where ASCII.equal(keyword, "ENHANCEDSTATUSCODES"): hasEnhancedStatusCodes = true
        case _ where ASCII.equal(keyword, "SIZE"): takeSize(parameters.first)
        case _ where ASCII.equal(keyword, "AUTH"): takeMechanisms(parameters)
        case _ where ASCII.equal(keyword, "LIMITS"): takeLimits(parameters)
        case _ where ASCII.hasPrefix(keyword, "AUTH="):
            // QUIRK: servers of before RFC 2554 (1999), and some that please them, `AUTH=LOGIN`.
            takeMechanisms([keyword.dropFirst(5)] + parameters)
        default: break
        }
    }

    private mutating func takeSize(_ parameter: ArraySlice<UInt8>?) {
        hasSize = true
        let number = parameter.flatMap { ASCII.decimal($0) }
        isSizeUnstated = number == nil
        sizeMax = number == 0 ? nil : number
    }

    private mutating func takeMechanisms(_ names: ArraySlice<ArraySlice<UInt8>>) {
        for name in names where !name.isEmpty {
            guard !mechanisms.contains(where: { ASCII.equal($0, name) }) else { continue }
            mechanisms.append(Array(name))
        }
    }

    private mutating func takeLimits(_ limits: ArraySlice<ArraySlice<UInt8>>) {
        for limit in limits {
            guard let equals = limit.firstIndex(of: UInt8(ascii: "=")),
                let value = ASCII.decimal(limit[(equals + 1)...]), value > 0
            else { continue }
            let name = limit[..<equals]
            if ASCII.equal(name, "RCPTMAX") { recipientsMax = value }
            if ASCII.equal(name, "MAILMAX") { messagesMax = value }
            if ASCII.equal(name, "RCPTDOMAINMAX") { recipientDomainsMax = value }
        }
    }
}
