// The account's second connection, which exists only while there are headers to be fetched ahead:
// so that a list of any mailbox, and a search, find everything, also without a connection.

import CPlatform
import Logging
import MailModel
import MailSession
import MailStore

/// Fetches the headers of all mailboxes of an account.
actor Filler {
    private let worker: IMAPWorker
    private let budget: ConnectionBudget
    private let connect: IMAPWorker.Connect
    private let log: Logger
    private var task: Task<Void, Never>?
    private var session: IMAPSession?
    /// Whether somebody waits for the connection.
    private var givesWay = false
    /// Mailboxes that need not be looked at, in the epoch in which that was found.
    private var done: [Int64: UIDValidity?] = [:]

    /// A filler that works with a worker which nobody else runs.
    init(
        _ worker: IMAPWorker,
        budget: ConnectionBudget,
        log: Logger,
        connect: @escaping IMAPWorker.Connect
    ) {
        self.worker = worker
        self.budget = budget
        self.log = log
        self.connect = connect
    }

    /// Begins, unless it is at it.
    func start() {
        guard task == nil, budget.allowed > 1 else { return }
        task = Task {
            if self.givesWay {
                self.givesWay = false
                await self.worker.resume()
            }
            await self.run()
            self.task = nil
        }
    }

    /// Ends for now, after what is under way: somebody waits for the connection.
    func giveWay() async {
        guard task != nil else { return }
        givesWay = true
        await worker.abandon()
    }

    /// Ends or tries a connection that may be dead, or whose address this machine has no more.
    func take(_ news: NetworkNews) async {
        guard let session else { return }
        if session.isAddressGone {
            session.close()
        } else if news.isDoubt {
            await session.probe()
        }
    }

    /// Ends what is under way.
    ///
    /// - Returns: whether nothing uses the credential any more.
    func stop() async -> Bool {
        let isConnecting = task != nil && session == nil
        task?.cancel()
        await worker.abandon()
        session?.close()
        if !isConnecting { await task?.value }
        return !isConnecting
    }

    private func run() async {
        var failures = 0
        while !Task.isCancelled, failures < CoreLimits.fillAttemptsMax {
            do throws(SessionError) {
                return try await fillAll()
            } catch {
                session?.close()
                session = nil
                if await worker.takeTrial() { continue }
                failures += 1
                log.info("headers are not fetched ahead", metadata: ["reason": "\(error)"])
                guard error.isTemporary else { return }
                try? await Task.sleep(for: CoreLimits.fillPause * failures)
            }
        }
    }

    private func fillAll() async throws(SessionError) {
        let (mailboxes, all) = try lacking()
        guard !mailboxes.isEmpty, !Task.isCancelled,
            let current = try await budget.open(connect)
        else { return }
        defer { budget.giveBack() }
        session = current
        try await worker.enableExtensions(current)
        let profile = ServerProfile(current.summary)
        for mailbox in mailboxes where !Task.isCancelled && !givesWay {
            guard !mailbox.isMereLabel(in: all, profile) else {
                done[mailbox.id] = mailbox.state?.uidValidity
                continue
            }
            do {
                try await worker.fill(mailbox, to: CoreLimits.filledMax, current)
            } catch .refused {
                // QUIRK 45: it is listed and cannot be opened.
                done[mailbox.id] = mailbox.state?.uidValidity
            }
        }
        session = nil
        await worker.forgetMailbox()
        await current.logout()
        mb_release_free_memory()
    }

    /// The mailboxes of which the store does not hold everything, in the order of a list.
    ///
    /// Counting costs time: one that proves to be whole is not counted again.
    private func lacking() throws(SessionError) -> (
        lacking: [MailboxRecord], all: [MailboxRecord]
    ) {
        do {
            var lacking: [MailboxRecord] = []
            let all = try worker.store.mailboxes(of: worker.account)
            for mailbox in all
            where mailbox.isSelectable && done[mailbox.id] != .some(mailbox.state?.uidValidity) {
                let total = mailbox.state?.total ?? .max
                if try worker.store.count(in: mailbox.id) < total {
                    lacking.append(mailbox)
                } else {
                    done[mailbox.id] = mailbox.state?.uidValidity
                }
            }
            return (lacking.sorted(by: MailboxRoles.isListedBefore), all)
        } catch {
            throw .storage(error.reason)
        }
    }
}
