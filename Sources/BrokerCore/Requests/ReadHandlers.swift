// Handlers of the methods that read mail.

import BrokerProtocol
import BrokerServer
import IMAP
import MailModel
import MailSession
import MailStore
import MessageFormat

extension Dispatcher {
    mutating func addReadMethods(of broker: Broker) {
        on(MailboxList.self) { params, _ in
            try await broker.account(params.account).imap().folders(params)
        }
        onEncoded(MessageList.self) { params, _ in
            guard (1...BrokerLimits.listMax).contains(params.limit) else {
                throw BrokerError(
                    .requestInvalid,
                    "limit must be from 1 to \(BrokerLimits.listMax)",
                    field: "limit"
                )
            }
            return try await broker.account(params.account).imap().list(params)
        }
        on(MessageRead.self) { params, _ in
            let (message, account) = try await broker.message(params.id)
            return try await account.imap().read(
                message,
                bytesMax: params.maxBytes,
                by: broker.renderer
            )
        }
        on(MessageParts.self) { params, _ in
            let (message, account) = try await broker.message(params.id)
            let structure = try await account.imap().structure(of: message)
            return MessageParts.Result(id: params.id, parts: PartInfo.parts(of: structure))
        }
        addDownloadMethods(of: broker)
    }

    private mutating func addDownloadMethods(of broker: Broker) {
        on(MessageRaw.self) { params, context in
            let (message, account) = try await broker.message(params.id)
            let download = Download(
                message: message,
                section: "",
                encoding: "binary",
                announced: UInt64(clamping: message.record.data.size)
            )
            return try await download.run(by: try account.imap()) { octets in
                try await context.send(
                    octets,
                    stream: params.stream,
                    encoding: params.encoding ?? .raw
                )
            }
        }
        on(PartFetch.self) { params, context in
            let (message, account) = try await broker.message(params.id)
            let worker = try await account.imap()
            let structure = try await worker.structure(of: message)
            guard let part = structure.part(params.part), !part.isMultipart else {
                throw BrokerError(
                    .partNotFound,
                    "message \(params.id) has no part \(params.part)"
                )
            }
            let download = Download(
                message: message,
                section: part.section,
                encoding: part.encoding,
                announced: part.size
            )
            return try await download.run(by: worker) { octets in
                try await context.send(
                    octets,
                    stream: params.stream,
                    encoding: params.encoding ?? .raw
                )
            }
        }
    }
}

/// Octets of a message or a part on their way from the server to a client: one bounded window after
/// the other, each a job of its own, so that other requests of the account go in between.
struct Download: Sendable {
    let message: StoredMessage
    let section: String
    let encoding: String
    /// Octets as transferred that the server said there are.
    let announced: UInt64

    /// Most octets that are taken.
    ///
    /// Sizes are estimates on some servers (QUIRK 29): what is much more than announced has no end.
    private var limit: UInt64 {
        guard announced > 0 else { return CoreLimits.unannouncedOctetsMax }
        let (limit, overflow) = max(announced, SessionLimits.bodyWindow).addingReportingOverflow(
            announced
        )
        return overflow ? .max : limit
    }

    /// Passes the decoded octets to `send`, piece by piece.
    ///
    /// - Throws: `protocol.error` where the server sends without end.
    func run(
        by worker: IMAPWorker,
        to send: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> OctetsSummary {
        guard let digest = ContentDigest() else {
            throw BrokerError(.internalError, "no memory for a digest")
        }
        var decoder = TransferDecoder(encoding: encoding)
        var offset: UInt64 = 0
        var window = try await fetch(from: 0, by: worker)
        while true {
            offset += UInt64(window.count)
            guard offset <= limit else {
                throw BrokerError(.protocolError, "the server sends more than it announced")
            }
            let isLast = UInt64(window.count) < SessionLimits.bodyWindow
            // The next window travels while this one is decoded and written.
            let start = offset
            async let next = isLast ? [] : fetch(from: start, by: worker)
            try await pass(decoder.decode(window), digest, send)
            window = try await next
            if isLast || window.isEmpty { break }
            try Task.checkCancellation()
        }
        try await pass(decoder.finish(), digest, send)
        let missing = announced > offset ? Int64(clamping: announced - offset) : nil
        return OctetsSummary(size: digest.count, sha256: digest.finish(), missing: missing)
    }

    private func pass(
        _ octets: [UInt8],
        _ digest: ContentDigest,
        _ send: ([UInt8]) async throws -> Void
    ) async throws {
        guard !octets.isEmpty else { return }
        digest.update(octets)
        try await send(octets)
    }

    private func fetch(from offset: UInt64, by worker: IMAPWorker) async throws -> [UInt8] {
        let partial = IMAPPartial(offset: offset, count: SessionLimits.bodyWindow)
        // Without a job: it may be all that is left without a connection.
        let id = message.record.id
        if let kept = try worker.store.octets(of: id, section: section, at: offset) { return kept }
        return try await worker.perform(isRepeatable: true) { worker, session in
            try await worker.section(section, of: message, partial, session)
        }
    }
}
