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

    /// A hub without events.
    package init() {}

    /// Numbers an event and gives it to everybody.
    package func publish(_ event: Event) {
        state.withLock { state in
            state.seq += 1
            var event = event
            event.seq = state.seq
            state.recent.append(event)
            if state.recent.count > BrokerLimits.eventsPendingMax { state.recent.removeFirst() }
            guard let line = Self.line(event) else { return }
            for (number, subscriber) in state.subscribers {
                // A subscriber that is too slow loses events; it must know.
                if case .dropped = subscriber.yield(line) {
                    if let resync = Self.line(Event(seq: state.seq, event: .resync)) {
                        subscriber.yield(resync)
                    }
                    subscriber.finish()
                    state.subscribers[number] = nil
                }
            }
        }
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
