// What the output goes to, asked once: a terminal or not, how wide, and whether it may have colour.

import CPlatform
import Glibc

/// The place a person reads the output.
package struct Screen: Sendable, Equatable {
    /// Columns of tables.
    package var columns: Int
    /// Whether standard output is a terminal.
    package var isTerminal: Bool
    /// Whether bold and colours may be used.
    package var hasColour: Bool

    /// A screen of known properties.
    package init(
        columns: Int = FrontEndLimits.pipeColumns,
        isTerminal: Bool = false,
        hasColour: Bool = false
    ) {
        self.columns = columns
        self.isTerminal = isTerminal
        self.hasColour = hasColour
    }

    /// What standard output is now.
    package static func current(environment: (String) -> String?) -> Screen {
        guard isatty(STDOUT_FILENO) == 1 else { return Screen() }
        let columns = Int(mb_terminal_columns(STDOUT_FILENO))
        let noColour = environment("NO_COLOR").map { !$0.utf8.isEmpty } ?? false
        let isDumb = environment("TERM").map { $0.utf8.elementsEqual("dumb".utf8) } ?? true
        return Screen(
            columns: fitted(columns > 0 ? columns : 80),
            isTerminal: true,
            hasColour: !noColour && !isDumb
        )
    }

    /// Columns within what tables are made for.
    static func fitted(_ columns: Int) -> Int {
        let limits = FrontEndLimits.columns
        return min(max(columns, limits.lowerBound), limits.upperBound)
    }

    /// Whether a line may be drawn over again.
    var hasProgress: Bool { isTerminal || hasColour }

    /// Lets the C library measure UTF-8; called once, before the first table.
    package static func prepareLocale() { _ = mb_use_utf8() }
}
