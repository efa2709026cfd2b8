// What an exchange with the server changes in the store's window of a mailbox. The window is every
// message from some UID on: nothing inside it is missing, so that what a complete answer about it
// does not name is gone (protocols.md 4.2, I4). Pure: what is stored of the messages in question is
// looked up by the caller and learnt here, so that one new flag does not cost a look at 100,000.

import IMAP
import MailModel
import MailStore

/// A change of a window in the making.
struct WindowUpdate {
    /// The state that justifies it.
    var state: MailboxState
    /// Messages of the window that the server has named and whose headers have not come.
    private(set) var missing: Set<UID> = []
    /// What is stored.
    let window: StoredWindow
    private var known: [UID: [Flag]] = [:]
    private var added: [UID: MessageData] = [:]
    private var flags: [UID: [Flag]] = [:]
    private var details: [UID: MessageDetails] = [:]
    /// The label whose view the mailbox is; nil without labels.
    private let label: Label?
    private var gone: Set<UID> = []

    /// An update of a window; an empty one is yet to be made.
    init(_ window: StoredWindow, state: MailboxState, label: Label? = nil) {
        self.window = window
        self.state = state
        self.label = label
    }

    /// Where the window begins; nil where there is none yet.
    var start: UID? { window.lowest }

    /// What it comes to.
    var change: MailboxChange {
        var change = MailboxChange(state: state)
        change.added = Array(added.values)
        change.flags = flags
        change.details = details
        change.gone = Array(gone)
        return change
    }

    /// The highest UID that is stored or came; 0 for none.
    ///
    /// One above it that was only named does not say that those below it were.
    var highest: UID { max(window.highest ?? UID(0), added.keys.max() ?? UID(0)) }

    /// The highest UID that is stored, came or was named.
    var highestNamed: UID { max(highest, missing.max() ?? UID(0)) }

    /// Messages in the window after the change.
    var count: Int { window.count - gone.count + added.count }

    /// Messages of the window without \Seen after the change; nil where that was not known before
    /// and not everything was looked up.
    var unseen: Int? {
        guard let before = known.count == window.count ? Self.unseen(known) : window.unseen else {
            return nil
        }
        var count = before + added.values.reduce(0) { $0 + ($1.flags.contains(.seen) ? 0 : 1) }
        for uid in gone where known[uid]?.contains(.seen) == false { count -= 1 }
        for (uid, now) in flags {
            guard let was = known[uid]?.contains(.seen) else { continue }
            if was, !now.contains(.seen) { count += 1 }
            if !was, now.contains(.seen) { count -= 1 }
        }
        return count
    }

    private static func unseen(_ known: [UID: [Flag]]) -> Int {
        known.values.reduce(0) { $0 + ($1.contains(.seen) ? 0 : 1) }
    }

    /// Whether so much is gone that the server should be asked once more (protocols.md 4.2, I5).
    var isSuspicious: Bool {
        gone.count > CoreLimits.goneUnconfirmedMax && gone.count > window.count / 5
    }

    /// Those of some messages that may be stored and have not been looked up.
    func unlearnt(_ uids: some Sequence<UID>) -> [UID] {
        guard let lowest = window.lowest, let highest = window.highest else { return [] }
        return uids.filter { uid in
            uid >= lowest && uid <= highest && known[uid] == nil && added[uid] == nil
                && !missing.contains(uid)
        }
    }

    /// Learns what is stored of messages.
    mutating func learn(_ stored: [UID: [Flag]]) {
        known.merge(stored) { before, _ in before }
    }

    /// Takes what the server says of messages, asked for or not: flags of known ones, headers of
    /// new ones.
    ///
    /// Of one message there may be several responses. What is below the window does not count.
    mutating func take(_ messages: [IMAPFetchData]) {
        for message in messages {
            guard let uid = message.uid, uid >= start ?? uid else { continue }
            take(message, of: uid)
        }
    }

    /// Takes the flags of known messages and the names of new ones, as news tell them.
    mutating func take(flags: [UID: [Flag]]) {
        for (uid, flags) in flags where uid >= start ?? uid {
            set(flags.filter { $0 != .recent }, of: uid)
        }
    }

    /// Takes that messages are gone.
    mutating func remove(_ sets: [UIDSet]) {
        guard !sets.isEmpty else { return }
        let lookup = UIDLookup(sets)
        for uid in known.keys where lookup.contains(uid) { remove(uid) }
        missing = missing.filter { !lookup.contains($0) }
        added = added.filter { !lookup.contains($0.key) }
    }

    /// Takes a complete list of what the window holds now, which outweighs what was said of gone
    /// messages before.
    mutating func keep(only present: Set<UID>) {
        gone = []
        for uid in known.keys where !present.contains(uid) { remove(uid) }
        added = added.filter { present.contains($0.key) }
        missing = present.filter { known[$0] == nil && added[$0] == nil }
    }

    /// Takes a complete list of the UIDs in the window: known ones that it does not hold are gone.
    ///
    /// What it holds besides has been named already.
    mutating func keep(inside present: UIDSet) {
        let lookup = UIDLookup([present])
        for uid in known.keys where !lookup.contains(uid) { remove(uid) }
    }

    /// Takes back that messages are gone where another complete list still holds them.
    mutating func restore(_ present: UIDSet) {
        let lookup = UIDLookup([present])
        gone = gone.filter { !lookup.contains($0) }
    }

    private mutating func take(_ message: IMAPFetchData, of uid: UID) {
        if known[uid] == nil, added[uid] == nil, message.headers != nil {
            added[uid] = MessageData(fetched: message, in: label)
            missing.remove(uid)
            return
        }
        if let flags = message.lastingFlags { set(flags, of: uid) }
        guard let said = message.details(in: label) else { return }
        if known[uid] != nil {
            details[uid, default: MessageDetails()].take(said)
        } else if let labels = said.labels {
            added[uid]?.labels = labels
        }
    }

    private mutating func set(_ flags: [Flag], of uid: UID) {
        if let before = known[uid] {
            self.flags[uid] = Set(before) == Set(flags) ? nil : flags
        } else if added[uid] != nil {
            added[uid]?.flags = flags
        } else {
            missing.insert(uid)
        }
    }

    private mutating func remove(_ uid: UID) {
        gone.insert(uid)
        flags[uid] = nil
        details[uid] = nil
    }
}
