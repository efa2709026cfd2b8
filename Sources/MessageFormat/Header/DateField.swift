// Dates of messages in every shape seen. Returns nil rather than a guess: the caller then sorts by
// arrival.

package import MailModel

/// The Date field and its like (RFC 5322 3.3, 4.3), read tolerantly.
package enum DateField {
    /// The instant a field body names; nil where day, month, year or time is missing or out of
    /// range.
    ///
    /// Reads RFC 5322 with and without day name, seconds and zone, two and three digit years,
    /// obsolete zone names, month names of some languages, the form of asctime, of INTERNALDATE and
    /// of RFC 3339. An unknown zone is UTC (RFC 5322 4.3); `24:00` is the midnight after. A day
    /// name is not looked at, right or wrong. A year before 1900 is none (RFC 5322 3.3).
    package static func parse(_ octets: some Sequence<UInt8>) -> DateTime? {
        let octets = CommentStripper.strip(
            FieldOctets.array(octets, limit: MessageFormatLimits.dateOctetsMax)
        )
        var reader = DateReader()
        var tokens = octets.split(whereSeparator: isSeparator)[...]
        let dayName = tokens.first.flatMap { isDayName($0, in: octets) ? $0 : nil }
        if dayName != nil { tokens.removeFirst() }
        for token in tokens {
            guard reader.read(token) else { return nil }
        }
        // `Aug, 5 2020`: no other word is a month, so this one was no day.
        if let dayName, reader.month == nil, !reader.read(dayName) { return nil }
        return reader.value
    }

    /// Whether a token is a word before a comma: `Mar, 5 Aug` is a Tuesday (French, Spanish) and
    /// not in March.
    private static func isDayName(_ token: ArraySlice<UInt8>, in octets: [UInt8]) -> Bool {
        guard let first = token.first, !(0x30...0x39).contains(first) else { return false }
        return token.endIndex < octets.count && octets[token.endIndex] == UInt8(ascii: ",")
    }

    private static func isSeparator(_ octet: UInt8) -> Bool {
        octet <= ASCII.space || octet == UInt8(ascii: ",") || octet == UInt8(ascii: "\"")
            || octet == UInt8(ascii: ";")
    }
}

/// The fields found so far.
private struct DateReader {
    private var year: Int?
    private(set) var month: Int?
    private var day: Int?
    private var clock: (hour: Int, minute: Int, second: Int)?
    private var offsetMinutes: Int?

    /// The instant, if all needed fields are there.
    var value: DateTime? {
        guard let year, let month, let day, let clock else { return nil }
        let isMidnightAfter = clock == (24, 0, 0)
        let date = DateTime(
            year: year,
            month: month,
            day: day,
            hour: isMidnightAfter ? 0 : clock.hour,
            minute: clock.minute,
            second: clock.second,
            offsetMinutes: offsetMinutes ?? 0
        )
        guard let date, isMidnightAfter else { return date }
        return DateTime(
            unixSeconds: date.unixSeconds + 86_400,
            offsetMinutes: date.offsetMinutes
        )
    }

