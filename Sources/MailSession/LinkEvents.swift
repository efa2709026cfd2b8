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

/// One entry of the stream from the event loop to the session.
enum LinkEntry<Event: Sendable>: Sendable {
    case event(LinkEvent<Event>)
    /// So many octets from the server made the events before it.
    case octets(Int)
}

/// How many octets from the server made events that nobody has taken.
final class LinkBacklog: Sendable {
    private let octets = Atomic<Int>(0)

    /// How many there are now.
    var count: Int { octets.load(ordering: .relaxed) }

    /// Adds some; true when the socket is not to be read for now.
    func add(_ count: Int) -> Bool {
        octets.wrappingAdd(count, ordering: .relaxed).newValue > SessionLimits.backlogOctetsMax
    }

    /// Takes some off; true when there is room again.
    func remove(_ count: Int) -> Bool {
        let room = SessionLimits.backlogOctetsMax / 4
        let (before, now) = octets.wrappingSubtract(count, ordering: .relaxed)
        return before > room && now <= room
    }
}

/// The events of a link, in order; read by one task at a time.
struct LinkEvents<Event: Sendable>: AsyncSequence, Sendable {
    let entries: AsyncStream<LinkEntry<Event>>
    let backlog: LinkBacklog
    let channel: any Channel

    /// Takes one event after the other.
    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var entries: AsyncStream<LinkEntry<Event>>.Iterator
        fileprivate let backlog: LinkBacklog
        fileprivate let channel: any Channel

        mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(Never) -> LinkEvent<Event>? {
            while let entry = await entries.next(isolation: actor) {
                switch entry {
                case .event(let event): return event
                case .octets(let count):
                    guard backlog.remove(count) else { continue }
                    channel.setOption(.autoRead, value: true).whenFailure { _ in
                        // The channel is closed: the last event says so.
                    }
                }
            }
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(entries: entries.makeAsyncIterator(), backlog: backlog, channel: channel)
    }
}
