// Signals as something to ask for between two steps, so that a terminal or a half written file is
// put in order before the program goes.

import CPlatform
import Glibc

/// Watches signals for as long as it lives; those somebody else watches already stay theirs.
package final class SignalWatch {
    /// The signals that ask a program to end.
    package static let ending: [Int32] = [SIGINT, SIGTERM, SIGHUP]

    private let watched: [Int32]
    private let own: [Int32]

    /// Starts to watch.
    package init(_ signals: [Int32] = SignalWatch.ending) {
        watched = signals
        own = signals.filter { mb_signal_watch($0) == 1 }
    }

    deinit { own.forEach(mb_signal_restore) }

    /// The descriptor that becomes readable with a signal.
    package var descriptor: Int32 { mb_signal_pipe() }

    /// A signal that came, once.
    package func take() -> Int32? {
        mb_signal_drain()
        return watched.first { mb_signal_take($0) != 0 }
    }

    /// Lets a signal do what it does to a program that does not watch it.
    package static func yield(to signal: Int32) {
        mb_signal_restore(signal)
        kill(getpid(), signal)
    }
}
