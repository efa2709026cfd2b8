// The commands this project sends, as typed values. No text of a caller ever becomes syntax: sets,
// flags and names are types, and strings go through one encoder. Message numbers appear in one
// command only (the first window of a mailbox); everything else speaks UIDs.

package import MailModel

/// One command to the server.
package enum IMAPCommand: Sendable, Hashable {
    /// Asks for the capabilities.
    case capability
    /// Does nothing but let the server say what is new.
    case noop
    /// Ends the session.
    case logout
    /// Says who we are, again.
    case id
    /// Switches extensions on (RFC 5161); what the server does not offer is refused, and what it
    /// has switched on is in `IMAPConnection.enabled` afterwards.
    case enable([String])
    /// Lists mailboxes; a pattern has `*` and `%` for any octets (RFC 3501 6.3.8).
    case list(reference: [UInt8], pattern: [UInt8], IMAPListOptions)
    /// Opens a mailbox, with EXAMINE when it is read only.
    ///
    /// Where QRESYNC is enabled and `since` is known, the answer tells what has changed since.
    case select(MailboxName, readOnly: Bool, since: IMAPSyncPoint? = nil)
    /// Leaves the mailbox without expunging: UNSELECT, or CLOSE of one that is read only.
    case unselect
    /// Asks for figures of a mailbox that is not open; items the server cannot give are left out.
    case status(MailboxName, [IMAPStatusItem])
    /// Asks for the quota roots that a mailbox counts for (RFC 9208 4.1.3).
    case quotaRoot(MailboxName)
    /// Makes a mailbox.
    case create(MailboxName)
    /// Fetches data of messages by UID.
    case uidFetch(IMAPMessageSet, [IMAPFetchItem])
    /// Fetches data of those messages by UID that have changed since a mod-sequence (RFC 7162
    /// 3.1.4.1).
    case uidFetchChanged(IMAPMessageSet, [IMAPFetchItem], since: UInt64)
    /// Fetches data of messages by number: for the first window of a mailbox only.
    case fetch(ClosedRange<UInt32>, [IMAPFetchItem])
    /// Finds the messages that match all keys.
    case uidSearch([IMAPSearchKey])
    /// Adds or removes flags.
    case uidStore(UIDSet, IMAPStoreOperation, [Flag], silent: Bool)
    /// Adds labels to messages or takes them off (X-GM-EXT-1); the answer tells what they have now.
    case uidStoreLabels(UIDSet, IMAPStoreOperation, [Label])
    /// Moves messages (RFC 6851).
    case uidMove(UIDSet, MailboxName)
    /// Copies messages.
    case uidCopy(UIDSet, MailboxName)
    /// Removes those of the messages that are \Deleted (RFC 4315 2.1).
    case uidExpunge(UIDSet)
    /// Adds a message of so many octets, which `IMAPConnection.appendChunk` delivers.
    case append(MailboxName, [Flag], DateTime?, size: UInt64)
    /// Has the server tell unasked what changes in any mailbox of the user's, those that are not
    /// open by STATUS (RFC 5465 3).
    ///
    /// QUIRK: Dovecot 2.3 writes its STATUS into the middle of a literal that waits for a slow
    /// reader: nothing may be fetched before `notifySelected`.
    case notify
    /// Has the server tell of the open mailbox only, as it would without NOTIFY.
    ///
    /// After `NOTIFY NONE` it would not tell even of that (RFC 5465 3.1).
    case notifySelected
    /// Waits for news (RFC 2177) until `IMAPConnection.endIdle`.
    case idle
}

/// Messages by UID.
package enum IMAPMessageSet: Sendable, Hashable {
    /// Those of a set.
    case uids(UIDSet)
    /// Those from a UID on. The last message always matches, even when its UID is smaller (RFC 3501
    /// 6.4.8): the caller drops it.
    case from(UID)
}

