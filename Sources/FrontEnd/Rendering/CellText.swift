// Text by terminal cells: how wide it is and how it is cut, never inside a scalar. Widths come from
// the C library, whose locale `Screen.prepare` sets.

import CPlatform

/// Clean text measured in cells.
package struct CellText: Sendable, Equatable {
    /// The text; at most as wide as asked for.
    package private(set) var text: String
    /// Its cells.
    package private(set) var width: Int

    /// The beginning of a text that fits `width` cells, on one line, cleaned; a cut is marked `…`.
    package init(_ text: String, width limit: Int) {
        let clean = TerminalText.line(text, octetsMax: FrontEndLimits.cellOctetsMax)
        var fitting = String.UnicodeScalarView()
        var short = String.UnicodeScalarView()  // what would still leave room for the mark
        var cells = 0
        var shortCells = 0
        var marks = 0
        var isCut = text.utf8.count > FrontEndLimits.cellOctetsMax
        for scalar in clean.unicodeScalars {
            let (scalar, width) = Self.shown(scalar)
            marks = width == 0 ? marks + 1 : 0
            guard marks <= FrontEndLimits.marksPerCellMax else { continue }
            guard cells + width <= limit else {
                isCut = true
                break
            }
            fitting.append(scalar)
            cells += width
            if cells < limit {
                short = fitting
                shortCells = cells
            }
        }
        guard isCut, limit > 0 else {
            (self.text, self.width) = (String(fitting), cells)
            return
        }
        short.append("…")
        (self.text, self.width) = (String(short), shortCells + 1)
    }

    /// The text with spaces behind it up to a width.
    package func padded(to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width))
    }

    /// The text with spaces before it up to a width.
    package func rightAligned(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - self.width)) + text
    }

    /// The scalar that stands for one, and its cells.
    private static func shown(_ scalar: Unicode.Scalar) -> (Unicode.Scalar, Int) {
        if scalar.isASCII { return (scalar, 1) }
        let width = mb_cell_width(scalar.value)
        if width >= 0 { return (scalar, Int(width)) }
        // Newer than the C library: emoji take two cells; the rest may be anything.
        return (0x1F000...0x1FAFF).contains(scalar.value) ? (scalar, 2) : ("\u{FFFD}", 1)
    }
}
