// HTML as text to read in a terminal: the built-in fallback of design.md section 3. Keeps words,
// lines, lists, quotations and links; no layout. Fetches nothing.

import MailModel

/// HTML to text.
package enum HTMLText {
    /// The readable text of an HTML document, with LF line ends; links are numbered and listed
    /// below.
    package static func render(_ html: String) -> String { render(octets: Array(html.utf8)) }

    /// The same for UTF-8 octets.
    static func render(octets: [UInt8]) -> String {
        var tokenizer = HTMLTokenizer(octets)
        var renderer = HTMLRenderer()
        while let token = tokenizer.next() {
            switch token {
            case .text(let text): renderer.text(text)
            case .start(let name, let attributes): renderer.start(name, attributes)
            case .end(let name): renderer.end(name)
            }
        }
        return String(decoding: renderer.finish(), as: UTF8.self)
    }
}

/// Builds the text.
///
/// Keeps counters, no tree: an end tag without a start tag changes nothing.
private struct HTMLRenderer {
    private enum List { case bullets, numbers(next: Int) }

    private var output: [UInt8] = []
    /// Line ends owed before the next visible text; 2 leaves an empty line.
    private var breaks = 0
    private var isSpaceOwed = false
    private var quoteLevel = 0
    /// The quotation level of the last line.
    private var lineLevel = 0
    private var lists: [List] = []
    private var preLevel = 0
    /// The element being skipped because it is not displayed, and how many of its name are open.
    private var hidden: (name: String, level: Int)?
    private var links: [[UInt8]] = []
    private var linkNumbers: [[UInt8]: Int] = [:]
    private var openLink: (target: [UInt8], textStart: Int)?

    mutating func text(_ octets: ArraySlice<UInt8>) {
        guard hidden == nil else { return }
        let text = HTMLEntities.decode(octets)
        if preLevel > 0 { return preformatted(text) }
        var index = 0
        while index < text.count {
            let length = blankLength(text, at: index)
            if length > 0 {
                isSpaceOwed = true
                index += length
                continue
            }
            let start = index
            while index < text.count, blankLength(text, at: index) == 0 { index += 1 }
            append(text[start..<index])
        }
    }

    mutating func start(_ element: String, _ attributes: [HTMLAttribute]) {
        if let current = hidden {
            if current.name == element, !Self.void.contains(element) { hidden?.level += 1 }
            return
        }
        if Self.isHidden(attributes), !Self.void.contains(element) {
            hidden = (element, 1)
            return
        }
        breakLines(before: element)
        switch element {
        case "br":
            if output.last == ASCII.lf || breaks > 0 {
                breaks = min(breaks + 1, 2)
            } else {
                breaks = 1
            }
        case "hr": append(Array("---".utf8)[...])
        case "blockquote": quoteLevel += 1
        case "pre": preLevel += 1
        case "ul": lists.append(.bullets)
        case "ol": lists.append(.numbers(next: 1))
        case "li": startItem()
        case "td", "th": isSpaceOwed = true
        case "a": openLink = Self.target(attributes).map { ($0, output.count) }
        case "img": image(attributes)
        default: break
        }
        if element == "hr" { breaks = 1 }
    }

    mutating func end(_ element: String) {
        if let current = hidden {
            guard current.name == element else { return }
            hidden = current.level > 1 ? (element, current.level - 1) : nil
            return
        }
        switch element {
        case "blockquote": quoteLevel = max(0, quoteLevel - 1)
        case "pre": preLevel = max(0, preLevel - 1)
        case "ul", "ol": _ = lists.popLast()
        case "a": closeLink()
        case "p" where breaks == 0 && output.isEmpty: return
        default: break
        }
        breakLines(before: element)
    }

    /// The whole text with the links' targets below.
    mutating func finish() -> [UInt8] {
        closeLink()
        while let last = output.last, last == ASCII.lf || last == ASCII.space {
            output.removeLast()
        }
        if !output.isEmpty { output.append(ASCII.lf) }
        if !links.isEmpty, !output.isEmpty { output.append(ASCII.lf) }
        for (index, link) in links.enumerated() {
            output += "[\(index + 1)] ".utf8
            output += link
            output.append(ASCII.lf)
        }
        return output
    }

    private mutating func breakLines(before element: String) {
        if Self.paragraphs.contains(element) {
            breaks = !lists.isEmpty && (element == "ul" || element == "ol") ? max(breaks, 1) : 2
        } else if Self.lines.contains(element) {
            breaks = max(breaks, 1)
        }
    }

    private mutating func startItem() {
        var mark = "- "
        if case .numbers(let next) = lists.last {
            mark = "\(next). "
            lists[lists.count - 1] = .numbers(next: min(next + 1, 9_999))
        }
        startLine()
        let level = min(max(lists.count - 1, 0), MessageFormatLimits.listLevelsMax)
        output += [UInt8](repeating: ASCII.space, count: 2 * level)
        output += mark.utf8
        isSpaceOwed = false
    }

