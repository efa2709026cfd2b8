// Whether the machine has slept and whether its network is another one now: what makes connections
// worth a look that seem to stand. Nobody is asked but the system's clocks and a netlink socket.

import CPlatform
import Glibc
import Synchronization

/// What is new of the network or the machine.
package struct NetworkNews: OptionSet, Sendable {
    package let rawValue: Int

    /// News as a set of bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// The machine has slept.
    package static let woke = NetworkNews(rawValue: 1)
    /// An address has come or gone.
    package static let addresses = NetworkNews(rawValue: 2)
    /// A default route has come or gone.
    package static let routes = NetworkNews(rawValue: 4)

    /// Whether connections may be dead of which nothing shows it.
    var isDoubt: Bool { contains(.woke) || contains(.routes) }
}

/// Tells sleep by two clocks, of which one stands still meanwhile.
struct SleepClock: Sendable {
    private var last: Duration

    /// A clock that begins with the times both clocks show.
    init(counting: Duration, standing: Duration) { last = counting - standing }

    /// Whether the machine has slept since the last call.
    mutating func hasSlept(counting: Duration, standing: Duration) -> Bool {
        let gap = counting - standing
        defer { last = gap }
        return gap - last >= CoreLimits.sleepMin
    }
}

/// Watches the network and the sleep of this machine.
final class NetworkWatch: Sendable {
    private let clock: Mutex<SleepClock>
    /// A netlink socket; -1 where the system gives none, and only sleep is noticed.
    let socket: Int32

    init() {
        clock = Mutex(
            SleepClock(counting: Self.time(CLOCK_BOOTTIME), standing: Self.time(CLOCK_MONOTONIC))
        )
        socket = mb_network_watch()
    }

    deinit { if socket >= 0 { close(socket) } }

    /// What is new since the last look.
    func look() -> NetworkNews {
        let hasSlept = clock.withLock {
            $0.hasSlept(
                counting: Self.time(CLOCK_BOOTTIME),
                standing: Self.time(CLOCK_MONOTONIC)
            )
        }
        var news: NetworkNews = hasSlept ? .woke : []
        guard socket >= 0 else { return news }
        let changes = mb_network_changes(socket)
        if changes & Int32(MB_NETWORK_ADDRESS) != 0 { news.insert(.addresses) }
        if changes & Int32(MB_NETWORK_ROUTE) != 0 { news.insert(.routes) }
        return news
    }

    private static func time(_ clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
