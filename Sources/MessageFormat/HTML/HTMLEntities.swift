// Character references of HTML: numbers, and the names that mail uses. Decoded once.

import MailModel

/// Character references (HTML 13.5, the names of HTML 4).
enum HTMLEntities {
    /// Octets with their character references decoded, as UTF-8.
    ///
    /// Unknown ones stay as they are.
    static func decode(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        guard octets.contains(UInt8(ascii: "&")) else { return Array(octets) }
        var result: [UInt8] = []
        result.reserveCapacity(octets.count)
        var index = octets.startIndex
        while index < octets.endIndex {
            if octets[index] == UInt8(ascii: "&"), let found = reference(octets[index...]) {
                result.append(contentsOf: String(found.scalar).utf8)
                index += found.length
            } else {
                result.append(octets[index])
                index += 1
            }
        }
        return result
    }

    private static func reference(
        _ octets: ArraySlice<UInt8>
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        let body = octets.dropFirst().prefix(32)
        if body.first == UInt8(ascii: "#") { return number(body) }
        let name = body.prefix { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) }
        let isClosed = name.endIndex < body.endIndex && body[name.endIndex] == UInt8(ascii: ";")
        guard !name.isEmpty, let code = names[String(decoding: name, as: UTF8.self)],
            let scalar = Unicode.Scalar(code)
        else { return nil }
        // Without a semicolon only what cannot be the start of a query parameter's name.
        guard
            isClosed
                || ["amp", "lt", "gt", "quot", "nbsp"].contains(where: {
                    name.elementsEqual($0.utf8)
                })
        else { return nil }
        return (scalar, 1 + name.count + (isClosed ? 1 : 0))
    }

    private static func number(
        _ body: ArraySlice<UInt8>
    ) -> (scalar: Unicode.Scalar, length: Int)? {
        var digits = body.dropFirst()
        let isHexadecimal = digits.first.map { $0 | 0x20 == UInt8(ascii: "x") } ?? false
        if isHexadecimal { digits = digits.dropFirst() }
        var value: UInt32 = 0
        var end = digits.startIndex
        while end < digits.endIndex, let digit = Hexadecimal.value(digits[end]),
            isHexadecimal || digit < 10
        {
            value = min(value, 0x110000) &* (isHexadecimal ? 16 : 10) &+ UInt32(digit)
            end += 1
        }
        guard end > digits.startIndex else { return nil }
        if (0x80...0x9F).contains(value) {
            value = UInt32(Charset.windows1252CodePoint(UInt8(value)))
        }
        let isClosed = end < digits.endIndex && digits[end] == UInt8(ascii: ";")
        let scalar = value == 0 ? nil : Unicode.Scalar(value)
        return (scalar ?? "\u{FFFD}", end - body.startIndex + 1 + (isClosed ? 1 : 0))
    }

    private static let names: [String: UInt32] = {
        var table = others
        for (index, name) in latin1.enumerated() { table[name] = 0xA0 + UInt32(index) }
        return table
    }()

    /// U+00A0...U+00FF in order.
    private static let latin1 = [
        "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
        "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
        "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
        "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave",
        "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve",
        "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml",
        "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig",
        "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth",
        "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave",
        "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
    ]

    private static let others: [String: UInt32] = [
        "amp": 0x26, "AMP": 0x26, "lt": 0x3C, "LT": 0x3C, "gt": 0x3E, "GT": 0x3E, "quot": 0x22,
        "apos": 0x27, "OElig": 0x152, "oelig": 0x153, "Scaron": 0x160, "scaron": 0x161,
        "Yuml": 0x178, "fnof": 0x192, "circ": 0x2C6, "tilde": 0x2DC, "ensp": 0x2002,
        "emsp": 0x2003, "thinsp": 0x2009, "zwnj": 0x200C, "zwj": 0x200D, "lrm": 0x200E,
        "rlm": 0x200F, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019,
        "sbquo": 0x201A, "ldquo": 0x201C, "rdquo": 0x201D, "bdquo": 0x201E, "dagger": 0x2020,
        "Dagger": 0x2021, "bull": 0x2022, "hellip": 0x2026, "permil": 0x2030, "prime": 0x2032,
        "Prime": 0x2033, "lsaquo": 0x2039, "rsaquo": 0x203A, "oline": 0x203E, "frasl": 0x2044,
        "euro": 0x20AC, "trade": 0x2122, "larr": 0x2190, "uarr": 0x2191, "rarr": 0x2192,
        "darr": 0x2193, "harr": 0x2194, "rArr": 0x21D2, "hArr": 0x21D4, "minus": 0x2212,
        "infin": 0x221E, "asymp": 0x2248, "ne": 0x2260, "equiv": 0x2261, "le": 0x2264,
        "ge": 0x2265, "sum": 0x2211, "radic": 0x221A, "loz": 0x25CA, "spades": 0x2660,
        "clubs": 0x2663, "hearts": 0x2665, "diams": 0x2666, "check": 0x2713, "star": 0x2606,
        "Alpha": 0x391, "Beta": 0x392, "Gamma": 0x393, "Delta": 0x394, "Omega": 0x3A9,
        "alpha": 0x3B1, "beta": 0x3B2, "gamma": 0x3B3, "delta": 0x3B4, "lambda": 0x3BB,
        "mu": 0x3BC, "pi": 0x3C0, "sigma": 0x3C3, "omega": 0x3C9, "num": 0x23, "dollar": 0x24,
        "percnt": 0x25, "lpar": 0x28, "rpar": 0x29, "ast": 0x2A, "plus": 0x2B, "comma": 0x2C,
        "period": 0x2E, "sol": 0x2F, "colon": 0x3A, "semi": 0x3B, "equals": 0x3D, "quest": 0x3F,
        "commat": 0x40, "lsqb": 0x5B, "bsol": 0x5C, "rsqb": 0x5D, "lowbar": 0x5F, "lbrace": 0x7B,
        "verbar": 0x7C, "vert": 0x7C, "rbrace": 0x7D, "NewLine": 0x0A, "Tab": 0x09,
    ]
}
