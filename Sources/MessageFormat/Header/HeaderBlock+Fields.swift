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

    /// The ids of the thread before this message, oldest first, for threading (RFC 5256 3,
    /// REFERENCES (1)): those of References or, where that has none, the first of In-Reply-To.
    package var threadReferences: [String] {
        let references = messageIDs("references")
        return references.isEmpty ? Array(messageIDs("in-reply-to").prefix(1)) : references
    }

    /// The subject, decoded; nil where there is no such field.
    package var subject: String? { first("subject").map { HeaderText.decode($0.rawValue) } }

    /// What the Date field says, if it can be read.
    package var date: DateTime? { first("date").flatMap { DateField.parse($0.rawValue) } }

    /// The Message-ID without `<>`.
    package var messageID: String? { messageIDs("message-id").first }
}
