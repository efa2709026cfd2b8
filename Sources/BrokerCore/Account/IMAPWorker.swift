// The owner of an account's IMAP connection. One task runs it: it serves requests one after the
// other, keeps INBOX in sync and idles when there is nothing to do, and makes the connection anew
// when it drops. Requests are jobs in a queue; nobody else touches the session.

import BrokerProtocol
import Logging
import MailModel
import MailSession
import MailStore

/// Keeps one account's IMAP connection and does what requests need of it.
actor IMAPWorker {
    /// Makes a new connection with the account's credential.
    typealias Connect = @Sendable () async throws(SessionError) -> IMAPSession

    nonisolated let account: String
    nonisolated let store: MailStore
    let hub: EventHub
    let log: Logger
    private let connect: Connect
    /// Whether mailboxes that are not open are kept up to date.
    let watchesAll: Bool
    private let onState: @Sendable (AccountStatus.State, String?) async -> Void
    /// Called when everything asked for has been done.
    private let onQuiet: @Sendable () async -> Void
    /// The connection for requests that would wait for this one; nil where there is none.
    let lane: Lane?

    var jobs: [Job] = []
    private var lastJob = 0
    private(set) var session: IMAPSession?
    private var loop: Task<Void, Never>?
    private(set) var isStopping = false
    /// Whether the connection has nothing to do but to wait for news.
    var isIdle = false
    /// Whether the network may have taken the connection away.
    var isDoubted = false
    /// How long one IDLE lasts.
    var renewal = IdleRenewal()
    /// The last reason for which there was no connection.
    private var lastReason: String?
    private var pause: Task<Void, any Error>?
    private var rest: Task<Void, any Error>?
    private var lastAttempt = ContinuousClock.now
    private var pace = ReconnectPace()
    /// Since when there is no connection; nil while there is one.
    private(set) var offlineSince: DateTime?
    /// The account's mailboxes as last listed.
    var mailboxes: [MailboxRecord]
    /// The mailbox the connection has open.
    var opened: OpenMailbox?
    /// Whether changes may wait in the operation log and can be tried now.
    var hasOperations = true
    /// How long who changes something waits for the server to have it.
    var changeWait = CoreLimits.changeWait
    /// How the server tells of mailboxes that are not open.
    var notification = Notification.none
    /// What the server said last of mailboxes that were then brought up to date.
    var lastFigures: [Int64: AccountNews.Figures] = [:]
    /// When mailboxes that are not open were last asked for news.
    var lastPoll = ContinuousClock.now
    /// What the server refused of changes whose askers have not been told, by message.
    var refusals: [Int64: BrokerError] = [:]
    /// Whether the server has refused to move, and copies and deletes instead.
    var refusesMove = false
    /// Mailboxes some of whose headers could not be fetched.
    var doubts: [Int64: FetchDoubts] = [:]
    /// Whether the connection ended while a message that ends it was looked for.
    var isTrial = false
    /// Connections that were made at once because of that.
    var trials = 0
    /// Whether what the store holds of INBOX is what the server would say.
    var isInboxLive = false {
        didSet { inboxAnswers = [:] }
    }
    /// Answers about INBOX as it is now.
    var inboxAnswers: [InboxQuestion: [UInt8]] = [:]

    init(
        account: String,
        store: MailStore,
        hub: EventHub,
        log: Logger,
        watchesAll: Bool = false,
        lane: Lane? = nil,
        connect: @escaping Connect,
        onState: @escaping @Sendable (AccountStatus.State, String?) async -> Void,
        onQuiet: @escaping @Sendable () async -> Void = {}
    ) {
        self.account = account
        self.store = store
        self.hub = hub
        self.log = log
        self.watchesAll = watchesAll
        self.lane = lane
        self.connect = connect
        self.onState = onState
        self.onQuiet = onQuiet
        // A cache that cannot be read shows with the first request.
        mailboxes = (try? store.mailboxes(of: account)) ?? []
    }

    /// Has those who change something wait so long for the server to have it.
    func wait(forChanges wait: Duration) { changeWait = wait }

    /// Begins with a connection that has just logged in; without one by making one.
    func start(_ first: IMAPSession?) {
        if first == nil { offlineSince = DateTime.now() }
        loop = Task { await self.run(first) }
    }

    /// Logs out and ends; jobs that wait are refused.
    ///
    /// A connection that is only being made ends by itself; one that hangs is cut.
    ///
    /// - Returns: whether all has ended, and nothing will use the credential any more.
    func stop() async -> Bool {
        isStopping = true
        pause?.cancel()
        rest?.cancel()
        let hasSession = session != nil
        if let session {
            await session.endIdle()
            let limit = Task {
                try await Task.sleep(for: CoreLimits.farewellWait)
                session.close()
            }
            await loop?.value
            limit.cancel()
        }
        refuseJobs(Self.loggedOut)
        return hasSession
    }

    /// Has a worker that somebody else gives connections to end what it does.
    func abandon() { isStopping = true }

    /// Lets a worker go on that was to end.
    func resume() { isStopping = false }

    /// Takes a connection that somebody else owns.
    func lend(_ session: IMAPSession) { self.session = session }

    /// Notes that the connection somebody gave is no more.
    func forgetMailbox() {
        opened = nil
        session = nil
    }

    /// Whether a connection stands now.
    var isConnected: Bool { session != nil }

    /// The TLS version of the connection; nil without.
    var tlsVersion: String? { session?.tlsVersion }

    /// Runs a job on the connection, when its turn comes, and gives what it gives.
    ///
    /// A repeatable job is run once more when the connection drops under it, and may be done on
    /// another connection where `place` allows it.
    func perform<Value: Sendable>(
        isRepeatable: Bool,
        at place: Job.Place = .anywhere,
        _ body: @escaping @Sendable (isolated IMAPWorker, IMAPSession) async throws -> Value
    ) async throws -> Value {
        guard !isStopping, jobs.count < CoreLimits.jobsMax else {
            throw BrokerError(.requestLimit, "the account is busy", temporary: true)
        }
        let answer = JobAnswer<Value>()
        lastJob += 1
        let place = isRepeatable ? place : .here
        let job = Job(number: lastJob, place: place, isRepeatable: isRepeatable) {
            worker,
            session in
            guard !answer.isGiven else { return nil }  // nobody waits any more
            do {
                answer.give(.success(try await body(worker, session)))
                return nil
            } catch let error as SessionError where error.endsConnection {
                return error
            } catch {
                answer.give(.failure(error))
                return nil
            }
        } refuse: {
            answer.give(.failure($0))
        }
        await enter(job)
        return try await withTaskCancellationHandler {
            try await answer.value()
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    /// Has the loop look at the queue; without a connection a job waits only so long for one.
    func wake(for number: Int) {
        pause?.cancel()
        if let session {
            Task { await session.endIdle() }
            return
        }
        Task {
            try? await Task.sleep(for: CoreLimits.connectionWait)
            self.expire(number)
        }
    }

    private func expire(_ number: Int) {
        guard session == nil, let index = jobs.firstIndex(where: { $0.number == number }) else {
            return
        }
        jobs.remove(at: index).refuse(
            BrokerError(.networkTimeout, "there is still no connection", temporary: true)
        )
    }

    private func run(_ first: IMAPSession?) async {
        var next = first
        while !isStopping {
            let began = ContinuousClock.now
            do {
                let current: IMAPSession
                if let next {
                    current = next
                } else {
                    current = try await reconnect()
                }
                next = nil
                try await serve(current)
                await current.logout()
                session = nil
            } catch {
                let wasLoggedIn = session != nil
                await forgetConnection()
                guard !isStopping else { break }
                guard !error.refusesCredential else { return await giveUp(error) }
                if takeTrial() {
                    await report(error)
                    continue
                }
                isDoubted = false
                let life = ContinuousClock.now - began
                let pause = pace.pause(after: error, wasLoggedIn: wasLoggedIn, life: life)
                await report(error)
                switch pause {
                case .none: break
                case .rest: await rest(error)
                case .upTo(let longest): await wait(upTo: longest)
                }
            }
        }
    }

    private func reconnect() async throws(SessionError) -> IMAPSession {
        lastAttempt = .now
        await onState(.connecting, nil)
        do {
            return try await connect()
        } catch {
            // Whoever waits for the connection hears now why there is none.
            refuseJobs(BrokerError(error))
            throw error
        }
    }

    private func serve(_ current: IMAPSession) async throws(SessionError) {
        session = current
        lastReason = nil
        offlineSince = nil
        await onState(.live, nil)
        try await enableExtensions(current)
        notification = Notification(current, isWanted: watchesAll)
        lastFigures = [:]
        refusesMove = false
        if try await opensQuickly(current) { try await syncInbox(current) }
        try await refreshMailboxes(current)
        lastPoll = .now - CoreLimits.pollPause
        var syncs = 0
        while !isStopping {
            let hasNews = await current.hasMailboxNews
            if hasOperations {
                try await hush(current)
                try await runOperations(current)
            } else if !jobs.isEmpty {
                try await hush(current)
                // The lane may have taken it while IDLE was ended.
                guard !jobs.isEmpty else { continue }
                try await run(jobs.removeFirst(), current)
            } else if !isInboxLive || hasNews {
                syncs += 1
                await pause(after: syncs)
                try await hush(current)
                try await syncInbox(current)
            } else if try await watchOthers(current) {
                syncs = 0
                await onQuiet()
                try await waitForNews(current)
            } else {
                syncs += 1
                await pause(after: syncs)
            }
        }
    }

    /// A server that has news in every answer is not to keep the broker busy.
    private func pause(after syncs: Int) async {
        guard syncs > CoreLimits.syncsInRowMax else { return }
        try? await Task.sleep(for: CoreLimits.syncPause)
    }

    /// Has the next attempt to connect made soon, because somebody is looking.
    func hurry() {
        guard session == nil, ContinuousClock.now - lastAttempt > pace.hurriedPause else {
            return
        }
        pause?.cancel()
    }

    private func run(_ job: Job, _ current: IMAPSession) async throws(SessionError) {
        guard let error = await job.run(self, current) else { return }
        if job.isRepeatable {
            jobs.insert(isTrial ? job : job.lastTry, at: 0)
        } else {
            job.refuse(BrokerError(error))
        }
        throw error
    }

    private func forgetConnection() async {
        if let session, isInboxLive { await confirmInbox(session) }
        session?.close()
        session = nil
        offlineSince = offlineSince ?? DateTime.now()
        opened = nil
        isInboxLive = false
        hasOperations = true
    }

    private func giveUp(_ error: SessionError) async {
        let refusal = BrokerError(error)
        refuseJobs(refusal)
        isStopping = true
        await onState(.needsLogin, refusal.message)
    }

    private func report(_ error: SessionError) async {
        let reason = BrokerError(error).message
        // An hour without a network is one line, not one for every attempt.
        if lastReason != reason {
            let metadata: Logger.Metadata = ["account": "\(account)", "reason": "\(reason)"]
            log.info("connection lost", metadata: metadata)
        }
        lastReason = reason
        await onState(.offline, reason)
    }

    private func refuseJobs(_ error: BrokerError) {
        let refused = jobs
        jobs = []
        for job in refused { job.refuse(error) }
    }

    private func rest(_ error: SessionError) async {
        refuseJobs(BrokerError(error))
        let pause = Task { try await Task.sleep(for: CoreLimits.loginPauseMin) }
        rest = pause
        _ = await pause.result
        rest = nil
    }

    /// Waits before the next attempt; a request ends the wait.
    private func wait(upTo longest: Duration) async {
        guard jobs.isEmpty else {
            // Somebody waits: but a server that drops every connection is not to be hammered.
            if pace.failures > 1 { try? await Task.sleep(for: CoreLimits.reconnectPauseMin) }
            return
        }
        let length = longest * Double.random(in: 0...1)
        let pause = Task { try await Task.sleep(for: length) }
        self.pause = pause
        _ = await pause.result
        self.pause = nil
    }
}
