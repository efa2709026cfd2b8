// What a server says unasked about mailboxes that are not open (RFC 5465), kept until the
// connection's owner takes it.

package import IMAP
package import MailModel

/// News of an account.
package struct AccountNews: Sendable, Equatable {
    /// What one mailbox has now; nil where the server did not say.
    package struct Figures: Sendable, Equatable {
        /// Messages.
        package var messages: UInt32?
        /// Messages without \Seen.
        package var unseen: UInt32?
        /// The epoch of the UIDs.
        package var uidValidity: UInt32?
        /// The UID of the next message.
        package var uidNext: UInt32?
        /// The highest mod-sequence.
        package var highestModSeq: UInt64?
    }

    /// Mailboxes with what they have now.
    package private(set) var mailboxes: [MailboxName: Figures] = [:]
    /// Whether mailboxes came, went or were renamed, or more is new than is kept here.
    package private(set) var isListChanged = false

    /// No news.
    package init() {}

    /// The figures of mailboxes that somebody has asked for.
    package init(_ statuses: [IMAPMailboxStatus]) {
        for status in statuses { note(status) }
    }

    /// Whether there are none.
    package var isEmpty: Bool { mailboxes.isEmpty && !isListChanged }

    /// Takes what a response says, unless the command that runs asked for it.
    mutating func note(_ data: IMAPUntagged, during command: IMAPCommand) {
        switch (data, command) {
        case (.status, .status), (.status, .list), (.list, .list): break
        case (.status(let status), _): note(status)
        // Everything is listed when notification begins, and is listed anew after it anyway.
        case (.list, .notify): break
        case (.list, _): isListChanged = true
        case (.condition(let condition), _):
            if condition.code == .condition(.notificationOverflow) { isListChanged = true }
        default: break
        }
    }

    private mutating func note(_ status: IMAPMailboxStatus) {
        guard mailboxes[status.name] != nil || mailboxes.count < SessionLimits.newsMax else {
            isListChanged = true
            return
        }
        let before = mailboxes[status.name]
        mailboxes[status.name] = Figures(status, before)
    }
}

extension AccountNews.Figures {
    /// What a STATUS response says, above what one before it said.
    package init(_ status: IMAPMailboxStatus, _ before: Self? = nil) {
        self.init(
            messages: status.messages ?? before?.messages,
            unseen: status.unseen ?? before?.unseen,
            uidValidity: status.uidValidity?.value ?? before?.uidValidity,
            uidNext: status.uidNext ?? before?.uidNext,
            highestModSeq: status.highestModSeq ?? before?.highestModSeq
        )
    }
}
