// What a sync needs to know of the messages that are stored: as little as it has to look at.

import GRDB
package import MailModel

extension MailStore {
    /// What is stored of a mailbox, but for how many of it are unseen.
    package func window(of mailbox: Int64) throws(StoreError) -> StoredWindow {
        try read { database in
            let row = try Row.fetchOne(
                database,
                cached: """
                    SELECT count(*) AS count, min(uid) AS lowest, max(uid) AS highest
                    FROM message WHERE mailbox = ? AND uid > 0
                    """,
                arguments: [mailbox]
            )
            guard let row, let lowest: Int64 = try row.optional("lowest") else {
                return StoredWindow()
            }
            return StoredWindow(
                count: try row.value("count"),
                lowest: UID(UInt32(truncatingIfNeeded: lowest)),
                highest: UID(UInt32(truncatingIfNeeded: try row.value("highest") as Int64))
            )
        }
    }

    /// The highest UID stored of a mailbox; nil for none.
    package func highestUID(in mailbox: Int64) throws(StoreError) -> UID? {
        try read { database in
            try Int64.fetchOne(
                database,
                cached: "SELECT max(uid) FROM message WHERE mailbox = ? AND uid > 0",
                arguments: [mailbox]
            ).map { UID(UInt32(truncatingIfNeeded: $0)) }
        }
    }

    /// The UIDs stored of a mailbox with the flags the server said they have; only those of some
    /// ranges where these are given.
    package func knownFlags(
        in mailbox: Int64,
        within ranges: [UIDSet.Range] = [UIDSet.Range(1, .max)]
    ) throws(StoreError) -> [UID: [Flag]] {
        try read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT uid, flags FROM message WHERE mailbox = ? AND uid BETWEEN ? AND ?"
            )
            // Most messages have one of a few sets of flags.
            var sets: [String: [Flag]] = [:]
            var known: [UID: [Flag]] = [:]
            for range in ranges {
                let (first, last) = (min(range.first, range.last), max(range.first, range.last))
                let rows = try Row.fetchCursor(
                    statement,
                    arguments: [mailbox, Int64(first), Int64(last)]
                )
                while let row = try rows.next() {
                    let (uid, text): (Int64, String) = (
                        try row.value("uid"), try row.value("flags")
                    )
                    let flags = sets[text] ?? Column.flags(text)
                    sets[text] = flags
                    known[UID(UInt32(truncatingIfNeeded: uid))] = flags
                }
            }
            return known
        }
    }
}
