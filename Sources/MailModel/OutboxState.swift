// Where messages of the outbox stand: as stored, as decided upon, and as told to clients.

/// Where a message of the outbox stands (reliability.md 3.4).
package enum OutboxState: String, Sendable, Codable, CaseIterable {
    /// It waits: for its time, for the network, for a login, for another try.
    case queued
    /// A connection is being used for it; nothing of it can have been accepted.
    case sending
    /// The end of its data has gone out, or is about to: it may have been accepted.
    case dot
    /// The connection ended before the server said whether it has it: being looked for.
    case unknown
    /// The server has it; its copy is not in Sent yet.
    case sent
    /// The server has it, and Sent has its copy or needs none from us.
    case filed
    /// It was refused for good, or tried for too long: nobody, or not everybody, has it.
    case failed
    /// It may have been sent, and nobody but the user can tell whether to send it again.
    case held
    /// The user took it back before it left.
    case cancelled

    /// Whether nothing more happens to it by itself.
    package var isFinal: Bool {
        switch self {
        case .filed, .failed, .held, .cancelled: true
        case .queued, .sending, .dot, .unknown, .sent: false
        }
    }
}

/// How it stands with a recipient of a message of the outbox.
package enum OutboxRecipientState: String, Sendable, Codable, CaseIterable {
    /// Nobody has been asked, or the answer was for the message as a whole.
    case pending
    /// The server wants it tried again later.
    case deferred
    /// The server has the message for this recipient.
    case delivered
    /// The server will not take it for this recipient.
    case refused
}
