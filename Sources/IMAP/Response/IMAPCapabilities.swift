// What a server says it can do (RFC 3501 7.2.1). Only what it says: nothing is guessed from names.

internal import MailModel

/// The capabilities of a server at one moment of a connection.
package struct IMAPCapabilities: Sendable, Hashable {
    /// The capability names in upper case.
    package private(set) var names: Set<[UInt8]> = []

    /// No capabilities.
    package init() {}

    /// Capabilities as the server lists them, bounded; the order does not matter.
    package init(_ names: some Sequence<some Collection<UInt8>>) {
        for name in names.prefix(IMAPLimits.capabilitiesMax)
        where !name.isEmpty && name.count <= IMAPLimits.capabilityOctetsMax {
            self.names.insert(name.map(ASCII.uppercased))
        }
    }

    /// Adds others.
    package mutating func formUnion(_ other: IMAPCapabilities) { names.formUnion(other.names) }

    /// Whether the server offers a capability, named by a constant of ours.
    package func has(_ name: String) -> Bool {
        names.contains(name.utf8.map(ASCII.uppercased))
    }

    /// What the server lists behind a prefix: the mechanisms of `AUTH=`, the number of
    /// `APPENDLIMIT=`; sorted.
    package func values(of prefix: String) -> [[UInt8]] {
        let start = prefix.utf8.map(ASCII.uppercased)
        return names.filter { $0.starts(with: start) }.map { Array($0.dropFirst(start.count)) }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The largest message that APPEND takes (RFC 7889), or nil.
    package var appendLimit: UInt64? { values(of: "APPENDLIMIT=").first.flatMap(ASCII.decimal) }

    /// Whether non-synchronising literals of any size are taken (RFC 7888 4).
    var hasLiteralPlus: Bool { has("LITERAL+") }
    /// Whether small non-synchronising literals are taken (RFC 7888 5).
    var hasLiteralMinus: Bool { has("LITERAL-") }
}