    /// Takes one token; false where it makes the date unreadable.
    mutating func read(_ token: ArraySlice<UInt8>) -> Bool {
        guard let first = token.first else { return true }
        if isDigit(first) { return readDigits(token) }
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            guard clock != nil else { return true }
            return readOffset(token)
        }
        return readName(token)
    }

    private mutating func readDigits(_ token: ArraySlice<UInt8>) -> Bool {
        // The T of RFC 3339 stands behind a digit, that of `15-Oct-2004` does not.
        if let mark = token.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "t") }),
            isDigit(token[mark - 1]), token[..<mark].contains(UInt8(ascii: "-")), month == nil
        {
            return readDashed(token[..<mark]) && readClock(token[(mark + 1)...])
        }
        if token.contains(UInt8(ascii: ":")) { return readClock(token) }
        if token.contains(UInt8(ascii: "-")) { return readDashed(token) }
        guard let number = ASCII.decimal(token).flatMap({ Int(exactly: $0) }) else {
            return readClock(token)
        }
        if day == nil, token.count <= 2 {
            day = number
        } else if year == nil {
            return readYear(token)
        } else if clock != nil, offsetMinutes == nil, token.count == 4 {
            return readOffset([UInt8(ascii: "+")] + token)
        }
        return true
    }

    private mutating func readYear(_ token: ArraySlice<UInt8>) -> Bool {
        guard token.count >= 2, token.count <= 4, let number = ASCII.decimal(token) else {
            return false
        }
        // RFC 5322 4.3: 00-49 are 2000-2049, 50-99 and three digits count from 1900.
        switch token.count {
        case 2: year = Int(number) + (number < 50 ? 2000 : 1900)
        case 3: year = Int(number) + 1900
        default: year = Int(number)
        }
        return year.map { $0 >= 1900 } ?? false
    }

    /// `17-Jun-2008`, `17-6-2008`, `2008-06-17`.
    private mutating func readDashed(_ token: ArraySlice<UInt8>) -> Bool {
        let fields = token.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard fields.count == 3, year == nil, month == nil, day == nil else { return false }
        let isYearFirst = fields[0].count == 4
        guard readYear(isYearFirst ? fields[0] : fields[2]),
            let number = ASCII.decimal(isYearFirst ? fields[2] : fields[0]), number <= 31
        else { return false }
        day = Int(number)
        if let number = ASCII.decimal(fields[1]) {
            month = number <= 12 ? Int(number) : nil
        } else {
            month = Self.month(named: fields[1])
        }
        return month != nil
    }

    /// `9:55`, `09:55:06`, `09:55:06.25`, each with a zone glued on or not.
    private mutating func readClock(_ token: ArraySlice<UInt8>) -> Bool {
        guard clock == nil else { return true }
        let end =
            token.firstIndex { !isDigit($0) && $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: ".") }
            ?? token.endIndex
        let separator =
            token[..<end].contains(UInt8(ascii: ":")) ? UInt8(ascii: ":") : UInt8(ascii: ".")
        let fields = token[..<end].split(separator: separator, omittingEmptySubsequences: false)
        guard fields.count == 2 || fields.count == 3 else { return false }
        var numbers: [Int] = []
        for field in fields {
            let whole = field.prefix(while: isDigit)
            guard whole.count <= 2, let number = ASCII.decimal(whole) else { return false }
            numbers.append(Int(number))
        }
        clock = (numbers[0], numbers[1], numbers.count == 3 ? numbers[2] : 0)
        return end == token.endIndex || read(token[end...])
    }

    private mutating func readName(_ token: ArraySlice<UInt8>) -> Bool {
        if clock == nil || month == nil, let number = Self.month(named: token) {
            // Two names: one of them is no month, and which one is a guess.
            guard month == nil else { return false }
            month = number
            return true
        }
        guard let clock else { return true }
        if ASCII.equal(token, "am") || ASCII.equal(token, "pm") {
            guard (1...12).contains(clock.hour) else { return false }
            self.clock?.hour = clock.hour % 12 + (ASCII.equal(token, "pm") ? 12 : 0)
            return true
        }
        guard offsetMinutes == nil else { return true }
        let name = token.prefix { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }
        if name.count < token.count, Self.zones["utc"] == Self.offset(of: name) {
            return readOffset(token[name.endIndex...])
        }
        offsetMinutes = Self.offset(of: name)
        return true
    }

    /// `+0200`, `-0600`, `+02:00`, `+2`.
    private mutating func readOffset(_ token: ArraySlice<UInt8>) -> Bool {
        guard offsetMinutes == nil, let sign = token.first else { return true }
        let digits = token.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard !digits.isEmpty, digits.count <= 4, let number = ASCII.decimal(digits) else {
            return false
        }
        let (hours, minutes) = digits.count <= 2 ? (number, 0) : (number / 100, number % 100)
        guard hours < 24, minutes < 60 else { return false }
        let total = Int(hours * 60 + minutes)
        offsetMinutes = sign == UInt8(ascii: "-") ? -total : total
        return true
    }

    /// The month of a name or its beginning in English, or in one of the languages that programs
    /// have written; nil for any other.
    ///
    /// Octets beyond ASCII are left out first: `août` is the same in UTF-8 and in latin-1 then.
    private static func month(named name: ArraySlice<UInt8>) -> Int? {
        guard name.count >= 3 else { return nil }
        let letters = name.prefix(16).filter { $0 < 0x80 && $0 != UInt8(ascii: ".") }
            .map(ASCII.lowercased)
        if letters.starts(with: "juin".utf8) { return 6 }
        if letters.starts(with: "juil".utf8) { return 7 }
        return monthNames[String(decoding: letters.prefix(3), as: UTF8.self)]
    }

    /// English, then German, French, Spanish, Portuguese, Italian, Dutch and Scandinavian where
    /// they are not as in English.
    private static let monthNames: [String: Int] = [
        "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9,
        "oct": 10, "nov": 11, "dec": 12,
        "ene": 1, "gen": 1, "jn": 1, "jnn": 1, "fev": 2, "fv": 2, "fvr": 2, "mr": 3, "mrz": 3,
        "mrt": 3, "maa": 3, "avr": 4, "abr": 4, "mai": 5, "mag": 5, "mei": 5, "maj": 5, "giu": 6,
        "lug": 7, "ago": 8, "aot": 8, "aou": 8, "set": 9, "okt": 10, "ott": 10, "out": 10,
        "dez": 12, "dic": 12, "dc": 12, "dce": 12, "des": 12,
    ]

    private func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    /// Minutes east of UTC; 0 for military letters and unknown names (RFC 5322 4.3).
    private static func offset(of name: ArraySlice<UInt8>) -> Int {
        guard name.count <= 3 else { return 0 }
        return zones[String(decoding: name.map(ASCII.lowercased), as: UTF8.self)] ?? 0
    }

    private static let zones: [String: Int] = [
        "ut": 0, "utc": 0, "gmt": 0, "z": 0,
        "est": -300, "edt": -240, "cst": -360, "cdt": -300,
        "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    ]
}
