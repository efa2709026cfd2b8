// How many IMAP connections an account may have. The one that waits for news is always there; those
// beside it exist only while they are needed, and servers count them.

import IMAP
import Logging
import MailModel
import MailSession
import Synchronization

/// The connections an account may have beside the one that waits for news.
final class ConnectionBudget: Sendable {
    private struct State {
        var allowed: Int
        var used = 0
        var isLimited = false
    }

    private let account: String
    private let log: Logger
    private let state: Mutex<State>

    /// A budget of so many connections, the one that waits for news among them.
    init(_ connections: Int, account: String, log: Logger) {
        self.account = account
        self.log = log
        state = Mutex(State(allowed: max(0, connections - 1)))
    }

    /// Connections beside the first, made and being made.
    var used: Int { state.withLock { $0.used } }

    /// Connections there may be now, the first among them.
    var allowed: Int { state.withLock { $0.allowed + 1 } }

    /// Whether the server has refused as many as were configured.
    var isLimited: Bool { state.withLock { $0.isLimited } }

    /// Makes a connection where there may be one more; nil where there may not.
    ///
    /// What is had must be given back when it has ended. A server that refuses a login because
    /// there are too many is not asked for as many again as long as the budget lives; nor is one
    /// that refuses the credential, which the first connection alone may try.
    func open(_ connect: IMAPWorker.Connect) async throws(SessionError) -> IMAPSession? {
        guard take() else { return nil }
        do throws(SessionError) {
            return try await connect()
        } catch {
            if error.isConnectionLimit || error.refusesCredential { shrink() }
            giveBack()
            throw error
        }
    }

    /// Notes that a connection has ended.
    func giveBack() { state.withLock { $0.used -= 1 } }

    private func take() -> Bool {
        state.withLock { state in
            guard state.used < state.allowed else { return false }
            state.used += 1
            return true
        }
    }

    /// Allows no more than there are, without the one that was refused.
    private func shrink() {
        let now = state.withLock { state -> Int? in
            let isNews = !state.isLimited
            state.isLimited = true
            state.allowed = min(state.allowed, max(0, state.used - 1))
            return isNews ? state.allowed + 1 : nil
        }
        guard let now else { return }
        let metadata: Logger.Metadata = ["account": "\(account)", "connections": "\(now)"]
        log.notice("the server takes no more connections", metadata: metadata)
    }
}

extension SessionError {
    /// Whether the server refused a login because the user has too many connections (RFC 5530
    /// [LIMIT]; QUIRK 10, 53: others only say so).
    var isConnectionLimit: Bool {
        guard case .imap(let error) = self, error.isTemporary else { return false }
        if error.responseCode == .condition(.limit) || error.responseCode == .condition(.inUse) {
            return true
        }
        let text = error.serverText.map(ASCII.lowercased)
        return [Array("too many".utf8), Array("connections".utf8)].contains { words in
            text.indices.contains { text[$0...].starts(with: words) }
        }
    }
}
