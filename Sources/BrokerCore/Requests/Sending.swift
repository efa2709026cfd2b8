// Sending: from a client's fields and streams into the outbox.

import BrokerProtocol
import BrokerServer
import MailModel
import MailSession
import MailStore
import MessageFormat
import SMTP

extension Broker {
    /// Composes a message and puts it into the outbox.
    ///
    /// What is there goes its way whether the client stays or not.
    func send(
        _ params: MessageSend.Params,
        _ context: RequestContext
    ) async throws(BrokerError) -> MessageSend.Result {
        let account = try await account(params.account)
        let configuration = await account.configuration
        try Self.check(key: params.key, hold: params.hold)
        if let sendAt = params.sendAt, sendAt.unixSeconds > outbox.now + CoreLimits.scheduleMax {
            throw BrokerError(.requestInvalid, "send_at: at most ten years ahead", field: "send_at")
        }
        var draft = try Self.draft(params, configuration)
        let digest = try Self.digest(of: params.identity)
        draft.text = try await Self.text(context, stream: params.bodyStream)
        digest.update(draft.text + Self.streamEnd)
        let streams = (params.attachments ?? []).map(\.stream)
        let message = try await OutgoingMessage(
            draft,
            spoolDirectory: environment.spoolDirectory
        ) { (index) async throws(BrokerError) in
            let octets = try await context.next(ofUpload: streams[index])
            digest.update(octets ?? Self.streamEnd)
            return octets
        }
        let submission = submission(params, message, configuration, digest.finish())
        return try await accept(submission, message.body, waits: params.wait ?? false, account)
    }

    /// What stands between two streams in the digest of a request.
    private static let streamEnd = Array("\u{0}end of stream\u{0}".utf8)

    private nonisolated func submission(
        _ params: MessageSend.Params,
        _ message: OutgoingMessage,
        _ configuration: AccountConfiguration,
        _ digest: String
    ) -> OutboxSubmission {
        let hold = configuration.hold(asked: params.hold, isScheduled: params.sendAt != nil)
        return OutboxSubmission(
            key: params.key ?? message.messageID,
            requestDigest: digest,
            account: configuration.name,
            messageID: message.messageID,
            sender: message.envelope.sender,
            recipients: message.envelope.recipients,
            subject: params.subject,
            header: message.header,
            copyHeader: message.headerWithBcc,
            bodySize: message.body.size,
            needs8Bit: message.envelope.needs8Bit,
            allowsPartial: params.partial ?? false,
            notBefore: params.sendAt?.unixSeconds ?? hold.map { outbox.now + $0 },
            hold: hold,
            dsn: params.dsn
        )
    }

    /// Puts a submission into the outbox, and waits for what comes of it where that is wanted.
    func accept(
        _ submission: OutboxSubmission,
        _ body: SpoolFile,
        waits: Bool,
        _ account: AccountSession
    ) async throws(BrokerError) -> MessageSend.Result {
        var record: OutboxRecord
        var isRepeated = false
        do {
            switch try await outbox.submit(submission, body: { try body.read(at: $0) }) {
            case .accepted(let new): record = new
            case .repeated(let known): (record, isRepeated) = (known, true)
            case .conflict:
                throw BrokerError(
                    .sendConflict,
                    "another message was submitted under the key \(submission.key)",
                    field: "key"
                )
            }
        } catch {
            throw BrokerError(any: error)
        }
        if waits { record = await outbox.outcome(of: record) }
        return MessageSend.Result(
            item: OutboxItem(record),
            repeated: isRepeated,
            online: await account.isLoggedIn
        )
    }

    /// The digest of a request, to be continued with its streams.
    static func digest(
        of identity: () throws -> [UInt8]
    ) throws(BrokerError) -> ContentDigest {
        guard let digest = ContentDigest(), let octets = try? identity() else {
            throw BrokerError(.internalError, "the request cannot be digested")
        }
        digest.update(octets)
        return digest
    }

    /// Checks what a client may ask of every submission.
    static func check(key: String?, hold: Int64?) throws(BrokerError) {
        if let hold, !(0...CoreLimits.holdMax).contains(hold) {
            throw BrokerError(.requestInvalid, "hold: at most a day", field: "hold")
        }
        guard (1...OutboxLimits.keyOctetsMax).contains(key?.utf8.count ?? 1) else {
            throw BrokerError(
                .requestInvalid,
                "key: 1 to \(OutboxLimits.keyOctetsMax) octets",
                field: "key"
            )
        }
    }

