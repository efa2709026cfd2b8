// What a receiving host says it checked. Anyone can write this field: show only those whose
// authserv-id is our own provider's, and only the ones it put on top.

import MailModel

/// An Authentication-Results field (RFC 8601 2.2), read tolerantly.
package struct AuthenticationResults: Sendable, Hashable {
    /// The host that made the checks, or nil.
    package private(set) var authservID: String?
    /// The version of the field's format, or nil.
    package private(set) var version: UInt64?
    /// The `i=` of an ARC-Authentication-Results field (RFC 8617 4.1.1), or nil.
    package private(set) var instance: UInt64?
    /// What was checked, in order; empty for `none`.
    package private(set) var results: [Result] = []

    /// One method and its outcome.
    package struct Result: Sendable, Hashable {
        /// The method in lower case: `dkim`, `spf`, `dmarc`.
        package fileprivate(set) var method: String
        /// The version behind the method's slash, or nil.
        package fileprivate(set) var methodVersion: UInt64?
        /// The outcome in lower case: `pass`, `fail`, `none`.
        package fileprivate(set) var result: String
        /// The `reason=` text, or nil.
        package fileprivate(set) var reason: String?
        /// The first comment behind the outcome, or nil.
        package fileprivate(set) var comment: String?
        /// What was checked, in order.
        package fileprivate(set) var properties: [Property] = []

        /// The value of the first property of a name, such as `header.d`.
        package func value(_ name: String) -> String? {
            properties.first { "\($0.type).\($0.name)".utf8.elementsEqual(name.utf8) }?.value
        }
    }

    /// One `ptype.property=value`.
    package struct Property: Sendable, Hashable {
        /// `smtp`, `header`, `body` or `policy`, in lower case.
        package let type: String
        /// The property in lower case: `mailfrom`, `d`.
        package let name: String
        /// The value as written, without quotes.
        package let value: String
    }

    /// Reads a field body, that of ARC-Authentication-Results too.
    ///
    /// What is no result is skipped. A field without an authserv-id, as some hosts write it, has
    /// results all the same.
    package static func parse(_ octets: some Sequence<UInt8>) -> AuthenticationResults {
        var reader = AuthenticationReader(
            FieldOctets.array(octets, limit: MessageFormatLimits.fieldOctetsMax)
        )
        var field = AuthenticationResults()
        while let segment = reader.segment() { field.take(segment) }
        return field
    }

    private mutating func take(_ segment: AuthenticationReader.Segment) {
        if segment.isFirst || (authservID == nil && instance != nil && results.isEmpty),
            let head = segment.head
        {
            authservID = head
            version = segment.version
        }
        for (index, pair) in segment.pairs.enumerated() {
            if index == 0, segment.isFirst, pair.name == [UInt8(ascii: "i")] {
                instance = ASCII.decimal(pair.value)
            } else if Self.isMethod(pair.name) || (index == 0 && !Self.isSender(pair.name)) {
                guard results.count < MessageFormatLimits.authenticationResultsMax else { return }
                results.append(Self.result(pair))
            } else if !results.isEmpty {
                Self.add(pair, to: &results[results.count - 1])
            }
        }
    }

    /// QUIRK: some hosts put several methods into one segment; a name without a dot that is not
    /// `reason` is a method, then.
    private static func isMethod(_ name: [UInt8]) -> Bool {
        !name.contains(UInt8(ascii: ".")) && !ASCII.equal(name, "reason")
            && !ASCII.equal(name, "action") && !isSender(name)
    }

    /// QUIRK: Yahoo wrote `from=example.org;` before each result, which says nothing.
    private static func isSender(_ name: [UInt8]) -> Bool { ASCII.equal(name, "from") }

    private static func result(_ pair: AuthenticationReader.Pair) -> Result {
        let slash = pair.name.firstIndex(of: UInt8(ascii: "/")) ?? pair.name.count
        return Result(
            method: lowercased(pair.name[..<slash]),
            methodVersion: ASCII.decimal(pair.name[slash...].dropFirst()),
            result: lowercased(pair.value[...]),
            comment: pair.comment
        )
    }

    private static func add(_ pair: AuthenticationReader.Pair, to result: inout Result) {
        if result.comment == nil { result.comment = pair.comment }
        guard let dot = pair.name.firstIndex(of: UInt8(ascii: ".")) else {
            if ASCII.equal(pair.name, "reason"), result.reason == nil {
                result.reason = Charset.guess(pair.value)
            }
            return
        }
        guard result.properties.count < MessageFormatLimits.authenticationPropertiesMax else {
            return
        }
        result.properties.append(
            Property(
                type: lowercased(pair.name[..<dot]),
                name: lowercased(pair.name[(dot + 1)...]),
                value: Charset.guess(pair.value)
            )
        )
    }

    private static func lowercased(_ octets: ArraySlice<UInt8>) -> String {
        Charset.guess(octets.map(ASCII.lowercased))
    }
}

