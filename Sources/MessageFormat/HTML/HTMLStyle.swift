// What a `style` attribute and its like say about being displayed. Style sheets are not read, and
// colours are not compared.

import MailModel

/// What the renderer takes from a `style` attribute (CSS 2.1 and Outlook's `mso-hide`).
struct HTMLStyle {
    /// How blanks and line ends of the source are treated.
    enum WhiteSpace { case collapsed, preserved, lines }
    /// Where text stands in a table's cell.
    enum Alignment { case left, center, right }

    /// `display: none` and what comes to the same.
    private(set) var isHidden = false
    /// `mso-hide: all`.
    private(set) var isHiddenFromOutlook = false
    /// `font-size: 0`, which a descendant may undo, or a size that undoes it.
    private(set) var isInvisiblySmall: Bool?
    private(set) var whiteSpace: WhiteSpace?
    private(set) var alignment: Alignment?
    /// `border: none`.
    private(set) var isBorderless = false
    /// A line drawn above.
    private(set) var hasTopBorder = false
    /// `margin: 0`, all four of them.
    private(set) var hasNoMargin = false
    /// A side of at most one pixel.
    private(set) var isSpeck = false
    private var hasNoHeight = false
    private var cutsOverflow = false

    init() {}

    init(_ octets: [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            var name = HTMLName()
            while index < range.upperBound, octets[index] != Self.colon,
                octets[index] != Self.semicolon
            {
                if octets[index] > ASCII.space { name.append(octets[index]) }
                index += 1
            }
            if index < range.upperBound, octets[index] == Self.colon,
                let property = Property.names.value(name)
            {
                index += 1
                let word = Self.word(octets, index..<range.upperBound)
                declare(property, Self.words.value(HTMLName(octets, word)), octets, word)
                index = word.upperBound
            }
            while index < range.upperBound, octets[index] != Self.semicolon { index += 1 }
            index += 1
        }
        if hasNoHeight, cutsOverflow { isHidden = true }
    }

    private mutating func declare(
        _ property: Property,
        _ word: Word?,
        _ octets: [UInt8],
        _ range: Range<Int>
    ) {
        switch property {
        case .display: if word == .some(.none) { isHidden = true }
        case .visibility: if word == .hidden { isHidden = true }
        case .opacity: if Self.isZero(octets, range) { isHidden = true }
        case .overflow: if word == .hidden { cutsOverflow = true }
        case .maxHeight: if Self.isZero(octets, range) { hasNoHeight = true }
        case .msoHide: if word == .all { isHiddenFromOutlook = true }
        case .fontSize: isInvisiblySmall = Self.isZero(octets, range)
        case .font: isInvisiblySmall = false
        case .textAlign: alignment = Self.alignment(word)
        case .border: isBorderless = word == .some(.none) || Self.isZero(octets, range)
        case .borderLeft: isBorderless = false
        case .borderTop: hasTopBorder = word != .some(.none) && !Self.isZero(octets, range)
        case .margin: hasNoMargin = Self.isZeroThroughout(octets, range.lowerBound)
        case .width, .height:
            let isZero = Self.isZero(octets, range)
            if isZero || word == .onePixel { isSpeck = true }
            if isZero, property == .height { hasNoHeight = true }
        case .whiteSpace:
            whiteSpace =
                switch word {
                case .pre, .preWrap, .breakSpaces: .preserved
                case .preLine: .lines
                default: .collapsed
                }
        }
    }

    /// An alignment by its name at a range.
    static func alignment(_ octets: [UInt8], _ range: Range<Int>) -> Alignment? {
        alignment(words.value(HTMLName(octets, range)))
    }

    private static func alignment(_ word: Word?) -> Alignment? {
        switch word {
        case .left: .left
        case .center: .center
        case .right: .right
        default: nil
        }
    }

    /// Whether a value is nought of any unit.
    private static func isZero(_ octets: [UInt8], _ range: Range<Int>) -> Bool {
        var hasZero = false
        for index in range {
            switch octets[index] {
            case UInt8(ascii: "0"): hasZero = true
            case UInt8(ascii: "."): break
            case UInt8(ascii: "1")...UInt8(ascii: "9"): return false
            default: return hasZero
            }
        }
        return hasZero
    }

    /// Whether all numbers of a value that begins at an index are nought.
    private static func isZeroThroughout(_ octets: [UInt8], _ start: Int) -> Bool {
        // The value ends with its declaration or with the attribute.
        let ends = Array(";\"'>".utf8)
        let value = octets[start...].prefix(MessageFormatLimits.marginOctetsMax)
            .prefix { !ends.contains($0) }
        return value.first == UInt8(ascii: "0")
            && !value.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
    }

    /// The first word of a value.
    private static func word(_ octets: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        while start < range.upperBound, octets[start] <= ASCII.space { start += 1 }
        var end = start
        while end < range.upperBound, octets[end] > ASCII.space, octets[end] != semicolon,
            octets[end] != UInt8(ascii: "!")
        { end += 1 }
        return start..<end
    }

    private static let colon = UInt8(ascii: ":")
    private static let semicolon = UInt8(ascii: ";")

    private enum Property: String, CaseIterable {
        case border, display, font, height, margin, opacity, overflow, visibility, width
        case borderLeft = "border-left"
        case borderTop = "border-top"
        case fontSize = "font-size"
        case maxHeight = "max-height"
        case msoHide = "mso-hide"
        case textAlign = "text-align"
        case whiteSpace = "white-space"

        static let names = HTMLNameTable(allCases.map { ($0.rawValue, $0) })
    }

    private enum Word: String, CaseIterable {
        case all, center, hidden, left, none, pre, right
        case breakSpaces = "break-spaces"
        case onePixel = "1px"
        case preLine = "pre-line"
        case preWrap = "pre-wrap"
    }

    private static let words = HTMLNameTable(Word.allCases.map { ($0.rawValue, $0) })
}
