// A mailbox name as the server wrote it. Opaque: it is a key and a command argument, never a path,
// never compared as a String (two names may be canonically equivalent and still be two mailboxes).

/// The name of a mailbox, in the octets of the server (modified UTF-7 or UTF-8).
package struct MailboxName: Sendable, Hashable {
    /// Most octets of a name that is kept.
    package static let octetsMax = 4096
    /// The one name every server has, in any case (RFC 3501 5.1).
    package static let inbox = MailboxName(Array("INBOX".utf8))

    /// The octets as received; INBOX always in upper case.
    package let octets: [UInt8]

    /// A name from a server or encoded by us.
    package init(_ octets: some Sequence<UInt8>) {
        let octets = Array(octets)
        self.octets = ASCII.equal(octets, "INBOX") ? Array("INBOX".utf8) : octets
    }
}

/// What a mailbox is for (RFC 6154, RFC 8457, RFC 3501 INBOX).
package enum MailboxRole: String, Sendable, Hashable, Codable, CaseIterable {
    case inbox, sent, trash, drafts, junk, archive, all, flagged, important
}
