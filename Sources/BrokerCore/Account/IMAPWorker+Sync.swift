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
        .uid, .flags, .internalDate, .size, .emailID, .threadID, .labels,
        .headerFields(listFields),
    ]

    /// Brings INBOX up to date and tells of what came.
    func syncInbox(_ session: IMAPSession) async throws(SessionError) {
        guard let inbox = mailboxes.first(where: { $0.role == .inbox }) else {
            throw .refused(command: "LIST", .no(nil, text: Array("there is no INBOX".utf8)))
        }
        try await sync(inbox, session)
        isInboxLive = true
    }

    /// Notes that INBOX was as it is stored until the server was last heard: it was watched.
    func confirmInbox(_ session: IMAPSession) async {
        guard let inbox = opened?.id, await !session.hasMailboxNews else { return }
        let age = await ContinuousClock.now - session.lastHeard
        let time = DateTime.now().unixSeconds - age.components.seconds
        // Nothing depends on it but what a list says of its age.
        try? store.confirm(mailbox: inbox, at: time)
    }

    /// Brings the window of a mailbox up to date.
    func sync(_ mailbox: MailboxRecord, _ session: IMAPSession) async throws(SessionError) {
        try await doubting { () async throws(SessionError) in
            try await bringUpToDate(mailbox, session)
        }
    }

    /// Does something after which, where it fails, the open mailbox is compared before anything is
    /// said of it again: what the server told is lost, or what it did is not known.
    func doubting<Value, Failure>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        do {
            return try await body()
        } catch {
            opened?.due = .compare
            isInboxLive = false
            throw error
        }
    }

    private func bringUpToDate(
        _ mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws(SessionError) {
        let opened = try await open(mailbox, session)
        let news = await session.takeNews()
        let exists = await session.exists
        try dropIfNumberedAnew(mailbox, opened)
        let before = try stored { () throws(StoreError) in try store.mailbox(mailbox.id)?.state }
        if let before, try isUnchanged(before, opened, news, exists) {
            self.opened?.due = .nothing
            return try stored { () throws(StoreError) in
                try store.confirm(mailbox: mailbox.id, at: DateTime.now().unixSeconds)
            }
        }
        let isFirst = before?.uidValidity != opened.epoch
        var window = StoredWindow()
        if !isFirst {
            window = try stored { () throws(StoreError) in try store.window(of: mailbox.id) }
            window.unseen = before?.unseen
        }
        var update = WindowUpdate(
            window,
            state: state(exists, opened, highestModSeq: opened.highestModSeq),
            label: opened.label
        )
        var due = OpenMailbox.Due.nothing
        if window.count == 0 {
            try await fetchFirstWindow(exists, of: opened, session, into: &update)
        } else {
            let isWhole = window.count >= before?.total ?? .max
            try await catchUp(opened, news, isWhole ? exists : nil, session, into: &update)
            // The server's own count says whether something was missed.
            if isWhole, update.count != Int(exists) {
                if await session.hasMailboxNews {
                    due = .compare
                } else {
                    try await compare(session, into: &update)
                }
            }
        }
        if !update.missing.isEmpty {
            // The server will not name them again of itself: it has to be asked from here again.
            update.state.highestModSeq = before?.highestModSeq
            due = .compare
        }
        update.state.unseen = try await unseen(after: update, session)
        self.opened?.due = due
        // A mailbox that was empty before is not a first look: what comes into it is news.
        let isLook = isFirst || (window.count == 0 && before?.total != 0)
        try apply(update.change, to: mailbox, announces: !isLook)
    }

    /// Drops what is stored of a mailbox whose next UID is lower than it was: its UIDs name other
    /// messages now, though the server has not said so (reliability.md A34).
    private func dropIfNumberedAnew(
        _ mailbox: MailboxRecord,
        _ opened: OpenMailbox
    ) throws(SessionError) {
        guard let next = opened.uidNext, !opened.due.isNothing else { return }
        let cancelled = try stored { () throws(StoreError) -> [Int64] in
            guard let before = try store.mailbox(mailbox.id)?.state?.uidNext, before > next.value
            else { return [] }
            return try store.reset(mailbox.id, at: DateTime.now().unixSeconds)
        }
        cancel(cancelled, in: mailbox)
    }

    /// Tells of changes that the server will never get, because their messages have other UIDs.
    private func cancel(_ messages: [Int64], in mailbox: MailboxRecord) {
        guard !messages.isEmpty else { return }
        let reason = "the server has renumbered \(mailbox.display); changes are lost"
        for id in messages { refusals[id] = BrokerError(.messageNotFound, reason) }
        var event = Event.changed(.changeRefused, messages, in: mailbox)
        event.text = reason
        hub.publish(event)
    }

    /// Whether nothing the server has said differs from what is stored.
    private func isUnchanged(
        _ before: MailboxState,
        _ opened: OpenMailbox,
        _ news: MailboxNews,
        _ exists: UInt32
    ) throws(SessionError) -> Bool {
        guard news.isEmpty, before.total == Int(exists), before.uidValidity == opened.epoch,
            before.unseen != nil
        else { return false }
        switch opened.due {
        case .nothing: return true
        case .compare: return false
        case .changes(let messages, let vanished):
            guard messages.isEmpty, vanished.isEmpty else { return false }
        case .flagsSince: break
        }
        guard let highest = opened.highestModSeq, before.highestModSeq == highest else {
            return false
        }
        let known = try stored { () throws(StoreError) in try store.highestUID(in: opened.id) }
        return opened.uidNext.map { $0.value <= (known?.value ?? 0) + 1 } ?? (exists == 0)
    }

    private func fetchFirstWindow(
        _ exists: UInt32,
        of opened: OpenMailbox,
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard exists > 0 else { return }
        let window = UInt32(CoreLimits.firstWindow)
        let first = exists > window ? exists - window + 1 : 1
        update.take(try await headers(.numbers(first...exists), of: opened, session))
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
        inboxAnswers = [:]
        cancel(applied.cancelled, in: mailbox)
        try publish(applied.moved)
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

    /// Tells of messages that somebody else has moved, also from mailboxes looked at before.
    private func publish(_ moved: [AppliedChange.Relocation]) throws(SessionError) {
        for message in moved where message.source != message.target {
            let places = try stored { () throws(StoreError) in
                (try store.mailbox(message.source), try store.mailbox(message.target))
            }
            guard case (let source?, let target?) = places else { continue }
            var event = Event.changed(.messageMoved, [message.id], in: source)
            event.target = target.display
            hub.publish(event)
            if let replaced = message.replaced {
                hub.publish(.changed(.messageGone, [replaced], in: target))
            }
        }
    }

    /// Messages without \Seen: counted where the window is the whole mailbox, else asked for.
    private func unseen(
        after update: WindowUpdate,
        _ session: IMAPSession
    ) async throws(SessionError) -> Int? {
        if update.count >= update.state.total, let unseen = update.unseen { return unseen }
        let answer = try await session.execute(.uidSearch([.unseen]))
        for case .search(let found) in answer.untagged { return Int(clamping: found.count) }
        return nil
    }

    func state(
        _ exists: UInt32,
        _ opened: OpenMailbox,
        highestModSeq: UInt64?
    ) -> MailboxState {
        MailboxState(
            uidValidity: opened.epoch,
            total: Int(exists),
            unseen: nil,
            highestModSeq: highestModSeq,
            uidNext: opened.uidNext?.value,
            permanentFlags: opened.permanentFlags,
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
