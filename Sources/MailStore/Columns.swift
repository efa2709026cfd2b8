// Values to columns and back.

import FoundationEssentials
import GRDB
import MailModel

/// Address lists and flags in one text column each: a list of 50 rows must cost microseconds, which
/// JSON in a column would not.
enum Column {
    private static let itemEnd = UInt8(0x1E)
    private static let fieldEnd = UInt8(0x1F)

    /// Text with U+FFFD for NUL, where SQLite's functions on text would end it.
    static func text(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(scalar == "\0" ? "\u{FFFD}" : scalar) }
        return String(scalars)
    }

    /// `name US address RS` for each.
    static func text(_ addresses: [Address]) -> String {
        var octets: [UInt8] = []
        for address in addresses {
            octets += (address.name ?? "").utf8.filter { $0 != itemEnd && $0 != fieldEnd }
            octets.append(fieldEnd)
            octets += address.address.utf8.filter { $0 != itemEnd && $0 != fieldEnd }
            octets.append(itemEnd)
        }
        return text(String(decoding: octets, as: UTF8.self))
    }

    static func addresses(_ text: String) -> [Address] {
        Array(text.utf8).split(separator: itemEnd).map { item in
            let fields = item.split(separator: fieldEnd, omittingEmptySubsequences: false)
            let name = fields.first ?? []
            return Address(
                name: name.isEmpty ? nil : String(decoding: name, as: UTF8.self),
                address: String(decoding: fields.count > 1 ? fields[1] : [], as: UTF8.self)
            )
        }
    }

    /// The flags as IMAP writes them, sorted so that equal sets are equal text.
    static func text(_ flags: [Flag]) -> String {
        Set(flags).map { String(decoding: $0.octets, as: UTF8.self) }.sorted()
            .joined(separator: " ")
    }

    static func flags(_ text: String) -> [Flag] {
        Array(text.utf8).split(separator: ASCII.space).compactMap { Flag($0) }
    }

    /// Labels, sorted so that equal sets are equal text.
    static func text(_ labels: [Label]) -> String {
        Set(labels).map { String(decoding: $0.octets, as: UTF8.self) }.sorted()
            .joined(separator: "\u{1E}")
    }

    static func labels(_ text: String) -> [Label] {
        Array(text.utf8).split(separator: itemEnd).compactMap { Label($0) }
    }

    /// The flags, and `\*` where new keywords may be made.
    static func text(_ permanent: PermanentFlags) -> String {
        text(Array(permanent.flags)) + (permanent.allowsNewKeywords ? " \\*" : "")
    }

    static func permanentFlags(_ text: String) -> PermanentFlags {
        PermanentFlags(flags(text), allowsNewKeywords: text.utf8.last == UInt8(ascii: "*"))
    }

    static func dateTime(_ seconds: Int64?, _ offset: Int?) -> DateTime? {
        seconds.map { DateTime(unixSeconds: $0, offsetMinutes: offset ?? 0) }
    }
}

extension Row {
    /// The value of a column.
    ///
    /// GRDB's subscript ends the process where a damaged file holds another type than the table
    /// says, so every value is read through here.
    func value<Value: DatabaseValueConvertible>(_ column: String) throws(StoreError) -> Value {
        guard let value: Value = try optional(column) else { throw Self.damaged(column) }
        return value
    }

    /// The value of a column that may be NULL.
    func optional<Value: DatabaseValueConvertible>(
        _ column: String
    ) throws(StoreError) -> Value? {
        guard hasColumn(column) else { throw Self.damaged(column) }
        guard let stored = self[column] as DatabaseValue?, !stored.isNull else { return nil }
        guard let value = Value.fromDatabaseValue(stored) else { throw Self.damaged(column) }
        return value
    }

    private static func damaged(_ column: String) -> StoreError {
        StoreError(code: .damaged, reason: "no value of its type in column \(column)")
    }
}

extension MailboxRecord {
    init(row: Row) throws(StoreError) {
        let name: Data = try row.value("name")
        let role: String? = try row.optional("role")
        self.init(
            id: try row.value("id"),
            account: try row.value("account"),
            name: MailboxName(name),
            display: try row.value("display"),
            role: role.flatMap(MailboxRole.init(rawValue:)),
            isSelectable: try row.value("selectable"),
            state: try Self.state(row)
        )
    }

    private static func state(_ row: Row) throws(StoreError) -> MailboxState? {
        guard let confirmedAt: Int64 = try row.optional("confirmed_at") else { return nil }
        let uidValidity: Int64 = try row.value("uidvalidity")
        return MailboxState(
            uidValidity: UIDValidity(UInt32(truncatingIfNeeded: uidValidity)),
            total: try row.value("total"),
            unseen: try row.optional("unseen"),
            highestModSeq: (try row.optional("highestmodseq") as Int64?).flatMap(
                UInt64.init(exactly:)
            ),
            uidNext: (try row.optional("uidnext") as Int64?).flatMap(UInt32.init(exactly:)),
            permanentFlags: (try row.optional("permanent_flags") as String?)
                .map(Column.permanentFlags),
            confirmedAt: confirmedAt
        )
    }
}

extension MessageRecord {
    static let columns = """
        id, mailbox, place, uid, ifnull(shown_flags, flags) AS flags, received, received_offset,
        size, date, date_offset, subject, message_id, sender, recipient, copied, attachment,
        ifnull(shown_labels, labels) AS labels, object, thread
        """

    init(row: Row) throws(StoreError) {
        let uid: Int64 = try row.value("uid")
        let place: Int64 = try row.value("place")
        self.init(
            id: try row.value("id"),
            mailbox: try row.value("mailbox"),
            place: place > 0 ? place : nil,
            data: MessageData(
                uid: UID(uid > 0 ? UInt32(truncatingIfNeeded: uid) : 0),
                flags: Column.flags(try row.value("flags")),
                received: Column.dateTime(
                    try row.optional("received"),
                    try row.optional("received_offset")
                ),
                size: try row.value("size"),
                date: Column.dateTime(try row.optional("date"), try row.optional("date_offset")),
                subject: try row.optional("subject"),
                messageID: try row.optional("message_id"),
                from: Column.addresses(try row.value("sender")),
                to: Column.addresses(try row.value("recipient")),
                cc: Column.addresses(try row.value("copied")),
                hasAttachment: try row.value("attachment"),
                labels: (try row.optional("labels") as String?).map(Column.labels),
                object: (try row.optional("object") as String?).flatMap { ObjectID($0.utf8) },
                thread: (try row.optional("thread") as String?).flatMap { ObjectID($0.utf8) }
            ),
            hasUID: uid > 0
        )
    }
}
