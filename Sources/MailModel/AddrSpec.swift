// An addr-spec that may go out: checked byte by byte, so that no command or header can be injected
// through an address. Reading broken mail is MessageFormat's business, not this type's.

/// A validated addr-spec (RFC 5321 4.1.2 Mailbox, with UTF-8 by RFC 6531).
package struct AddrSpec: Sendable, Hashable {
    /// Most octets of a whole addr-spec (RFC 5321 4.5.3.1.3: a path of 256 with its brackets).
    package static let octetsMax = 254
    /// Most octets of the local part (RFC 5321 4.5.3.1.1).
    package static let localPartOctetsMax = 64

    /// Why octets are no addr-spec.
    package enum Fault: Error, Sendable, Equatable {
        case empty
        case tooLong
        case missingDomain
        case emptyLocalPart
        case emptyDomain
        /// An octet that may not stand in an address, and where.
        case forbiddenOctet(UInt8, offset: Int)
    }

    /// The octets of `local@domain`, without angle brackets.
    package let octets: [UInt8]
    /// Where the `@` stands that divides the two parts.
    private let atIndex: Int

    /// The octets before the dividing `@`.
    package var localPart: ArraySlice<UInt8> { octets[..<atIndex] }
    /// The octets after the dividing `@`.
    package var domain: ArraySlice<UInt8> { octets[(atIndex + 1)...] }
    /// The address for people.
    package var text: String { String(decoding: octets, as: UTF8.self) }
    /// Whether SMTPUTF8 is needed to send it (RFC 6531).
    package var needsUTF8: Bool { octets.contains { $0 >= 0x80 } }

    /// Checks octets from outside.
    /// - Throws: `Fault` naming the first thing that is wrong.
    package init(_ octets: some Collection<UInt8>) throws(Fault) {
        let octets = Array(octets)
        guard !octets.isEmpty else { throw .empty }
        guard octets.count <= Self.octetsMax else { throw .tooLong }
        let at = try Self.scanLocalPart(octets)
        guard at < octets.count else { throw .missingDomain }
        guard at > 0 else { throw .emptyLocalPart }
        guard at <= Self.localPartOctetsMax else { throw .tooLong }
        guard at + 1 < octets.count else { throw .emptyDomain }
        try Self.checkDomain(octets, from: at + 1)
        self.octets = octets
        self.atIndex = at
    }

    /// The index of the dividing `@`; `octets.count` where there is none.
    private static func scanLocalPart(_ octets: [UInt8]) throws(Fault) -> Int {
        let isQuoted = octets[0] == UInt8(ascii: "\"")
        var index = isQuoted ? 1 : 0
        var isOpen = isQuoted
        while index < octets.count {
            let octet = octets[index]
            guard octet >= 0x20, octet != 0x7F else {
                throw .forbiddenOctet(octet, offset: index)
            }
            if isOpen {
                if octet == UInt8(ascii: "\\") {
                    index += 1
                    guard index < octets.count, octets[index] >= 0x20, octets[index] != 0x7F else {
                        throw .forbiddenOctet(octet, offset: index - 1)
                    }
                } else if octet == UInt8(ascii: "\"") {
                    isOpen = false
                }
            } else if octet == UInt8(ascii: "@") {
                return index
            } else if isQuoted || !isAtomOctet(octet) {
                throw .forbiddenOctet(octet, offset: index)
            }
            index += 1
        }
        return octets.count
    }

    /// atext of RFC 5322 3.2.3, the dot, and UTF-8 (RFC 6532 3.1).
    private static func isAtomOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        default:
            Array("!#$%&'*+-/=?^_`{|}~.".utf8).contains(octet)
        }
    }

    /// A name, or an address literal in brackets, which may hold colons (RFC 5321 4.1.3).
    private static func checkDomain(_ octets: [UInt8], from start: Int) throws(Fault) {
        let isLiteral =
            octets[start] == UInt8(ascii: "[") && octets[octets.count - 1] == UInt8(ascii: "]")
        let content = isLiteral ? (start + 1)..<(octets.count - 1) : start..<octets.count
        guard !content.isEmpty else { throw .emptyDomain }
        for index in content {
            let isColon = octets[index] == UInt8(ascii: ":")
            guard isDomainOctet(octets[index]) || (isLiteral && isColon) else {
                throw .forbiddenOctet(octets[index], offset: index)
            }
        }
    }

    /// Letters, digits, hyphen, dot, underscore and UTF-8.
    private static func isDomainOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        default:
            Array("-._".utf8).contains(octet)
        }
    }
}

extension AddrSpec.Fault: CustomStringConvertible {
    /// A clause for an error line: what is wrong with the address.
    package var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong:
            "is longer than \(AddrSpec.octetsMax) octets or its local part than "
                + "\(AddrSpec.localPartOctetsMax)"
        case .missingDomain: "has no @ and domain"
        case .emptyLocalPart: "has nothing before the @"
        case .emptyDomain: "has nothing after the @"
        case .forbiddenOctet(let octet, let offset):
            "has \(Self.octetName(octet)) at position \(offset + 1)"
        }
    }

    private static func octetName(_ octet: UInt8) -> String {
        switch octet {
        case 0: "a NUL"
        case 0x0A: "a line feed (LF)"
        case 0x0D: "a carriage return (CR)"
        case 0x20: "a space"
        case 0x21...0x7E: "'\(Unicode.Scalar(octet))'"
        default: "a control character"
        }
    }
}
