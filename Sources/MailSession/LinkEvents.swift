// What a link tells its session, and how far the server may be ahead of it: a server may talk while
// nobody listens, and what it says is kept. Reading the events lets the socket be read.

import NIOCore
import OpenSSLTLS
import Synchronization

/// What a session hears from its link.
enum LinkEvent<Event: Sendable>: Sendable {
    case established(TLSSummary)
    case machine(Event)
    /// The connection is over, for a reason below the protocol; nil when the machine knows better.
    case ended(SessionError?)
}

/// What one step of a link brought.
struct LinkBatch<Event: Sendable>: Sendable {
    /// The events, in order.
    var events: ArraySlice<LinkEvent<Event>> = []
    /// How many octets from the server made them.
    var octets = 0
}

/// What nobody has taken yet of what a link has told.
final class LinkBacklog<Event: Sendable>: Sendable {
    private let octets = Atomic<Int>(0)
    /// The batch that is being read: a reader that stops half-way leaves the rest for the next.
    private let batch = Mutex(LinkBatch<Event>())

    /// How many octets from the server made events that nobody has taken.
    var count: Int { octets.load(ordering: .relaxed) }

    /// Counts octets that have come; true when the socket is not to be read for now.
    func add(_ count: Int) -> Bool {
        octets.wrappingAdd(count, ordering: .relaxed).newValue > SessionLimits.backlogOctetsMax
    }

    /// Makes a batch the one that is read, the one before being read to its end.
    func begin(_ next: LinkBatch<Event>) { batch.withLock { $0 = next } }

    /// The next event of the batch that is read; nil at its end.
    func take() -> LinkEvent<Event>? { batch.withLock { $0.events.popFirst() } }

    /// Takes off the octets of the batch that has been read; true when there is room again.
    func finish() -> Bool {
        let count = batch.withLock { batch in
            defer { batch.octets = 0 }
            return batch.octets
        }
        let room = SessionLimits.backlogOctetsMax / 4
        let (before, now) = octets.wrappingSubtract(count, ordering: .relaxed)
        return before > room && now <= room
    }
}

/// The events of a link, in order; read by one task at a time.
struct LinkEvents<Event: Sendable>: AsyncSequence, Sendable {
    let batches: AsyncStream<LinkBatch<Event>>
    let backlog: LinkBacklog<Event>
    let channel: any Channel

    /// Takes one event after the other.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var batches: AsyncStream<LinkBatch<Event>>.Iterator
        fileprivate let backlog: LinkBacklog<Event>
        fileprivate let channel: any Channel

        mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> LinkEvent<Event>? {
            while true {
                if let event = backlog.take() { return event }
                if backlog.finish() {
                    channel.setOption(.autoRead, value: true).whenFailure { _ in
                        // The channel is closed: the last event says so.
                    }
                }
                guard let batch = await batches.next(isolation: actor) else { return nil }
                backlog.begin(batch)
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(batches: batches.makeAsyncIterator(), backlog: backlog, channel: channel)
    }
}
