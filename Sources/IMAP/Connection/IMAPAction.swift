// What the connection's machine asks of the one who drives it.

package import MailModel

extension IMAPConnection {
    /// One thing to do or to know, in order.
    package enum Action: Sendable {
        /// Write these octets.
        case write([UInt8])
        /// Write the octets of this secret, and nothing after them: the line end comes as a
        /// `write`.
        case writeSecret(Secret)
        /// Begin TLS now, then call `tlsEstablished`. Nothing was buffered behind the server's OK.
        case startTLS
        /// Compress from here on, in both directions (RFC 4978): the next octets received are
        /// compressed already. Nothing was buffered behind the server's OK.
        case compress
        /// The login is done: commands may be submitted.
        case ready(IMAPServerSummary)
        /// Data from the server, whichever command runs.
        case untagged(IMAPUntagged)
        /// Octets of the section that the running fetch asked for. The `fetch` data that says which
        /// message they belong to follows, with their count.
        case bodyChunk([UInt8])
        /// IDLE has begun.
        case idling
        /// The server waits for the message of this APPEND: call `appendChunk`.
        case needsMessage(IMAPTag)
        /// A command has ended.
        case completed(IMAPTag, IMAPResult)
        /// The connection must be closed now. Nothing follows; commands that had no answer get
        /// none.
        case failed(IMAPError)
    }
}
