// Rows as values. What a row means is documented here; how it is stored, in Schema.swift.

package import MailModel

/// A mailbox as the store knows it.
package struct MailboxRecord: Sendable, Equatable {
    /// The store's number.
    package var id: Int64
    /// The account's name.
    package var account: String
    /// The name in the server's octets.
    package var name: MailboxName
    /// The name for people.
    package var display: String
    /// What it is for.
    package var role: MailboxRole?
    /// Whether it can be selected.
    package var isSelectable: Bool
    /// What is known of its content; nil before the first sync.
    package var state: MailboxState?
}

/// A mailbox as the server lists it.
package struct MailboxListing: Sendable, Equatable {
    /// The name in the server's octets.
    package var name: MailboxName
    /// The name for people.
    package var display: String
    /// What it is for.
    package var role: MailboxRole?
    /// Whether it can be selected.
    package var isSelectable: Bool

    /// A listing.
    package init(name: MailboxName, display: String, role: MailboxRole?, isSelectable: Bool) {
        self.name = name
        self.display = display
        self.role = role
        self.isSelectable = isSelectable
    }
}

/// What justifies the messages stored of a mailbox: committed with them in one transaction.
package struct MailboxState: Sendable, Equatable {
    /// The epoch of the UIDs.
    package var uidValidity: UIDValidity
    /// Messages in the mailbox, stored or not (EXISTS).
    package var total: Int
    /// Messages without \Seen, or nil where unknown.
    package var unseen: Int?
    /// The highest mod-sequence the server named when all of this had been heard (RFC 7162); nil
    /// where it names none.
    package var highestModSeq: UInt64?
    /// The UID the server said the next message would have; nil where it said nothing.
    package var uidNext: UInt32?
    /// The flags the server keeps; nil where it did not say: then it may keep any.
    package var permanentFlags: PermanentFlags?
    /// When the server last confirmed all this, in Unix seconds.
    package var confirmedAt: Int64

    /// A state.
    package init(
        uidValidity: UIDValidity,
        total: Int,
        unseen: Int?,
        highestModSeq: UInt64? = nil,
        uidNext: UInt32? = nil,
        permanentFlags: PermanentFlags? = nil,
        confirmedAt: Int64
    ) {
        self.uidValidity = uidValidity
        self.total = total
        self.unseen = unseen
        self.highestModSeq = highestModSeq
        self.uidNext = uidNext
        self.permanentFlags = permanentFlags
        self.confirmedAt = confirmedAt
    }
}

/// The flags a server keeps in a mailbox (PERMANENTFLAGS, RFC 3501 7.1).
package struct PermanentFlags: Sendable, Equatable {
    /// The flags it names.
    package var flags: Set<Flag>
    /// Whether clients may make keywords of their own (`\*`).
    package var allowsNewKeywords: Bool

    /// Flags that are kept.
    package init(_ flags: some Sequence<Flag>, allowsNewKeywords: Bool) {
        self.flags = Set(flags)
        self.allowsNewKeywords = allowsNewKeywords
    }

    /// Whether a keyword is kept.
    package func permits(_ keyword: Flag) -> Bool {
        allowsNewKeywords || flags.contains(keyword)
    }
}

/// What is stored of a mailbox: every message from the lowest UID on.
package struct StoredWindow: Sendable, Equatable {
    /// How many messages.
    package var count: Int
    /// The lowest UID; nil for none.
    package var lowest: UID?
    /// The highest UID; nil for none.
    package var highest: UID?
    /// Messages without \Seen; nil where unknown.
    package var unseen: Int?

    /// A window; by default one of no messages.
    package init(count: Int = 0, lowest: UID? = nil, highest: UID? = nil, unseen: Int? = nil) {
        self.count = count
        self.lowest = lowest
        self.highest = highest
        self.unseen = unseen
    }
}

