// How the outbox reaches an account's servers while the account is logged in.

import MailModel
import MailSession
import MailStore
import SMTP

/// The way to an account's servers.
protocol OutboxTransport: Sendable {
    /// The submission server, for the history.
    var host: String { get }
    /// Whether the provider puts what it sends into Sent by itself.
    var filesByServer: Bool { get }
    /// Whether the outbox is to put a copy of what it has sent into Sent.
    var wantsCopy: Bool { get }

    /// Submits a message; see `SMTPSession.submit`.
    func submit(
        _ envelope: SMTPEnvelope,
        willEnd: @escaping @Sendable ([SMTPOutcome.Recipient]) throws -> Void,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws -> SMTPOutcome

    /// Whether a message with a Message-ID is where the provider puts what it has sent.
    func hasSent(_ messageID: String) async throws -> Bool

    /// Puts a copy into Sent, if there is none yet.
    func file(
        _ messageID: String,
        size: UInt64,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws
}

/// Reads a message of the outbox piece by piece.
struct OutboxReader {
    private let outbox: Outbox
    private let id: Int64
    private var header: [UInt8]?
    private var number = 0

    /// Reads a message from its start.
    init(_ id: Int64, of outbox: Outbox, isCopy: Bool) throws(StoreError) {
        guard let header = try outbox.header(of: id, isCopy: isCopy) else {
            throw StoreError(code: .failed, reason: "message \(id) is no more in the outbox")
        }
        self.outbox = outbox
        self.id = id
        self.header = header
    }

    /// The next octets; nil at the end.
    mutating func next() throws(StoreError) -> [UInt8]? {
        if let header {
            self.header = nil
            return header
        }
        defer { number += 1 }
        return try outbox.bodyChunk(number, of: id)
    }
}

/// The way by an account's own connections.
struct AccountTransport: OutboxTransport {
    let host: String
    let filesByServer: Bool
    let wantsCopy: Bool
    let submitter: Submitter
    let worker: IMAPWorker

    func submit(
        _ envelope: SMTPEnvelope,
        willEnd: @escaping @Sendable ([SMTPOutcome.Recipient]) throws -> Void,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws -> SMTPOutcome {
        try await submitter.submit(envelope, willEnd: willEnd, message: message)
    }

    func hasSent(_ messageID: String) async throws -> Bool {
        try await worker.hasSent(messageID)
    }

    func file(
        _ messageID: String,
        size: UInt64,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws {
        try await worker.fileSent(messageID, size: size, message: message)
    }
}
