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
    /// A side of at most one pixel.
    private(set) var isSpeck = false
    private var hasNoHeight = false
    private var cutsOverflow = false

    init() {}

    init(_ octets: [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            var end = index
            var colon: Int?
            while end < range.upperBound, octets[end] != UInt8(ascii: ";") {
                if colon == nil, octets[end] == UInt8(ascii: ":") { colon = end }
                end += 1
            }
            if let colon {
                declare(Self.trimmed(octets[index..<colon]), Self.value(octets[(colon + 1)..<end]))
            }
            index = end + 1
        }
        if hasNoHeight, cutsOverflow { isHidden = true }
    }

    private mutating func declare(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        guard let octet = name.first else { return }
        switch octet | 0x20 {
        case UInt8(ascii: "d"):
            if ASCII.equal(name, "display"), ASCII.equal(value, "none") { isHidden = true }
        case UInt8(ascii: "v"):
            if ASCII.equal(name, "visibility"), ASCII.equal(value, "hidden") { isHidden = true }
        case UInt8(ascii: "o"):
            if ASCII.equal(name, "opacity"), Self.isZero(value) { isHidden = true }
            if ASCII.equal(name, "overflow"), ASCII.equal(value, "hidden") { cutsOverflow = true }
        case UInt8(ascii: "m"):
            if ASCII.equal(name, "max-height"), Self.isZero(value) { hasNoHeight = true }
            if ASCII.equal(name, "mso-hide"), ASCII.equal(value, "all") {
                isHiddenFromOutlook = true
            }
        case UInt8(ascii: "f"):
            if ASCII.equal(name, "font-size") { isInvisiblySmall = Self.isZero(value) }
            if ASCII.equal(name, "font") { isInvisiblySmall = false }
        case UInt8(ascii: "t"):
            if ASCII.equal(name, "text-align") { alignment = Self.alignment(value) }
        case UInt8(ascii: "b"):
            if ASCII.equal(name, "border"), ASCII.equal(value, "none") || Self.isZero(value) {
                isBorderless = true
            }
            if ASCII.hasPrefix(name, "border-left") { isBorderless = false }
        case UInt8(ascii: "w"), UInt8(ascii: "h"):
            declareSize(name, value)
        default: break
        }
    }

    private mutating func declareSize(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) {
        if ASCII.equal(name, "width") || ASCII.equal(name, "height") {
            if Self.isZero(value) {
                isSpeck = true
                if name.count == 6 { hasNoHeight = true }
            }
            if ASCII.equal(value, "1px") { isSpeck = true }
        } else if ASCII.equal(name, "white-space") {
            whiteSpace =
                if ASCII.equal(value, "pre") || ASCII.hasPrefix(value, "pre-wrap")
                    || ASCII.equal(value, "break-spaces")
                {
                    .preserved
                } else if ASCII.equal(value, "pre-line") {
                    .lines
                } else {
                    .collapsed
                }
        }
    }

    /// An alignment by its name.
    static func alignment(_ value: ArraySlice<UInt8>) -> Alignment? {
        if ASCII.equal(value, "right") { return .right }
        if ASCII.equal(value, "center") { return .center }
        return ASCII.equal(value, "left") ? .left : nil
    }

    /// Whether a value is nought of any unit.
    private static func isZero(_ value: ArraySlice<UInt8>) -> Bool {
        let number = value.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return number.contains(UInt8(ascii: "0"))
            && number.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
    }

    /// The first word of a value.
    private static func value(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        trimmed(octets).prefix { $0 > ASCII.space && $0 != UInt8(ascii: "!") }
    }

    private static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = octets
        while let first = slice.first, first <= ASCII.space { slice.removeFirst() }
        while let last = slice.last, last <= ASCII.space { slice.removeLast() }
        return slice
    }
}