/// A state of a mailbox that is known: what came after it can be asked for (RFC 7162 3.2.5).
package struct IMAPSyncPoint: Sendable, Hashable {
    /// The epoch of the UIDs.
    package let uidValidity: UIDValidity
    /// The highest mod-sequence; not 0.
    package let modSeq: UInt64

    /// A point; nil for a mod-sequence that names none.
    package init?(uidValidity: UIDValidity, modSeq: UInt64) {
        guard uidValidity.value > 0, modSeq > 0 else { return nil }
        self.uidValidity = uidValidity
        self.modSeq = modSeq
    }
}

/// Whether flags are added or removed; never set as a whole, which would undo others' changes.
package enum IMAPStoreOperation: Sendable, Hashable {
    case add
    case remove
}

/// One thing to fetch of a message.
///
/// Nothing here sets \Seen.
package enum IMAPFetchItem: Sendable, Hashable {
    case uid
    case flags
    case internalDate
    case size
    case bodyStructure
    /// Asked only where the server has CONDSTORE.
    case modSeq
    /// What names the message wherever it is: X-GM-MSGID or EMAILID, asked only where the server
    /// has X-GM-EXT-1 or OBJECTID (RFC 8474).
    case emailID
    /// What names its conversation: X-GM-THRID or THREADID, asked only where there is one.
    case threadID
    /// The labels, asked only where the server has X-GM-EXT-1.
    case labels
    /// The header fields of these names, inline.
    case headerFields([String])
    /// A body section (`1.2`, `HEADER`, `1.MIME`, empty for everything), streamed.
    case section(String, partial: IMAPPartial? = nil)
}

/// A range of octets of a section.
package struct IMAPPartial: Sendable, Hashable {
    /// The first octet wanted.
    package let offset: UInt64
    /// How many octets at most; not 0.
    package let count: UInt64

    /// A range from its parts.
    package init(offset: UInt64, count: UInt64) {
        self.offset = offset
        self.count = count
    }
}

/// One condition of a search.
package enum IMAPSearchKey: Sendable, Hashable {
    case all
    case uids(IMAPMessageSet)
    /// The Message-ID field contains these octets.
    case messageID([UInt8])
    /// Messages that are not \Deleted.
    case undeleted
    /// Messages that are not \Seen.
    case unseen
}

/// One figure of a mailbox.
package enum IMAPStatusItem: String, Sendable, Hashable, CaseIterable {
    case messages = "MESSAGES"
    case recent = "RECENT"
    case uidNext = "UIDNEXT"
    case uidValidity = "UIDVALIDITY"
    case unseen = "UNSEEN"
    /// Asked only where the server has CONDSTORE.
    case highestModSeq = "HIGHESTMODSEQ"
    /// Asked only where the server has STATUS=SIZE.
    case size = "SIZE"
}

/// What LIST is to say besides names, where the server can.
package struct IMAPListOptions: Sendable, Hashable {
    /// Whether to ask for roles, subscriptions and children (RFC 5258, RFC 6154).
    package var asksAttributes: Bool
    /// Figures of every mailbox (RFC 5819), asked only where the server has LIST-STATUS.
    package var status: [IMAPStatusItem]

    /// Options; by default everything about names and no figures.
    package init(asksAttributes: Bool = true, status: [IMAPStatusItem] = []) {
        self.asksAttributes = asksAttributes
        self.status = status
    }

    /// A plain LIST as in RFC 3501, for servers that promise more than they can.
    package static let plain = IMAPListOptions(asksAttributes: false)
}

/// The tag of a command (RFC 3501 2.2.1).
package struct IMAPTag: Sendable, Hashable {
    /// The octets as sent.
    package let octets: [UInt8]

    /// The tag of a number: `A0001`.
    init(number: UInt64) {
        let digits = Array(String(number).utf8)
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, 4 - digits.count))
        octets = [UInt8(ascii: "A")] + zeros + digits
    }
}

/// How a command ended.
package enum IMAPResult: Sendable, Hashable {
    /// Done.
    case ok(IMAPResponseCode?, text: [UInt8])
    /// Refused by the server.
    case no(IMAPResponseCode?, text: [UInt8])
    /// Not understood by the server, or wrong at this moment.
    case bad(IMAPResponseCode?, text: [UInt8])
    /// The answer had our tag and made no sense: these octets.
    case malformed([UInt8])
    /// Not sent at all, and why.
    case refused(IMAPError)
}