/// A message as fetched, before it has a number.
package struct MessageData: Sendable, Equatable {
    /// The UID in its mailbox.
    package var uid: UID
    /// The flags.
    package var flags: [Flag]
    /// INTERNALDATE, or nil where the server gave none that can be read.
    package var received: DateTime?
    /// RFC822.SIZE in octets.
    package var size: Int64
    /// The Date field.
    package var date: DateTime?
    /// The subject, decoded.
    package var subject: String?
    /// The Message-ID without brackets.
    package var messageID: String?
    /// The authors.
    package var from: [Address]
    /// The To recipients.
    package var to: [Address]
    /// The Cc recipients.
    package var cc: [Address]
    /// Whether the Content-Type promises attachments.
    package var hasAttachment: Bool
    /// The labels; nil where the server has none, and its keywords do their work.
    package var labels: [Label]?
    /// What names it in all of its account; nil where the server gives no such name.
    package var object: ObjectID?
    /// What names its conversation; nil where the server gives no such name.
    package var thread: ObjectID?

    /// A message.
    package init(
        uid: UID,
        flags: [Flag],
        received: DateTime?,
        size: Int64,
        date: DateTime?,
        subject: String?,
        messageID: String?,
        from: [Address],
        to: [Address],
        cc: [Address],
        hasAttachment: Bool,
        labels: [Label]? = nil,
        object: ObjectID? = nil,
        thread: ObjectID? = nil
    ) {
        self.uid = uid
        self.flags = flags
        self.received = received
        self.size = size
        self.date = date
        self.subject = subject
        self.messageID = messageID
        self.from = from
        self.to = to
        self.cc = cc
        self.hasAttachment = hasAttachment
        self.labels = labels
        self.object = object
        self.thread = thread
    }
}

/// A stored message.
package struct MessageRecord: Sendable, Equatable {
    /// The store's number: stable across moves and restarts, never used again.
    package var id: Int64
    /// The mailbox it is in on the server.
    package var mailbox: Int64
    /// The mailbox it is shown in: another one while a move waits for the server, nil while its
    /// deletion does.
    package var place: Int64?
    /// The message; its flags are those with the changes that wait for the server.
    package var data: MessageData
    /// Whether the server has told which UID it has.
    package var hasUID: Bool
}

/// What a server with labels or lasting names says of a message; nil for what it did not say.
package struct MessageDetails: Sendable, Equatable {
    /// The labels.
    package var labels: [Label]?
    /// What names it in all of its account.
    package var object: ObjectID?
    /// What names its conversation.
    package var thread: ObjectID?

    /// Details.
    package init(labels: [Label]? = nil, object: ObjectID? = nil, thread: ObjectID? = nil) {
        self.labels = labels
        self.object = object
        self.thread = thread
    }

    /// Takes what was said later, as far as it goes.
    package mutating func take(_ later: MessageDetails) {
        labels = later.labels ?? labels
        object = later.object ?? object
        thread = later.thread ?? thread
    }
}

/// What one exchange with the server taught about a mailbox.
package struct MailboxChange: Sendable {
    /// The state after it.
    package var state: MailboxState
    /// Messages to store; of those that are stored already, only the flags count.
    package var added: [MessageData] = []
    /// New flags of stored messages.
    package var flags: [UID: [Flag]] = [:]
    /// Labels of stored messages, and what names these, as far as the server told.
    package var details: [UID: MessageDetails] = [:]
    /// UIDs that no longer exist.
    package var gone: [UID] = []

    /// A change that only confirms a state.
    package init(state: MailboxState) { self.state = state }
}

/// What a change did to the store.
package struct AppliedChange: Sendable, Equatable {
    /// Messages that are new to the store, in ascending order of UID.
    package var added: [MessageRecord] = []
    /// Numbers of messages whose flags or labels differ now.
    package var reflagged: [Int64] = []
    /// Numbers of messages that are gone.
    package var gone: [Int64] = []
    /// Messages that another client has moved from a mailbox to another; the number stays.
    package var moved: [Relocation] = []
    /// Numbers of those that are gone with changes that the server will never get.
    package var cancelled: [Int64] = []

    /// A move that somebody else made.
    package struct Relocation: Sendable, Equatable {
        /// The message's number.
        package var id: Int64
        /// Where it was.
        package var source: Int64
        /// Where it is.
        package var target: Int64
        /// The number it had there for a while, which is gone.
        package var replaced: Int64?
    }

    /// A change that did nothing.
    package init() {}
}
