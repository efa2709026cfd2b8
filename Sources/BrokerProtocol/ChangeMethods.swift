// Methods that change mailboxes, and the events that tell of changes.

package import MailModel

/// Adds and removes flags.
package enum MessageFlag: BrokerMethod {
    package static let name = "message.flag"
    package static let summary = "Adds and removes flags and keywords of messages."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential

    /// Which messages and flags.
    package struct Params: Sendable, Codable {
        /// The messages' ids.
        package var ids: [Int64]
        /// Flags to set.
        package var add: [Flag]?
        /// Flags to clear.
        package var remove: [Flag]?

        /// A change of flags.
        package init(ids: [Int64], add: [Flag]? = nil, remove: [Flag]? = nil) {
            self.ids = ids
            self.add = add
            self.remove = remove
        }
    }

    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// Puts labels on messages and takes others off.
package enum MessageLabel: BrokerMethod {
    package static let name = "message.label"
    package static let summary =
        "Puts labels on messages, or keywords where the server has none; takes others off."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential

    /// Which messages and labels.
    package struct Params: Sendable, Codable {
        /// The messages' ids.
        package var ids: [Int64]
        /// Labels to put on, as `MessageSummary.labels` has them.
        package var add: [String]?
        /// Labels to take off.
        package var remove: [String]?

        /// A change of labels.
        package init(ids: [Int64], add: [String]? = nil, remove: [String]? = nil) {
            self.ids = ids
            self.add = add
            self.remove = remove
        }
    }

    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// Moves messages to Trash; those already there stay, and are said to be there.
package enum MessageTrash: BrokerMethod {
    package static let name = "message.trash"
    package static let summary =
        "Moves messages to Trash; those that are there already stay there."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential

    /// Which messages.
    package struct Params: Sendable, Codable {
        /// The messages' ids.
        package var ids: [Int64]

        /// A removal.
        package init(ids: [Int64]) { self.ids = ids }
    }

    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// Deletes messages for good, wherever they are.
package enum MessagePurge: BrokerMethod {
    package static let name = "message.purge"
    package static let summary = "Deletes messages for good; only these are expunged."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential
    /// Which messages.
    package typealias Params = MessageTrash.Params
    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// Moves messages to another mailbox of their account.
package enum MessageMove: BrokerMethod {
    package static let name = "message.move"
    package static let summary = "Moves messages to another mailbox of their account."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential

    /// Which messages, and where to.
    package struct Params: Sendable, Codable {
        /// The messages' ids.
        package var ids: [Int64]
        /// The mailbox's name or role.
        package var target: String

        /// A move or copy.
        package init(ids: [Int64], target: String) {
            self.ids = ids
            self.target = target
        }
    }

    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// Copies messages to another mailbox of their account.
package enum MessageCopy: BrokerMethod {
    package static let name = "message.copy"
    package static let summary = "Copies messages to another mailbox of their account."
    package static let permission = Permission.change
    package static let ordering = Ordering.sequential
    /// Which messages, and where to.
    package typealias Params = MessageMove.Params
    /// What happened to each message.
    package typealias Result = ChangeResult
}

/// What a change did, message by message.
package struct ChangeResult: Sendable, Codable {
    /// One message's outcome.
    package struct Item: Sendable, Codable, Equatable {
        /// What was done.
        package enum Outcome: String, Sendable, Codable {
            case flagged, labelled, trashed, moved, copied, purged, failed
            /// It is in Trash already and was left there.
            case inTrash = "in_trash"
        }

        /// The message's id.
        package var id: Int64
        /// What was done.
        package var outcome: Outcome
        /// Where it or its copy is now, decoded, for `trashed`, `moved` and `copied`, and for
        /// `labelled` where it lost the label of the mailbox it was in.
        package var mailbox: String?
        /// True when the server has not been told yet: it will be, as soon as it can be reached.
        package var waiting: Bool?
        /// Why it failed.
        package var error: BrokerError?

        /// An outcome.
        package init(
            id: Int64,
            outcome: Outcome,
            mailbox: String? = nil,
            waiting: Bool? = nil,
            error: BrokerError? = nil
        ) {
            self.id = id
            self.outcome = outcome
            self.mailbox = mailbox
            self.waiting = waiting
            self.error = error
        }
    }

    /// The outcomes, in the order of the ids asked for.
    package var items: [Item]

    /// The outcomes of a change.
    package init(items: [Item]) { self.items = items }
}

/// Turns a connection into a source of events.
package enum EventsSubscribe: BrokerMethod {
    package static let name = "events.subscribe"
    package static let summary = "Sends events as notifications from now on, or after a number."
    package static let permission = Permission.read
    package static let ordering = Ordering.sequential

    /// From where on.
    package struct Params: Sendable, Codable {
        /// The number of the last event the client has seen; nil for from now on.
        package var after: Int64?

        /// A subscription.
        package init(after: Int64? = nil) { self.after = after }
    }

    /// Where the client stands.
    package struct Result: Sendable, Codable {
        /// The number of the newest event.
        package var seq: Int64
        /// Whether events after `after` are lost and the client must list anew.
        package var resync: Bool

        /// A subscription's start.
        package init(seq: Int64, resync: Bool) {
            self.seq = seq
            self.resync = resync
        }
    }
}

/// Something that happened, as a notification's parameters.
package struct Event: Sendable, Codable {
    /// The method of the notification.
    package static let method = "event"

    /// What happened.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// A message arrived; `message` is it.
        case messageNew = "message.new"
        /// Messages changed flags or labels; `ids` are they.
        case messageFlags = "message.flags"
        /// Messages left the mailbox; `ids` are they.
        case messageGone = "message.gone"
        /// Messages were moved from the mailbox to another, `target`; `ids` are they.
        case messageMoved = "message.moved"
        /// The server refused changes of messages, which are shown without them again; `ids` are
        /// they, `text` says why.
        case changeRefused = "change.refused"
        /// The server cannot give the headers of some messages, which are listed without; `text`
        /// says which.
        case messageUnreadable = "message.unreadable"
        /// A message of the outbox has come further; `outbox` is it.
        case outboxChanged = "outbox.changed"
        /// There is a new mailbox.
        case mailboxCreated = "mailbox.created"
        /// The mailbox has another name, `target`.
        case mailboxRenamed = "mailbox.renamed"
        /// The mailbox is gone.
        case mailboxRemoved = "mailbox.removed"
        /// An account's state changed; `state` is the new one.
        case accountState = "account.state"
        /// Events come from here on. Not sent by the broker: front ends say it to programs.
        case ready
        /// Events were lost: list anew.
        case resync
    }

    /// The number, rising by one.
    package var seq: Int64
    /// What happened.
    package var event: Kind
    /// The account's name.
    package var account: String?
    /// The mailbox's name, decoded.
    package var mailbox: String?
    /// What the mailbox is for.
    package var role: MailboxRole?
    /// The mailbox messages were moved to, or a mailbox's new name, decoded.
    package var target: String?
    /// The message that arrived.
    package var message: MessageSummary?
    /// The messages concerned.
    package var ids: [Int64]?
    /// The account's state.
    package var state: AccountStatus.State?
    /// A line for people.
    package var text: String?
    /// The message of the outbox.
    package var outbox: OutboxItem?

    /// An event; what is not named is absent.
    package init(
        seq: Int64 = 0,
        event: Kind,
        account: String? = nil,
        mailbox: String? = nil,
        role: MailboxRole? = nil,
        target: String? = nil,
        message: MessageSummary? = nil,
        ids: [Int64]? = nil,
        state: AccountStatus.State? = nil,
        text: String? = nil,
        outbox: OutboxItem? = nil
    ) {
        self.seq = seq
        self.event = event
        self.account = account
        self.mailbox = mailbox
        self.role = role
        self.target = target
        self.message = message
        self.ids = ids
        self.state = state
        self.text = text
        self.outbox = outbox
    }
}
