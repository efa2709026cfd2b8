// Bringing the store up to what the server says. The window of a mailbox is every message from some
// UID on: nothing inside it is missing, so that what is absent from a complete answer about it is
// gone (protocols.md 4.2, I4).

import BrokerProtocol
import IMAP
import Logging
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// The header fields a list needs.
    private static let listFields = [
        "DATE", "FROM", "TO", "CC", "SUBJECT", "MESSAGE-ID", "CONTENT-TYPE",
    ]
    private static let listItems: [IMAPFetchItem] = [
        .uid, .flags, .internalDate, .size, .headerFields(listFields),
    ]

    /// Opens a mailbox unless it is open.
    func open(_ mailbox: MailboxRecord, _ session: IMAPSession) async throws(SessionError) {
        guard selected != mailbox.id else { return }
        // A SELECT that fails leaves no mailbox open (RFC 3501 6.3.1).
        selected = nil
        isInboxLive = false
        let answer = try await session.execute(.select(mailbox.name, readOnly: false))
        selected = mailbox.id
        epoch = Self.uidValidity(in: answer)
        needsFullSync = true
    }

    /// Brings INBOX up to date and tells of what came.
    func syncInbox(_ session: IMAPSession) async throws(SessionError) {
        guard let inbox = mailboxes.first(where: { $0.role == .inbox }) else {
            throw .refused(command: "LIST", .no(nil, text: Array("there is no INBOX".utf8)))
        }
        try await sync(inbox, session)
        isInboxLive = true
    }

    /// Brings the window of a mailbox up to date.
    func sync(_ mailbox: MailboxRecord, _ session: IMAPSession) async throws(SessionError) {
        try await open(mailbox, session)
        let news = await session.takeNews()
        let exists = await session.exists
        // A mailbox that was empty before is not a first look: what comes into it is news.
        let isFirst = try stored { () throws(StoreError) in
            try store.mailbox(mailbox.id)?.state?.uidValidity != epoch
        }
        let known = try stored { () throws(StoreError) in
            isFirst ? [:] : try store.knownFlags(in: mailbox.id)
        }
        var change = MailboxChange(state: state(exists))
        if let lowest = known.keys.min() {
            if needsFullSync || news.contains(.changes) {
                try await compare(known, from: lowest, session, into: &change)
            } else if news.contains(.arrivals), let highest = known.keys.max() {
                try await fetchArrivals(above: highest, session, into: &change)
            }
        } else if exists > 0 {
            let window = UInt32(CoreLimits.firstWindow)
            let first = exists > window ? exists - window + 1 : 1
            let answer = try await session.execute(.fetch(first...exists, Self.listItems))
            change.added = answer.messages.compactMap(MessageData.init(fetched:))
        }
        change.state.unseen = try await unseen(after: change, known: known, session)
        needsFullSync = false
        try apply(change, to: mailbox, announces: !isFirst)
    }

    /// Fetches the next older messages below the window; false when there are none.
    func extendWindow(
        of mailbox: MailboxRecord,
        to count: Int,
        _ session: IMAPSession
    ) async throws(SessionError) {
        try await sync(mailbox, session)
        while true {
            let known = try stored { () throws(StoreError) in try store.knownFlags(in: mailbox.id) }
            let exists = await session.exists
            guard known.count < count, known.count < Int(exists), let lowest = known.keys.min()
            else {
                return
            }
            let last = exists - UInt32(clamping: known.count)
            let window = UInt32(CoreLimits.headerWindow)
            let first = last > window ? last - window + 1 : 1
            let answer = try await session.execute(.fetch(first...last, Self.listItems))
            var change = MailboxChange(state: state(exists))
            change.added = answer.messages.compactMap(MessageData.init(fetched:))
                .filter { $0.uid < lowest }
            // Numbers that do not fit any more: what is known must be compared first.
            guard !change.added.isEmpty else {
                needsFullSync = true
                return
            }
            change.state.unseen = try await unseen(after: change, known: known, session)
            try apply(change, to: mailbox, announces: false)
        }
    }

    /// Compares the flags of the whole window and fetches what is new in it.
    private func compare(
        _ known: [UID: [Flag]],
        from lowest: UID,
        _ session: IMAPSession,
        into change: inout MailboxChange
    ) async throws(SessionError) {
        let answer = try await session.execute(.uidFetch(.from(lowest), [.uid, .flags]))
        var present: [UID: [Flag]] = [:]
        for message in answer.messages {
            guard let uid = message.uid, uid >= lowest else { continue }
            present[uid] = message.lastingFlags ?? known[uid] ?? []
        }
        change.gone = known.keys.filter { present[$0] == nil }
        for (uid, flags) in present {
            if let before = known[uid], Set(before) != Set(flags) { change.flags[uid] = flags }
        }
        let new = present.keys.filter { known[$0] == nil }.sorted(by: >)
        for start in stride(from: 0, to: new.count, by: CoreLimits.headerWindow) {
            let window = new[start..<min(start + CoreLimits.headerWindow, new.count)]
            let command = IMAPCommand.uidFetch(.uids(UIDSet(window)), Self.listItems)
            let answer = try await session.execute(command)
            change.added += answer.messages.compactMap(MessageData.init(fetched:))
        }
    }

    private func fetchArrivals(
        above highest: UID,
        _ session: IMAPSession,
        into change: inout MailboxChange
    ) async throws(SessionError) {
        guard highest.value < .max else { return }
        let next = UID(highest.value + 1)
        let answer = try await session.execute(.uidFetch(.from(next), Self.listItems))
        change.added = answer.messages.compactMap(MessageData.init(fetched:))
            .filter { $0.uid >= next }
    }

    /// Stores a change and tells subscribers what it did.
    private func apply(
        _ change: MailboxChange,
        to mailbox: MailboxRecord,
        announces: Bool
    ) throws(SessionError) {
        let applied = try stored { () throws(StoreError) in
            try store.apply(change, to: mailbox.id)
        }
        guard announces else { return }
        // After a long absence the newest are told one by one; a list shows the others.
        for record in applied.added.suffix(CoreLimits.announcedMax) {
            hub.publish(.new(record, in: mailbox))
        }
        if !applied.reflagged.isEmpty {
            hub.publish(.changed(.messageFlags, applied.reflagged, in: mailbox))
        }
        if !applied.gone.isEmpty {
            hub.publish(.changed(.messageGone, applied.gone, in: mailbox))
        }
    }

    /// Messages without \Seen: counted where the window is the whole mailbox, else asked for.
    private func unseen(
        after change: MailboxChange,
        known: [UID: [Flag]],
        _ session: IMAPSession
    ) async throws(SessionError) -> Int? {
        var flags = known
        for uid in change.gone { flags[uid] = nil }
        flags.merge(change.flags) { $1 }
        for message in change.added { flags[message.uid] = message.flags }
        guard flags.count < change.state.total else {
            return flags.values.reduce(0) { $0 + ($1.contains(.seen) ? 0 : 1) }
        }
        let answer = try await session.execute(.uidSearch([.unseen]))
        for case .search(let found) in answer.untagged { return Int(clamping: found.count) }
        return nil
    }

    private func state(_ exists: UInt32) -> MailboxState {
        MailboxState(
            uidValidity: epoch,
            total: Int(exists),
            unseen: nil,
            confirmedAt: DateTime.now().unixSeconds
        )
    }

    private static func uidValidity(in answer: IMAPAnswer) -> UIDValidity {
        for case .condition(let condition) in answer.untagged {
            if case .uidValidity(let value) = condition.code { return value }
        }
        return UIDValidity(0)
    }

    /// Runs a call of the store; its failure ends the job, and with it the connection's turn.
    func stored<Value>(
        _ body: () throws(StoreError) -> Value
    ) throws(SessionError) -> Value {
        do {
            return try body()
        } catch {
            log.error("cache", metadata: ["reason": "\(error.reason)"])
            throw .storage(error.reason)
        }
    }
}
