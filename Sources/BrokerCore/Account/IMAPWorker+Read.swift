// What requests read of messages: texts and parts, from the server.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore
import MessageFormat

extension IMAPWorker {
    /// The part tree of a message, fetched once.
    func structure(of message: StoredMessage) async throws -> BodyStructure {
        if let stored = try store.structure(of: message.record.id) { return stored }
        return try await perform(isRepeatable: true) { worker, session in
            try await worker.details(of: message, session).structure
        }
    }

    /// A message for reading: its headers, its text, its parts; from the cache where it was read
    /// before.
    func read(
        _ message: StoredMessage,
        bytesMax: Int?,
        by renderer: TextRenderer
    ) async throws -> MessageRead.Result {
        var reading: Reading
        if let kept = try await keptReading(of: message) {
            reading = kept
        } else {
            reading = try await perform(isRepeatable: true) { worker, session in
                let (structure, header) = try await worker.details(of: message, session)
                return try await Reading(structure, header) { section in
                    try await worker.section(section, of: message, .first, session)
                }
            }
        }
        // Rendering may take its time, and the connection is not needed for it.
        let body = await renderer.body(reading.texts, bytesMax: bytesMax)
        // A message that cannot be found by its text can still be read.
        try? store.index(text: body.text, of: message.record.id)
        if let text = reading.texts.first { reading.notes.addArmour(in: text.content) }
        return MessageRead.Result(
            account: account,
            summary: MessageSummary(message.record, in: message.place),
            bcc: reading.header.addresses("bcc"),
            replyTo: reading.header.addresses("reply-to"),
            notes: reading.notes,
            body: body,
            parts: PartInfo.parts(of: reading.structure)
        )
    }

    /// A message that can be read without the server; nil where something of it is not kept.
    private func keptReading(of message: StoredMessage) async throws -> Reading? {
        let id = message.record.id
        guard let structure = try store.structure(of: id),
            let header = try store.octets(of: id, section: Self.detailFields, at: 0)
        else { return nil }
        try store.touchParts(of: id, now: DateTime.now().unixSeconds)
        do {
            return try await Reading(structure, HeaderBlock(parsing: header)) { [store] section in
                guard let octets = try store.octets(of: id, section: section, at: 0) else {
                    throw NotKept()
                }
                return octets
            }
        } catch is NotKept {
            return nil
        }
    }

    /// That a section of a message is not in the cache.
    private struct NotKept: Error {}

    /// Octets of a section, which are kept.
    func section(
        _ section: String,
        of message: StoredMessage,
        _ partial: IMAPPartial,
        _ session: IMAPSession
    ) async throws -> [UInt8] {
        let id = message.record.id
        // Another client may have fetched them while this request waited.
        if let kept = try store.octets(of: id, section: section, at: partial.offset) {
            return kept
        }
        try await openEpoch(of: message.mailbox, session)
        let items: [IMAPFetchItem] = [.uid, .section(section, partial: partial)]
        let (answer, _) = try await fetch(items, of: message, session)
        // What stands behind the octets makes no sense, so that the octets cannot be trusted.
        guard answer.messages.allSatisfy({ $0.malformedItems == 0 }) else {
            throw SessionError.imap(IMAPError(.desynchronised))
        }
        if partial.offset < CoreLimits.keptSectionMax {
            try keep(answer.body, of: id, section: section, at: partial.offset)
        }
        return answer.body
    }

    private func keep(
        _ octets: [UInt8],
        of message: Int64,
        section: String,
        at offset: UInt64
    ) throws(StoreError) {
        try store.keep(
            octets,
            of: message,
            section: section,
            at: offset,
            now: DateTime.now().unixSeconds,
            limit: CoreLimits.keptOctetsMax
        )
    }

    /// What the header fields that lists do not keep are kept under; no section has this name.
    private static let detailFields = "details"

    /// The part tree and the header fields that lists do not keep.
    private func details(
        of message: StoredMessage,
        _ session: IMAPSession
    ) async throws -> (structure: BodyStructure, header: HeaderBlock) {
        try await openEpoch(of: message.mailbox, session)
        let fields = ["Bcc"] + ProtectedHeader.fields
        let items: [IMAPFetchItem] = [.uid, .bodyStructure, .headerFields(fields)]
        let (_, data) = try await fetch(items, of: message, session)
        guard let structure = data.bodyStructure else {
            throw BrokerError(.protocolError, "the server's part list makes no sense; try mb raw")
        }
        let header = data.headers ?? []
        try store.setStructure(structure, of: message.record.id)
        try keep(header, of: message.record.id, section: Self.detailFields, at: 0)
        return (structure, HeaderBlock(parsing: header))
    }

    /// What the server says of one message in the mailbox that is open.
    ///
    /// A connection that has had the mailbox open since before the message came knows it only when
    /// the server has told its news (RFC 3501 7): NOOP lets it.
    private func fetch(
        _ items: [IMAPFetchItem],
        of message: StoredMessage,
        _ session: IMAPSession
    ) async throws -> (answer: IMAPAnswer, data: IMAPFetchData) {
        let uid = message.record.data.uid
        for isFirst in [true, false] {
            let answer = try await session.execute(.uidFetch(.uids(UIDSet([uid])), items))
            if let data = answer.messages.first(where: { $0.uid == uid }) { return (answer, data) }
            if isFirst { _ = try await session.execute(.noop) }
        }
        throw BrokerError.messageGone(message.record.id)
    }

    /// Opens a mailbox and makes sure that the UIDs stored of it still mean what they meant.
    func openEpoch(of mailbox: MailboxRecord, _ session: IMAPSession) async throws {
        let epoch = try await open(mailbox, session).epoch
        guard mailbox.state?.uidValidity ?? epoch == epoch else {
            throw BrokerError(
                .messageNotFound,
                "the server has renumbered \(mailbox.display); list it again"
            )
        }
    }
}

extension PartInfo {
    /// The parts with content, in order.
    static func parts(of structure: BodyStructure) -> [PartInfo] {
        let attachments = Set(TextPartChoice.attachments(of: structure).map(\.section))
        return structure.leaves.map { part in
            PartInfo(
                part: part.section,
                type: part.mediaType,
                name: ParameterList.fileName(
                    disposition: part.dispositionParameters,
                    contentType: part.parameters
                ),
                size: decodedSize(of: part),
                disposition: part.disposition,
                attachment: attachments.contains(part.section)
            )
        }
    }

    /// Base64 in lines of 76 with CRLF: 57 octets in 78.
    private static func decodedSize(of part: BodyPart) -> Int64 {
        let size = Int64(clamping: part.size)
        return ASCII.equal(part.encoding.utf8, "base64") ? size / 78 * 57 + size % 78 / 4 * 3 : size
    }
}
