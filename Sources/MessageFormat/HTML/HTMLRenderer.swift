// The renderer: what each tag does to the lines. Keeps a stack of the few elements that indent and
// counters of the rest, no tree; an end tag without a start tag changes nothing.

import MailModel

/// Builds the text from tags and text.
struct HTMLRenderer {
    var lines: HTMLLines
    var frames: [HTMLFrame] = []
    /// How many frames of a kind are open since the innermost table began.
    var scope = HTMLScope()
    /// Quotations and lists past the limit of open ones; they do nothing.
    var framesBeyond = 0
    var styles: HTMLStyleStack
    /// How many styles are open around the element that begins.
    var outerStyleDepth = 0
    /// How many start tags without an end tag were seen, by element.
    var openCounts = [Int32](repeating: 0, count: HTMLElement.allCases.count)
    var hidden: HTMLHiddenContent?
    var links = HTMLLinks()

    /// The open tables, and the cells of the innermost one.
    var tables: [HTMLTable] = []
    var cells: [HTMLCell] = []
    var tablesBeyond = 0
    /// Whether the next text is the first of its cell or is outside of any cell of its table.
    var isCellOwed = false
    /// Whether the next text stays on the line of the cell before it.
    var isGapOwed = false
    var isInCaption = false

    /// Whether the next line end is the one right behind `<pre>`, which does not count.
    var isAtPreformattedStart = false
    /// Whether the last paragraph that began has no margins.
    private var isParagraphTight = false
    /// Whether an option of the open menu of choices was shown; one stands for all.
    var isOptionShown = false

    /// Whether any element was seen that is known.
    private(set) var hasElements = false

    /// - Parameters:
    ///   - inputCount: the size of the HTML.
    ///   - whiteSpace: how blanks outside of any element are treated.
    init(inputCount: Int, whiteSpace: HTMLStyle.WhiteSpace = .collapsed) {
        lines = HTMLLines(inputCount: inputCount)
        styles = HTMLStyleStack(whiteSpace: whiteSpace)
    }

    // MARK: - Tags

    /// Takes a start tag.
    mutating func start(
        _ element: HTMLElement,
        _ octets: [UInt8],
        _ attributes: HTMLAttributes
    ) {
        if hidden?.continues(start: element) == true { return }
        hidden = nil
        if element != .other { hasElements = true }
        let style = attributes[.style].map { HTMLStyle(octets, $0) } ?? HTMLStyle()
        let traits = element.traits
        if traits.contains(.absent) || isHidden(element, style, attributes) {
            if !traits.contains(.void) { hidden = HTMLHiddenContent(element) }
            return
        }
        styles.endImplied(by: element, floor: tables.last?.styleDepth ?? 0)
        switch element {
        case .td, .th: closeCell()
        case .tr, .tbody, .thead, .tfoot: startRow()
        default: break
        }
        if element == .p { isParagraphTight = isTight(octets, attributes, style) }
        if traits.contains(.line) { breakLine(at: element, traits) }
        // Above the header of what is answered to, Outlook draws a line.
        if element == .div, style.hasTopBorder { lines.breakLine(2) }
        outerStyleDepth = styles.depth
        if !traits.contains(.void) {
            openCounts[element.rawValue] &+= 1
            styles.start(
                element,
                style,
                hasClass: attributes[.class] != nil,
                level: openCounts[element.rawValue]
            )
        }
        begin(element, octets, attributes, style)
    }

    /// Takes an end tag.
    mutating func end(_ element: HTMLElement) {
        if hidden != nil {
            let isOpen = openCounts[element.rawValue] > 0
            let ends = hidden?.ends(at: element, isOpenOutside: isOpen) ?? .within
            if ends == .within { return }
            hidden = nil
            if ends == .itself { return }
        }
        if openCounts[element.rawValue] > 0 { openCounts[element.rawValue] -= 1 }
        styles.end(element, level: openCounts[element.rawValue])
        switch element {
        case .blockquote: pop(.quote)
        case .ul, .ol, .dl, .menu, .dir: pop(.list)
        case .li, .dd, .dt: if scope.items > 0 { pop(.item) }
        case .a: closeLink()
        case .table: endTable()
        case .tr, .tbody, .thead, .tfoot: startRow()
        case .td, .th: closeCell()
        case .caption: endCaption()
        case .q: quote(isOpening: false)
        default: break
        }
        let traits = element.traits
        if traits.contains(.line), element != .table { breakLine(at: element, traits) }
    }

