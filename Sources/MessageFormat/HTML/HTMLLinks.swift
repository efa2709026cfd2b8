// Links as numbered notes. Nothing is fetched; a target is shown as the sender wrote it.

import MailModel

/// The links of a document.
struct HTMLLinks {
    private struct Open {
        let target: [UInt8]
        /// Where its text begins.
        var textStart: Int
        /// How many tables it is in.
        let tableDepth: Int
    }

    /// The targets noted, in the order of their numbers.
    private(set) var targets: [[UInt8]] = []
    private var numbers: [[UInt8]: Int] = [:]
    private var open: Open?

    /// Whether a link is open.
    var isOpen: Bool { open != nil }
    /// How many tables the open link is in; nil where none is open.
    var tableDepth: Int? { open?.tableDepth }

    /// Opens a link; nothing without a target worth a note.
    mutating func start(_ href: [UInt8], textStart: Int, tableDepth: Int) {
        open = Self.target(href).map {
            Open(target: $0, textStart: textStart, tableDepth: tableDepth)
        }
    }

    /// Tells that what was written since an index was written anew.
    mutating func rewritten(from index: Int) {
        if let link = open, link.textStart > index { open?.textStart = index }
    }

    /// Closes the open link.
    ///
    /// - Returns: the note's number; nil where no link is open, nothing is shown, the text is the
    ///   target, or there are too many.
    mutating func close(_ octets: [UInt8]) -> Int? {
        guard let link = open else { return nil }
        open = nil
        guard link.textStart <= octets.count else { return nil }
        let shown = octets[link.textStart...]
        guard shown.contains(where: { $0 > ASCII.space && $0 != UInt8(ascii: ">") }),
            !Self.isSame(shown, link.target)
        else { return nil }
        if let number = numbers[link.target] { return number }
        guard targets.count < MessageFormatLimits.linkNotesMax else { return nil }
        targets.append(link.target)
        numbers[link.target] = targets.count
        return targets.count
    }

    /// A target without blanks and controls; nil for one that leads nowhere.
    private static func target(_ href: [UInt8]) -> [UInt8]? {
        let target = href.filter { $0 > ASCII.space && $0 != 0x7F }
        guard !target.isEmpty, target.count <= MessageFormatLimits.linkOctetsMax,
            target.first != UInt8(ascii: "#"), !ASCII.hasPrefix(target, "javascript:"),
            !ASCII.hasPrefix(target, "data:"), !ASCII.hasPrefix(target, "vbscript:"),
            !ASCII.hasPrefix(target, "about:"), !ASCII.hasPrefix(target, "x-apple-data-detectors:"),
            !ASCII.hasPrefix(target, "cid:")
        else { return nil }
        return target
    }

    /// Whether a text says what its target is: the same but for the scheme and the last slash.
    private static func isSame(_ text: ArraySlice<UInt8>, _ target: [UInt8]) -> Bool {
        let shown = text.lazy.filter { $0 > ASCII.space && $0 != UInt8(ascii: ">") }
            .prefix(MessageFormatLimits.linkOctetsMax + 1)
        let words = Array(shown)
        let isAddress = ASCII.hasPrefix(target, "mailto:") || ASCII.hasPrefix(target, "tel:")
        if isAddress {
            let rest = target.drop { $0 != UInt8(ascii: ":") }.dropFirst()
            let address = rest.prefix { $0 != UInt8(ascii: "?") }
            if ASCII.hasPrefix(target, "mailto:") { return ASCII.equal(words, address) }
            return words.filter(isTelephone).elementsEqual(address.filter(isTelephone))
        }
        let isComplete = ASCII.hasPrefix(words, "http:") || ASCII.hasPrefix(words, "https:")
        var end = isComplete ? target[...] : withoutScheme(target)
        var start = words[...]
        if end.last == UInt8(ascii: "/") { end.removeLast() }
        if start.last == UInt8(ascii: "/") { start.removeLast() }
        return ASCII.equal(start, end)
    }

    private static func withoutScheme(_ target: [UInt8]) -> ArraySlice<UInt8> {
        if ASCII.hasPrefix(target, "http://") { return target.dropFirst(7) }
        return ASCII.hasPrefix(target, "https://") ? target.dropFirst(8) : target[...]
    }

    private static func isTelephone(_ octet: UInt8) -> Bool {
        octet &- 0x30 < 10 || octet == UInt8(ascii: "+")
    }
}

extension HTMLRenderer {
    /// Begins a link and ends the one before it: links do not nest.
    mutating func openLink(_ octets: [UInt8], _ attributes: HTMLAttributes) {
        closeLink()
        guard let range = attributes[.href] else { return }
        links.start(
            HTMLEntities.decode(octets, range),
            textStart: lines.octets.count,
            tableDepth: tables.count
        )
    }

    /// Ends the open link and writes its note behind its text.
    mutating func closeLink() {
        guard let number = links.close(lines.octets) else { return }
        // A note behind the text of a cell that is closed is in no cell.
        if isCellOwed { markLayout() }
        lines.appendToLast(Array(" [\(number)]".utf8))
    }
}
