// The tables of cache.db. Migrations are append-only: one that has been released is never edited.

import GRDB

enum Schema {
    /// Marks the file as ours: `MBrk`.
    static let applicationID = 0x4D42_726B

    /// The migrations in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 mailboxes and messages") { database in
            try database.execute(sql: version1)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("2 sync points") { database in
            try database.execute(sql: version2)
        }
        migrator.registerMigration("3 operations") { database in
            try database.execute(sql: version3)
        }
        migrator.registerMigration("4 parts") { database in
            try database.execute(sql: version4)
        }
        migrator.registerMigration("5 search") { database in
            try database.execute(sql: version5)
        }
        migrator.registerMigration("6 words in batches") { database in
            try database.execute(sql: version6)
        }
        migrator.registerMigration("7 labels and identity") { database in
            try database.execute(sql: version7)
        }
        return migrator
    }

    /// The tables of version 1.
    ///
    /// `name` is the server's octets: two names may be canonically equivalent text and yet two
    /// mailboxes. AUTOINCREMENT keeps a number from ever naming another message or mailbox.
    private static let version1 = """
        CREATE TABLE mailbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            name BLOB NOT NULL,
            display TEXT NOT NULL,
            role TEXT,
            selectable INTEGER NOT NULL,
            uidvalidity INTEGER,
            total INTEGER,
            unseen INTEGER,
            confirmed_at INTEGER,
            UNIQUE (account, name)
        ) STRICT;
        CREATE TABLE message (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            mailbox INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
            uid INTEGER NOT NULL,
            flags TEXT NOT NULL,
            received INTEGER,
            received_offset INTEGER,
            size INTEGER NOT NULL,
            date INTEGER,
            date_offset INTEGER,
            subject TEXT,
            message_id TEXT,
            sender TEXT NOT NULL,
            recipient TEXT NOT NULL,
            copied TEXT NOT NULL,
            attachment INTEGER NOT NULL,
            structure BLOB,
            UNIQUE (mailbox, uid)
        ) STRICT;
        CREATE INDEX message_newest ON message (mailbox, received DESC, uid DESC);
        """

    /// How far a mailbox is known: what came after can be asked for (RFC 7162).
    private static let version2 = """
        ALTER TABLE mailbox ADD COLUMN highestmodseq INTEGER;
        """

    /// Changes that the server has not confirmed, and how messages look with them.
    ///
    /// `place` is the mailbox a message is shown in, 0 for none, and `shown_flags` its flags where
    /// they differ from the server's.
    ///
    /// A message whose UID is not known yet, because the server moved it and did not say where to,
    /// has its own number, negated, in place of the UID.
    private static let version3 = """
        ALTER TABLE mailbox ADD COLUMN uidnext INTEGER;
        ALTER TABLE message ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN shown_flags TEXT;
        UPDATE message SET place = mailbox;
        DROP INDEX message_newest;
        CREATE INDEX message_shown ON message (place, received DESC, uid DESC);
        CREATE TABLE operation (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            kind TEXT NOT NULL,
            added TEXT NOT NULL DEFAULT '',
            removed TEXT NOT NULL DEFAULT '',
            target INTEGER REFERENCES mailbox (id) ON DELETE CASCADE,
            sent INTEGER NOT NULL DEFAULT 0,
            created INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX operation_message ON operation (message, id);
        CREATE INDEX operation_target ON operation (target);
        """

    /// Octets of messages, in the windows in which they were fetched; `size` counts all of them.
    private static let version4 = """
        CREATE TABLE part (
            id INTEGER PRIMARY KEY,
            message INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
            section TEXT NOT NULL,
            size INTEGER NOT NULL,
            used INTEGER NOT NULL,
            UNIQUE (message, section)
        ) STRICT;
        CREATE INDEX part_used ON part (used);
        CREATE TABLE part_window (
            part INTEGER NOT NULL REFERENCES part (id) ON DELETE CASCADE,
            start INTEGER NOT NULL,
            octets BLOB NOT NULL,
            PRIMARY KEY (part, start)
        ) STRICT;
        """

    /// The search index.
    ///
    /// `message_words` has no copy of what it indexes, so that what is taken out
    /// must be told; nothing that it indexes is ever changed.
    private static let version5 = """
        CREATE VIRTUAL TABLE message_words USING fts5 (
            subject, sender, recipient, copied, content = 'message', content_rowid = 'id',
            tokenize = 'unicode61 remove_diacritics 2'
        );
        CREATE TRIGGER message_words_in AFTER INSERT ON message BEGIN
            INSERT INTO message_words (rowid, subject, sender, recipient, copied)
            VALUES (new.id, new.subject, new.sender, new.recipient, new.copied);
        END;
        CREATE TRIGGER message_words_out AFTER DELETE ON message BEGIN
            INSERT INTO message_words (message_words, rowid, subject, sender, recipient, copied)
            VALUES ('delete', old.id, old.subject, old.sender, old.recipient, old.copied);
            DELETE FROM seen_words WHERE rowid = old.id;
        END;
        INSERT INTO message_words (message_words) VALUES ('rebuild');
        CREATE VIRTUAL TABLE seen_words USING fts5 (
            text, tokenize = 'unicode61 remove_diacritics 2'
        );
        """

    /// Words of new messages are indexed once for each change of the store.
    ///
    /// A trigger makes the index write itself out for every row: 24 us a message instead of 9
    /// (SQLite 3.40, 20,000 messages). What was never indexed must not be taken out.
    private static let version6 = """
        DROP TRIGGER message_words_in;
        DROP TRIGGER message_words_out;
        CREATE TRIGGER message_words_out AFTER DELETE ON message BEGIN
            INSERT INTO message_words (message_words, rowid, subject, sender, recipient, copied)
            SELECT 'delete', old.id, old.subject, old.sender, old.recipient, old.copied
            WHERE EXISTS (SELECT 1 FROM message_words_docsize WHERE id = old.id);
            DELETE FROM seen_words WHERE rowid = old.id;
        END;
        """

    /// Labels, where the server has them, as `shown_flags` with the changes that wait; what names a
    /// message in all of an account (`object`); and messages that are gone from their place since
    /// `lost_at`, in Unix seconds, which keep their number for when they appear in another.
    ///
    /// `newest` is the highest number given when the mailbox was last looked at. Without their
    /// mod-sequence mailboxes are compared once, which brings the labels of what is stored.
    private static let version7 = """
        ALTER TABLE mailbox ADD COLUMN permanent_flags TEXT;
        ALTER TABLE mailbox ADD COLUMN newest INTEGER NOT NULL DEFAULT 0;
        UPDATE mailbox SET highestmodseq = NULL;
        ALTER TABLE message ADD COLUMN labels TEXT;
        ALTER TABLE message ADD COLUMN shown_labels TEXT;
        ALTER TABLE message ADD COLUMN object TEXT;
        ALTER TABLE message ADD COLUMN thread TEXT;
        ALTER TABLE message ADD COLUMN lost_at INTEGER;
        CREATE INDEX message_object ON message (object) WHERE object IS NOT NULL;
        CREATE INDEX message_lost ON message (lost_at) WHERE lost_at IS NOT NULL;
        CREATE INDEX message_lost_name ON message (message_id, size) WHERE lost_at IS NOT NULL;
        """
}
