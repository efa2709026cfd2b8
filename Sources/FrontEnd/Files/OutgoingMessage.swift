// A message on its way to the broker: from the command line or written in the console.

import BrokerClient
import BrokerProtocol
import MailModel

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
            }
        )
        let uploads =
            [Upload(stream: bodyStream) { try body.read($0) }]
            + zip(files, streams).map { file, stream in
                Upload(stream: stream) { try file.read($0) }
            }
        return try session.call(MessageSend.self, params, uploads: uploads)
    }

    /// `sent <id> to 2 recipients (1.2M); copy in Sent`.
    static func lines(_ sent: MessageSend.Result) -> [String] {
        let count = sent.recipients.count
        let recipients = count == 1 ? "1 recipient" : "\(count) recipients"
        let copy =
            switch sent.copy {
            case .stored: "; copy in Sent"
            case .byServer: "; the server files the copy"
            case .failed: ""
            }
        let id = TerminalText.line(sent.messageID)
        return ["sent <\(id)> to \(recipients) (\(SizeText.short(sent.size)))\(copy)"]
    }

    /// What went wrong with the copy, where something did.
    static func warning(_ sent: MessageSend.Result) -> String? {
        guard sent.copy == .failed else { return nil }
        let reason = sent.copyError.map { ": " + FailureReport($0).line } ?? ""
        return "warning: it is sent, but there is no copy in Sent\(reason)"
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
