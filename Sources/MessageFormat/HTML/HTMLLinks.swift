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
    /// The numbers by the targets' hashes.
    private var numbers: [UInt64: Int] = [:]
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
        let hash = Self.hash(link.target)
        if let number = numbers[hash], targets[number - 1] == link.target { return number }
        guard targets.count < MessageFormatLimits.linkNotesMax else { return nil }
        targets.append(link.target)
        numbers[hash] = targets.count
        return targets.count
    }

    /// A target without blanks and controls; nil for one that leads nowhere.
    private static func target(_ href: [UInt8]) -> [UInt8]? {
        guard href.count <= MessageFormatLimits.linkOctetsMax else { return nil }
        let target = href.filter { $0 > ASCII.space && $0 != 0x7F }
        guard let first = target.first, first != UInt8(ascii: "#") else { return nil }
        switch HTMLScheme(target, 0..<target.count) {
        case .javascript, .data, .vbscript, .about, .cid, .appleData: return nil
        default: return target
        }
    }

    /// Whether a text says what its target is: the same but for the scheme and the last slash.
    private static func isSame(_ text: ArraySlice<UInt8>, _ target: [UInt8]) -> Bool {
        let scheme = HTMLScheme(target, 0..<target.count)
        let rest = target.drop { $0 != UInt8(ascii: ":") }.dropFirst()
        switch scheme {
        case .mailto: return isSame(text, rest.prefix { $0 != UInt8(ascii: "?") })
        case .tel:
            let digits = text.prefix(MessageFormatLimits.linkOctetsMax).filter(isTelephone)
            return digits == rest.filter(isTelephone)
        case .http, .https: return isSame(text, target[...]) || isSame(text, rest.dropFirst(2))
        default: return isSame(text, target[...])
        }
    }

    /// Compares without blanks and quotation marks, ASCII letters folded; one slash may follow.
    private static func isSame(_ text: ArraySlice<UInt8>, _ target: ArraySlice<UInt8>) -> Bool {
        var index = target.startIndex
        var hasSlash = false
        for octet in text where octet > ASCII.space && octet != UInt8(ascii: ">") {
            if index == target.endIndex {
                guard octet == UInt8(ascii: "/"), !hasSlash else { return false }
                hasSlash = true
            } else {
                guard ASCII.lowercased(octet) == ASCII.lowercased(target[index]) else {
                    return false
                }
                index += 1
            }
        }
        let rest = target[index...]
        return rest.isEmpty || rest.count == 1 && rest.first == UInt8(ascii: "/")
    }

    private static func isTelephone(_ octet: UInt8) -> Bool {
        octet &- 0x30 < 10 || octet == UInt8(ascii: "+")
    }

    /// A hash (FNV-1a); two targets of one hash get a number each.
    private static func hash(_ target: [UInt8]) -> UInt64 {
        target.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// The scheme of a URL, where it matters.
enum HTMLScheme: String, CaseIterable {
    case about, cid, data, http, https, javascript, mailto, tel, vbscript
    case appleData = "x-apple-data-detectors"

    /// The scheme at the beginning of a range, if it is one of these.
    init?(_ octets: [UInt8], _ range: Range<Int>) {
        var name = HTMLName()
        for index in range.prefix(MessageFormatLimits.schemeOctetsMax) {
            if octets[index] == UInt8(ascii: ":") {
                guard let scheme = Self.names.value(name) else { return nil }
                self = scheme
                return
            }
            name.append(octets[index])
        }
        return nil
    }

    private static let names = HTMLNameTable(allCases.map { ($0.rawValue, $0) })
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
