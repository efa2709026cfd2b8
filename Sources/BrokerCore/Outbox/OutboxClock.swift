// The two clocks the outbox lives by. The wall clock may jump by years, so nothing expires by it;
// the other one only goes on, also while the machine sleeps, but begins anew with every boot.

import Glibc

/// What tells the outbox the time.
package struct OutboxClock: Sendable {
    /// The time of the calendar, in Unix seconds.
    package var wall: @Sendable () -> Int64
    /// Seconds since some moment before the broker began.
    package var steady: @Sendable () -> Int64
    /// Waits; ends early by cancellation.
    package var sleep: @Sendable (Duration) async throws -> Void

    /// A clock.
    package init(
        wall: @escaping @Sendable () -> Int64,
        steady: @escaping @Sendable () -> Int64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.wall = wall
        self.steady = steady
        self.sleep = sleep
    }

    /// The clocks of the machine.
    package static let system = OutboxClock(
        wall: { seconds(CLOCK_REALTIME) },
        steady: { seconds(CLOCK_BOOTTIME) },
        sleep: { try await Task.sleep(for: $0) }
    )

    private static func seconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec)
    }
}
