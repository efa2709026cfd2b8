// A delivery report in the few words that are shown beside the message it is about.

import MailModel

/// Who did not get a message, and why.
package struct BounceSummary: Sendable, Hashable {
    /// The recipients it failed for or is delayed for, in order.
    package let recipients: [Recipient]
    /// The id of the message that was sent, without brackets, or nil.
    package let originalMessageID: String?
    /// The ENVID of its submission, or nil.
    package let originalEnvelopeID: String?

    /// One recipient.
    package struct Recipient: Sendable, Hashable {
        /// The address, as the sender wrote it where the report says that.
        package let address: String
        /// Whether delivery is still being tried; else it has failed.
        package let isDelayed: Bool
        /// The enhanced status code, or nil.
        package let status: DeliveryStatus?
        /// What the refusing host said, or nil.
        package let diagnostic: String?
    }

    /// A summary of a report and of the octets of the message or header section it gave back.
    ///
    /// Recipients it was delivered to are left out. Where the action is missing, the status code's
    /// class says what happened.
    package init(report: DeliveryReport, returned: [UInt8]?) {
        recipients = report.recipients.compactMap(Self.recipient)
        originalMessageID = returned.flatMap { Self.messageID(ofReturned: $0) }
        originalEnvelopeID = report.originalEnvelopeID
    }

    /// The Message-ID of a returned message or of a text/rfc822-headers part, or nil.
    ///
    /// Empty lines before the first field are skipped: some hosts put one there.
    package static func messageID(ofReturned octets: [UInt8]) -> String? {
        ReportFields.groups(octets, max: 1).first?.octets("message-id").flatMap {
            MessageIDs.parse($0).first
        }
    }

    private static func recipient(_ recipient: DeliveryReport.Recipient) -> Recipient? {
        let isDelayed: Bool
        switch (recipient.action, recipient.status?.statusClass) {
        case (.failed, _), (nil, 5): isDelayed = false
        case (.delayed, _), (nil, 4): isDelayed = true
        default: return nil
        }
        let address = recipient.originalRecipient ?? recipient.finalRecipient
        return Recipient(
            address: address?.value ?? "",
            isDelayed: isDelayed,
            status: recipient.status,
            diagnostic: recipient.diagnostic?.value
        )
    }
}
