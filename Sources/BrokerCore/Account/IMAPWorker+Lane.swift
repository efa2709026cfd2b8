// What a worker gives to the connection beside its own, and gets back from it.

import BrokerProtocol
import MailSession
import MailStore

extension IMAPWorker {
    /// Gives a job to the connection beside this one, or has it wait for this one.
    func enter(_ job: Job) async {
        let isFree = isIdle && jobs.isEmpty
        if let lane, session != nil, job.place == .beside || (job.place == .anywhere && !isFree),
            await lane.isConnected
        {
            return await lane.run(job) { await self.takeBack($0) }
        }
        guard !isStopping else { return job.refuse(Self.loggedOut) }
        jobs.append(job)
        wake(for: job.number)
        moveSoon(job.number, job.place)
    }

    /// Whether a job waits for a connection that others use.
    func isWaiting(_ number: Int) -> Bool {
        session != nil && jobs.contains { $0.number == number }
    }

    /// Takes a job that still waits out of the queue.
    func takeOut(_ number: Int) -> Job? {
        guard isWaiting(number) else { return nil }
        return jobs.firstIndex { $0.number == number }.map { jobs.remove(at: $0) }
    }

    /// Takes back jobs that could not be done elsewhere: they have waited before all others.
    func takeBack(_ left: [Job]) {
        guard !isStopping else {
            for job in left { job.refuse(Self.loggedOut) }
            return
        }
        jobs.insert(contentsOf: left, at: 0)
        for job in left { wake(for: job.number) }
    }

    static let loggedOut = BrokerError(
        .accountLoggedOut,
        "the account has been logged out"
    )

    /// Runs a job of another worker over a connection that somebody else owns, until
    /// `forgetMailbox`.
    func run(_ job: Job, over lent: IMAPSession) async -> SessionError? {
        lend(lent)
        // The other worker may know more of them by now.
        mailboxes = (try? store.mailboxes(of: account)) ?? mailboxes
        return await job.run(self, lent)
    }

    /// Has a job done on the connection beside this one, where it still waits for this one after a
    /// moment; one that is part of much, at once.
    func moveSoon(_ job: Int, _ place: Job.Place) {
        guard let lane, lane.mayConnect, place != .here else { return }
        Task {
            if place == .anywhere { try? await Task.sleep(for: CoreLimits.lanePatience) }
            // It waits for this connection as well while the other one is made, or while room is
            // made for it.
            while self.isWaiting(job), await !lane.prepare() {
                try? await Task.sleep(for: CoreLimits.lanePatience)
            }
            guard let job = self.takeOut(job) else { return }
            await lane.run(job) { await self.takeBack($0) }
        }
    }
}
