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
    static let listItems: [IMAPFetchItem] = [
        .uid, .flags, .internalDate, .size, .headerFields(listFields),
    ]

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
        let opened = try await open(mailbox, session)
        let news = await session.takeNews()
        let exists = await session.exists
        let stored = try stored { () throws(StoreError) in try store.mailbox(mailbox.id)?.state }
        // A mailbox that was empty before is not a first look: what comes into it is news.
        let isFirst = stored?.uidValidity != opened.epoch
        let known = try self.stored { () throws(StoreError) in
            isFirst ? [:] : try store.knownFlags(in: mailbox.id)
        }
        var update = WindowUpdate(known: known, state: state(exists, opened))
        if known.isEmpty {
            try await fetchFirstWindow(exists, session, into: &update)
        } else {
            let isWhole = known.count >= stored?.total ?? .max
            try await catchUp(opened, news, session, into: &update)
            if isWhole, update.count != Int(exists), await !session.hasNews {
                // The server's own count says that something was missed.
                try await compare(session, into: &update)
            }
        }
        update.state.unseen = try await unseen(after: update, session)
        self.opened?.due = .nothing
        try apply(update.change, to: mailbox, announces: !isFirst)
    }

    private func fetchFirstWindow(
        _ exists: UInt32,
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard exists > 0 else { return }
        let window = UInt32(CoreLimits.firstWindow)
        let first = exists > window ? exists - window + 1 : 1
        update.take(try await session.execute(.fetch(first...exists, Self.listItems)).messages)
    }

    /// Fetches the next older messages below the window; false when there are none.
    func extendWindow(
        of mailbox: MailboxRecord,
        to count: Int,
        _ session: IMAPSession
    ) async throws(SessionError) {
        try await sync(mailbox, session)
        while let opened {
            let known = try stored { () throws(StoreError) in try store.knownFlags(in: mailbox.id) }
            let exists = await session.exists
            guard known.count < count, known.count < Int(exists) else { return }
            let last = exists - UInt32(clamping: known.count)
            let window = UInt32(CoreLimits.headerWindow)
            let first = last > window ? last - window + 1 : 1
            let answer = try await session.execute(.fetch(first...last, Self.listItems))
            var update = WindowUpdate(known: known, state: state(exists, opened))
            // Numbers that do not fit any more: what is known must be compared first.
            guard update.extend(by: answer.messages) else {
                self.opened?.due = .compare
                return
            }
            update.state.unseen = try await unseen(after: update, session)
            try apply(update.change, to: mailbox, announces: false)
        }
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
        after update: WindowUpdate,
        _ session: IMAPSession
    ) async throws(SessionError) -> Int? {
        guard update.count < update.state.total else { return update.unseen }
        let answer = try await session.execute(.uidSearch([.unseen]))
        for case .search(let found) in answer.untagged { return Int(clamping: found.count) }
        return nil
    }

    private func state(_ exists: UInt32, _ opened: OpenMailbox?) -> MailboxState {
        MailboxState(
            uidValidity: opened?.epoch ?? UIDValidity(0),
            total: Int(exists),
            unseen: nil,
            highestModSeq: opened?.highestModSeq,
            confirmedAt: DateTime.now().unixSeconds
        )
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
