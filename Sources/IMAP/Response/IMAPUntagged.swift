// The data a server may send at any time, whatever command runs (RFC 3501 5.2, 7).

package import MailModel

/// One untagged response.
package enum IMAPUntagged: Sendable, Hashable {
    /// The capabilities are now these.
    case capability(IMAPCapabilities)
    /// A mailbox of a list.
    case list(IMAPListEntry)
    /// Figures of a mailbox.
    case status(IMAPMailboxStatus)
    /// The flags that messages of the mailbox have.
    case flags([Flag])
    /// How many messages the mailbox has.
    case exists(UInt32)
    /// How many of them are \Recent.
    case recent(UInt32)
    /// The message of this number is gone; all after it move up.
    case expunge(UInt32)
    /// Messages are gone (RFC 7162 3.2.10). With `isEarlier` no number moves.
    case vanished(UIDSet, isEarlier: Bool)
    /// Data of a message.
    case fetch(IMAPFetchData)
    /// What a search found: sorted, each UID once. One for each search, just before its answer.
    case search(UIDSet)
    /// The server is called this (RFC 2971); in pairs, a field without value has an empty one.
    case id([IMAPIDField])
    /// The namespaces (RFC 2342).
    case namespace(IMAPNamespaces)
    /// How much of a quota root is used (RFC 9208 4.2.1).
    case quota(IMAPQuota)
    /// Extensions are enabled (RFC 5161).
    case enabled(IMAPCapabilities)
    /// OK, NO, BAD or BYE with code and text.
    case condition(IMAPCondition)
}

/// One pair of an ID response (RFC 2971 3.3).
package struct IMAPIDField: Sendable, Hashable {
    /// The field: `name`, `version`.
    package let name: [UInt8]
    /// Its value; empty for NIL.
    package let value: [UInt8]

    /// A field from its two parts.
    package init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}
