// Response codes (RFC 3501 7.1, RFC 5530 and the extensions in use). A code is advice: one that
// makes no sense becomes `.other`, and the answer it came with still counts.

package import MailModel

/// The code in brackets of a condition.
package enum IMAPResponseCode: Sendable, Hashable {
    /// The text must be shown to the user (RFC 3501 7.1).
    case alert
    /// The charsets of SEARCH were refused.
    case badCharset
    /// The capabilities, so that none need be asked for.
    case capability(IMAPCapabilities)
    /// A header of the mailbox could not be parsed.
    case parse
    /// The flags that can be changed for good, and whether new keywords may be made (`\*`).
    case permanentFlags([Flag], allowsNewKeywords: Bool)
    /// The mailbox is open for reading only.
    case readOnly
    /// The mailbox is open for reading and writing.
    case readWrite
    /// CREATE the mailbox and try again.
    case tryCreate
    /// The next UID, 0 where the server does not know.
    case uidNext(UInt32)
    /// The epoch of UIDs, 0 where the server does not know.
    case uidValidity(UIDValidity)
    /// The first message that is not \Seen, by number.
    case unseen(UInt32)
    /// The epoch and UIDs that an APPEND gave (RFC 4315 3).
    case appendUID(UIDValidity, UIDSet)
    /// The epoch and UIDs that a COPY or MOVE gave, paired by position (RFC 4315 3).
    case copyUID(UIDValidity, source: UIDSet, destination: UIDSet)
    /// UIDs do not last (RFC 4315 3).
    case uidNotSticky
    /// The highest mod-sequence of the mailbox (RFC 7162 3.1.2.1).
    case highestModSeq(UInt64)
    /// The mailbox has no mod-sequences (RFC 7162 3.1.2.2).
    case noModSeq
    /// The messages a conditional STORE left alone (RFC 7162 3.1.3).
    case modified(UIDSet)
    /// The former mailbox is closed: what follows is about the new one (RFC 7162 3.2.11).
    case closed
    /// A code of RFC 5530 or another that has no argument.
    case condition(Condition)
    /// Any other code, with its argument, as octets.
    case other([UInt8])

    /// Codes without an argument that change what is to be done.
    package enum Condition: String, Sendable, Hashable, CaseIterable {
        // RFC 5530 3.
        case unavailable = "UNAVAILABLE"
        case authenticationFailed = "AUTHENTICATIONFAILED"
        case authorizationFailed = "AUTHORIZATIONFAILED"
        case expired = "EXPIRED"
        case privacyRequired = "PRIVACYREQUIRED"
        case contactAdmin = "CONTACTADMIN"
        case noPerm = "NOPERM"
        case inUse = "INUSE"
        case expungeIssued = "EXPUNGEISSUED"
        case corruption = "CORRUPTION"
        case serverBug = "SERVERBUG"
        case clientBug = "CLIENTBUG"
        case cannot = "CANNOT"
        case limit = "LIMIT"
        case overQuota = "OVERQUOTA"
        case alreadyExists = "ALREADYEXISTS"
        case nonExistent = "NONEXISTENT"
        // Elsewhere.
        case useAttribute = "USEATTR"
        case hasChildren = "HASCHILDREN"
        case tooBig = "TOOBIG"
        case unknownCTE = "UNKNOWN-CTE"
        case messageLimit = "MESSAGELIMIT"
        case notificationOverflow = "NOTIFICATIONOVERFLOW"
        case throttled = "THROTTLED"
        case compressionActive = "COMPRESSIONACTIVE"
    }

    /// Whether the same command may succeed later (RFC 5530 3).
    package var isTemporary: Bool {
        switch self {
        case .condition(.unavailable), .condition(.inUse), .condition(.limit),
            .condition(.throttled):
            true
        default: false
        }
    }
}

