// The media type at the head of a Content-Type field. Most fields hold `type/subtype;` and nothing
// odd; only the others are worth the whole parser.

import MailModel

/// Reading of `type/subtype`.
enum MediaTypeName {
    /// The two names of a field value in lower case, read as `ContentTypeField` reads them.
    static func read(_ value: ArraySlice<UInt8>) -> (type: String, subtype: String) {
        if let plain = plain(value) { return plain }
        let field = ContentTypeField.parse(value)
        return (field.type, field.subtype)
    }

    /// The names where two tokens with a slash between stand in front of a `;` or the end.
    private static func plain(_ value: ArraySlice<UInt8>) -> (type: String, subtype: String)? {
        var index = value.startIndex
        while index < value.endIndex, value[index] <= ASCII.space { index += 1 }
        let type = token(in: value, from: index)
        guard !type.isEmpty, type.endIndex < value.endIndex,
            value[type.endIndex] == UInt8(ascii: "/")
        else { return nil }
        let subtype = token(in: value, from: type.endIndex + 1)
        guard !subtype.isEmpty else { return nil }
        index = subtype.endIndex
        while index < value.endIndex, value[index] <= ASCII.space { index += 1 }
        guard index == value.endIndex || value[index] == UInt8(ascii: ";") else { return nil }
        return (lowercased(type), lowercased(subtype))
    }

    private static func token(in value: ArraySlice<UInt8>, from start: Int) -> ArraySlice<UInt8> {
        var end = start
        while end < value.endIndex, isToken(value[end]) { end += 1 }
        return value[start..<end]
    }

    /// Letters, digits and what registered names hold besides (RFC 6838 4.2).
    private static func isToken(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "+"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }

    private static func lowercased(_ octets: ArraySlice<UInt8>) -> String {
        String(unsafeUninitializedCapacity: octets.count) { buffer in
            for (index, octet) in octets.enumerated() { buffer[index] = ASCII.lowercased(octet) }
            return octets.count
        }
    }
}
