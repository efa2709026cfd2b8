// What a server says unasked about the open mailbox, kept until the connection's owner takes it.

internal import IMAP
package import MailModel

/// News of the open mailbox.
package struct MailboxNews: Sendable, Equatable {
    /// Whether messages may have come (EXISTS).
    package private(set) var hasArrivals = false
    /// Whether something changed that is not spelt out here: numbers instead of UIDs, or too much.
    package private(set) var hasUnknownChanges = false
    /// The flags that messages have now.
    package private(set) var flags: [UID: [Flag]] = [:]
    /// Messages that are gone; sets of the server's, which may name UIDs that never were.
    package private(set) var vanished: [UIDSet] = []

    /// No news.
    package init() {}

    /// Whether there are none.
    package var isEmpty: Bool { self == MailboxNews() }

    /// Takes what a response says, unless the command that runs asked for it.
    mutating func note(_ data: IMAPUntagged, during command: IMAPCommand) {
        switch data {
        case .expunge: hasUnknownChanges = true
        case .vanished(let uids, _): note(vanished: uids)
        // One that names no UID cannot be told from its answer by whoever asked.
        case .fetch(let message): if !command.asksFlags || message.uid == nil { note(message) }
        default: break
        }
    }

    /// Takes how many messages there are (EXISTS), where there were so many before.
    ///
    /// Fewer without a word of which went is not to be (RFC 3501 7.3.1), and happens.
    mutating func note(exists count: UInt32, before: UInt32) {
        if count > before { hasArrivals = true }
        if count < before { hasUnknownChanges = true }
    }

    private mutating func note(vanished uids: UIDSet) {
        let ranges = vanished.reduce(uids.ranges.count) { $0 + $1.ranges.count }
        guard ranges <= SessionLimits.newsMax else {
            hasUnknownChanges = true
            return
        }
        vanished.append(uids)
    }

    private mutating func note(_ message: IMAPFetchData) {
        // Without flags it says at most that something has a new mod-sequence.
        guard let flags = message.flags else { return }
        guard let uid = message.uid, self.flags.count < SessionLimits.newsMax else {
            hasUnknownChanges = true
            return
        }
        self.flags[uid] = flags
    }
}

extension IMAPCommand {
    /// Whether flags in its answer are what it asked for, and its sender's to look at.
    fileprivate var asksFlags: Bool {
        switch self {
        case .uidFetch(_, let items), .fetch(_, let items), .uidFetchChanged(_, let items, _):
            items.contains(.flags)
        default: false
        }
    }
}
