// Facts about what mailboxes are for.

import IMAP
import MailModel
import Testing

@testable import BrokerCore
@testable import MailStore

@Suite struct MailboxRolesTests {
    private func entry(_ name: String, _ attributes: String...) -> IMAPListEntry {
        IMAPListEntry(
            name: MailboxName(name.utf8),
            delimiter: UInt8(ascii: "/"),
            attributes: attributes.map { Array($0.utf8) }
        )
    }

    private func roles(_ entries: [IMAPListEntry]) -> [String: MailboxRole] {
        var roles: [String: MailboxRole] = [:]
        for listing in MailboxRoles.listings(of: entries) { roles[listing.display] = listing.role }
        return roles
    }

    @Test("the server's word decides, whatever the names are")
    func specialUse() {
        let roles = roles([
            entry("INBOX"), entry("[Gmail]/Papierkorb", "\\Trash"), entry("Trash"),
            entry("Sent", "\\Sent"),
        ])
        #expect(roles == ["INBOX": .inbox, "[Gmail]/Papierkorb": .trash, "Sent": .sent])
    }

    @Test("without the server's word the usual names decide, each role once")
    func names() {
        let roles = roles([
            entry("INBOX"), entry("Deleted Items"), entry("sent items"), entry("Sent Messages"),
        ])
        #expect(roles == ["INBOX": .inbox, "Deleted Items": .trash, "sent items": .sent])
    }

    @Test("a mailbox that cannot be opened gets no role by its name")
    func notSelectable() {
        #expect(roles([entry("Trash", "\\Noselect")]) == ["INBOX": .inbox])
    }

    @Test("INBOX comes first, then roles in their order, then names")
    func order() {
        let records = ["zeta", "alpha", "Trash", "INBOX"].enumerated().map { index, name in
            MailboxRecord(
                id: Int64(index),
                account: "a",
                name: MailboxName(name.utf8),
                display: name,
                role: name == "INBOX" ? .inbox : name == "Trash" ? .trash : nil,
                isSelectable: true
            )
        }
        let names = records.sorted(by: MailboxRoles.isListedBefore).map(\.display)
        #expect(names == ["INBOX", "Trash", "alpha", "zeta"])
    }
}