/// Cuts the field into segments between semicolons, and those into pairs.
private struct AuthenticationReader {
    /// `name=value` and the comment behind it.
    struct Pair {
        var name: [UInt8]
        var value: [UInt8]
        var comment: String?
    }

    /// What stands between two semicolons.
    struct Segment {
        let isFirst: Bool
        /// The first word that is no pair.
        var head: String?
        /// The number behind that word.
        var version: UInt64?
        var pairs: [Pair] = []
    }

    private var scanner: FieldScanner
    private var isFirst = true
    /// The first comment since it was last cleared.
    private var comment: ArraySlice<UInt8>?

    init(_ octets: [UInt8]) { scanner = FieldScanner(octets) }

    /// The next segment; nil at the end.
    mutating func segment() -> Segment? {
        guard !scanner.isAtEnd else { return nil }
        var segment = Segment(isFirst: isFirst)
        isFirst = false
        skipComments()
        while let octet = scanner.current {
            if scanner.take(UInt8(ascii: ";")) { break }
            if octet == UInt8(ascii: "=") || octet == UInt8(ascii: "(") {
                scanner.skip()
            } else {
                item(into: &segment)
            }
            skipComments()
        }
        return segment
    }

    private mutating func item(into segment: inout Segment) {
        let name = name()
        guard scanner.take(UInt8(ascii: "=")) else {
            if segment.head == nil, segment.pairs.isEmpty, !name.isEmpty {
                segment.head = Charset.guess(
                    Array(name.prefix(MessageFormatLimits.authenticationValueOctetsMax))
                )
            } else if segment.version == nil, segment.pairs.isEmpty {
                segment.version = ASCII.decimal(name)
            }
            return
        }
        comment = nil
        skipComments()
        comment = nil
        let value = value()
        skipComments()
        let isFitting = name.count <= MessageFormatLimits.authenticationNameOctetsMax
        guard !name.isEmpty, isFitting else { return }
        segment.pairs.append(
            Pair(name: name, value: value, comment: comment.map { HeaderText.decode($0) })
        )
    }

    /// A method, a property's name or a lone word; blanks may stand around `.` and `/`.
    private mutating func name() -> [UInt8] {
        var name: [UInt8] = []
        repeat {
            if let quoted = scanner.quotedString() {
                name += quoted
            } else if scanner.current == UInt8(ascii: "\"") {
                scanner.skip()
            }
            name += scanner.word {
                Self.endsValue($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "\"")
            }
            skipComments()
        } while Self.isJoint(scanner.current) || (Self.isJoint(name.last) && isWordAhead)
        return name
    }

    private var isWordAhead: Bool {
        scanner.current.map {
            !Self.endsValue($0) && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "\"")
        } ?? false
    }

    private static func isJoint(_ octet: UInt8?) -> Bool {
        octet == UInt8(ascii: ".") || octet == UInt8(ascii: "/")
    }

    /// A word, a quoted string, or a mailbox whose local part is quoted.
    private mutating func value() -> [UInt8] {
        var value = scanner.quotedString() ?? []
        value += scanner.word(until: Self.endsValue)
        return Array(value.prefix(MessageFormatLimits.authenticationValueOctetsMax))
    }

    private mutating func skipComments() {
        scanner.skipBlanks()
        while let text = scanner.comment() {
            if comment == nil { comment = text }
            scanner.skipBlanks()
        }
    }

    private static func endsValue(_ octet: UInt8) -> Bool {
        octet <= ASCII.space || octet == UInt8(ascii: ";") || octet == UInt8(ascii: "(")
    }
}
