// From what FETCH says to what the store keeps and lists show.

import BrokerProtocol
import Glibc
import IMAP
import MailModel
import MailStore
import MessageFormat

extension MessageData {
    /// A message of a FETCH response; nil without a UID.
    ///
    /// What cannot be read is absent, never an
    /// error: a list must show every message there is. `label` is the mailbox's own.
    init?(fetched: IMAPFetchData, in label: Label? = nil) {
        guard let uid = fetched.uid else { return nil }
        let header = HeaderBlock(parsing: fetched.headers ?? [])
        self.init(
            uid: uid,
            flags: fetched.lastingFlags ?? [],
            received: fetched.internalDate,
            size: Int64(clamping: fetched.size ?? 0),
            date: header.date,
            subject: header.subject,
            messageID: header.messageID,
            from: header.addresses("from"),
            to: header.addresses("to"),
            cc: header.addresses("cc"),
            hasAttachment: header.first("content-type").map {
                TextPartChoice.suggestsAttachment(contentType: $0.rawValue)
            } ?? false,
            labels: fetched.labels(in: label),
            object: fetched.emailID,
            thread: fetched.threadID
        )
    }
}

extension IMAPFetchData {
    /// The labels with that of the mailbox, which Gmail leaves out; nil where nothing was said.
    func labels(in label: Label?) -> [Label]? {
        guard let labels, let label, !labels.contains(label) else { return labels }
        return labels + [label]
    }

    /// What it says that only some servers say; nil where it says nothing of it.
    func details(in label: Label?) -> MessageDetails? {
        guard labels != nil || emailID != nil || threadID != nil else { return nil }
        return MessageDetails(labels: labels(in: label), object: emailID, thread: threadID)
    }

    /// The flags without \Recent, which tells about this connection, not about the message.
    var lastingFlags: [Flag]? { flags?.filter { $0 != .recent } }
}

extension MessageSummary {
    /// The row of a stored message.
    init(_ record: MessageRecord, in mailbox: MailboxRecord) {
        let data = record.data
        self.init(
            id: record.id,
            mailbox: mailbox.display,
            date: data.date,
            received: data.received,
            from: data.from,
            to: data.to,
            cc: data.cc,
            subject: data.subject,
            messageID: data.messageID,
            flags: data.flags,
            labels: data.labelWords,
            hasAttachment: data.hasAttachment,
            size: data.size
        )
    }
}

extension Event {
    /// A message arrived.
    static func new(_ record: MessageRecord, in mailbox: MailboxRecord) -> Event {
        Event(
            event: .messageNew,
            account: mailbox.account,
            mailbox: mailbox.display,
            role: mailbox.role,
            message: MessageSummary(record, in: mailbox)
        )
    }

    /// Messages changed or went.
    static func changed(_ kind: Kind, _ ids: [Int64], in mailbox: MailboxRecord) -> Event {
        Event(
            event: kind,
            account: mailbox.account,
            mailbox: mailbox.display,
            role: mailbox.role,
            ids: ids
        )
    }
}

extension DateTime {
    /// Now, with the offset of the local time zone.
    static func now() -> DateTime {
        var seconds = time(nil)
        var local = tm()
        localtime_r(&seconds, &local)
        return DateTime(unixSeconds: Int64(seconds), offsetMinutes: local.tm_gmtoff / 60)
    }
}
