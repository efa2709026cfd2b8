// Where the console is: account, mailbox, the messages listed last and the one read last.

package import BrokerProtocol

/// The console's place.
package struct ConsolePlace: Sendable, Equatable {
    /// The account's name; nil before the first list.
    package private(set) var account: String?
    /// The mailbox `h` lists: its name, or `inbox` before the first list.
    package private(set) var mailbox = "inbox"
    /// Unseen messages in it, where known.
    package private(set) var unseen: Int?
    /// The ids listed last, in their order.
    package private(set) var shown: [Int64] = []
    /// The message read last.
    package var current: Int64?
    /// Whether `unseen` may be wrong by now.
    package var isStale = false

    /// The inbox, not listed yet.
    package init() {}

    /// `alice/INBOX 2*> `, or `mb> ` before the first list.
    package var prompt: String {
        guard let account else { return "mb> " }
        let place = CellText("\(account)/\(mailbox)", width: FrontEndLimits.columns.lowerBound).text
        guard let unseen, unseen > 0 else { return "\(place)> " }
        return "\(place) \(unseen)*> "
    }

    /// A mailbox is listed; it is the place where `isChange`, or where it is the same as before.
    package mutating func listed(_ list: MessageList.Result, isChange: Bool) {
        shown = list.messages.map(\.id)
        counted(list, isChange: isChange)
    }

    /// The totals of a mailbox are known.
    package mutating func counted(_ list: MessageList.Result, isChange: Bool) {
        if isChange || account == nil {
            account = list.account
            mailbox = list.mailbox
            current = nil
        }
        guard isHere(list.account, list.mailbox) else { return }
        unseen = list.unseen
        isStale = false
    }

    /// Something happened; the count of this mailbox may have changed.
    package mutating func happened(_ event: Event) {
        switch event.event {
        case .messageNew, .messageFlags, .messageGone, .messageMoved, .changeRefused:
            if isHere(event.account, event.mailbox) { isStale = true }
            if isHere(event.account, event.target) { isStale = true }
        case .resync: isStale = true
        case .messageUnreadable, .outboxChanged, .mailboxCreated, .mailboxRenamed, .mailboxRemoved,
            .accountState, .ready:
            break
        }
        if event.event == .messageNew, let id = event.message?.id,
            isHere(event.account, event.mailbox)
        {
            shown.insert(id, at: 0)
        }
    }

    /// The message `step` places after the current one; the first for the first step forward.
    package func neighbour(_ step: Int) -> Int64? {
        guard let current, let index = shown.firstIndex(of: current) else {
            return step > 0 ? shown.first : nil
        }
        let wanted = index + step
        return shown.indices.contains(wanted) ? shown[wanted] : nil
    }

    private func isHere(_ account: String?, _ mailbox: String?) -> Bool {
        guard let here = self.account, let account, let mailbox else { return false }
        return Program.same(here, account) && Program.same(self.mailbox, mailbox)
    }
}
