// The mailboxes of an account: their list, their roles, and which one a client means.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore

extension IMAPWorker {
    /// What is asked of every mailbox.
    private static let figures: [IMAPStatusItem] = [
        .messages, .unseen, .uidNext, .uidValidity, .highestModSeq,
    ]

    /// Asks the server for its mailboxes, and for their figures if these are wanted.
    @discardableResult
    func refreshMailboxes(
        _ session: IMAPSession,
        asksFigures: Bool = false
    ) async throws(SessionError) -> AccountNews {
        let options = IMAPListOptions(status: asksFigures ? Self.figures : [])
        let answer = try await session.execute(
            .list(reference: [], pattern: Array("*".utf8), options)
        )
        let entries = answer.untagged.compactMap { data -> IMAPListEntry? in
            if case .list(let entry) = data { entry } else { nil }
        }
        let listings = MailboxRoles.listings(of: entries)
        // Another connection may have listed them: who stores a change tells of it.
        let before: [MailboxRecord]
        (before, mailboxes) = try stored { () throws(StoreError) in
            let before = try store.mailboxes(of: account)
            try store.setMailboxes(listings, of: account)
            return (before, try store.mailboxes(of: account))
        }
        publishList(after: before)
        guard asksFigures else { return AccountNews() }
        var statuses: [IMAPMailboxStatus] = []
        if session.summary.has("LIST-STATUS") {
            for case .status(let status) in answer.untagged { statuses.append(status) }
        } else {
            for mailbox in mailboxes where mailbox.isSelectable && mailbox.id != opened?.id {
                if let status = try await status(of: mailbox, session) { statuses.append(status) }
            }
        }
        return AccountNews(statuses)
    }

    /// The mailboxes with the server's counts.
    func mailboxInfos(_ session: IMAPSession) async throws(SessionError) -> [MailboxInfo] {
        let figures = try await refreshMailboxes(session, asksFigures: true).mailboxes
        var infos: [MailboxInfo] = []
        for mailbox in mailboxes.sorted(by: MailboxRoles.isListedBefore) {
            var info = MailboxInfo(
                name: mailbox.display,
                role: mailbox.role,
                selectable: mailbox.isSelectable
            )
            if mailbox.isSelectable {
                var counts = figures[mailbox.name]
                if counts == nil {
                    // The one that is open, on a server that is asked for each by itself.
                    counts = try await status(of: mailbox, session).map { .init($0) }
                }
                info.total = counts?.messages.map(Int.init)
                info.unseen = counts?.unseen.map(Int.init)
            }
            infos.append(info)
        }
        return infos
    }

    /// How full what INBOX counts for is, by the root that is fullest; nil where the server does
    /// not say.
    func quota(_ session: IMAPSession) async throws(SessionError) -> StorageQuota? {
        guard session.summary.has("QUOTA") else { return nil }
        do {
            let answer = try await session.execute(.quotaRoot(.inbox))
            let storages = answer.untagged.flatMap { data -> [IMAPQuota.Resource] in
                if case .quota(let quota) = data { quota.resources } else { [] }
            }.filter { $0.isStorage && $0.limit > 0 }
            let fullest = storages.max {
                Double($0.usage) / Double($0.limit) < Double($1.usage) / Double($1.limit)
            }
            return fullest.map {
                StorageQuota(used: Self.octets($0.usage), limit: Self.octets($0.limit))
            }
        } catch .refused {
            return nil
        }
    }

    /// Octets of units of 1024 (RFC 9208 5.1).
    private static func octets(_ units: UInt64) -> Int64 {
        Int64(clamping: min(units, UInt64(Int64.max) / 1024) * 1024)
    }

    /// Tells of mailboxes that came, went or have another name.
    private func publishList(after before: [MailboxRecord]) {
        // The first list of an account is no news.
        guard !before.isEmpty else { return }
        for mailbox in before {
            let now = mailboxes.first { $0.id == mailbox.id }
            guard now?.name != mailbox.name else { continue }
            let kind = now == nil ? Event.Kind.mailboxRemoved : .mailboxRenamed
            var event = Event.changed(kind, [], in: mailbox)
            event.ids = nil
            event.target = now?.display
            hub.publish(event)
        }
        let known = Set(before.map(\.id))
        for mailbox in mailboxes where !known.contains(mailbox.id) {
            var event = Event.changed(.mailboxCreated, [], in: mailbox)
            event.ids = nil
            hub.publish(event)
        }
    }

