// Facts about the progress bar.

import Testing

@testable import FrontEnd

@Suite struct ProgressBarTests {
    init() { Screen.prepareLocale() }

    @Test(
        "the bar says how far, how fast and how long",
        arguments: [
            (Int64(0), Int64(0), "contract.pdf                      0%  0B of 27M"),
            (
                14_155_776, 4000,
                "contract.pdf                     50%  13M of 27M  3.3M/s  0:04 left"
            ),
            (
                28_311_552, 8000,
                "contract.pdf                    100%  27M of 27M  3.3M/s  0:00 left"
            ),
            (
                56_623_104, 8000,
                "contract.pdf                    100%  54M of 54M  6.7M/s  0:00 left"
            ),
        ]
    )
    func line(done: Int64, milliseconds: Int64, expected: String) {
        let bar = ProgressBar(name: "contract.pdf", total: 28_311_552)
        #expect(bar.line(done: done, milliseconds: milliseconds, columns: 80) == expected)
    }

    @Test("the bar is never as wide as the terminal", arguments: [10, 40, 50, 80])
    func width(columns: Int) {
        let bar = ProgressBar(name: String(repeating: "日", count: 60), total: 1)
        let line = bar.line(done: .max, milliseconds: 1, columns: columns)
        #expect(CellText(line, width: 1000).width < columns)
    }

    @Test("numbers that cannot be do not trap")
    func extremes() {
        let bar = ProgressBar(name: "x", total: -5)
        #expect(!bar.line(done: -1, milliseconds: -1, columns: 80).isEmpty)
    }
}
