// The method that finds messages.

import MailModel

/// Finds stored messages by words.
package enum MessageSearch: BrokerMethod {
    package static let name = "message.search"
    package static let summary =
        "The stored messages with all given words in subject, people or a text that was read."
    package static let permission = Permission.read

    /// What to find.
    package struct Params: Sendable, Codable {
        /// The account's name or address; nil for the only one.
        package var account: String?
        /// A mailbox name or role; nil for all.
        package var mailbox: String?
        /// Words, each of which must begin a word of the message; `from:`, `to:` and `subject:`
        /// before one say where, and `label:` says that it is a label of the message.
        package var words: [String]
        /// Most messages to answer with, 1...`BrokerLimits.listMax`.
        package var limit: Int

        /// A search.
        package init(
            account: String? = nil,
            mailbox: String? = nil,
            words: [String],
            limit: Int
        ) {
            self.account = account
            self.mailbox = mailbox
            self.words = words
            self.limit = limit
        }
    }

    /// What was found.
    package struct Result: Sendable, Codable {
        /// The account's name.
        package var account: String
        /// The messages, newest first.
        package var messages: [MessageSummary]

        /// Messages.
        package init(account: String, messages: [MessageSummary]) {
            self.account = account
            self.messages = messages
        }
    }
}
