// A connection for requests that would wait while the one that waits for news is busy: made when
// one has waited for a moment, and closed when it has been idle for a while. What fails here goes
// back to where it came from.

import BrokerProtocol
import Logging
import MailModel
import MailSession

/// The account's connection for requests that cannot wait.
actor Lane {
    /// Takes back work that could not be done here.
    typealias TakeBack = @Sendable ([IMAPWorker.Job]) async -> Void

    private let worker: IMAPWorker
    private let budget: ConnectionBudget
    private let log: Logger
    private let hold: Duration
    private let connect: IMAPWorker.Connect
    /// Asks for room where all connections are taken.
    private let onFull: @Sendable () async -> Void
    private var jobs: [IMAPWorker.Job] = []
    private var session: IMAPSession?
    private var attempt: Task<Bool, Never>?
    private var task: Task<Void, Never>?
    private var farewell: Task<Void, Never>?
    private var lastFailure: ContinuousClock.Instant?
    private var isStopped = false

    /// A lane that works with a worker which nobody else runs, and holds its connection for a time
    /// after the last job.
    init(
        _ worker: IMAPWorker,
        budget: ConnectionBudget,
        log: Logger,
        hold: Duration = CoreLimits.laneHold,
        connect: @escaping IMAPWorker.Connect,
        onFull: @escaping @Sendable () async -> Void = {}
    ) {
        self.worker = worker
        self.budget = budget
        self.log = log
        self.hold = hold
        self.connect = connect
        self.onFull = onFull
    }

    /// Whether a connection stands.
    var isConnected: Bool { session != nil }

    /// Whether there may be a connection at all.
    nonisolated var mayConnect: Bool { budget.allowed > 1 }

    /// How many jobs wait.
    var waiting: Int { jobs.count }

    /// Makes the connection unless it stands; whether there is one.
    func prepare() async -> Bool {
        guard !isStopped else { return false }
        if session != nil { return true }
        if let attempt { return await attempt.value }
        if let lastFailure, ContinuousClock.now - lastFailure < CoreLimits.loginPauseMin {
            return false
        }
        let attempt = Task { await self.open() }
        self.attempt = attempt
        defer { self.attempt = nil }
        return await attempt.value
    }

    private func open() async -> Bool {
        do throws(SessionError) {
            guard let current = try await budget.open(connect) else {
                await onFull()
                return false
            }
            guard !isStopped else {
                await end(current)
                return false
            }
            session = current
            do throws(SessionError) {
                try await worker.enableExtensions(current)
            } catch {
                forget(current)
                throw error
            }
            scheduleFarewell()
            return session != nil
        } catch {
            lastFailure = .now
            let metadata: Logger.Metadata = ["account": "\(worker.account)", "reason": "\(error)"]
            log.info("no further connection", metadata: metadata)
            return false
        }
    }

    /// Does a job after those of its kind; `takeBack` gets it, and all that wait, when the
    /// connection ends under it.
    func run(_ job: IMAPWorker.Job, takeBack: @escaping TakeBack) async {
        guard session != nil, !isStopped else { return await takeBack([job]) }
        farewell?.cancel()
        let place = job.place == .beside ? nil : jobs.firstIndex { $0.place == .beside }
        jobs.insert(job, at: place ?? jobs.endIndex)
        guard task == nil else { return }
        task = Task { await self.work(takeBack) }
    }

    private func work(_ takeBack: TakeBack) async {
        while !jobs.isEmpty {
            let job = jobs.removeFirst()
            guard let current = session, await worker.run(job, over: current) == nil else {
                if let session { forget(session) }
                let left = [job.lastTry] + jobs
                jobs = []
                await worker.forgetMailbox()
                await takeBack(left)
                continue
            }
        }
        task = nil
        scheduleFarewell()
    }

    /// Ends a connection that may be dead, or whose address this machine has no more.
    func take(_ news: NetworkNews) async {
        guard let session else { return }
        if task == nil, news.isDoubt || session.isAddressGone {
            farewell?.cancel()
            forget(session)
        } else if session.isAddressGone {
            session.close()
        } else if news.isDoubt {
            await session.probe()
        }
    }

    /// Ends the connection; work under way goes back.
    ///
    /// - Returns: whether nothing uses the credential any more.
    func stop() async -> Bool {
        isStopped = true
        farewell?.cancel()
        let isConnecting = attempt != nil
        session?.close()
        await task?.value
        if let session { forget(session) }
        return !isConnecting
    }

    private func scheduleFarewell() {
        farewell?.cancel()
        guard session != nil else { return }
        farewell = Task {
            guard (try? await Task.sleep(for: self.hold)) != nil else { return }
            await self.leave()
        }
    }

    private func leave() async {
        guard task == nil, let current = session else { return }
        session = nil
        await worker.forgetMailbox()
        await end(current)
    }

    private func end(_ session: IMAPSession) async {
        await session.logout()
        budget.giveBack()
    }

    private func forget(_ session: IMAPSession) {
        guard self.session === session else { return }
        session.close()
        self.session = nil
        budget.giveBack()
    }
}
