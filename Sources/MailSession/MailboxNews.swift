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
        case .exists: hasArrivals = true
        case .expunge: hasUnknownChanges = true
        case .vanished(let uids, _): note(vanished: uids)
        case .fetch(let message): if !command.asksFlags { note(message) }
        default: break
        }
    }

    private mutating func note(vanished uids: UIDSet) {
        guard vanished.count < SessionLimits.newsMax else {
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
