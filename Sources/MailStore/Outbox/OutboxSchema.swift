// The tables of outbox.db. Migrations are append-only: one that has been released is never edited.

import GRDB

enum OutboxSchema {
    /// Marks the file as ours: `MBrO`.
    static let applicationID = 0x4D42_724F

    /// The migrations in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 messages") { database in
            try database.execute(sql: version1)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("2 reports") { database in
            try database.execute(sql: version2)
        }
        return migrator
    }

    /// The tables of version 1.
    ///
    /// The octets of a message are in the database that has its state, in chunks of
    /// `OutboxLimits.chunkOctets`: one transaction, one thing to be on the disk.
    private static let version1 = """
        CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            request TEXT NOT NULL,
            account TEXT NOT NULL,
            message_id TEXT NOT NULL,
            sender BLOB,
            subject TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            not_before INTEGER,
            hold INTEGER,
            age INTEGER NOT NULL DEFAULT 0,
            touched_at INTEGER NOT NULL,
            size INTEGER NOT NULL,
            eight_bit INTEGER NOT NULL,
            partial INTEGER NOT NULL,
            header BLOB,
            copy_header BLOB,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_try INTEGER,
            last_text TEXT,
            dot_at INTEGER,
            checks INTEGER NOT NULL DEFAULT 0,
            acknowledged INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE INDEX message_state ON message (state);
        CREATE TABLE recipient (
            message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            n INTEGER NOT NULL,
            address BLOB NOT NULL,
            state TEXT NOT NULL,
            text TEXT,
            PRIMARY KEY (message, n)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE chunk (
            message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            n INTEGER NOT NULL,
            octets BLOB NOT NULL,
            PRIMARY KEY (message, n)
        ) STRICT;
        CREATE TABLE event (
            message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            time INTEGER NOT NULL,
            what TEXT NOT NULL,
            detail TEXT
        ) STRICT;
        CREATE INDEX event_message ON event (message);
        """

    /// Which delivery reports are wanted: `DSNRequest`.
    private static let version2 = """
        ALTER TABLE message ADD COLUMN dsn_events TEXT;
        ALTER TABLE message ADD COLUMN dsn_content TEXT;
        """
}

/// The bounds of the outbox.
package enum OutboxLimits {
    /// Octets of a message in one row.
    package static let chunkOctets = 256 * 1024
    /// Octets of a message as sent.
    package static let messageOctetsMax: Int64 = 256 * 1024 * 1024
    /// Octets of the file that is given up when the disk is full, so that what is under way can
    /// still be recorded.
    package static let ballastOctets = 2 * 1024 * 1024
    /// Messages that are done with and kept for their history.
    package static let historyMax = 1000
    /// Octets of a text that a server said, as kept.
    package static let textOctetsMax = 2000
    /// Octets of a key that a client gives.
    package static let keyOctetsMax = 128
}
