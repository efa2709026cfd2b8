// Whether work grows with its input and not with its square. Times are those of the thread's own
// processor time and the best of several, because the machine has other things to do; a quadratic
// reader fails however often it is tried.

import Glibc
import Testing

/// Growth of the time some work takes.
enum LinearTime {
    /// How many times longer twice the input may take.
    static let ratioMax = 2.3

    /// Expects that `work` on twice the input takes at most `ratioMax` times as long.
    ///
    /// The best of five runs each counts; where that is too much, five more may better both, at
    /// most four times. Work below a millisecond is repeated until it is longer.
    static func expect(
        _ name: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        input: (Int) -> [UInt8],
        count: Int,
        work: ([UInt8]) -> Void
    ) {
        let (once, twice) = (input(count), input(count * 2))
        let rounds = rounds(once, work)
        var best = (once: Double.infinity, twice: Double.infinity)
        for attempt in 1...4 {
            for _ in 0..<5 {
                best.once = min(best.once, seconds(rounds, once, work))
                best.twice = min(best.twice, seconds(rounds, twice, work))
            }
            if best.twice <= best.once * ratioMax { return }
            if attempt == 4 {
                Issue.record(
                    "\(name): \(best.twice / best.once) times as long for twice the input",
                    sourceLocation: sourceLocation
                )
            }
        }
    }

    private static func rounds(_ input: [UInt8], _ work: ([UInt8]) -> Void) -> Int {
        let time = seconds(1, input, work)
        return max(1, Int(0.001 / max(time, 0.000_001)))
    }

    private static func seconds(
        _ rounds: Int,
        _ input: [UInt8],
        _ work: ([UInt8]) -> Void
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
