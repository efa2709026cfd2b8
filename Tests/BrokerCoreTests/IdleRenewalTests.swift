// Facts about how long an IDLE lasts.

import MailSession
import Testing

@testable import BrokerCore

@Suite struct IdleRenewalTests {
    private static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }

    @Test("nothing is known at first")
    func first() {
        #expect(IdleRenewal().period == SessionLimits.idleRenewal)
    }

    @Test("after a death the next IDLE is shorter, and grows again when it lasts")
    func accident() {
        var renewal = IdleRenewal()
        renewal.died(after: Self.minutes(4))
        #expect(renewal.period == Self.minutes(3))
        renewal.lasted()
        #expect(renewal.period == Self.minutes(4))
        for _ in 0..<20 { renewal.lasted() }
        #expect(renewal.period == SessionLimits.idleRenewal)
    }

    @Test("Q59, Q66: a server that ends it twice after the same time is not tried that long again")
    func learnt() {
        var renewal = IdleRenewal()
        renewal.died(after: Self.minutes(4))
        renewal.lasted()
        renewal.died(after: Self.minutes(4) + .seconds(3))
        for _ in 0..<20 { renewal.lasted() }
        #expect(renewal.period < Self.minutes(4))
        #expect(renewal.period >= Self.minutes(3))
    }

    @Test("a connection that dies soon does not die of idling; no period is too short")
    func soon() {
        var renewal = IdleRenewal()
        renewal.died(after: .seconds(5))
        #expect(renewal == IdleRenewal())
        for _ in 0..<5 { renewal.died(after: .seconds(61)) }
        #expect(renewal.period == CoreLimits.idleRenewalMin)
    }
}
