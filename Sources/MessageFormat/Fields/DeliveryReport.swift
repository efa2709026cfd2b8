// What became of a message we sent, as the host that handled it says. Anyone can send such a
// report: it changes nothing but what is shown beside the message it names.

package import MailModel

/// The content of a message/delivery-status part (RFC 3464).
package struct DeliveryReport: Sendable, Hashable {
    /// The ENVID of the submission, or nil.
    package let originalEnvelopeID: String?
    /// The host that wrote the report, or nil.
    package let reportingMTA: ReportValue?
    /// The host the message came from, or nil.
    package let receivedFromMTA: ReportValue?
    /// When the message came to the reporting host, or nil.
    package let arrivalDate: DateTime?
    /// What became of it for each recipient, in order.
    package let recipients: [Recipient]

    /// What happened (RFC 3464 2.3.3).
    package enum Action: String, Sendable, Hashable, Codable {
        case failed, delayed, delivered, relayed, expanded
    }

    /// The fields about one recipient.
    package struct Recipient: Sendable, Hashable {
        /// The recipient as the sender wrote it, or nil.
        package let originalRecipient: ReportValue?
        /// The recipient as the reporting host knew it, or nil.
        package let finalRecipient: ReportValue?
        /// What happened; nil where it is missing or not known.
        package let action: Action?
        /// The enhanced status code, or nil.
        package let status: DeliveryStatus?
        /// The host that refused or took it, or nil.
        package let remoteMTA: ReportValue?
        /// What that host said, or nil.
        package let diagnostic: ReportValue?
        /// When delivery was last tried, or nil.
        package let lastAttemptDate: DateTime?
        /// Until when it will be tried, or nil.
        package let willRetryUntil: DateTime?
    }

    /// Reads the octets of the part, transfer encoding removed; nil where they are no report.
    ///
    /// QUIRK: some hosts leave out the empty line between the fields of the message and those of
    /// the first recipient; a group is read as what its fields say.
    package static func parse(_ octets: [UInt8]) -> DeliveryReport? {
        let groups = ReportFields.groups(
            octets,
            max: MessageFormatLimits.reportRecipientsMax + 1
        )
        // Some hosts call the text for people by this type as well: it names nobody.
        guard let message = groups.first(where: { $0.has("reporting-mta") }) ?? groups.first,
            message.has("reporting-mta") || groups.contains(where: isRecipient)
        else { return nil }
        return DeliveryReport(
            originalEnvelopeID: message.text("original-envelope-id"),
            reportingMTA: message.typed("reporting-mta"),
            receivedFromMTA: message.typed("received-from-mta"),
            arrivalDate: message.date("arrival-date"),
            recipients: groups.filter(isRecipient)
                .prefix(MessageFormatLimits.reportRecipientsMax).map(Recipient.init)
        )
    }

    private static func isRecipient(_ group: ReportFields) -> Bool {
        group.has("final-recipient") || group.has("original-recipient") || group.has("action")
    }
}

extension DeliveryReport.Recipient {
    fileprivate init(_ fields: ReportFields) {
        let action = fields.octets("action").map { CommentStripper.strip($0) } ?? []
        let word = ASCII.trimmed(action[...]).map(ASCII.lowercased)
        self.init(
            originalRecipient: fields.typed("original-recipient"),
            finalRecipient: fields.typed("final-recipient"),
            action: DeliveryReport.Action(rawValue: String(decoding: word, as: UTF8.self)),
            status: fields.octets("status").flatMap(DeliveryStatus.init),
            remoteMTA: fields.typed("remote-mta"),
            diagnostic: fields.typed("diagnostic-code"),
            lastAttemptDate: fields.date("last-attempt-date"),
            willRetryUntil: fields.date("will-retry-until")
        )
    }
}
