// Fields that are phrases with commas between them, such as Keywords.

import MailModel

/// A list of phrases divided by commas (RFC 5322 3.6.5).
package enum CommaList {
    /// The phrases of a field body: decoded (RFC 2047), unquoted, empty ones left out.
    ///
    /// A comma in a quoted string or an encoded word divides nothing. At most
    /// `MessageFormatLimits.commaListItemsMax` are read.
    package static func parse(_ octets: some Sequence<UInt8>) -> [String] {
        let octets = FieldOctets.array(octets, limit: MessageFormatLimits.fieldOctetsMax)
        var items: [String] = []
        var scanner = EncodedWord.Scanner(octets[...])
        var quotes = FieldQuotes(octets)
        var start = 0
        var index = 0
        while index < octets.count, items.count < MessageFormatLimits.commaListItemsMax {
            switch octets[index] {
            case UInt8(ascii: ","):
                append(octets[start..<index], to: &items)
                index += 1
                start = index
            case UInt8(ascii: "\""):
                index = quotes.end(from: index) ?? index + 1
            case UInt8(ascii: "="):
                index = scanner.word(at: index)?.end ?? index + 1
            default:
                index += 1
            }
        }
        if items.count < MessageFormatLimits.commaListItemsMax {
            append(octets[start...], to: &items)
        }
        return items
    }

    private static func append(_ item: ArraySlice<UInt8>, to items: inout [String]) {
        let isQuoted = item.contains(UInt8(ascii: "\""))
        let text = HeaderText.decode(isQuoted ? QuotedString.unquoted(item) : Array(item))
        if !text.isEmpty { items.append(text) }
    }
}

/// Finds the ends of quoted strings, and gives up for good at the first that has none.
private struct FieldQuotes {
    private let octets: [UInt8]
    private var isUnbalanced = false

    init(_ octets: [UInt8]) { self.octets = octets }

    /// The index behind the quoted string that starts at an index, or nil.
    mutating func end(from start: Int) -> Int? {
        guard !isUnbalanced else { return nil }
        var index = start + 1
        while index < octets.count {
            if octets[index] == UInt8(ascii: "\"") { return index + 1 }
            index += octets[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        isUnbalanced = true
        return nil
    }
}
