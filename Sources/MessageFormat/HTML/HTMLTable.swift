// Tables. Cells are written one after another as they come, which is how a table made for layout
// reads well. At its end a table of data is written anew in columns (HTMLColumns). Only a table
// without tables inside can be one, so that nothing is written more than twice.

import MailModel

/// A table that is open.
struct HTMLTable {
    /// The frames and styles that are open around it.
    let frameDepth: Int
    let styleDepth: Int
    let outerScope: HTMLScope
    /// The styles that are open around the current cell.
    var cellStyleDepth = 0
    /// Whether it is written as it comes: it holds another table, a list, paragraphs and the like.
    var isLayout = false
    var hasTables = false
    var isInCell = false
    var row = 0
    var hasCellsInRow = false
    /// Where the text of the row and that of the last cell with text begin.
    var rowStart: Int?
    var cellStart: Int?
    /// Whether a cell of the row is a paragraph by its length.
    var isRowLong = false
}

/// A cell of a table that may be of data.
struct HTMLCell {
    let row: Int
    let columns: Int
    let rows: Int
    let alignment: HTMLStyle.Alignment
    /// Its text in what was written; empty where it has none.
    var text = 0..<0
}

extension HTMLRenderer {
    // MARK: - Tables and rows

    /// Begins a table.
    mutating func startTable() {
        markLayout()
        isGapOwed = false
        lines.breakLine(tables.isEmpty ? 2 : 1)
        guard tables.count < MessageFormatLimits.htmlLevelsMax else {
            tablesBeyond += 1
            return
        }
        if !tables.isEmpty { tables[tables.count - 1].hasTables = true }
        tables.append(
            HTMLTable(frameDepth: frames.count, styleDepth: outerStyleDepth, outerScope: scope)
        )
        scope = HTMLScope()
        (isCellOwed, isInCaption) = (true, false)
    }

    /// Ends the innermost table, and lays it out if it is one of data.
    mutating func endTable() {
        guard tablesBeyond == 0 else {
            tablesBeyond -= 1
            return lines.breakLine(1)
        }
        guard !tables.isEmpty else { return lines.breakLine(1) }
        closeCell()
        isGapOwed = false
        let table = tables.removeLast()
        popFrames(to: table.frameDepth)
        styles.removeAll(past: table.styleDepth)
        scope = table.outerScope
        let rows = table.isLayout ? 0 : layOutCells()
        cells.removeAll(keepingCapacity: true)
        lines.breakLine(tables.isEmpty || rows > 2 || table.isRowLong ? 2 : 1)
        isCellOwed = tables.last.map { !$0.isInCell } ?? false
        isInCaption = false
    }

    /// Ends the row; the next cell begins a new one.
    mutating func startRow() {
        guard let last = tables.indices.last else {
            lines.isSpaceOwed = true
            return
        }
        closeCell()
        isGapOwed = false
        if tables[last].hasCellsInRow { tables[last].row += 1 }
        lines.breakLine(tables[last].isRowLong ? 2 : 1)
        tables[last].hasCellsInRow = false
        tables[last].isRowLong = false
        (tables[last].rowStart, tables[last].cellStart) = (nil, nil)
        isInCaption = false
    }

    /// Begins a caption: text of a table that is in no cell.
    mutating func startCaption() {
        guard let table = tables.last else { return }
        closeCell()
        if table.hasCellsInRow || table.row > 0 { markLayout() }
        isInCaption = true
    }

    /// Ends a caption.
    mutating func endCaption() {
        guard isInCaption, !tables.isEmpty else { return }
        (isInCaption, isCellOwed) = (false, true)
    }

    /// Lets the innermost table be written as it comes.
    mutating func markLayout() {
        guard let last = tables.indices.last, !tables[last].isLayout, !isInCaption else { return }
        tables[last].isLayout = true
        cells.removeAll(keepingCapacity: true)
    }

    // MARK: - Cells

    /// Begins a cell and ends the one before it.
    mutating func openCell(
        _ octets: [UInt8],
        _ attributes: HTMLAttributes,
        _ style: HTMLStyle
    ) {
        let span = { (name: HTMLAttribute) in
            attributes[name].flatMap { range in
                ASCII.decimal(octets[range].prefix { $0 &- 0x30 < 10 }.prefix(4)).map { Int($0) }
            } ?? 1
        }
        let alignment =
            style.alignment ?? attributes[.align].flatMap { HTMLStyle.alignment(octets, $0) }
        openCell(
            columns: max(1, span(.colspan)),
            rows: max(1, span(.rowspan)),
            alignment: alignment ?? .left,
            styleDepth: outerStyleDepth
        )
    }

    private mutating func openCell(
        columns: Int,
        rows: Int,
        alignment: HTMLStyle.Alignment,
        styleDepth: Int
    ) {
        closeCell()
        guard let last = tables.indices.last else {
            lines.isSpaceOwed = true
            return
        }
        if cells.count >= MessageFormatLimits.tableCellsMax { markLayout() }
        if !tables[last].isLayout {
            cells.append(
                HTMLCell(row: tables[last].row, columns: columns, rows: rows, alignment: alignment)
            )
        }
        tables[last].isInCell = true
        tables[last].hasCellsInRow = true
        tables[last].cellStyleDepth = styleDepth
        (isCellOwed, isInCaption) = (true, false)
        if isBesideLastCell(tables[last]) {
            (lines.breaks, isGapOwed) = (0, true)
        } else {
            lines.breakLine(1)
        }
    }

    /// Whether all text of the row is on one line and the last cell is short.
    private func isBesideLastCell(_ table: HTMLTable) -> Bool {
        guard let rowStart = table.rowStart, let cellStart = table.cellStart else { return false }
        return lines.lineStart <= rowStart
            && lines.octets.count - cellStart <= MessageFormatLimits.shortCellOctetsMax
    }

    /// Ends the cell that is open and all that is open inside.
    mutating func closeCell() {
        guard let last = tables.indices.last, tables[last].isInCell else { return }
        if links.tableDepth == tables.count { closeLink() }
        popFrames(to: tables[last].frameDepth)
        scope = HTMLScope()
        styles.removeAll(past: tables[last].cellStyleDepth)
        tables[last].isInCell = false
        if !isCellOwed, let start = tables[last].cellStart {
            // Blanks at the end are taken back when a line begins: they are no text of the cell.
            let end = lines.visibleEnd(notBefore: start)
            if !tables[last].isLayout, !cells.isEmpty { cells[cells.count - 1].text = start..<end }
            if !tables[last].hasTables, end - start > MessageFormatLimits.shortCellOctetsMax {
                tables[last].isRowLong = true
            }
        }
        (isCellOwed, isGapOwed) = (true, false)
    }

    /// Begins the text of a cell; text outside of a cell makes one.
    mutating func startCellText() {
        isCellOwed = false
        guard !isInCaption, let last = tables.indices.last else { return }
        if !tables[last].isInCell {
            openCell(columns: 1, rows: 1, alignment: .left, styleDepth: styles.depth)
            isCellOwed = false
        }
        if isGapOwed, !lines.isAtLineStart {
            lines.appendToLast(Self.gap)
            lines.isSpaceOwed = false
        } else if lines.isAtLineStart {
            lines.startLine()
        }
        isGapOwed = false
        tables[last].cellStart = lines.octets.count
        if tables[last].rowStart == nil { tables[last].rowStart = lines.octets.count }
    }

    /// What is between columns.
    static var gap: [UInt8] { [ASCII.space, ASCII.space] }
}