    /// The whole text with the links' targets below.
    mutating func finish() -> [UInt8] {
        tablesBeyond = 0
        while !tables.isEmpty { endTable() }
        closeLink()
        return lines.finish(notes: links.targets)
    }

    private mutating func begin(
        _ element: HTMLElement,
        _ octets: [UInt8],
        _ attributes: HTMLAttributes,
        _ style: HTMLStyle
    ) {
        switch element {
        case .br: lines.breakAgain()
        case .hr: rule()
        case .blockquote: startQuotation(style)
        case .ul, .ol, .dl, .menu, .dir: startList(element, octets, attributes)
        case .li: startItem(octets, attributes)
        case .dt: if frames.last?.kind == .item { pop(.item) }
        case .dd: startDefinition()
        case .pre, .listing, .xmp, .plaintext, .textarea:
            isAtPreformattedStart = true
        case .table: startTable()
        case .td, .th: openCell(octets, attributes, style)
        case .caption: startCaption()
        case .a: openLink(octets, attributes)
        case .img: image(octets, attributes, style)
        case .q: quote(isOpening: true)
        case .select: isOptionShown = false
        case .option: startOption()
        default: break
        }
    }

    // MARK: - Lines

    /// Breaks the line before or after an element.
    private mutating func breakLine(at element: HTMLElement, _ traits: HTMLTraits) {
        guard element != .table else { return }
        if isGapOwed {
            // A paragraph that is all of a cell stays beside the cell before it.
            if element == .p || element == .div { return }
            isGapOwed = false
        }
        let isNestedList =
            switch element {
            case .ul, .ol, .dl, .menu, .dir: scope.lists > 0
            default: false
            }
        let isTight = isNestedList || element == .p && isParagraphTight
        lines.breakLine(traits.contains(.paragraph) && !isTight ? 2 : 1)
    }

    /// Whether a paragraph has no margins.
    ///
    /// QUIRK: Outlook's style sheet takes them from its classes, and each of its lines is one.
    private func isTight(
        _ octets: [UInt8],
        _ attributes: HTMLAttributes,
        _ style: HTMLStyle
    ) -> Bool {
        if style.hasNoMargin { return true }
        guard let name = attributes[.class] else { return false }
        return Self.tightClasses.contains { octets[name].starts(with: $0) }
    }

    private static let tightClasses = [
        "MsoNormal", "MsoPlainText", "MsoListParagraph", "xmsonormal",
    ].map { Array($0.utf8) }

    private mutating func rule() {
        markLayout()
        emit(Array("---".utf8)[...])
        lines.breakLine(1)
    }

    private mutating func quote(isOpening: Bool) {
        guard !styles.current.isSmall else { return }
        let isSpaceOwed = lines.isSpaceOwed
        if !isOpening { lines.isSpaceOwed = false }
        emit([UInt8(ascii: "\"")])
        if !isOpening { lines.isSpaceOwed = isSpaceOwed }
    }

    private mutating func startOption() {
        guard openCounts[HTMLElement.select.rawValue] > 0 else { return lines.breakLine(1) }
        lines.isSpaceOwed = true
        if isOptionShown { hidden = HTMLHiddenContent(.option) }
        isOptionShown = true
    }

    private func isHidden(
        _ element: HTMLElement,
        _ style: HTMLStyle,
        _ attributes: HTMLAttributes
    ) -> Bool {
        guard element != .body, element != .html else { return false }
        // QUIRK: a link hidden from Outlook alone is the button that Outlook gets as a drawing.
        return style.isHidden || attributes[.hidden] != nil
            || style.isHiddenFromOutlook && element != .a
    }

    // MARK: - Images

    private mutating func image(
        _ octets: [UInt8],
        _ attributes: HTMLAttributes,
        _ style: HTMLStyle
    ) {
        let isSpeck = [HTMLAttribute.width, .height].contains { side in
            attributes[side].map { octets[$0].elementsEqual("0".utf8) || isOne(octets[$0]) }
                ?? false
        }
        guard !isSpeck, !style.isSpeck else { return }
        if let range = attributes[.alt] {
            let alt = HTMLEntities.decode(octets, range)
            return collapsed(alt, 0..<alt.count, hasReferences: false)
        }
        // A picture sent along, or one that is all there is of a link, is worth a word.
        let isAttached = attributes[.src].map { HTMLScheme(octets, $0) == .cid } ?? false
        if isAttached || links.isOpen { emit(Array("[image]".utf8)[...]) }
    }

    private func isOne(_ value: ArraySlice<UInt8>) -> Bool {
        value.elementsEqual("1".utf8) || value.elementsEqual("1px".utf8)
    }
}
