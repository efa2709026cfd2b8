// How the store's window of a mailbox catches up: by what QRESYNC tells at the opening, by
// CONDSTORE and a list of what is there, or by comparing all of it (protocols.md 4.5).

import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// Switches on what makes resync cheap.
    ///
    /// A server that refuses what it offers is used without.
    func enableExtensions(_ session: IMAPSession) async throws(SessionError) {
        let profile = ServerProfile(session.summary)
        if profile.usesQRESYNC { _ = try await tried(.enable(["QRESYNC"]), session) }
    }

    /// Whether opening INBOX is all it takes to be up to date, so that it comes before the list of
    /// mailboxes.
    ///
    /// QUIRK: behind a LIST, Dovecot reads a Maildir anew when a mailbox is opened: 50 ms for
    /// 100,000 messages in place of 0.5.
    func opensQuickly(_ session: IMAPSession) async throws(SessionError) -> Bool {
        guard await session.enabled.has("QRESYNC"),
            let inbox = mailboxes.first(where: { $0.role == .inbox })
        else { return false }
        return try stored { () throws(StoreError) in
            guard try store.mailbox(inbox.id)?.state?.highestModSeq != nil else { return false }
            // What waits for the server is checked against what was known when it was asked for.
            return try store.waitingCount(of: account) == 0
        }
    }

    /// Runs a command that a server may refuse without harm; whether it did not.
    func tried(
        _ command: IMAPCommand,
        _ session: IMAPSession
    ) async throws(SessionError) -> Bool {
        do {
            _ = try await session.execute(command)
            return true
        } catch .refused {
            return false
        }
    }

    /// Opens a mailbox unless it is open.
    @discardableResult
    func open(
        _ mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws(SessionError) -> OpenMailbox {
        if let opened, opened.id == mailbox.id { return opened }
        // A SELECT that fails leaves no mailbox open (RFC 3501 6.3.1).
        opened = nil
        isInboxLive = false
        let stored = try stored { () throws(StoreError) in try store.mailbox(mailbox.id)?.state }
        var point: IMAPSyncPoint?
        if let stored, let modSeq = stored.highestModSeq, await session.enabled.has("QRESYNC") {
            point = IMAPSyncPoint(uidValidity: stored.uidValidity, modSeq: modSeq)
        }
        let answer: IMAPAnswer
        do {
            answer = try await session.execute(
                .select(mailbox.name, readOnly: false, since: point)
            )
        } catch .refused where point != nil {
            // Perhaps it was the question for changes.
            point = nil
            answer = try await session.execute(.select(mailbox.name, readOnly: false))
        }
        var now = OpenMailbox(
            mailbox.id,
            answer,
            stored: stored,
            asked: point,
            hasModSeqs: session.summary.has("CONDSTORE") || session.summary.has("QRESYNC")
        )
        if ServerProfile(session.summary).hasLabels { now.label = mailbox.label }
        opened = now
        return now
    }

    /// Brings a window that is not empty up to date: first what the opening left to do, then the
    /// news.
    ///
    /// `exists` is how many messages the window will have, where it is the whole mailbox.
    func catchUp(
        _ opened: OpenMailbox,
        _ news: MailboxNews,
        _ exists: UInt32?,
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        if case .compare = opened.due { return try await compare(session, into: &update) }
        if news.hasUnknownChanges { return try await compare(session, into: &update) }
        // In the order in which the server said it: what was said last counts.
        if case .changes(let messages, let vanished) = opened.due {
            try take(messages, into: &update)
            try remove(vanished, from: &update)
        }
        try learn(news.flags.keys, in: &update)
        update.take(flags: news.flags)
        try remove(news.vanished, from: &update)
        if case .flagsSince(let modSeq) = opened.due {
            guard session.summary.has("ESEARCH") else {
                return try await compare(session, into: &update)
            }
            if modSeq != opened.highestModSeq {
                try await takeFlags(since: modSeq, session, into: &update)
            }
        }
        let next = opened.uidNext?.value ?? 0
        let mayHaveMore = !opened.due.isNothing && next > 0 && next - 1 > update.highestNamed.value
        if news.hasArrivals || mayHaveMore { try await fetchArrivals(session, into: &update) }
        try await fetchMissing(session, into: &update)
        if case .flagsSince = opened.due, exists.map(Int.init) != update.count {
            try await takeWhatIsLeft(session, into: &update)
        }
        if update.isSuspicious { try await compare(session, into: &update) }
    }

    /// Takes what the server says of messages, after a look at what is stored of them.
    private func take(
        _ messages: [IMAPFetchData],
        into update: inout WindowUpdate
    ) throws(SessionError) {
        try learn(messages.lazy.compactMap(\.uid), in: &update)
        update.take(messages)
    }

    private func remove(
        _ vanished: [UIDSet],
        from update: inout WindowUpdate
    ) throws(SessionError) {
        guard !vanished.isEmpty else { return }
        try learn(vanished.flatMap(\.ranges), in: &update)
        update.remove(vanished)
    }

    private func learn(
        _ uids: some Sequence<UID>,
        in update: inout WindowUpdate
    ) throws(SessionError) {
        let unlearnt = update.unlearnt(uids)
        guard !unlearnt.isEmpty else { return }
        try learn(UIDSet(unlearnt).ranges, in: &update)
    }

    private func learn(
        _ ranges: [UIDSet.Range],
        in update: inout WindowUpdate
    ) throws(SessionError) {
        guard let mailbox = opened?.id else { return }
        update.learn(
            try stored { () throws(StoreError) in
                try store.knownFlags(in: mailbox, within: ranges)
            }
        )
    }

    /// Flags that changed since a mod-sequence.
    private func takeFlags(
        since modSeq: UInt64,
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard let start = update.start else { return }
        let items: [IMAPFetchItem] = [.uid, .flags, .modSeq, .labels]
        do {
            let command = IMAPCommand.uidFetchChanged(.from(start), items, since: modSeq)
            try take(try await session.execute(command).messages, into: &update)
        } catch .refused {
            try await compare(session, into: &update)
        }
    }

    /// Takes out what a list of the window does not hold any more.
    private func takeWhatIsLeft(
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard let start = update.start else { return }
        try learn([UIDSet.Range(start.value, .max)], in: &update)
        let left = try await session.execute(.uidSearch([.uids(.from(start))]))
        for case .search(let found) in left.untagged { update.keep(inside: found) }
    }

    /// Looks at the flags of the whole window.
    func compare(
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard let start = update.start else { return }
        try learn([UIDSet.Range(start.value, .max)], in: &update)
        // Labels change like flags; names stay, but what was stored before may lack them.
        let details: [IMAPFetchItem] =
            ServerProfile(session.summary).hasLabels ? [.emailID, .threadID, .labels] : []
        let answer = try await session.execute(.uidFetch(.from(start), [.uid, .flags] + details))
        update.take(answer.messages)
        update.keep(only: Set(answer.messages.compactMap(\.uid).filter { $0 >= start }))
        if update.isSuspicious {
            // QUIRK 39, 54: an answer may end early and say OK.
            let left = try await session.execute(.uidSearch([.uids(.from(start))]))
            for case .search(let found) in left.untagged { update.restore(found) }
        }
        try await fetchMissing(session, into: &update)
    }

    /// Fetches what has come above the window.
    private func fetchArrivals(
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard let opened, update.highest.value < .max else { return }
        let next = UID(update.highest.value + 1)
        update.take(try await headers(.from(next), of: opened, session))
    }

    /// Fetches the headers of new messages, newest first.
    private func fetchMissing(
        _ session: IMAPSession,
        into update: inout WindowUpdate
    ) async throws(SessionError) {
        guard let opened else { return }
        let uids = update.missing.sorted(by: >)
        for start in stride(from: 0, to: uids.count, by: CoreLimits.headerWindow) {
            let window = Array(uids[start..<min(start + CoreLimits.headerWindow, uids.count)])
            update.take(try await headers(.uids(window), of: opened, session))
        }
    }
}

extension OpenMailbox.Due {
    /// Whether the opening left nothing to do.
    var isNothing: Bool { if case .nothing = self { true } else { false } }
}
