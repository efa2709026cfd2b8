// Labels of servers that have them (X-GM-EXT-1), and identifiers of messages that last longer than
// a place in a mailbox.

/// A label as the server names it: `\Inbox`, `Work`, in modified UTF-7 like a mailbox's name.
///
/// Compared without case, as Gmail does.
package struct Label: Sendable, Hashable {
    /// Most octets a label from outside may have; longer ones are left out.
    package static let octetsMax = 1024

    /// The octets for commands.
    package let octets: [UInt8]

    /// Gmail's mark of importance.
    package static let important = Label(constant: "\\Important")

    private init(constant: String) { octets = Array(constant.utf8) }

    /// A label as a server names it; nil for one that is empty, too long, no UTF-8, or holds a
    /// control octet.
    package init?(_ octets: some Collection<UInt8>) {
        guard !octets.isEmpty, octets.count <= Self.octetsMax,
            octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            String(validating: octets, as: UTF8.self) != nil
        else { return nil }
        self.octets = Array(octets)
    }

    /// Whether the server itself made it: `\Inbox`, `\Starred`.
    package var isSystem: Bool {
        guard octets.first == UInt8(ascii: "\\"), octets.count > 1 else { return false }
        return octets.dropFirst().allSatisfy { octet in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(ASCII.lowercased(octet))
        }
    }

    /// Compares without case.
    package static func == (left: Label, right: Label) -> Bool {
        ASCII.equal(left.octets, right.octets)
    }

    /// Hashes without case.
    package func hash(into hasher: inout Hasher) {
        for octet in octets { hasher.combine(ASCII.lowercased(octet)) }
    }
}

/// What names a message, or a conversation, wherever it is in the account: EMAILID and THREADID
/// (RFC 8474), X-GM-MSGID and X-GM-THRID.
package struct ObjectID: Sendable, Hashable {
    /// Most octets of one (RFC 8474 7).
    package static let octetsMax = 255

    /// The identifier: letters, digits, `_` and `-`.
    package let text: String

    /// An identifier as a server names it; nil for what is none (RFC 8474 7).
    package init?(_ octets: some Collection<UInt8>) {
        guard !octets.isEmpty, octets.count <= Self.octetsMax,
            octets.allSatisfy(Self.isAllowed)
        else { return nil }
        text = String(decoding: octets, as: UTF8.self)
    }

    private static func isAllowed(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
