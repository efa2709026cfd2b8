// Changes that clients have made and the server has not confirmed, as values.

package import MailModel

/// A change of one message, as a client asked for it.
package enum Operation: Sendable, Hashable {
    /// Sets and clears flags; relative, so that it undoes nothing of what others do.
    case flag(add: Set<Flag>, remove: Set<Flag>)
    /// Puts labels on the message and takes others off, where the server has labels.
    case label(add: Set<Label>, remove: Set<Label>)
    /// Moves the message to a mailbox.
    case move(to: Int64)
    /// Moves the message to Trash, which the account has not got yet.
    case trash
    /// Puts a copy into a mailbox.
    case copy(to: Int64)
    /// Deletes the message for good.
    case delete
}

/// An operation that waits for the server.
package struct OperationRecord: Sendable, Equatable {
    /// Its number, rising in the order of asking.
    package var id: Int64
    /// What is to be done.
    package var operation: Operation
    /// Whether it was sent to the server before, and nobody knows whether it was done.
    package var wasSent: Bool
    /// The message as it is on the server.
    package var message: MessageRecord
}
