// A whole message from a program into the outbox, as sendmail(8) takes it.

import BrokerProtocol
import BrokerServer
import MailModel
import MailSession
import MailStore
import MessageFormat
import SMTP

extension Broker {
    /// Puts a whole message into the outbox.
    func submit(
        _ params: MessageSubmit.Params,
        _ context: RequestContext
    ) async throws(BrokerError) -> MessageSend.Result {
        try Self.check(key: params.key, hold: params.hold)
        let digest = try Self.digest(of: params.identity)
        var start: [UInt8] = []
        while !Self.holdsHeader(start) {
            guard let octets = try await context.next(ofUpload: params.stream) else { break }
            digest.update(octets)
            start += octets
            guard start.count <= CoreLimits.submittedHeaderOctetsMax else {
                throw BrokerError(.messageInvalid, "the header is larger than 1 MiB")
            }
        }
        let account = try await account(submitting: params, start)
        let configuration = await account.configuration
        let author = try Self.author(params, configuration)
        let header = SubmittedHeader(parsing: start, author: author, date: DateTime.now())
        let body = try SpoolFile(in: environment.spoolDirectory)
        var lines = CanonicalLines()
        var needs8Bit = start.contains { $0 >= 0x80 }
        try body.append(lines.canonical(Array(start.dropFirst(header.octetCount))))
        while let octets = try await context.next(ofUpload: params.stream) {
            digest.update(octets)
            needs8Bit = needs8Bit || octets.contains { $0 >= 0x80 }
            try body.append(lines.canonical(octets))
        }
        try body.append(lines.finish())
        let hold = configuration.hold(asked: params.hold)
        let submission = OutboxSubmission(
            key: params.key ?? MessageID.generate(domain: [], date: DateTime.now()),
            requestDigest: digest.finish(),
            account: configuration.name,
            messageID: header.messageID,
            sender: try Self.sender(params, header, configuration),
            recipients: try Self.recipients(params, header, configuration),
            subject: header.subject,
            header: header.sent,
            copyHeader: header.filed,
            bodySize: body.size,
            needs8Bit: needs8Bit || header.sent.contains { $0 >= 0x80 },
            notBefore: hold.map { outbox.now + $0 },
            hold: hold,
            dsn: params.dsn
        )
        return try await accept(submission, body, waits: params.wait ?? false, account)
    }

    /// Whether a header ends within the octets.
    private static func holdsHeader(_ octets: [UInt8]) -> Bool {
        HeaderBlock(parsing: octets).octetCount < octets.count
    }

    /// The account that is named, or that may write as the author or the sender; else the only one.
    private func account(
        submitting params: MessageSubmit.Params,
        _ start: [UInt8]
    ) async throws(BrokerError) -> AccountSession {
        if let named = params.account { return try await account(named) }
        let authors = HeaderBlock(parsing: start).addresses("from").map(\.address)
        for address in authors + [params.sender].compactMap({ $0 }) {
            if let account = await account(writingAs: address) { return account }
        }
        return try await account(nil)
    }

    private static func author(
        _ params: MessageSubmit.Params,
        _ account: AccountConfiguration
    ) throws(BrokerError) -> Draft.Mailbox {
        do {
            return Draft.Mailbox(
                name: (params.fullName ?? account.displayName).map { Array($0.utf8) },
                address: try AddrSpec(account.address.utf8)
            )
        } catch {
            throw BrokerError(.configurationInvalid, "address: \(account.address) \(error)")
        }
    }

    /// The reverse-path: an address of the account, whoever the message says it is from.
    private static func sender(
        _ params: MessageSubmit.Params,
        _ header: SubmittedHeader,
        _ account: AccountConfiguration
    ) throws(BrokerError) -> AddrSpec? {
        let own = account.writers
        for text in [params.sender, header.author].compactMap({ $0 }) {
            if let known = own.first(where: { ASCII.equal($0.octets, text.utf8) }) { return known }
        }
        return own.first
    }

    /// Recipients of the command line and, where that is asked for, of the header, each once.
    ///
    /// A name without a domain is a user of this machine: the account's own address.
    private static func recipients(
        _ params: MessageSubmit.Params,
        _ header: SubmittedHeader,
        _ account: AccountConfiguration
    ) throws(BrokerError) -> [AddrSpec] {
        guard !params.fromHeader || !header.hasDividedRecipient else {
            throw dividedAddress("recipients")
        }
        for text in params.recipients { try checkWords(of: text.utf8, field: "recipients") }
        let given = params.recipients.flatMap { AddressList.parse($0.utf8) }
        var seen: Set<AddrSpec> = []
        var result: [AddrSpec] = []
        for named in given + (params.fromHeader ? header.recipients : []) {
            let address: AddrSpec
            do throws(AddrSpec.Fault) {
                address = try AddrSpec(named.address.utf8)
            } catch .missingDomain {
                guard let own = account.writers.first else { continue }
                address = own
            } catch {
                throw BrokerError(
                    .messageInvalid,
                    "the address \(named.address) \(error)",
                    field: "recipients"
                )
            }
            do throws(MessageFormatError) {
                try DraftCheck.recipient(address)
            } catch {
                throw BrokerError(any: error)
            }
            if seen.insert(address).inserted { result.append(address) }
        }
        guard (1...BrokerLimits.recipientsMax).contains(result.count) else {
            throw BrokerError(
                .messageInvalid,
                result.isEmpty ? "there is no recipient" : "too many recipients",
                field: "recipients"
            )
        }
        return result
    }
}

extension AccountConfiguration {
    /// The addresses it may write as, its own first.
    var writers: [AddrSpec] {
        ([address] + identities.flatMap { AddressList.parse($0.utf8) }.map(\.address))
            .compactMap { try? AddrSpec($0.utf8) }
    }
}
