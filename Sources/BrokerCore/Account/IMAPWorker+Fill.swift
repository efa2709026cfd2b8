// Filling windows: the headers of older messages, newest first. Three parts are under way at once:
// one travels, one is read, one is stored, beside the worker, which answers requests meanwhile.

import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// Fetches older messages below the window of a mailbox until so many are stored or no more are
    /// left.
    ///
    /// Numbers of messages only fall while the mailbox is open, and parts are asked for from the
    /// top down: one that shifts meanwhile is fetched twice, and none is missed.
    func fill(
        _ mailbox: MailboxRecord,
        to count: Int,
        _ session: IMAPSession
    ) async throws(SessionError) {
        try await sync(mailbox, session)
        let known = try stored { () throws(StoreError) in try store.count(in: mailbox.id) }
        let exists = await session.exists
        var parts = FillParts(exists: exists, stored: known, wanted: count)
        guard let first = parts.next(), let opened, opened.id == mailbox.id else { return }
        var fetched: [IMAPFetchData]? = try await headers(.numbers(first), of: opened, session)
        var read: [MessageData] = []
        while fetched != nil || !read.isEmpty {
            let ahead = isStopping ? nil : parts.next()
            do {
                async let following = fetch(ahead, of: opened, session)
                async let reading = Self.read(fetched, opened.label)
                try await Self.extend(mailbox, opened.epoch, by: read, in: store)
                read = await reading
                fetched = try await following
            } catch let error as SessionError {
                throw error
            } catch let error as StoreError {
                throw .storage(error.reason)
            } catch {
                throw .connectionLost
            }
        }
        try await settleWindow(mailbox, session)
    }

    /// Takes what the server has told while parts were on their way: of messages that were not
    /// stored yet, it was not taken by anybody.
    private func settleWindow(
        _ mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws(SessionError) {
        let known = try stored { () throws(StoreError) in try store.count(in: mailbox.id) }
        if await known > session.exists { opened?.due = .compare }
        try await sync(mailbox, session)
    }

    private func fetch(
        _ range: ClosedRange<UInt32>?,
        of opened: OpenMailbox,
        _ session: IMAPSession
    ) async throws(SessionError) -> [IMAPFetchData]? {
        guard let range else { return nil }
        return try await headers(.numbers(range), of: opened, session)
    }

    @concurrent
    private static func read(_ fetched: [IMAPFetchData]?, _ label: Label?) async -> [MessageData] {
        fetched?.compactMap { $0.headers == nil ? nil : MessageData(fetched: $0, in: label) } ?? []
    }

    /// Stores messages below the window.
    @concurrent
    private static func extend(
        _ mailbox: MailboxRecord,
        _ epoch: UIDValidity,
        by messages: [MessageData],
        in store: MailStore
    ) async throws(StoreError) {
        guard !messages.isEmpty else { return }
        try store.extend(mailbox.id, epoch: epoch, by: messages)
    }
}

/// The parts of a mailbox below its window, by number, from the top down.
struct FillParts {
    private var last: UInt32
    private let lowest: UInt32
    private var size = UInt32(CoreLimits.headerWindow)

    /// The parts of a mailbox of which so many messages are stored and so many are wanted.
    init(exists: UInt32, stored: Int, wanted: Int) {
        last = UInt32(clamping: Int(exists) - stored)
        lowest = UInt32(clamping: max(1, Int(exists) - wanted + 1))
    }

    /// The next part; they grow, so that the first come soon and the last cost few round trips.
    mutating func next() -> ClosedRange<UInt32>? {
        guard last >= lowest, last > 0 else { return nil }
        let first = last - lowest >= size ? last - size + 1 : lowest
        defer {
            last = first - 1
            size = min(size * 2, UInt32(CoreLimits.headerWindowMax))
        }
        return first...last
    }
}
