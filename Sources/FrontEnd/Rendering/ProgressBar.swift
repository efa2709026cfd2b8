// How far a transfer is, for a terminal only. The bar is a value; the clock and the terminal are
// the caller's.

import Glibc

/// One line that says how far a transfer is.
package struct ProgressBar: Sendable, Equatable {
    /// The name of what is transferred.
    package let name: String
    /// Octets in all; may be an estimate.
    package let total: Int64

    /// The bar of a transfer.
    package init(name: String, total: Int64) {
        self.name = name
        self.total = total
    }

    /// `contract.pdf   45%  12M of 27M  3.1M/s  0:05 left`, at most `columns - 1` cells.
    package func line(done: Int64, milliseconds: Int64, columns: Int) -> String {
        let whole = max(total, done, 1)
        let percent = Self.fraction(done, of: whole)
        let label = CellText(String(percent), width: 3).rightAligned(to: 3)
        var tail = "  \(label)%  \(SizeText.short(done)) of \(SizeText.short(whole))"
        if milliseconds > 0 {
            let perSecond = Double(done) * 1000 / Double(milliseconds)
            tail += "  \(SizeText.short(Int64(min(perSecond, 1e15))))/s"
            if perSecond >= 1 { tail += "  \(Self.clock(Double(whole - done) / perSecond)) left" }
        }
        let room = columns - 1 - tail.utf8.count
        guard room > 0 else { return CellText(tail, width: max(0, columns - 1)).text }
        return CellText(name, width: min(room, 30)).padded(to: min(room, 30)) + tail
    }

    private static func fraction(_ done: Int64, of whole: Int64) -> Int64 {
        Int64(Double(max(0, done)) * 100 / Double(whole))
    }

    private static func clock(_ seconds: Double) -> String {
        let seconds = Int(min(max(0, seconds), 359_999))
        return "\(seconds / 60):\(LocalDate.two(seconds % 60))"
    }
}

/// Draws a bar on a terminal while octets come in.
final class ProgressLine {
    private let bar: ProgressBar
    private let output: Output
    private let columns: Int
    private let started = ProgressLine.clock()
    private var drawn: Int64 = 0
    private var isShown = false

    init(_ bar: ProgressBar, output: Output, columns: Int) {
        self.bar = bar
        self.output = output
        self.columns = columns
    }

    /// Draws the bar unless that was done a moment ago.
    func update(done: Int64) throws {
        let now = Self.clock()
        guard now - drawn >= FrontEndLimits.progressIntervalMilliseconds else { return }
        drawn = now
        isShown = true
        let line = bar.line(done: done, milliseconds: now - started, columns: columns)
        try output.write("\r\(line)\u{1B}[K".utf8)
        try output.flush()
    }

    /// Takes the bar off the terminal.
    func clear() throws {
        guard isShown else { return }
        isShown = false
        try output.write("\r\u{1B}[K".utf8)
        try output.flush()
    }

    private static func clock() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
