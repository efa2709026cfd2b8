// Mailboxes: what the server lists and what is known of their content.

import FoundationEssentials
import GRDB
import MailModel

extension MailStore {
    /// The mailboxes of an account.
    package func mailboxes(of account: String) throws(StoreError) -> [MailboxRecord] {
        try read { database in
            try Row.fetchAll(
                database,
                cached: "SELECT * FROM mailbox WHERE account = ? ORDER BY name",
                arguments: [account]
            ).map { try MailboxRecord(row: $0) }
        }
    }

    /// A mailbox by its number; nil when it is gone.
    package func mailbox(_ id: Int64) throws(StoreError) -> MailboxRecord? {
        try read { database in
            try Row.fetchOne(
                database,
                cached: "SELECT * FROM mailbox WHERE id = ?",
                arguments: [id]
            )
            .map { try MailboxRecord(row: $0) }
        }
    }

    /// Makes the account's mailboxes those that the server lists; content of others is dropped.
    package func setMailboxes(
        _ listings: [MailboxListing],
        of account: String
    ) throws(StoreError) {
        try write { database in
            for listing in listings {
                try database.execute(
                    cached: """
                        INSERT INTO mailbox (account, name, display, role, selectable)
                        VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (account, name) DO UPDATE SET
                            display = excluded.display, role = excluded.role,
                            selectable = excluded.selectable
                        """,
                    arguments: [
                        account, Data(listing.name.octets), Column.text(listing.display),
                        listing.role?.rawValue, listing.isSelectable,
                    ]
                )
            }
            let listed = Set(listings.map(\.name))
            let stored = try Row.fetchAll(
                database,
                cached: "SELECT id, name FROM mailbox WHERE account = ?",
                arguments: [account]
            )
            for row in stored {
                let (id, name): (Int64, Data) = (try row.value("id"), try row.value("name"))
                guard !listed.contains(MailboxName(name)) else { continue }
                let moving = try shown(in: id, database)
                try database.execute(cached: "DELETE FROM mailbox WHERE id = ?", arguments: [id])
                for message in moving { try fold(message, database) }
            }
        }
    }

    /// Notes that the stored state of a mailbox was still true at a time in Unix seconds.
    ///
    /// One earlier than the time known changes nothing.
    package func confirm(mailbox: Int64, at time: Int64) throws(StoreError) {
        try write { database in
            try database.execute(
                cached: """
                    UPDATE mailbox SET confirmed_at = ?, newest = \(Self.newest)
                    WHERE id = ? AND confirmed_at < ?
                    """,
                arguments: [time, mailbox, time]
            )
        }
    }

    /// Forgets the content of a mailbox, as if it had never been looked at; its messages keep their
    /// numbers for when they are found again.
    /// - Returns: numbers of those with changes that the server will never get.
    package func reset(_ mailbox: Int64, at time: Int64) throws(StoreError) -> [Int64] {
        try write { database in
            try database.execute(
                cached: """
                    UPDATE mailbox SET uidvalidity = NULL, total = NULL, unseen = NULL,
                        highestmodseq = NULL, uidnext = NULL, confirmed_at = NULL
                    WHERE id = ?
                    """,
                arguments: [mailbox]
            )
            return try loseAll(of: mailbox, at: time, database).cancelled
        }
    }

    /// Forgets everything about an account.
    package func forget(account: String) throws(StoreError) {
        try write { database in
            try database.execute(
                cached: "DELETE FROM mailbox WHERE account = ?",
                arguments: [account]
            )
        }
    }
}