extension IMAPResponseCode {
    /// The code from what stands between the brackets; nil where it holds a control octet or what
    /// is no UTF-8, for then it is no code.
    init?(parsing octets: ArraySlice<UInt8>) {
        let isText = octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == ASCII.tab }
        guard isText, String(validating: octets, as: UTF8.self) != nil else { return nil }
        let content = ASCII.trimmed(octets)
        let word = content.prefix { $0 != ASCII.space }
        guard !word.isEmpty else { return nil }
        let arguments = ASCII.trimmed(content[word.endIndex...])
        self =
            Self.bare(word) ?? Self.withArguments(word, arguments)
            ?? .other(Array(content.prefix(IMAPLimits.textOctetsMax)))
    }

    private static func bare(_ word: ArraySlice<UInt8>) -> Self? {
        let codes: [(String, Self)] = [
            ("ALERT", .alert), ("BADCHARSET", .badCharset), ("PARSE", .parse),
            ("READ-ONLY", .readOnly), ("READ-WRITE", .readWrite), ("TRYCREATE", .tryCreate),
            ("UIDNOTSTICKY", .uidNotSticky), ("NOMODSEQ", .noModSeq), ("CLOSED", .closed),
        ]
        if let known = codes.first(where: { ASCII.equal($0.0.utf8, word) }) { return known.1 }
        let condition = Condition.allCases.first { ASCII.equal($0.rawValue.utf8, word) }
        return condition.map { .condition($0) }
    }

    private static func withArguments(
        _ word: ArraySlice<UInt8>,
        _ arguments: ArraySlice<UInt8>
    ) -> Self? {
        let words = arguments.split(separator: ASCII.space)
        if ASCII.equal(word, "CAPABILITY") { return .capability(IMAPCapabilities(words)) }
        if ASCII.equal(word, "PERMANENTFLAGS") { return permanentFlags(arguments) }
        if ASCII.equal(word, "UIDNEXT") { return number(words.first).map { .uidNext($0) } }
        if ASCII.equal(word, "UNSEEN") { return number(words.first).map { .unseen($0) } }
        if ASCII.equal(word, "UIDVALIDITY") {
            return number(words.first).map { .uidValidity(UIDValidity($0)) }
        }
        if ASCII.equal(word, "HIGHESTMODSEQ") {
            return words.first.flatMap(IMAPNumber.modSeq).map { .highestModSeq($0) }
        }
        if ASCII.equal(word, "MODIFIED") {
            return words.first.flatMap { UIDSet(parsing: $0) }.map { .modified($0) }
        }
        if ASCII.equal(word, "APPENDUID") { return appendUID(words) }
        if ASCII.equal(word, "COPYUID") { return copyUID(words) }
        return nil
    }

    private static func number(_ octets: ArraySlice<UInt8>?) -> UInt32? {
        octets.flatMap(ASCII.decimal).flatMap { UInt32(exactly: $0) }
    }

    private static func permanentFlags(_ arguments: ArraySlice<UInt8>) -> Self {
        let list = arguments.filter { $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: ")") }
        let words = list.split(separator: ASCII.space).prefix(IMAPLimits.flagsMax)
        return .permanentFlags(
            words.compactMap { Flag($0) },
            allowsNewKeywords: words.contains { ASCII.equal($0, "\\*") }
        )
    }

    private static func appendUID(_ words: [ArraySlice<UInt8>]) -> Self? {
        guard words.count == 2, let validity = number(words[0]), validity > 0,
            let uids = UIDSet(parsing: words[1])
        else { return nil }
        return .appendUID(UIDValidity(validity), uids)
    }

    private static func copyUID(_ words: [ArraySlice<UInt8>]) -> Self? {
        guard words.count == 3, let validity = number(words[0]), validity > 0,
            let source = UIDSet(parsing: words[1]), let destination = UIDSet(parsing: words[2]),
            source.count == destination.count
        else { return nil }
        return .copyUID(UIDValidity(validity), source: source, destination: destination)
    }
}
