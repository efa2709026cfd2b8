// What an answer or a forward needs to know of a received message. A plain value: where it comes
// from (the cache, a server, a file) is the caller's business.

package import MailModel

/// A received message to be answered or forwarded.
package struct OriginalMessage: Sendable, Equatable {
    /// The authors.
    package var from: [Address]
    /// Where they want answers, if they said so.
    package var replyTo: [Address]
    /// The recipients.
    package var to: [Address]
    /// The recipients of copies.
    package var cc: [Address]
    /// Where an answer to all is to go, if its author said so (Mail-Followup-To).
    package var mailFollowupTo: [Address]
    /// The address for writing to the mailing list it came by (List-Post, RFC 2369 3.4).
    package var listPost: Address?
    /// Its id without `<>`.
    package var messageID: String?
    /// The ids in its In-Reply-To, without `<>`.
    package var inReplyTo: [String]
    /// The ids in its References, oldest first, without `<>`.
    package var references: [String]
    /// The decoded subject in UTF-8.
    package var subject: [UInt8]
    /// When it was written.
    package var date: DateTime?
    /// What a person reads of it, in UTF-8: the text part, or the HTML rendered as text.
    package var text: [UInt8]

    /// A message; what is not named is not there.
    package init(
        from: [Address] = [],
        replyTo: [Address] = [],
        to: [Address] = [],
        cc: [Address] = [],
        mailFollowupTo: [Address] = [],
        listPost: Address? = nil,
        messageID: String? = nil,
        inReplyTo: [String] = [],
        references: [String] = [],
        subject: [UInt8] = [],
        date: DateTime? = nil,
        text: [UInt8] = []
    ) {
        self.from = from
        self.replyTo = replyTo
        self.to = to
        self.cc = cc
        self.mailFollowupTo = mailFollowupTo
        self.listPost = listPost
        self.messageID = messageID
        self.inReplyTo = inReplyTo
        self.references = references
        self.subject = subject
        self.date = date
        self.text = text
    }
}