    private static func draft(
        _ params: MessageSend.Params,
        _ account: AccountConfiguration
    ) throws(BrokerError) -> Draft {
        let attachments = params.attachments ?? []
        guard attachments.count <= BrokerLimits.attachmentsMax else {
            throw BrokerError(.messageInvalid, "too many attachments", field: "attachments")
        }
        let from = try author(params.from, account)
        let date = DateTime.now()
        let draft = Draft(
            from: from,
            to: try mailboxes(params.to, field: "to"),
            cc: try mailboxes(params.cc ?? [], field: "cc"),
            bcc: try mailboxes(params.bcc ?? [], field: "bcc"),
            subject: Array(params.subject.utf8),
            date: date,
            messageID: MessageID.generate(domain: from.address.domain, date: date),
            attachments: attachments.map {
                DraftAttachment(name: Array($0.name.utf8), mediaType: $0.type)
            }
        )
        let count = draft.to.count + draft.cc.count + draft.bcc.count
        guard (1...BrokerLimits.recipientsMax).contains(count) else {
            throw BrokerError(
                .messageInvalid,
                count == 0 ? "to: there is no recipient" : "to: too many recipients",
                field: "to"
            )
        }
        return draft
    }

    /// The author a client asks for, if the account may write as it.
    private static func author(
        _ text: String?,
        _ account: AccountConfiguration
    ) throws(BrokerError) -> Draft.Mailbox {
        let own =
            [Address(name: account.displayName, address: account.address)]
            + account.identities.flatMap { AddressList.parse($0.utf8) }
        guard let text else { return try mailbox(own[0], field: "from") }
        let asked = try mailboxes([text], field: "from")
        guard asked.count == 1 else {
            throw BrokerError(.messageInvalid, "from: exactly one author", field: "from")
        }
        let known = own.first { ASCII.equal($0.address.utf8, asked[0].address.octets) }
        guard let known else {
            throw BrokerError(
                .messageInvalid,
                "from: \(asked[0].address.text) is no identity of \(account.name); "
                    + "add it to identities in the configuration",
                field: "from"
            )
        }
        guard asked[0].name == nil else { return asked[0] }
        return try mailbox(known, field: "from")
    }

    /// The addresses of header-like texts, each checked.
    private static func mailboxes(
        _ texts: [String],
        field: String
    ) throws(BrokerError) -> [Draft.Mailbox] {
        var result: [Draft.Mailbox] = []
        for text in texts {
            for (index, octet) in text.utf8.enumerated() where octet < 0x20 || octet == 0x7F {
                throw BrokerError(
                    .messageInvalid,
                    "\(field): a control character at position \(index + 1)",
                    field: field
                )
            }
            try checkWords(of: text.utf8, field: field)
            for address in AddressList.parse(text.utf8) {
                result.append(try mailbox(address, field: field))
            }
        }
        return result
    }

    /// Refuses a list of addresses that readers understand in different ways.
    static func checkWords(
        of text: some Sequence<UInt8>,
        field: String
    ) throws(BrokerError) {
        guard !AddressList.hasDividedWord(text) else { throw dividedAddress(field) }
    }

    static func dividedAddress(_ field: String) -> BrokerError {
        let line = "\(field): a comment in the middle of an address"
        return BrokerError(.messageInvalid, line, field: field)
    }

    private static func mailbox(
        _ address: Address,
        field: String
    ) throws(BrokerError) -> Draft.Mailbox {
        do {
            return Draft.Mailbox(
                name: address.name.map { Array($0.utf8) },
                address: try AddrSpec(address.address.utf8)
            )
        } catch {
            throw BrokerError(
                .messageInvalid,
                "\(field): the address \(address.address) \(error)",
                field: field
            )
        }
    }

    private static func text(
        _ context: RequestContext,
        stream: Int
    ) async throws(BrokerError) -> [UInt8] {
        var text: [UInt8] = []
        while let octets = try await context.next(ofUpload: stream) {
            text += octets
            guard text.count <= CoreLimits.bodyOctetsMax else {
                throw BrokerError(
                    .messageInvalid,
                    "text: larger than 16 MiB; attach it as a file",
                    field: "text"
                )
            }
        }
        return text
    }
}
