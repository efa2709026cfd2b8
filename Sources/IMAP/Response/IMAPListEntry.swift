// One mailbox as LIST describes it (RFC 3501 7.2.2, RFC 5258, RFC 6154).

package import MailModel

/// A mailbox of a server's list.
package struct IMAPListEntry: Sendable, Hashable {
    /// The name in the server's octets.
    package let name: MailboxName
    /// The octet between levels of the hierarchy; nil where there is none or the server's makes no
    /// sense.
    package let delimiter: UInt8?
    /// The attributes as received, with their backslash, bounded.
    package let attributes: [[UInt8]]

    /// An entry from its parts.
    package init(name: MailboxName, delimiter: UInt8?, attributes: [[UInt8]] = []) {
        self.name = name
        self.delimiter = delimiter
        self.attributes = attributes
    }

    /// Whether the list names an attribute, in any case; written with its backslash.
    package func has(_ attribute: String) -> Bool {
        attributes.contains { ASCII.equal($0, attribute.utf8) }
    }

    /// Whether the mailbox can be opened.
    package var isSelectable: Bool { !has("\\Noselect") && !has("\\NonExistent") }
    /// Whether there are mailboxes below it; nil where the server did not say.
    package var hasChildren: Bool? {
        if has("\\HasChildren") { return true }
        return has("\\HasNoChildren") || has("\\Noinferiors") ? false : nil
    }
    /// Whether the user is subscribed to it, where that was asked.
    package var isSubscribed: Bool { has("\\Subscribed") }

    /// What the mailbox is for, by its attributes (RFC 6154 2, RFC 8457 3) or because it is INBOX.
    package var role: MailboxRole? {
        if name == .inbox { return .inbox }
        // QUIRK: Gmail lists INBOX again with \Inbox, by a localised name that cannot be opened.
        // QUIRK: \Spam, \AllMail and \Starred are XLIST's words, still sent by proxies of Gmail.
        let roles: [(String, MailboxRole)] = [
            ("\\Sent", .sent), ("\\Trash", .trash), ("\\Drafts", .drafts), ("\\Junk", .junk),
            ("\\Spam", .junk), ("\\Archive", .archive), ("\\All", .all),
            ("\\AllMail", .all), ("\\Flagged", .flagged), ("\\Starred", .flagged),
            ("\\Important", .important),
        ]
        return roles.first { has($0.0) }?.1
    }
}

/// The figures of a mailbox that is not open (RFC 3501 7.2.4); nil where the server gave none.
package struct IMAPMailboxStatus: Sendable, Hashable {
    /// The mailbox.
    package let name: MailboxName
    /// How many messages it has.
    package var messages: UInt32?
    /// How many are \Recent.
    package var recent: UInt32?
    /// The next UID; 0 where the server does not know.
    package var uidNext: UInt32?
    /// The epoch of UIDs; 0 where the server does not know.
    package var uidValidity: UIDValidity?
    /// How many messages are not \Seen.
    package var unseen: UInt32?
    /// The highest mod-sequence (RFC 7162 3.1.7).
    package var highestModSeq: UInt64?
    /// Octets of all messages (RFC 8438).
    package var size: UInt64?

    /// A status without figures.
    package init(name: MailboxName) { self.name = name }
}

/// A part of the mailbox names that belongs together (RFC 2342).
package struct IMAPNamespace: Sendable, Hashable {
    /// What its names begin with.
    package let prefix: [UInt8]
    /// The octet between levels, or nil.
    package let delimiter: UInt8?

    /// A namespace from its parts.
    package init(prefix: [UInt8], delimiter: UInt8?) {
        self.prefix = prefix
        self.delimiter = delimiter
    }
}

/// The namespaces of a server.
package struct IMAPNamespaces: Sendable, Hashable {
    /// The user's own.
    package var personal: [IMAPNamespace] = []
    /// Those of other users.
    package var otherUsers: [IMAPNamespace] = []
    /// Those that are shared.
    package var shared: [IMAPNamespace] = []

    /// No namespaces.
    package init() {}
}
