// The elements that the renderer treats in a way of its own, and what is true of each. An element
// that is not here is transparent: its tags do nothing, its text is shown.

/// An element by name.
enum HTMLElement: Int, CaseIterable {
    case other
    case a, address, annotation, article, aside, b, base, big, blockquote, body, br, caption
    case center, code, col, colgroup, datalist, dd, details, dialog, dir, div, dl, dt, em, embed
    case fieldset, figcaption, figure, font, footer, form, h1, h2, h3, h4, h5, h6, head, header
    case hr, html, i, iframe, img, input, label, legend, li, link, listing, main, menu, meta, nav
    case noembed, noframes, ol, optgroup, option, p, param, plaintext, pre, q, s, script, section
    case select, small, source, span, strong, style, sub, summary, sup, svg, table, tbody, td
    case template, textarea, tfoot, th, thead, title, tr, track, tt, u, ul, wbr, xml, xmp

    /// What is true of it.
    var traits: HTMLTraits { Self.traitsByElement[rawValue] }

    /// The element of a name's key; `other` for an unknown name.
    static func named(_ key: HTMLName) -> HTMLElement { names.value(key) ?? .other }

    private static let names = HTMLNameTable(allCases.map { ("\($0)", $0) })

    private static let traitsByElement: [HTMLTraits] = {
        let paragraphs: Set<HTMLElement> = [
            .blockquote, .dl, .h1, .h2, .h3, .h4, .h5, .h6, .listing, .menu, .ol, .p, .plaintext,
            .pre, .ul, .xmp, .dir, .figure, .fieldset,
        ]
        let lines: Set<HTMLElement> = [
            .address, .article, .aside, .body, .caption, .center, .dd, .details, .dialog, .div,
            .dt, .figcaption, .footer, .form, .header, .hr, .html, .legend, .li, .main, .nav,
            .section, .summary, .table, .textarea, .optgroup,
        ]
        let void: Set<HTMLElement> = [
            .base, .br, .col, .embed, .hr, .img, .input, .link, .meta, .param, .source, .track,
            .wbr,
        ]
        let raw: Set<HTMLElement> = [.script, .style, .title, .iframe, .noembed, .noframes]
        let absent: Set<HTMLElement> = [.annotation, .datalist, .svg, .template, .xml]
        let lasting: Set<HTMLElement> = paragraphs.union(lines).union([
            .td, .th, .tr, .tbody, .thead, .tfoot, .select,
        ]).subtracting([.p, .li, .dt, .dd, .hr])
        return allCases.map { element in
            var traits: HTMLTraits = []
            if paragraphs.contains(element) { traits.formUnion([.line, .paragraph]) }
            if lines.contains(element) { traits.insert(.line) }
            if void.contains(element) { traits.insert(.void) }
            if raw.contains(element) { traits.insert(.raw) }
            if absent.contains(element) { traits.insert(.absent) }
            if lasting.contains(element) { traits.insert(.lasting) }
            return traits
        }
    }()
}

/// What is true of an element.
struct HTMLTraits: OptionSet {
    let rawValue: UInt8

    /// Begins and ends a line.
    static let line = HTMLTraits(rawValue: 1)
    /// Has a margin of one empty line.
    static let paragraph = HTMLTraits(rawValue: 2)
    /// Has no content and no end tag.
    static let void = HTMLTraits(rawValue: 4)
    /// Its content is no markup and is not displayed.
    static let raw = HTMLTraits(rawValue: 8)
    /// Its content is markup and is not displayed.
    static let absent = HTMLTraits(rawValue: 16)
    /// Its end tag ends all that is open inside.
    static let lasting = HTMLTraits(rawValue: 32)
}

/// An attribute that the renderer reads.
enum HTMLAttribute: String, CaseIterable {
    case align, alt, `class`, colspan, height, hidden, href, rowspan, src, start, style, type,
        value, width

    /// The attribute of a name's key, if it is read.
    static func named(_ key: HTMLName) -> HTMLAttribute? { names.value(key) }

    private static let names = HTMLNameTable(allCases.map { ($0.rawValue, $0) })
}
