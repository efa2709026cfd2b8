// Whether a program sent a message, so that no program of ours answers it.

import MailModel

/// What kind of machine sent a message (RFC 3834, and the older Precedence field).
package enum AutomaticKind: String, Sendable, Hashable, Codable {
    /// Sent without a message before it: `auto-generated`, and any word not known.
    case generated
    /// An answer to a message: `auto-replied`.
    case replied
    /// A notice about a mailbox's event (RFC 5436 2.7.1): `auto-notified`.
    case notified
    /// `Precedence: list`.
    case list
    /// `Precedence: bulk`.
    case bulk
    /// `Precedence: junk`.
    case junk

    /// The kind that two fields name; nil where both say it was a person, or nothing.
    ///
    /// Auto-Submitted goes before Precedence, but `no` leaves the word to the latter.
    package static func of(autoSubmitted: [UInt8]?, precedence: [UInt8]?) -> AutomaticKind? {
        if let word = word(autoSubmitted), !ASCII.equal(word, "no") {
            if ASCII.equal(word, "auto-replied") { return .replied }
            if ASCII.equal(word, "auto-notified") { return .notified }
            // RFC 3834 5: any keyword but `no` means that a program sent it.
            return .generated
        }
        guard let word = word(precedence) else { return nil }
        if ASCII.equal(word, "list") { return .list }
        if ASCII.equal(word, "bulk") { return .bulk }
        return ASCII.equal(word, "junk") ? .junk : nil
    }

    /// The first word of a field body, without comments and parameters.
    private static func word(_ octets: [UInt8]?) -> ArraySlice<UInt8>? {
        guard let octets else { return nil }
        var scanner = FieldScanner(octets)
        scanner.skipComments()
        let word = scanner.word {
            $0 <= ASCII.space || $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "(")
        }
        return word.isEmpty ? nil : word
    }
}
