// Whether work grows with its input and not with its square. Times are those of the thread's own
// processor time and the best of several, because the machine has other things to do; a quadratic
// reader fails however often it is tried.

import Glibc
import Testing

/// Growth of the time some work takes.
enum LinearTime {
    /// How many times longer twice the input may take.
    static let ratioMax = 2.3

    /// Expects that twice the input takes at most `ratioMax` times as long.
    ///
    /// Two doublings are measured at once: noise of the machine weighs half as much, and what is
    /// quadratic takes sixteen times as long. The best of five runs each counts; where that is too
    /// much, five more may better both, at most eight times. Work below a millisecond is repeated
    /// until it is longer.
    static func expect<Input>(
        _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        input: (Int) -> Input,
        count: Int,
        work: (Input) -> Void
    ) {
        let (small, large) = (input(count), input(count * 4))
        let rounds = rounds(small, work)
        var best = (small: Double.infinity, large: Double.infinity)
        for _ in 1...8 {
            for _ in 0..<5 {
                best.small = min(best.small, seconds(rounds, small, work))
                best.large = min(best.large, seconds(rounds, large, work))
            }
            if best.large <= best.small * ratioMax * ratioMax { return }
        }
        Issue.record(
            "\(name): \(best.large / best.small) times as long for four times the input",
            sourceLocation: sourceLocation
        )
    }

    private static func rounds<Input>(_ input: Input, _ work: (Input) -> Void) -> Int {
        let time = seconds(1, input, work)
        return max(1, Int(0.001 / max(time, 0.000_001)))
    }

    private static func seconds<Input>(
        _ rounds: Int,
        _ input: Input,
        _ work: (Input) -> Void
    ) -> Double {
        let start = threadSeconds()
        for _ in 0..<rounds { work(input) }
        return threadSeconds() - start
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
