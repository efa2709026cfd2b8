// Quotations and lists: what indents lines.

import MailModel

/// A quotation, a list or an item that is open.
struct HTMLFrame {
    enum Kind { case quote, list, item }
    /// How items are marked.
    enum Numbering { case bullet, decimal, lowerAlpha, upperAlpha, lowerRoman, upperRoman }

    let kind: Kind
    /// The size of the lines' prefix outside of it.
    let prefixCount: Int
    var numbering = Numbering.bullet
    /// The number of the next item.
    var number = 1
    /// The items that are open around a list.
    var outerItems = 0
}

/// How many frames of a kind are open.
struct HTMLScope {
    var quotes = 0
    var lists = 0
    /// Items of the innermost list only.
    var items = 0
}

extension HTMLRenderer {
    // MARK: - Quotations

    /// Begins a quotation.
    mutating func startQuotation(_ style: HTMLStyle) {
        markLayout()
        // Mail programs indent by a quotation without a border.
        push(HTMLFrame(kind: .quote, prefixCount: lines.prefixCount)) {
            $0.indent(Array((style.isBorderless ? "    " : "> ").utf8))
        }
    }

    // MARK: - Lists

    /// Begins a list.
    mutating func startList(
        _ element: HTMLElement,
        _ octets: [UInt8],
        _ attributes: HTMLAttributes
    ) {
        markLayout()
        var frame = HTMLFrame(kind: .list, prefixCount: lines.prefixCount)
        if element == .ol {
            frame.numbering = attributes[.type].flatMap { numbering(octets[$0]) } ?? .decimal
            frame.number = attributes[.start].flatMap { integer(octets[$0]) } ?? 1
        }
        frame.outerItems = scope.items
        // A list right inside a list, without an item, is an indent.
        let isBare = frames.last?.kind == .list
        push(frame) { if isBare { $0.indent([ASCII.space, ASCII.space]) } }
    }

    /// Begins an item and ends the one before it.
    mutating func startItem(_ octets: [UInt8], _ attributes: HTMLAttributes) {
        markLayout()
        if frames.last?.kind == .item { pop(.item) }
        var mark = "- "
        if let list = frames.indices.last, frames[list].kind == .list {
            if let value = attributes[.value].flatMap({ integer(octets[$0]) }) {
                frames[list].number = value
            }
            if let type = attributes[.type].flatMap({ numbering(octets[$0]) }),
                frames[list].numbering != .bullet
            {
                frames[list].numbering = type
            }
            mark = self.mark(frames[list])
            frames[list].number = min(frames[list].number + 1, Self.numberMax)
        }
        push(HTMLFrame(kind: .item, prefixCount: lines.prefixCount)) {
            $0.indent(
                [UInt8](repeating: ASCII.space, count: mark.utf8.count),
                mark: Array(mark.utf8)
            )
        }
    }

    /// Begins what a term of a list of definitions means.
    mutating func startDefinition() {
        markLayout()
        if frames.last?.kind == .item { pop(.item) }
        push(HTMLFrame(kind: .item, prefixCount: lines.prefixCount)) {
            $0.indent(Array("    ".utf8))
        }
    }

    // MARK: - The stack

    private mutating func push(_ frame: HTMLFrame, _ indent: (inout HTMLLines) -> Void) {
        guard frames.count < MessageFormatLimits.htmlLevelsMax else {
            if frame.kind != .item { framesBeyond += 1 }
            return
        }
        frames.append(frame)
        switch frame.kind {
        case .quote: scope.quotes += 1
        case .list: (scope.lists, scope.items) = (scope.lists + 1, 0)
        case .item: scope.items += 1
        }
        indent(&lines)
    }

    /// Ends the innermost frame of a kind and all inside; nothing where none is open.
    mutating func pop(_ kind: HTMLFrame.Kind) {
        if framesBeyond > 0 {
            if kind != .item { framesBeyond -= 1 }
            return
        }
        let open =
            switch kind {
            case .quote: scope.quotes
            case .list: scope.lists
            case .item: scope.items
            }
        guard open > 0 else { return }
        while let frame = frames.popLast() {
            close(frame)
            if frame.kind == kind { break }
        }
    }

    /// Ends all frames past so many.
    mutating func popFrames(to depth: Int) {
        framesBeyond = 0
        while frames.count > depth, let frame = frames.popLast() { close(frame) }
    }

    private mutating func close(_ frame: HTMLFrame) {
        lines.outdent(to: frame.prefixCount)
        switch frame.kind {
        case .quote: scope.quotes -= 1
        case .list: (scope.lists, scope.items) = (scope.lists - 1, frame.outerItems)
        case .item: scope.items -= 1
        }
    }

    // MARK: - Numbers

    private static var numberMax: Int { 999_999_999 }

    private func integer(_ octets: ArraySlice<UInt8>) -> Int? {
        let isNegative = octets.first == UInt8(ascii: "-")
        let digits = octets.drop { $0 <= ASCII.space || $0 == UInt8(ascii: "-") }
            .prefix { (0x30...0x39).contains($0) }
        guard let value = ASCII.decimal(digits), value <= UInt64(Self.numberMax) else {
            return nil
        }
        return isNegative ? -Int(value) : Int(value)
    }

    private func numbering(_ type: ArraySlice<UInt8>) -> HTMLFrame.Numbering? {
        guard type.count == 1, let octet = type.first else { return nil }
        return switch octet {
        case UInt8(ascii: "1"): .decimal
        case UInt8(ascii: "a"): .lowerAlpha
        case UInt8(ascii: "A"): .upperAlpha
        case UInt8(ascii: "i"): .lowerRoman
        case UInt8(ascii: "I"): .upperRoman
        default: nil
        }
    }

    private func mark(_ list: HTMLFrame) -> String {
        let number = list.number
        return switch list.numbering {
        case .bullet: "- "
        case .lowerAlpha where number > 0: Self.letters(number, from: UInt8(ascii: "a")) + ". "
        case .upperAlpha where number > 0: Self.letters(number, from: UInt8(ascii: "A")) + ". "
        case .lowerRoman where (1..<4_000).contains(number): Self.roman(number) + ". "
        case .upperRoman where (1..<4_000).contains(number):
            String(
                decoding: Self.roman(number).utf8.map(ASCII.uppercased),
                as: UTF8.self
            ) + ". "
        default: "\(number). "
        }
    }

    /// 1 is a, 26 is z, 27 is aa.
    private static func letters(_ number: Int, from first: UInt8) -> String {
        var rest = number
        var octets: [UInt8] = []
        while rest > 0 {
            octets.append(first + UInt8((rest - 1) % 26))
            rest = (rest - 1) / 26
        }
        return String(decoding: octets.reversed(), as: UTF8.self)
    }

    private static func roman(_ number: Int) -> String {
        let digits = [
            (1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
            (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
        ]
        var rest = number
        var text = ""
        for (value, letters) in digits {
            while rest >= value {
                text += letters
                rest -= value
            }
        }
        return text
    }
}
