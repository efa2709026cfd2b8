// Who gets an answer. The rules are those of RFC 5322 3.6.3 and of what people expect: nobody
// writes to themselves by accident, and nobody gets a message twice.

import MailModel

/// Whom an answer is for.
package enum ReplyMode: String, Sendable, Hashable, CaseIterable {
    /// The author.
    case sender
    /// Everybody who took part.
    case all
    /// The mailing list alone.
    case list
}

/// The recipients of an answer.
struct ReplyRecipients {
    private(set) var to: [Draft.Mailbox] = []
    private(set) var cc: [Draft.Mailbox] = []
    /// Addresses of the original that cannot be written to.
    private(set) var unusable: [String] = []
    private var seenUnusable: Set<[UInt8]> = []
    private let own: Set<[UInt8]>

    /// Chooses the recipients.
    /// - Throws: that a list is asked for and the message names none.
    init(
        _ original: OriginalMessage,
        mode: ReplyMode,
        own: [[UInt8]]
    ) throws(MessageFormatError) {
        self.own = Set(own.map { $0.map(ASCII.lowercased) })
        switch mode {
        case .sender: chooseAuthor(original, withCopies: false)
        case .all: chooseAll(original)
        case .list:
            let addresses = original.listPost.map { [$0] } ?? original.mailFollowupTo
            guard !addresses.isEmpty else {
                throw MessageFormatError(field: "list-post", reason: .empty)
            }
            to = unique(mailboxes(addresses))
        }
    }

    /// The wish of the author for answers to all comes before our own guess.
    private mutating func chooseAll(_ original: OriginalMessage) {
        let wished = unique(mailboxes(original.mailFollowupTo)).filter { !isOwn($0) }
        guard wished.isEmpty else {
            to = wished
            return
        }
        chooseAuthor(original, withCopies: true)
    }

    /// Reply-To or else From; for a message of our own, those to whom it went.
    ///
    /// Own addresses are left out, unless nobody else is there.
    private mutating func chooseAuthor(_ original: OriginalMessage, withCopies: Bool) {
        let authors = mailboxes(original.from)
        let wished = mailboxes(original.replyTo)
        let (recipients, copies) = (mailboxes(original.to), mailboxes(original.cc))
        if !authors.isEmpty, authors.allSatisfy(isOwn), !(recipients + copies).isEmpty {
            choose(recipients, copies: copies)
            if !withCopies { cc = [] }
        } else {
            choose(
                wished.isEmpty ? authors : wished,
                copies: withCopies ? recipients + copies : []
            )
        }
    }

    /// Each address once, our own ones left out.
    ///
    /// Where that leaves nobody in To, the others move up.
    private mutating func choose(_ first: [Draft.Mailbox], copies: [Draft.Mailbox]) {
        let all = unique(first + copies)
        let firstCount = unique(first).count
        to = all.prefix(firstCount).filter { !isOwn($0) }
        cc = all.dropFirst(firstCount).filter { !isOwn($0) }
        if to.isEmpty { (to, cc) = (cc, []) }
        if to.isEmpty { to = all }
    }

    /// The addresses that can be written to; the others are remembered.
    private mutating func mailboxes(_ addresses: [Address]) -> [Draft.Mailbox] {
        var result: [Draft.Mailbox] = []
        for address in addresses.prefix(MessageFormatLimits.addressesMax) {
            guard let spec = try? AddrSpec(address.address.utf8),
                DraftCheck.fault(in: spec, form: .internationalized) == nil
            else {
                if seenUnusable.insert(Array(address.address.utf8)).inserted {
                    unusable.append(address.address)
                }
                continue
            }
            let name = address.name.map { ReceivedText.line($0.utf8) }
            result.append(Draft.Mailbox(name: name?.isEmpty == false ? name : nil, address: spec))
        }
        return result
    }

    /// The first mailbox of each address.
    ///
    /// Domains are equal in any case, local parts are not (RFC 5321 2.4).
    private func unique(_ mailboxes: [Draft.Mailbox]) -> [Draft.Mailbox] {
        var seen: Set<[UInt8]> = []
        return mailboxes.filter { mailbox in
            let address = mailbox.address
            return seen.insert(
                address.localPart + [UInt8(ascii: "@")] + address.domain.map(ASCII.lowercased)
            ).inserted
        }
    }

    /// Whether an address is one of ours.
    ///
    /// Here the local part is folded too: no provider gives
    /// `Alice` and `alice` to two people, and an answer to oneself is the likelier mistake.
    private func isOwn(_ mailbox: Draft.Mailbox) -> Bool {
        own.contains(mailbox.address.octets.map(ASCII.lowercased))
    }
}
