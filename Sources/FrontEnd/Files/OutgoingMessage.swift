// A message on its way to the broker: from the command line or written in the console.

import BrokerClient
import BrokerProtocol
package import MailModel

/// The fields of a message to send; text and attachments are streamed.
package struct OutgoingMessage: Sendable {
    /// The account's name or address; nil for the only one.
    package var account: String?
    /// The author; nil for the account's own.
    package var from: String?
    /// Address lists as typed.
    package var to: [String] = []
    /// Address lists as typed.
    package var cc: [String] = []
    /// Address lists as typed.
    package var bcc: [String] = []
    /// The subject.
    package var subject = ""
    /// Paths of the files to attach.
    package var attachments: [String] = []
    /// What this submission is called: with the same key the message is taken in once.
    package var key = RandomHex.digits()
    /// Seconds for which it can be taken back; nil for the account's own setting.
    package var hold: Int64?
    /// Not to be sent before.
    package var sendAt: DateTime?
    /// Whether it goes to those the server accepts when it refuses others.
    package var isPartial = false
    /// Whether to wait until it is known what the first attempt came to.
    package var waits = false
    /// Which delivery reports are wanted; nil for what servers do by themselves.
    package var dsn: DSNRequest?

    /// A message without anything.
    package init() {}

    /// Refuses CR, LF and NUL in what becomes a line, by name of the field.
    /// - Throws: `FrontEndError` with status 65.
    package func checkLines() throws(FrontEndError) {
        if let from { try LineField.check(from, "from") }
        for (field, values) in [("to", to), ("cc", cc), ("bcc", bcc)] {
            for value in values { try LineField.check(value, field) }
        }
        try LineField.check(subject, "subject")
        for path in attachments { try LineField.check(OutgoingFile.baseName(path), "file name") }
        guard attachments.count <= BrokerLimits.attachmentsMax else {
            throw .badData("at most \(BrokerLimits.attachmentsMax) files go with one message")
        }
    }

    /// Refuses a message without recipient, and one without text or subject unless that is allowed.
    /// - Throws: `FrontEndError` with status 64 that names everything missing.
    package func checkComplete(isBodyEmpty: Bool, allowsEmpty: Bool) throws(FrontEndError) {
        var missing: [String] = []
        var field: String?
        if Self.isBlank(to + cc + bcc) {
            missing.append("no recipient: give one with -t")
            field = "to"
        }
        if !allowsEmpty, Self.isBlank([subject]) {
            missing.append("the subject is empty: give one with -s")
            field = field ?? "subject"
        }
        if !allowsEmpty, isBodyEmpty {
            missing.append("the body is empty: give one with --body, --body-file or -")
            field = field ?? "body"
        }
        guard missing.isEmpty else {
            let onlyEmpty = Self.isBlank(to + cc + bcc) ? "" : " (or --allow-empty)"
            throw .usage(missing.joined(separator: "; ") + onlyEmpty, field: field)
        }
    }

    /// Sends it.
    /// - Throws: as `Session.call`, and `FrontEndError` for a file.
    func send(_ body: BodySource, in session: Session) throws -> MessageSend.Result {
        let files = try attachments.map { path throws(FrontEndError) in
            try OutgoingFile(path: path)
        }
        let bodyStream = try session.newStream()
        let streams = try files.map { _ in try session.newStream() }
        let params = MessageSend.Params(
            account: account,
            from: from,
            to: Self.filled(to),
            cc: Self.filled(cc),
            bcc: Self.filled(bcc),
            subject: subject,
            bodyStream: bodyStream,
            attachments: zip(files, streams).map { file, stream in
                MessageSend.Attachment(stream: stream, name: file.name)
            },
            key: key,
            hold: hold,
            sendAt: sendAt,
            partial: isPartial ? true : nil,
            wait: waits ? true : nil,
            dsn: dsn
        )
        let uploads =
            [Upload(stream: bodyStream) { try body.read($0) }]
            + zip(files, streams).map { file, stream in
                Upload(stream: stream) { try file.read($0) }
            }
        do {
            return try session.call(MessageSend.self, params, uploads: uploads)
        } catch BrokerClientError.connectionLost {
            throw BrokerError(
                .sendNotConfirmed,
                "the broker went away and may have the message or not; send it again with "
                    + "--key \(key), which cannot send it twice",
                temporary: true
            )
        }
    }

    /// `queued 17 <id> to 2 recipients (1.2M)`, or `sent <id> ...` where that was waited for.
    static func line(_ sent: MessageSend.Result, now: LocalDate) -> String {
        let item = sent.item
        let count = item.recipients.count
        let recipients = count == 1 ? "1 recipient" : "\(count) recipients"
        let what = "<\(TerminalText.line(item.messageID))> to \(recipients)"
        let size = SizeText.short(item.size)
        switch item.state {
        case .filed, .sent: return "sent \(what) (\(size))"
        case .queued, .sending, .dot, .unknown, .failed, .held, .cancelled: break
        }
        var line = "queued \(item.id) \(what) (\(size))"
        if let sendAt = item.sendAt {
            let date = LocalDate(sendAt)
            line += "; leaves \(DateColumn.exact(date, now: now))"
            line += " (mb outbox cancel \(item.id) takes it back)"
        } else if !sent.online {
            line += "; leaves when the account is logged in"
        }
        return line
    }

    /// Why a message that was waited for is not sent; nil where it is.
    static func failure(_ sent: MessageSend.Result) -> BrokerError? {
        let reason = sent.item.text ?? "the account is not logged in"
        switch sent.item.state {
        case .filed, .sent: return nil
        case .failed: return BrokerError(.sendRefused, "not sent: \(reason)")
        case .unknown, .held: return BrokerError(.sendUnknown, reason, temporary: true)
        case .cancelled: return BrokerError(.requestCancelled, "taken back", temporary: true)
        case .queued, .sending, .dot:
            let hint = "it is tried again (mb outbox show \(sent.item.id))"
            return BrokerError(
                .networkOffline,
                "not sent yet: \(reason); \(hint)",
                temporary: true
            )
        }
    }

    private static func isBlank(_ values: [String]) -> Bool { filled(values).isEmpty }

    /// The values that hold more than blanks and commas.
    private static func filled(_ values: [String]) -> [String] {
        values.filter { value in
            !value.utf8.allSatisfy {
                $0 == ASCII.space || $0 == ASCII.tab || $0 == UInt8(ascii: ",")
            }
        }
    }
}
