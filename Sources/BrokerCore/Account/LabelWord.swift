// Labels as people write them, and what stands for them on a server: a label of its own, or a
// keyword where it has no labels.

import BrokerProtocol
import IMAP
import MailModel
import MailStore

extension Label {
    /// The server's own labels that clients may use.
    private static let system: [Label] = ["Inbox", "Sent", "Draft", "Important", "Starred"]
        .compactMap { Label(Array("\\\($0)".utf8)) }

    /// A label as people write it: `important`, `Work/2026`; nil for what can be none.
    init?(word: String) {
        let octets = Array(word.utf8)
        let known = Self.system.first { ASCII.equal($0.octets.dropFirst(), octets) }
        if let known {
            self = known
            return
        }
        guard octets.first != UInt8(ascii: "\\") else { return nil }
        self.init(ModifiedUTF7.encode(word))
    }

    /// The label as people write it.
    var word: String {
        guard isSystem else { return ModifiedUTF7.display(octets) }
        return String(decoding: octets.dropFirst().map(ASCII.lowercased), as: UTF8.self)
    }
}

extension Flag {
    /// The keyword that stands for a label where the server has none; nil for what can be none.
    init?(label word: String) {
        if ASCII.equal(word.utf8, "important") {
            self = .important
            return
        }
        guard let flag = Flag(word: word), flag.isKeyword else { return nil }
        self = flag
    }

    /// The label a keyword stands for; nil for those that programs tell each other things by.
    fileprivate var labelWord: String? {
        if self == .important { return "important" }
        guard isKeyword, octets.first != UInt8(ascii: "$") else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }
}

extension MessageData {
    /// The labels as people write them, in the order of their octets.
    var labelWords: [String] {
        let words = labels.map { $0.map(\.word) } ?? flags.compactMap(\.labelWord)
        return words.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension SearchQuery.LabelTerm {
    /// The term of a word behind `label:`.
    init(word: String) { self.init(label: Label(word: word), keyword: Flag(label: word)) }
}

extension MailboxRecord {
    /// The label that the mailbox is the view of, on a server that has labels; nil for one that
    /// holds messages by itself.
    var label: Label? {
        switch role {
        case .inbox: Label(word: "inbox")
        case .sent: Label(word: "sent")
        case .drafts: Label(word: "draft")
        case .flagged: Label(word: "starred")
        case .important: .important
        case .all, .junk, .trash: nil
        case .archive, nil: Label(name.octets)
        }
    }

    /// Whether it shows only what another mailbox of the account holds, too, so that its messages
    /// are fetched when somebody looks at them (QUIRK 1).
    ///
    /// Sent and Drafts are fetched for all that: they are looked at without a connection.
    func isMereLabel(in mailboxes: [MailboxRecord], _ profile: ServerProfile) -> Bool {
        guard profile.hasLabels, mailboxes.contains(where: { $0.role == .all }) else {
            return false
        }
        return role == nil || role == .flagged || role == .important
    }
}
