// The fields that everybody asks for, decoded. Of fields that stand there twice the first counts
// (RFC 7103 7.1); what cannot be read is absent.

package import MailModel

extension HeaderBlock {
    /// The mailboxes of an address field; none where it is missing.
    package func addresses(_ name: String) -> [Address] {
        first(name).map { AddressList.parse($0.rawValue) } ?? []
    }

    /// The ids of In-Reply-To, References and their like, without `<>`.
    package func messageIDs(_ name: String) -> [String] {
        first(name).map { MessageIDs.parse($0.rawValue) } ?? []
    }

    /// The subject, decoded; nil where there is no such field.
    package var subject: String? { first("subject").map { HeaderText.decode($0.rawValue) } }

    /// What the Date field says, if it can be read.
    package var date: DateTime? { first("date").flatMap { DateField.parse($0.rawValue) } }

    /// The Message-ID without `<>`.
    package var messageID: String? { messageIDs("message-id").first }
}
