// How soon an account tries to connect again: at once after a steady connection, later and later
// while it fails, and long after a server that takes logins and ends them.

import MailSession

/// What the attempts to connect have come to, and the pause that follows from it.
struct ReconnectPace: Sendable {
    /// What comes before the next attempt.
    enum Pause: Sendable, Hashable {
        /// Nothing.
        case none
        /// At most this long, at random, so that many clients of one server do not come back at
        /// once.
        case upTo(Duration)
        /// A long one, whoever waits: a server that takes logins and ends them would soon lock the
        /// account.
        case rest
    }

    /// Attempts that failed in a row, all in the same way.
    private(set) var failures = 0
    private var bounces = 0
    private var isUnreachable = false

    /// The shortest pause between two attempts while clients only look: an address where nobody
    /// answers is not burdened by a question.
    var hurriedPause: Duration {
        isUnreachable ? CoreLimits.reconnectPauseMin : CoreLimits.hurriedPause
    }

    /// Counts a connection that ended, or was not made.
    ///
    /// A server that comes back fails in other ways than one that is away: the pauses start anew
    /// then, or they would be those of a long outage.
    /// - Parameters:
    ///   - error: why it ended.
    ///   - wasLoggedIn: whether a session stood.
    ///   - life: the time since the attempt began.
    /// - Returns: what comes before the next attempt.
    mutating func pause(
        after error: SessionError,
        wasLoggedIn: Bool,
        life: Duration
    ) -> Pause {
        let wasUnreachable = isUnreachable
        if case .unreachable = error { isUnreachable = true } else { isUnreachable = false }
        if life > CoreLimits.steadyConnection {
            failures = 0
        } else {
            failures = wasUnreachable == isUnreachable ? failures + 1 : 1
        }
        let isBounce = wasLoggedIn && life < CoreLimits.bouncedConnection
        bounces = isBounce ? bounces + 1 : 0
        if bounces > 1 { return .rest }
        guard failures > 0 else { return .none }
        // Where no server is reached there is nobody to be spared, and who comes back into the
        // network wants to be there soon.
        let ceiling = isUnreachable ? CoreLimits.unreachablePauseMax : CoreLimits.reconnectPauseMax
        let doublings = min(failures, CoreLimits.reconnectDoublingsMax)
        return .upTo(min(ceiling, CoreLimits.reconnectPauseMin * (1 << doublings)))
    }
}
