// Events to every subscriber, numbered, with a short memory so that a client that lost its
// connection can go on where it was.

package import BrokerProtocol
import Synchronization

/// Gives events to subscribers.
package final class EventHub: Sendable {
    private struct State {
        var seq: Int64 = 0
        var recent: [Event] = []
        var subscribers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var lastSubscriber = 0
    }

    private let state = Mutex(State())

    /// A hub without events, whose first one has the number after this.
    package init(startingAt seq: Int64 = 0) {
        state.withLock { $0.seq = seq }
    }

    /// Numbers an event and gives it to everybody.
    package func publish(_ event: Event) {
        let lost = state.withLock { state in
            state.seq += 1
            var event = event
            event.seq = state.seq
            state.recent.append(event)
            if state.recent.count > BrokerLimits.eventsPendingMax { state.recent.removeFirst() }
            return Self.give(event, to: &state.subscribers)
        }
        // Outside the lock: the end of a stream comes back here as `remove`.
        for subscriber in lost { subscriber.finish() }
    }

    /// Gives an event to every subscriber; those too slow for it are told so, and given back to be
    /// ended.
    private static func give(
        _ event: Event,
        to subscribers: inout [Int: AsyncStream<[UInt8]>.Continuation]
    ) -> [AsyncStream<[UInt8]>.Continuation] {
        guard !subscribers.isEmpty, let line = line(event),
            let resync = Self.line(Event(seq: event.seq, event: .resync))
        else { return [] }
        var lost: [AsyncStream<[UInt8]>.Continuation] = []
        for (number, subscriber) in subscribers {
            guard case .enqueued(let room) = subscriber.yield(line), room <= 1 else { continue }
            // The last place of the buffer is for saying that events are missing from here on.
            subscriber.yield(resync)
            lost.append(subscriber)
            subscribers[number] = nil
        }
        return lost
    }

    /// Everything after the event numbered `after`, as notification lines, until the reader goes.
    package func subscribe(
        after: Int64?
    ) -> (result: EventsSubscribe.Result, lines: AsyncStream<[UInt8]>) {
        let (lines, continuation) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingOldest(BrokerLimits.eventsPendingMax + 1)
        )
        let result = state.withLock { state in
            state.lastSubscriber += 1
            let number = state.lastSubscriber
            state.subscribers[number] = continuation
            continuation.onTermination = { [weak self] _ in self?.remove(number) }
            guard let after else {
                return EventsSubscribe.Result(seq: state.seq, resync: false)
            }
            let missed = state.recent.filter { $0.seq > after }
            for event in missed { if let line = Self.line(event) { continuation.yield(line) } }
            let isGap = after > state.seq || state.seq - after > Int64(missed.count)
            return EventsSubscribe.Result(seq: state.seq, resync: isGap)
        }
        return (result, lines)
    }

    private func remove(_ number: Int) {
        state.withLock { $0.subscribers[number] = nil }
    }

    private static func line(_ event: Event) -> [UInt8]? {
        try? Wire.notification(method: Event.method, params: event)
    }
}
