// Methods about messages on their way, and how these are told of.

package import MailModel

/// A message of the outbox.
package struct OutboxItem: Sendable, Codable, Equatable {
    /// One recipient.
    package struct Recipient: Sendable, Codable, Equatable {
        /// The address.
        package var address: String
        /// How it stands.
        package var state: OutboxRecipientState
        /// The server's words.
        package var text: String?

        /// A recipient.
        package init(address: String, state: OutboxRecipientState, text: String? = nil) {
            self.address = address
            self.state = state
            self.text = text
        }
    }

    /// The number in the outbox; not a message id.
    package var id: Int64
    /// The account's name.
    package var account: String
    /// Where it stands.
    package var state: OutboxState
    /// The Message-ID without brackets.
    package var messageID: String
    /// The reverse-path; nil for the null path.
    package var from: String?
    /// The envelope's recipients, Bcc included.
    package var recipients: [Recipient]
    /// The subject.
    package var subject: String
    /// When it was accepted.
    package var created: DateTime
    /// Not to be sent before.
    package var sendAt: DateTime?
    /// When something is tried again.
    package var nextTry: DateTime?
    /// How often a connection was used for it.
    package var attempts: Int
    /// The last thing said of it.
    package var text: String?
    /// Octets of the message as sent.
    package var size: Int64
    /// Whether the user is to be told of it until he says that he knows.
    package var attention: Bool

    enum CodingKeys: String, CodingKey {
        case id, account, state, from, recipients, subject, created, attempts, text, size, attention
        case messageID = "message_id"
        case sendAt = "send_at"
        case nextTry = "next_try"
    }

    /// A message of the outbox.
    package init(
        id: Int64,
        account: String,
        state: OutboxState,
        messageID: String,
        from: String?,
        recipients: [Recipient],
        subject: String,
        created: DateTime,
        sendAt: DateTime? = nil,
        nextTry: DateTime? = nil,
        attempts: Int,
        text: String? = nil,
        size: Int64,
        attention: Bool
    ) {
        self.id = id
        self.account = account
        self.state = state
        self.messageID = messageID
        self.from = from
        self.recipients = recipients
        self.subject = subject
        self.created = created
        self.sendAt = sendAt
        self.nextTry = nextTry
        self.attempts = attempts
        self.text = text
        self.size = size
        self.attention = attention
    }
}

/// The messages on their way.
package enum OutboxList: BrokerMethod {
    package static let name = "outbox.list"
    package static let summary = "The messages of the outbox that are not done with, oldest first."
    package static let permission = Permission.read

    /// Which messages.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for all accounts.
        package var account: String?
        /// Whether those are wanted too that are done with and still remembered.
        package var all: Bool?

        /// A question for messages.
        package init(account: String? = nil, all: Bool? = nil) {
            self.account = account
            self.all = all
        }
    }

    /// The messages.
    package struct Result: Sendable, Codable {
        /// The messages, oldest first.
        package var items: [OutboxItem]

        /// An answer.
        package init(items: [OutboxItem]) { self.items = items }
    }
}

/// A message of the outbox with its history.
package enum OutboxShow: BrokerMethod {
    package static let name = "outbox.show"
    package static let summary = "A message of the outbox with all that happened to it."
    package static let permission = Permission.read

    /// Which message.
    package struct Params: Sendable, Codable {
        /// The number in the outbox.
        package var id: Int64

        /// A question for a message.
        package init(id: Int64) { self.id = id }
    }

    /// The message.
    package struct Result: Sendable, Codable {
        /// One step.
        package struct Step: Sendable, Codable, Equatable {
            /// When.
            package var time: DateTime
            /// What.
            package var what: String
            /// More about it, often the server's words.
            package var detail: String?

            /// A step.
            package init(time: DateTime, what: String, detail: String? = nil) {
                self.time = time
                self.what = what
                self.detail = detail
            }
        }

        /// The message.
        package var item: OutboxItem
        /// What happened to it, in order.
        package var history: [Step]

        /// An answer.
        package init(item: OutboxItem, history: [Step]) {
            self.item = item
            self.history = history
        }
    }
}

/// What a user can order about a message of the outbox.
package enum OutboxAction: String, Sendable, Codable, CaseIterable {
    /// Take it back, while it waits or is held.
    case cancel
    /// Try it now, also where it has failed.
    case retry
    /// Send it again though it may have been sent.
    case resend
    /// It was sent: forget it.
    case done
    /// The user knows that it has failed.
    case ack

    /// The states in which it can be done.
    package var states: Set<OutboxState> {
        switch self {
        case .cancel: [.queued, .held]
        case .retry: [.queued, .failed]
        case .resend, .done: [.held]
        case .ack: [.failed]
        }
    }
}

/// Does something to messages of the outbox.
package enum OutboxChangeRequest: BrokerMethod {
    package static let name = "outbox.change"
    package static let summary = "Takes back, tries, sends again or settles messages of the outbox."
    package static let permission = Permission.send
    package static let ordering = Ordering.sequential

    /// Which messages, and what.
    package struct Params: Sendable, Codable {
        /// The numbers in the outbox.
        package var ids: [Int64]
        /// What to do.
        package var action: OutboxAction

        /// A change.
        package init(ids: [Int64], action: OutboxAction) {
            self.ids = ids
            self.action = action
        }
    }

    /// What became of each.
    package struct Result: Sendable, Codable {
        /// One message's outcome.
        package struct Item: Sendable, Codable, Equatable {
            /// The number in the outbox.
            package var id: Int64
            /// The message after it.
            package var item: OutboxItem?
            /// Why it could not be done.
            package var error: BrokerError?

            /// An outcome.
            package init(id: Int64, item: OutboxItem? = nil, error: BrokerError? = nil) {
                self.id = id
                self.item = item
                self.error = error
            }
        }

        /// The outcomes, in the order of the ids asked for.
        package var items: [Item]

        /// The outcomes.
        package init(items: [Item]) { self.items = items }
    }
}
