// Sending: from a client's fields and streams to the submission server and into Sent.

import BrokerProtocol
import BrokerServer
import MailModel
import MailSession
import MessageFormat
import SMTP

extension Broker {
    /// Composes a message, sends it, files its copy.
    ///
    /// Once the upload is complete the message goes its way whether the client stays or not.
    func send(
        _ params: MessageSend.Params,
        _ context: RequestContext
    ) async throws(BrokerError) -> MessageSend.Result {
        let account = try await account(params.account)
        let (submitter, worker) = (try await account.smtp(), try await account.imap())
        let configuration = await account.configuration
        var draft = try Self.draft(params, configuration)
        draft.text = try await Self.text(context, stream: params.bodyStream)
        let streams = (params.attachments ?? []).map(\.stream)
        let message = try await OutgoingMessage(
            draft,
            spoolDirectory: environment.spoolDirectory
        ) { (index) async throws(BrokerError) in
            try await context.next(ofUpload: streams[index])
        }
        let sending = Task { [hub] in
            if let refusal = BrokerError.refusal(of: try await submitter.submit(message)) {
                throw refusal
            }
            hub.publish(
                Event(event: .messageSent, account: configuration.name, text: message.messageID)
            )
            return await Self.file(message, configuration, worker)
        }
        do {
            return try await sending.value
        } catch {
            throw BrokerError(any: error)
        }
    }

    private static func file(
        _ message: OutgoingMessage,
        _ configuration: AccountConfiguration,
        _ worker: IMAPWorker
    ) async -> MessageSend.Result {
        var result = MessageSend.Result(
            messageID: message.messageID,
            recipients: message.envelope.recipients.map(\.text),
            size: Int64(clamping: message.size(withBcc: false)),
            copy: .byServer
        )
        guard !configuration.isSentFiledByServer else { return result }
        do {
            try await worker.fileSent(message)
            result.copy = .stored
        } catch {
            result.copy = .failed
            result.copyError = BrokerError(any: error)
        }
        return result
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
            for address in AddressList.parse(text.utf8) {
                result.append(try mailbox(address, field: field))
            }
        }
        return result
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
