// The search index: subject and people of every stored message, and the texts that were read.

import GRDB
package import MailModel

/// Words to be found in stored messages; a message matches that has all of them.
package struct SearchQuery: Sendable, Equatable {
    /// Where a word has to be.
    package enum Place: Sendable {
        /// Anywhere: subject, people, or the text where that has been read.
        case anywhere
        case from, to, subject
    }

    /// One word and where it has to be; it matches words that begin with it.
    package struct Term: Sendable, Equatable {
        /// Where.
        package var place: Place
        /// The word, as typed.
        package var word: String

        /// A term.
        package init(_ place: Place, _ word: String) {
            self.place = place
            self.word = word
        }
    }

    /// A label a message has to have, in the forms it may have.
    package struct LabelTerm: Sendable, Equatable {
        /// The label, where the server has labels; nil for what cannot be one.
        package var label: Label?
        /// The keyword, where it has none; nil for what cannot be one.
        package var keyword: Flag?

        /// A term.
        package init(label: Label?, keyword: Flag?) {
            self.label = label
            self.keyword = keyword
        }
    }

    /// Most terms of a query, labels included.
    package static let termsMax = 16

    /// The terms.
    package var terms: [Term]
    /// The labels.
    package var labels: [LabelTerm]

    /// A query.
    package init(_ terms: [Term], labels: [LabelTerm] = []) {
        self.terms = terms
        self.labels = labels
    }
}

extension MailStore {
    /// The stored messages of an account that match a query, newest first by arrival; only those
    /// shown in a mailbox where one is given.
    ///
    /// On a server with labels a message that shows in several mailboxes is found once, and not in
    /// the mailbox of all messages where it is in another (QUIRK 1). Elsewhere they are copies.
    package func search(
        _ query: SearchQuery,
        of account: String,
        in mailbox: Int64?,
        limit: Int
    ) throws(StoreError) -> [MessageRecord] {
        let terms = query.terms.prefix(SearchQuery.termsMax)
        let labels = query.labels.prefix(SearchQuery.termsMax)
        guard !terms.isEmpty || !labels.isEmpty else { return [] }
        var conditions = ""
        var arguments: StatementArguments = [account, mailbox, mailbox]
        for term in terms {
            conditions += " AND id IN (SELECT rowid FROM message_words WHERE message_words MATCH ?"
            arguments += [term.match]
            if term.place == .anywhere {
                conditions += " UNION SELECT rowid FROM seen_words WHERE seen_words MATCH ?"
                arguments += [term.quoted]
            }
            conditions += ")"
        }
        for label in labels {
            conditions += " AND \(SearchQuery.LabelTerm.condition)"
            arguments += [label.labelPattern, label.keywordPattern]
        }
        return try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(MessageRecord.columns) FROM message
                    WHERE place IN (SELECT id FROM mailbox WHERE account = ?)
                    AND (? IS NULL OR place = ?)\(conditions)
                    ORDER BY received DESC,
                        place IN (SELECT id FROM mailbox WHERE role = 'all'), uid DESC
                    """,
                arguments: arguments
            )
            var found: [MessageRecord] = []
            var objects: Set<ObjectID> = []
            while found.count < limit, let row = try rows.next() {
                let record = try MessageRecord(row: row)
                if record.data.labels != nil, let object = record.data.object {
                    guard objects.insert(object).inserted else { continue }
                }
                found.append(record)
            }
            return found
        }
    }

    /// Puts the subjects and people of the messages that are new into the index: numbers only
    /// grow, so that they are those above the highest that is in it.
    func indexNew(_ database: Database) throws {
        try database.execute(
            cached: """
                INSERT INTO message_words (rowid, subject, sender, recipient, copied)
                SELECT id, subject, sender, recipient, copied FROM message
                WHERE id > (SELECT ifnull(max(id), 0) FROM message_words_docsize)
                """
        )
    }

    /// Puts the text of a message that was read into the index.
    package func index(text: String, of message: Int64) throws(StoreError) {
        try write { database in
            try database.execute(
                cached: "DELETE FROM seen_words WHERE rowid = ?",
                arguments: [message]
            )
            try database.execute(
                cached: """
                    INSERT INTO seen_words (rowid, text) SELECT id, ? FROM message WHERE id = ?
                    """,
                arguments: [Column.text(text), message]
            )
        }
    }
}

extension SearchQuery.LabelTerm {
    /// That labels or keywords hold a pattern; LIKE is blind to case in ASCII, as these are.
    fileprivate static let condition = """
        (char(30) || ifnull(shown_labels, labels) || char(30) LIKE ? ESCAPE '\\'
        OR labels IS NULL AND ' ' || ifnull(shown_flags, flags) || ' ' LIKE ? ESCAPE '\\')
        """

    fileprivate var labelPattern: String? {
        label.map { Self.pattern("\u{1E}", String(decoding: $0.octets, as: UTF8.self)) }
    }

    fileprivate var keywordPattern: String? {
        keyword.map { Self.pattern(" ", String(decoding: $0.octets, as: UTF8.self)) }
    }

    private static func pattern(_ frame: String, _ word: String) -> String {
        var octets: [UInt8] = []
        for octet in word.utf8 {
            let isWild = [UInt8(ascii: "%"), UInt8(ascii: "_"), UInt8(ascii: "\\")].contains(octet)
            if isWild { octets.append(UInt8(ascii: "\\")) }
            octets.append(octet)
        }
        return "%\(frame)\(String(decoding: octets, as: UTF8.self))\(frame)%"
    }
}

extension SearchQuery.Term {
    /// The word as FTS5 reads it: nothing in it is syntax, and more may follow it.
    fileprivate var quoted: String {
        var octets: [UInt8] = [UInt8(ascii: "\"")]
        for octet in word.utf8 where octet != 0 {
            if octet == UInt8(ascii: "\"") { octets.append(octet) }
            octets.append(octet)
        }
        return String(decoding: octets, as: UTF8.self) + "\"*"
    }

    fileprivate var match: String {
        switch place {
        case .anywhere: quoted
        case .from: "sender : \(quoted)"
        case .to: "{recipient copied} : \(quoted)"
        case .subject: "subject : \(quoted)"
        }
    }
}
