// A table of data in columns: its cells are measured and written anew, padded by terminal cells.

import MailModel

/// The cells of one table, placed.
private struct HTMLColumns {
    /// A cell with text.
    struct Placed {
        let row: Int
        let column: Int
        let span: Int
        let alignment: HTMLStyle.Alignment
        /// Where its lines are, without their prefix.
        let lines: [Range<Int>]
        let width: Int
        /// Whether no other cell of its row has text: it is no matter of columns.
        var isAlone = false
    }

    private(set) var placed: [Placed] = []
    /// Which cells make a row, of the rows with text.
    private(set) var rows: [Range<Int>] = []
    private(set) var widths = [Int](repeating: 0, count: MessageFormatLimits.tableColumnsMax)

    /// Places cells; nil where they do not make columns.
    init?(_ cells: [HTMLCell], in octets: [UInt8], prefixCount: Int) {
        // The row from which on a column is free of cells that span rows.
        var freeFrom = [Int](repeating: 0, count: widths.count)
        var (row, column) = (-1, 0)
        for cell in cells {
            if cell.row != row { (row, column) = (cell.row, 0) }
            while column < widths.count, freeFrom[column] > row { column += 1 }
            guard column < widths.count else { return nil }
            let span = min(cell.columns, widths.count - column)
            for spanned in column..<(column + span) { freeFrom[spanned] = row + cell.rows }
            if !cell.text.isEmpty {
                guard let lines = Self.lines(octets, cell.text, prefixCount) else { return nil }
                let isNewRow = placed.last?.row != row
                let first = isNewRow ? placed.count : rows.removeLast().lowerBound
                placed.append(
                    Placed(
                        row: row,
                        column: column,
                        span: span,
                        alignment: cell.alignment,
                        lines: lines,
                        width: lines.reduce(0) { max($0, CellWidth.of(octets[$1])) }
                    )
                )
                rows.append(first..<placed.count)
            }
            column += span
        }
        measure()
        guard widths.count(where: { $0 > 0 }) > 1, fits else { return nil }
    }

    /// Whether lines are short enough, but for a few that run on in the last column: nothing is
    /// beside those.
    private var fits: Bool {
        let limit = MessageFormatLimits.tableWidthMax
        guard total > limit, let last = widths.lastIndex(where: { $0 > 0 }) else { return true }
        let cells = placed.filter { !$0.isAlone && $0.column + $0.span > last }
        let long = cells.count { $0.width > limit / 2 }
        return offset(of: last) <= limit / 2 && long * 3 <= cells.count
            && cells.allSatisfy { $0.alignment == .left }
    }

    /// The cells of a whole line.
    var total: Int { offset(of: widths.count) - Self.gap }

    /// How many lines all rows take.
    var height: Int { rows.reduce(0) { $0 + height(of: $1) } }

    private func height(of row: Range<Int>) -> Int {
        placed[row].reduce(0) { max($0, $1.lines.count) }
    }

    private static var gap: Int { HTMLRenderer.gap.count }

    /// The lines of a cell's text without their prefix; nil for too many.
    private static func lines(
        _ octets: [UInt8],
        _ text: Range<Int>,
        _ prefixCount: Int
    ) -> [Range<Int>]? {
        var lines: [Range<Int>] = []
        var start = text.lowerBound
        for index in text where octets[index] == ASCII.lf {
            lines.append(min(start, index)..<index)
            guard lines.count < MessageFormatLimits.cellLinesMax else { return nil }
            start = min(index + 1 + prefixCount, text.upperBound)
        }
        lines.append(start..<text.upperBound)
        return lines
    }

    private mutating func measure() {
        for row in rows where row.count == 1 {
            let cell = placed[row.lowerBound]
            placed[row.lowerBound].isAlone = cell.span > 1 || cell.column == 0
        }
        for cell in placed where cell.span == 1 && !cell.isAlone {
            widths[cell.column] = max(widths[cell.column], cell.width)
        }
        for cell in placed where cell.span > 1 && !cell.isAlone {
            let lack = cell.width - width(of: cell)
            let spanned = cell.column..<(cell.column + cell.span)
            let widened = spanned.last { widths[$0] > 0 } ?? cell.column
            if lack > 0 { widths[widened] += lack }
        }
    }

    /// The cells of the columns that a cell spans; columns without text take none.
    private func width(of cell: Placed) -> Int {
        let widths = widths[cell.column..<(cell.column + cell.span)].filter { $0 > 0 }
        return widths.reduce(0, +) + Self.gap * max(0, widths.count - 1)
    }

    /// Where a column begins.
    private func offset(of column: Int) -> Int {
        widths[..<column].reduce(0) { $1 > 0 ? $0 + $1 + Self.gap : $0 }
    }

    /// The table's lines.
    func written(_ octets: [UInt8]) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for row in rows {
            for line in 0..<height(of: row) {
                result.append(written(line, of: placed[row], octets))
            }
        }
        return result
    }

    private func written(
        _ line: Int,
        of row: ArraySlice<Placed>,
        _ octets: [UInt8]
    ) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        for cell in row where line < cell.lines.count {
            let text = octets[cell.lines[line]]
            let width = CellWidth.of(text)
            let room = cell.isAlone ? 0 : max(0, self.width(of: cell) - width)
            let shift =
                switch cell.alignment {
                case .left: 0
                case .center: room / 2
                case .right: room
                }
            let target = (cell.isAlone ? 0 : offset(of: cell.column)) + shift
            result += [UInt8](repeating: ASCII.space, count: max(0, target - position))
            result += text
            position = max(position, target) + width
        }
        while result.last == ASCII.space { result.removeLast() }
        return result
    }
}

extension HTMLRenderer {
    /// Writes the cells of a table that just ended in columns.
    ///
    /// - Returns: the rows with text; 0 where the table stays as it was written.
    mutating func layOutCells() -> Int {
        guard let start = cells.first(where: { !$0.text.isEmpty })?.text.lowerBound,
            let columns = HTMLColumns(cells, in: lines.octets, prefixCount: lines.prefixCount)
        else { return 0 }
        let size = columns.height * (columns.total + lines.prefixCount)
        guard lines.octets.count + size <= lines.budget else { return 0 }
        links.rewritten(from: start)
        let rows = columns.rows.count
        lines.replace(from: start, with: columns.written(lines.octets), isApart: rows > 2)
        return rows
    }
}
