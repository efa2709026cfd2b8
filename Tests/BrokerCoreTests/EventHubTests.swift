// Facts about events.

import BrokerProtocol
import Testing

@testable import BrokerCore

@Suite struct EventHubTests {
    private func sequence(of line: [UInt8]) throws -> Int64 {
        try Wire.params(Event.self, of: Array(line.dropLast())).seq
    }

    @Test("a subscriber gets every event after its subscription, numbered from one on")
    func numbers() async throws {
        let hub = EventHub()
        hub.publish(Event(event: .outboxChanged))
        let (result, lines) = hub.subscribe(after: nil)
        #expect(result.seq == 1)
        hub.publish(Event(event: .outboxChanged))
        hub.publish(Event(event: .messageGone))
        var iterator = lines.makeAsyncIterator()
        #expect(try sequence(of: try #require(await iterator.next())) == 2)
        #expect(try sequence(of: try #require(await iterator.next())) == 3)
    }

    @Test("a subscriber that comes back gets what it missed")
    func resumes() async throws {
        let hub = EventHub()
        for _ in 0..<5 { hub.publish(Event(event: .outboxChanged)) }
        let (result, lines) = hub.subscribe(after: 3)
        #expect(result.resync == false)
        var iterator = lines.makeAsyncIterator()
        #expect(try sequence(of: try #require(await iterator.next())) == 4)
    }

    @Test("a gap says resync: too old a number, or one from another life of the broker")
    func gaps() {
        let hub = EventHub()
        for _ in 0..<(BrokerLimits.eventsPendingMax + 10) {
            hub.publish(Event(event: .outboxChanged))
        }
        #expect(hub.subscribe(after: 3).result.resync)
        #expect(hub.subscribe(after: 1_000_000).result.resync)
        #expect(!hub.subscribe(after: 1034).result.resync)
    }

    @Test("a subscriber that does not read is ended, and others go on (I07)")
    func slow() async throws {
        let hub = EventHub()
        let (_, slow) = hub.subscribe(after: nil)
        for _ in 0..<(BrokerLimits.eventsPendingMax + 100) {
            hub.publish(Event(event: .outboxChanged))
        }
        let (_, quick) = hub.subscribe(after: nil)
        hub.publish(Event(event: .messageGone))
        var count = 0
        for await _ in slow { count += 1 }
        #expect(count == BrokerLimits.eventsPendingMax + 1)
        var iterator = quick.makeAsyncIterator()
        #expect(await iterator.next() != nil)
    }
}

@Suite struct JobAnswerTests {
    @Test("the first answer counts, whether it comes before or after the question")
    func first() async throws {
        let early = JobAnswer<Int>()
        early.give(.success(1))
        early.give(.success(2))
        #expect(try await early.value() == 1)
        let late = JobAnswer<Int>()
        let asking = Task { try await late.value() }
        while !late.isGiven { late.give(.success(3)) }
        late.give(.failure(CancellationError()))
        #expect(try await asking.value == 3)
    }
}
