// Facts about the pauses between attempts to connect.

import MailSession
import Testing

@testable import BrokerCore

struct ReconnectPaceTests {
    private var pace = ReconnectPace()

    private mutating func pause(
        after error: SessionError,
        wasLoggedIn: Bool = false,
        life: Duration = .seconds(1)
    ) -> ReconnectPace.Pause {
        pace.pause(after: error, wasLoggedIn: wasLoggedIn, life: life)
    }

    @Test("pauses double up to five minutes while a server answers and fails")
    mutating func doubling() {
        let pauses = (0..<9).map { _ in pause(after: .timedOut("greeting")) }
        let seconds = [4, 8, 16, 32, 64, 128, 256, 300, 300]
        #expect(pauses == seconds.map { .upTo(.seconds($0)) })
    }

    @Test("where nobody is reached the pause stays short")
    mutating func unreachable() {
        let pauses = (0..<4).map { _ in pause(after: .unreachable("refused")) }
        #expect(pauses == [4, 8, 8, 8].map { .upTo(.seconds($0)) })
    }

    @Test("a server that comes back and fails once is not waited for as after a long outage")
    mutating func comingBack() {
        for _ in 0..<20 { _ = pause(after: .unreachable("refused")) }
        #expect(pause(after: .timedOut("greeting")) == .upTo(.seconds(4)))
    }

    @Test("after a steady connection there is no pause")
    mutating func steady() {
        _ = pause(after: .timedOut("greeting"))
        let next = pause(after: .connectionLost, wasLoggedIn: true, life: .seconds(61))
        #expect(next == .none)
    }

    @Test("two logins in a row that are ended at once are followed by a rest")
    mutating func bounces() {
        let lost = SessionError.connectionLost
        #expect(pause(after: lost, wasLoggedIn: true) == .upTo(.seconds(4)))
        #expect(pause(after: lost, wasLoggedIn: true) == .rest)
        #expect(pause(after: .unreachable("refused")) == .upTo(.seconds(4)))
    }

    @Test("who looks may have an address that nobody answers at asked sooner")
    mutating func hurried() {
        #expect(pace.hurriedPause == .seconds(10))
        _ = pause(after: .unreachable("refused"))
        #expect(pace.hurriedPause == .seconds(2))
        _ = pause(after: .timedOut("greeting"))
        #expect(pace.hurriedPause == .seconds(10))
    }
}
