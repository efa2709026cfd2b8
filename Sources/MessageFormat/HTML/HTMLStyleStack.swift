// What of style is inherited by descendants, and what content is left out because its element is
// not displayed. Elements without such a style are not on the stack.

/// The styles that are in force.
struct HTMLStyleStack {
    /// What text gets.
    struct State: Equatable {
        var whiteSpace = HTMLStyle.WhiteSpace.collapsed
        /// Not to be seen for the size of its font.
        var isSmall = false
    }

    private struct Entry {
        let element: HTMLElement
        /// The state outside.
        let outer: State
        /// The level of the element's entry outside of this one.
        let outerLevel: Int32
    }

    /// What the next text gets.
    private(set) var current: State
    private var entries: [Entry] = []
    /// How many of an element were open, itself included, when its innermost entry was made.
    private var levels = [Int32](repeating: 0, count: HTMLElement.allCases.count)

    init(whiteSpace: HTMLStyle.WhiteSpace) { current = State(whiteSpace: whiteSpace) }

    /// How many entries there are.
    var depth: Int { entries.count }

    /// Takes an element that begins.
    ///
    /// With a class, a style sheet may give it a size: its text is shown. `level` is how many of
    /// the element are open, this one included.
    mutating func start(_ element: HTMLElement, _ style: HTMLStyle, hasClass: Bool, level: Int32) {
        var state = current
        switch element {
        case .pre, .listing, .xmp, .plaintext, .textarea: state.whiteSpace = .preserved
        default: break
        }
        if let whiteSpace = style.whiteSpace { state.whiteSpace = whiteSpace }
        if let isSmall = style.isInvisiblySmall {
            state.isSmall = isSmall
        } else if hasClass {
            state.isSmall = false
        }
        guard state != current, entries.count < MessageFormatLimits.htmlLevelsMax else { return }
        entries.append(
            Entry(element: element, outer: current, outerLevel: levels[element.rawValue])
        )
        levels[element.rawValue] = level
        current = state
    }

    /// Takes an end tag; `level` is how many of the element are open after it.
    mutating func end(_ element: HTMLElement, level: Int32) {
        guard level < levels[element.rawValue] else { return }
        while let entry = entries.last {
            removeLast()
            if entry.element == element { break }
        }
    }

    /// Ends the entry of an element whose end tag was left out before a start tag.
    mutating func endImplied(by element: HTMLElement, floor: Int) {
        guard entries.count > floor, let last = entries.last?.element else { return }
        let ends =
            switch last {
            case .p: element.traits.contains(.line)
            case .li, .dt, .dd, .tr, .option: element == last
            default: false
            }
        if ends { removeLast() }
    }

    /// Ends all entries past so many.
    mutating func removeAll(past depth: Int) {
        while entries.count > depth { removeLast() }
    }

    private mutating func removeLast() {
        guard let entry = entries.popLast() else { return }
        current = entry.outer
        levels[entry.element.rawValue] = entry.outerLevel
    }
}

/// The content of an element that is not displayed.
struct HTMLHiddenContent {
    /// What an end tag ends.
    enum End { case within, itself, ancestor }

    private let element: HTMLElement
    /// How many of each element are open inside, the element itself included.
    private var open = [Int32](repeating: 0, count: HTMLElement.allCases.count)

    init(_ element: HTMLElement) {
        self.element = element
        open[element.rawValue] = 1
    }

    /// Takes a start tag; false where it implies the end of the element.
    mutating func continues(start: HTMLElement) -> Bool {
        if isEnded(by: start) { return false }
        if !start.traits.contains(.void) { open[start.rawValue] &+= 1 }
        return true
    }

    /// Takes an end tag.
    mutating func ends(at end: HTMLElement, isOpenOutside: Bool) -> End {
        if open[end.rawValue] > 0 {
            open[end.rawValue] -= 1
            return end == element && open[end.rawValue] == 0 ? .itself : .within
        }
        return isOpenOutside && end.traits.contains(.lasting) ? .ancestor : .within
    }

    /// The end tags that HTML 13.1.2.4 lets out.
    private func isEnded(by start: HTMLElement) -> Bool {
        switch element {
        case .p: start.traits.contains(.line) && !isOpen(.table)
        case .li: start == .li && !isOpen(.ul) && !isOpen(.ol)
        case .dt, .dd: (start == .dt || start == .dd) && !isOpen(.dl)
        case .td, .th: Self.cellEnds.contains(start) && !isOpen(.table)
        case .tr: Self.rowEnds.contains(start) && !isOpen(.table)
        case .option: start == .option || start == .optgroup
        case .a: start == .a
        default: false
        }
    }

    private func isOpen(_ element: HTMLElement) -> Bool { open[element.rawValue] > 0 }

    private static let rowEnds: Set<HTMLElement> = [.tr, .tbody, .thead, .tfoot]
    private static let cellEnds: Set<HTMLElement> = [.td, .th, .tr, .tbody, .thead, .tfoot]
}
