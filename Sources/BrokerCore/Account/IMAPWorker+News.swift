// Waiting for news, and looking after a connection that may be dead.

import MailSession

extension IMAPWorker {
    /// Waits for news, and learns how long the server and the network let it wait.
    func waitForNews(_ current: IMAPSession) async throws(SessionError) {
        let (limit, began) = (min(untilPoll, renewal.period), ContinuousClock.now)
        isIdle = true
        defer { isIdle = false }
        do throws(SessionError) {
            try await current.waitForNews(atMost: limit)
            if ContinuousClock.now - began >= renewal.period { renewal.lasted() }
        } catch {
            if !isDoubted, !isStopping { renewal.died(after: ContinuousClock.now - began) }
            throw error
        }
        isDoubted = false
    }

    /// Looks at the connection after the network has changed or the machine has slept; without
    /// one, tries to make it soon.
    func take(_ news: NetworkNews) async {
        guard let session else {
            // Not all accounts at once.
            try? await Task.sleep(for: CoreLimits.networkJitter * Double.random(in: 0...1))
            return hurry()
        }
        if session.isAddressGone {
            isDoubted = true
            session.close()
        } else if news.isDoubt {
            isDoubted = true
            await session.probe()
        }
    }
}
