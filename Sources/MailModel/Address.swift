// The mailbox of RFC 5322: a display name and an addr-spec, as people read them.
// This is a value for display and for the wire between broker and front end. An address that goes
// into an SMTP command or a header is an `AddrSpec`, which has been checked byte by byte.

/// One mailbox of an address list (RFC 5322 3.4): decoded, groups flattened.
package struct Address: Sendable, Equatable, Codable {
    /// The display name, decoded; nil where the message had none.
    package var name: String?
    /// The addr-spec as written, `local@domain`; may be empty or odd in broken mail.
    package var address: String

    /// An address from its two parts.
    package init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }
}