    private mutating func image(_ attributes: [HTMLAttribute]) {
        let sizes = attributes.filter {
            $0.name == "width" || $0.name == "height"
        }
        let isTracker = sizes.contains {
            $0.value.elementsEqual("1".utf8) || $0.value.elementsEqual("0".utf8)
        }
        guard !isTracker, let alt = attributes.first(where: { $0.name == "alt" })?.value,
            alt.contains(where: { $0 > ASCII.space })
        else { return }
        text(alt[...])
    }

    private mutating func closeLink() {
        guard let link = openLink else { return }
        openLink = nil
        guard link.textStart <= output.count else { return }
        let shown = output[link.textStart...].filter { $0 > ASCII.space && $0 != UInt8(ascii: ">") }
        let scheme = "mailto:".utf8
        let address =
            link.target.starts(with: scheme)
            ? link.target.dropFirst(scheme.count) : link.target[...]
        guard !shown.isEmpty, !shown.elementsEqual(address) else { return }
        if linkNumbers[link.target] == nil {
            guard links.count < MessageFormatLimits.linkNotesMax else { return }
            links.append(link.target)
            linkNumbers[link.target] = links.count
        }
        guard let number = linkNumbers[link.target] else { return }
        output += " [\(number)]".utf8
    }

    private mutating func append(_ word: ArraySlice<UInt8>) {
        if breaks > 0 || output.isEmpty {
            startLine()
        } else if isSpaceOwed, output.last != ASCII.space {
            output.append(ASCII.space)
        }
        isSpaceOwed = false
        output += word
    }

    private mutating func preformatted(_ text: [UInt8]) {
        for octet in text {
            if octet == ASCII.lf {
                if !output.isEmpty, breaks == 0 || output.last == ASCII.lf { startLineEnd() }
            } else {
                if breaks > 0 || output.isEmpty || output.last == ASCII.lf { startLine() }
                output.append(octet)
            }
        }
        isSpaceOwed = false
    }

    private mutating func startLineEnd() {
        output.append(ASCII.lf)
        breaks = 0
    }

    /// Pays the line ends owed and opens a line with its quotation marks.
    private mutating func startLine() {
        let level = min(quoteLevel, MessageFormatLimits.quoteLevelsMax)
        if !output.isEmpty {
            while output.last == ASCII.space { output.removeLast() }
            if output.last != ASCII.lf { output.append(ASCII.lf) }
            if breaks > 1, !output.suffix(2).elementsEqual([ASCII.lf, ASCII.lf]) {
                output += Self.quotation(min(level, lineLevel)).dropLast()
                output.append(ASCII.lf)
            }
        }
        output += Self.quotation(level)
        lineLevel = level
        (breaks, isSpaceOwed) = (0, false)
    }

    private static func quotation(_ level: Int) -> [UInt8] {
        (0..<level).flatMap { _ in [UInt8(ascii: ">"), ASCII.space] }
    }

    /// The length of a blank at an index: ASCII white space, a no-break space, or an invisible
    /// filler (U+00AD, U+034F, U+200B, U+FEFF) such as preview texts are stuffed with.
    private func blankLength(_ text: [UInt8], at index: Int) -> Int {
        switch text[index] {
        case ASCII.space, 0x09...0x0D: 1
        case 0xC2
        where index + 1 < text.count && (text[index + 1] == 0xA0 || text[index + 1] == 0xAD): 2
        case 0xCD where index + 1 < text.count && text[index + 1] == 0x8F: 2
        case 0xE2 where text[index...].starts(with: [0xE2, 0x80, 0x8B]): 3
        case 0xEF where text[index...].starts(with: [0xEF, 0xBB, 0xBF]): 3
        default: 0
        }
    }

    private static func target(_ attributes: [HTMLAttribute]) -> [UInt8]? {
        guard let href = attributes.first(where: { $0.name == "href" })?.value else {
            return nil
        }
        let target = href.filter { $0 > ASCII.space && $0 != 0x7F }
        guard !target.isEmpty, target.count <= MessageFormatLimits.linkOctetsMax,
            target.first != UInt8(ascii: "#"), !ASCII.hasPrefix(target, "javascript:"),
            !ASCII.hasPrefix(target, "data:")
        else { return nil }
        return target
    }

    private static func isHidden(_ attributes: [HTMLAttribute]) -> Bool {
        attributes.contains { attribute in
            if attribute.name == "hidden" { return true }
            guard attribute.name == "style" else { return false }
            let style = attribute.value.filter { $0 > ASCII.space }.map(ASCII.lowercased)
            return style.split(separator: UInt8(ascii: ";")).contains {
                $0.starts(with: "display:none".utf8) || $0.starts(with: "visibility:hidden".utf8)
            }
        }
    }

    /// Elements without an end tag.
    private static let void: Set<String> = [
        "br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr",
    ]
    private static let paragraphs: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table",
    ]
    private static let lines: Set<String> = [
        "div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "center", "form",
        "hr", "body", "address", "figure", "figcaption", "caption", "option", "fieldset", "nav",
    ]
}
