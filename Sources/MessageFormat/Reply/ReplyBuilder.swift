// An answer to a received message, up to what its author writes: recipients, subject, thread and
// quotation. Pure; what it returns passes `DraftCheck` whatever the original holds, unless that
// names more recipients than a draft may have.

import MailModel

/// The parts of a draft that an answer begins with.
package struct Reply: Sendable, Hashable {
    /// The recipients.
    package var to: [Draft.Mailbox]
    /// The recipients of copies.
    package var cc: [Draft.Mailbox]
    /// The subject in UTF-8.
    package var subject: [UInt8]
    /// The id of the original; empty where it has none that can be written.
    package var inReplyTo: [String]
    /// The ids of the thread, oldest first.
    package var references: [String]
    /// The original as a quotation with its attribution line, LF line ends.
    package var text: [UInt8]
    /// What the original names as recipients and nobody can write to, as it stands there.
    package var unusable: [String]
}

/// Builds answers.
package enum ReplyBuilder {
    /// An answer to a message.
    ///
    /// - Parameters:
    ///   - original: the message answered.
    ///   - mode: whom the answer is for.
    ///   - own: the addresses of whoever answers; they get no copy.
    /// - Returns: the answer, perhaps without any recipient.
    /// - Throws: field `list-post` where an answer to the list is asked for and there is no list.
    package static func reply(
        to original: OriginalMessage,
        mode: ReplyMode,
        own: [[UInt8]]
    ) throws(MessageFormatError) -> Reply {
        let recipients = try ReplyRecipients(original, mode: mode, own: own)
        return Reply(
            to: recipients.to,
            cc: recipients.cc,
            subject: ReplySubject.reply(to: original.subject),
            inReplyTo: MessageIDs.sendable(original.messageID.map { [$0] } ?? []),
            references: references(of: original),
            text: QuotedText.reply(to: original),
            unusable: recipients.unusable
        )
    }

    /// References of an answer (RFC 5322 3.6.4): the parent's own, or its In-Reply-To where that is
    /// one id, and the parent's id.
    ///
    /// Each id once, the parent's last. Of a long thread the first id and the last ones remain:
    /// the first joins it where everything between is lost.
    package static func references(of original: OriginalMessage) -> [String] {
        var older = MessageIDs.sendable(original.references)
        if original.references.isEmpty, original.inReplyTo.count == 1 {
            older = MessageIDs.sendable(original.inReplyTo)
        }
        let parent = MessageIDs.sendable(original.messageID.map { [$0] } ?? [])
        var seen = Set(parent)
        let ids = older.filter { seen.insert($0).inserted } + parent
        let limit = MessageFormatLimits.replyReferencesMax
        guard ids.count > limit else { return ids }
        return ids.prefix(1) + ids.suffix(limit - 1)
    }

    /// Fills the fields of a draft that a reply decides.
    package static func apply(_ reply: Reply, to draft: inout Draft) {
        draft.to = reply.to
        draft.cc = reply.cc
        draft.subject = reply.subject
        draft.inReplyTo = reply.inReplyTo
        draft.references = reply.references
        draft.text = reply.text
    }
}
