// Values to columns and back.

import FoundationEssentials
import GRDB
import MailModel

/// Address lists and flags in one text column each: a list of 50 rows must cost microseconds, which
/// JSON in a column would not.
enum Column {
    private static let itemEnd = UInt8(0x1E)
    private static let fieldEnd = UInt8(0x1F)

    /// `name US address RS` for each.
    static func text(_ addresses: [Address]) -> String {
        var octets: [UInt8] = []
        for address in addresses {
            octets += (address.name ?? "").utf8.filter { $0 != itemEnd && $0 != fieldEnd }
            octets.append(fieldEnd)
            octets += address.address.utf8.filter { $0 != itemEnd && $0 != fieldEnd }
            octets.append(itemEnd)
        }
        return String(decoding: octets, as: UTF8.self)
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

    static func dateTime(_ seconds: Int64?, _ offset: Int?) -> DateTime? {
        seconds.map { DateTime(unixSeconds: $0, offsetMinutes: offset ?? 0) }
    }
}

extension MailboxRecord {
    init(row: Row) {
        let confirmed: Int64? = row["confirmed_at"]
        self.init(
            id: row["id"],
            account: row["account"],
            name: MailboxName(row["name"] as Data),
            display: row["display"],
            role: (row["role"] as String?).flatMap(MailboxRole.init(rawValue:)),
            isSelectable: row["selectable"],
            state: confirmed.map { confirmedAt in
                MailboxState(
                    uidValidity: UIDValidity(
                        UInt32(truncatingIfNeeded: row["uidvalidity"] as Int64)
                    ),
                    total: row["total"],
                    unseen: row["unseen"],
                    confirmedAt: confirmedAt
                )
            }
        )
    }
}

extension MessageRecord {
    static let columns = """
        id, mailbox, uid, flags, received, received_offset, size, date, date_offset, subject,
        message_id, sender, recipient, copied, attachment
        """

    init(row: Row) {
        self.init(
            id: row["id"],
            mailbox: row["mailbox"],
            data: MessageData(
                uid: UID(UInt32(truncatingIfNeeded: row["uid"] as Int64)),
                flags: Column.flags(row["flags"]),
                received: Column.dateTime(row["received"], row["received_offset"]),
                size: row["size"],
                date: Column.dateTime(row["date"], row["date_offset"]),
                subject: row["subject"],
                messageID: row["message_id"],
                from: Column.addresses(row["sender"]),
                to: Column.addresses(row["recipient"]),
                cc: Column.addresses(row["copied"]),
                hasAttachment: row["attachment"]
            )
        )
    }
}
