// The limits of this module, named.

/// The bounds of what the store keeps.
package enum StoreLimits {
    /// How long a message that is gone from its place keeps its number, in seconds: another client
    /// may have moved it to a mailbox that is looked at later (protocols.md 4.2, I6).
    package static let lostAge: Int64 = 3600
    /// Among how many of the messages stored last one that is gone is looked for: its new mailbox
    /// may have been looked at first.
    package static let newerMax = 2000
}
