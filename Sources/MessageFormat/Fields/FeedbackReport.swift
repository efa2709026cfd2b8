// A complaint about a message, as a provider passes it to the sender.

package import MailModel

/// The content of a message/feedback-report part (RFC 5965).
package struct FeedbackReport: Sendable, Hashable {
    /// What the complaint is about, in lower case: `abuse`, `fraud`, `virus`, `other`; or nil.
    package let feedbackType: String?
    /// The program that wrote it, or nil.
    package let userAgent: String?
    /// The version of the format, or nil.
    package let version: String?
    /// The envelope id of the message, or nil.
    package let originalEnvelopeID: String?
    /// The envelope sender of the message, without brackets, or nil; empty for `<>`.
    package let originalMailFrom: String?
    /// The envelope recipients of the message, without brackets.
    package let originalRecipients: [String]
    /// When the message came, or nil.
    package let arrivalDate: DateTime?
    /// The host that received it, or nil.
    package let reportingMTA: ReportValue?
    /// The host it came from, as written, or nil.
    package let sourceIP: String?
    /// For how many messages the report stands, or nil.
    package let incidents: UInt64?
    /// What was checked about the message.
    package let authenticationResults: [AuthenticationResults]
    /// Domains and URIs that the report names.
    package let reportedDomains: [String]
    /// URIs that the report names; shown, never fetched.
    package let reportedURIs: [String]

    /// Reads the octets of the part, transfer encoding removed; nil where no type is in it.
    package static func parse(_ octets: [UInt8]) -> FeedbackReport? {
        guard let fields = ReportFields.groups(octets, max: 1).first,
            let type = fields.octets("feedback-type")
        else { return nil }
        let word = CommentStripper.strip(type).filter { $0 > ASCII.space }.map(ASCII.lowercased)
        let incidents = fields.octets("incidents") ?? []
        return FeedbackReport(
            feedbackType: word.isEmpty ? nil : Charset.guess(word),
            userAgent: fields.text("user-agent"),
            version: fields.text("version"),
            originalEnvelopeID: fields.text("original-envelope-id"),
            originalMailFrom: fields.text("original-mail-from").map(unbracketed),
            originalRecipients: fields.texts("original-rcpt-to").map(unbracketed),
            arrivalDate: fields.date("arrival-date") ?? fields.date("received-date"),
            reportingMTA: fields.typed("reporting-mta"),
            sourceIP: fields.text("source-ip"),
            incidents: ASCII.decimal(ASCII.trimmed(incidents[...])),
            authenticationResults: fields.texts("authentication-results").map {
                AuthenticationResults.parse($0.utf8)
            },
            reportedDomains: fields.texts("reported-domain"),
            reportedURIs: fields.texts("reported-uri")
        )
    }

    private static func unbracketed(_ text: String) -> String {
        let octets = text.utf8.filter { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        return String(decoding: octets, as: UTF8.self)
    }
}
