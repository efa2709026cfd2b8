// The account's second connection, which exists only while there are headers to be fetched ahead:
// so that a list of any mailbox, and a search, find everything, also without a connection.

import Logging
import MailModel
import MailSession
import MailStore

/// Fetches the headers of all mailboxes of an account.
actor Filler {
    private let worker: IMAPWorker
    private let connect: IMAPWorker.Connect
    private let log: Logger
    private var task: Task<Void, Never>?
    private var session: IMAPSession?
    /// Mailboxes of which everything has been fetched since the broker started.
    private var filled: Set<Int64> = []

    /// A filler that works with a worker which nobody else runs.
    init(_ worker: IMAPWorker, log: Logger, connect: @escaping IMAPWorker.Connect) {
        self.worker = worker
        self.log = log
        self.connect = connect
    }

    /// Begins, unless it is at it.
    func start() {
        guard task == nil else { return }
        task = Task {
            await self.run()
            self.task = nil
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
                failures += 1
                log.info("headers are not fetched ahead", metadata: ["reason": "\(error)"])
                guard error.isTemporary else { return }
                try? await Task.sleep(for: CoreLimits.fillPause * failures)
            }
        }
    }

    private func fillAll() async throws(SessionError) {
        let mailboxes = try await worker.mailboxesToFill().filter { !filled.contains($0.id) }
        guard !mailboxes.isEmpty, !Task.isCancelled else { return }
        let current = try await connect()
        session = current
        try await worker.enableExtensions(current)
        for mailbox in mailboxes where !Task.isCancelled {
            do {
                try await worker.fill(mailbox, to: CoreLimits.filledMax, current)
                filled.insert(mailbox.id)
            } catch .refused {
                // QUIRK 45: it is listed and cannot be opened.
                filled.insert(mailbox.id)
            }
        }
        session = nil
        await worker.forgetMailbox()
        await current.logout()
    }
}

extension IMAPWorker {
    /// The mailboxes of which the store does not hold everything, in the order of a list.
    func mailboxesToFill() throws(SessionError) -> [MailboxRecord] {
        try stored { () throws(StoreError) in
            var lacking: [MailboxRecord] = []
            for mailbox in try store.mailboxes(of: account) where mailbox.isSelectable {
                let total = mailbox.state?.total ?? .max
                if try store.count(in: mailbox.id) < total { lacking.append(mailbox) }
            }
            return lacking
        }.sorted(by: MailboxRoles.isListedBefore)
    }
}