    private func status(
        of mailbox: MailboxRecord,
        _ session: IMAPSession
    ) async throws(SessionError) -> IMAPMailboxStatus? {
        do {
            let answer = try await session.execute(.status(mailbox.name, Self.figures))
            for case .status(let status) in answer.untagged where status.name == mailbox.name {
                return status
            }
            return nil
        } catch .refused {
            return nil  // a mailbox that went between LIST and STATUS
        }
    }

    /// The mailbox a client means.
    func mailbox(meant text: String) throws(BrokerError) -> MailboxRecord {
        try mailboxes.named(text, account: account)
    }

    /// The mailbox with a role, made where the server has none.
    func mailbox(
        with role: MailboxRole,
        orCreate name: String,
        _ session: IMAPSession
    ) async throws(SessionError) -> MailboxRecord? {
        if let mailbox = mailboxes.first(where: { $0.role == role }) { return mailbox }
        // QUIRK 55: Courier has all mailboxes below INBOX, and refuses any other name.
        let prefix = session.summary.namespaces?.personal.first?.prefix ?? []
        _ = try await session.execute(.create(MailboxName(prefix + Array(name.utf8))))
        try await refreshMailboxes(session)
        return mailboxes.first { $0.role == role }
    }
}

extension [MailboxRecord] {
    /// The mailbox a client means: a role, a name, or a name in another case.
    func named(_ text: String, account: String) throws(BrokerError) -> MailboxRecord {
        let name = Array<UInt8>(text.utf8)
        let role = MailboxRole.allCases.first { ASCII.equal($0.rawValue.utf8, name) }
        if let role, let mailbox = first(where: { $0.role == role }) { return mailbox }
        if let mailbox = first(where: { Array<UInt8>($0.display.utf8) == name }) { return mailbox }
        let similar = filter { ASCII.equal($0.display.utf8, name) }
        guard let mailbox = similar.first, similar.count == 1 else {
            throw BrokerError(
                .mailboxNotFound,
                "there is no mailbox \(text) in \(account); `mb folders` lists them"
            )
        }
        return mailbox
    }
}

/// What mailboxes are for, where the server does not say (RFC 6154), by the names in use.
enum MailboxRoles {
    private static let names: [(MailboxRole, [String])] = [
        (.sent, ["Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent"]),
        (
            .trash,
            [
                "Trash", "Deleted Items", "Deleted Messages", "Deleted", "Bin", "INBOX.Trash",
                "INBOX/Trash",
            ]
        ),
        (.drafts, ["Drafts", "Draft", "INBOX.Drafts", "INBOX/Drafts"]),
        (.junk, ["Junk", "Spam", "Junk E-mail", "Bulk Mail", "INBOX.Junk", "INBOX/Junk"]),
        (.archive, ["Archive", "Archives", "INBOX.Archive", "INBOX/Archive"]),
    ]

    private static let order: [MailboxRole] = [
        .inbox, .drafts, .sent, .archive, .all, .flagged, .important, .junk, .trash,
    ]

    /// The mailboxes of a LIST with their roles: the server's word first, then names, each role
    /// given once.
    static func listings(of entries: [IMAPListEntry]) -> [MailboxListing] {
        var listings = entries.map { entry in
            MailboxListing(
                name: entry.name,
                display: ModifiedUTF7.display(entry.name.octets),
                role: entry.role,
                isSelectable: entry.isSelectable
            )
        }
        // Every server has it (RFC 3501 5.1), also one that answers LIST with nothing.
        if !listings.contains(where: { $0.name == .inbox }) {
            let inbox = MailboxListing(
                name: .inbox,
                display: "INBOX",
                role: .inbox,
                isSelectable: true
            )
            listings.insert(inbox, at: 0)
        }
        for (role, names) in names where !listings.contains(where: { $0.role == role }) {
            let index = names.lazy.compactMap { name in
                listings.firstIndex {
                    $0.role == nil && $0.isSelectable && ASCII.equal($0.name.octets, name.utf8)
                }
            }.first
            if let index { listings[index].role = role }
        }
        return listings
    }

    /// INBOX, then mailboxes with a role in the usual order, then the others by name.
    static func isListedBefore(_ left: MailboxRecord, _ right: MailboxRecord) -> Bool {
        let ranks = [left, right].map { mailbox in
            mailbox.role.flatMap { order.firstIndex(of: $0) } ?? order.count
        }
        if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
        return left.display.utf8.lexicographicallyPrecedes(right.display.utf8)
    }
}
