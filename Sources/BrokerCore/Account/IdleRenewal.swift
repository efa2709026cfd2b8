// How long one IDLE lasts: shorter on a server, or behind a NAT, that was seen to end it.

import MailSession

/// What has been learnt of how long a connection may idle.
struct IdleRenewal: Sendable, Equatable {
    /// How long the next IDLE is to last.
    private(set) var period = SessionLimits.idleRenewal
    /// How long it may last at most.
    private var ceiling = SessionLimits.idleRenewal
    /// How long the connection that died last had idled.
    private var lastLife: Duration?

    /// Notes that a connection died while it idled.
    ///
    /// The next IDLE is shorter than that. Two that lived equally long are no accident: none will
    /// last longer from then on.
    mutating func died(after life: Duration) {
        // One that dies soon does not die of idling.
        guard life >= CoreLimits.idleRenewalMin else { return }
        let shorter = max(CoreLimits.idleRenewalMin, life * 3 / 4)
        if let lastLife, lastLife * 9 / 10 <= life, life <= lastLife * 11 / 10 {
            ceiling = min(ceiling, shorter)
        }
        lastLife = life
        period = min(shorter, ceiling)
    }

    /// Notes that an IDLE lasted as long as it was to.
    mutating func lasted() { period = min(period + CoreLimits.idleRenewalStep, ceiling) }
}
