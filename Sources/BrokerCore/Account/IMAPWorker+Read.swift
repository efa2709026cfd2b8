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

    /// A message for reading: its headers, its text, its parts.
    func read(
        _ message: StoredMessage,
        bytesMax: Int?,
        by renderer: TextRenderer
    ) async throws -> MessageRead.Result {
        var (structure, header, notes, texts) = try await perform(isRepeatable: true) {
            (worker, session) in
            let (structure, header) = try await worker.details(of: message, session)
            let notes = try await MessageNotes(structure, header: header) { piece in
                try await worker.octets(of: piece, message, session)
            }
            let texts = try await worker.texts(of: message, structure, session)
            return (structure, header, notes, texts)
        }
        // Rendering may take its time, and the connection is not needed for it.
        let body = await renderer.body(texts, bytesMax: bytesMax)
        if let text = texts.first { notes.addArmour(in: text.content) }
        return MessageRead.Result(
            account: account,
            summary: MessageSummary(message.record, in: message.place),
            bcc: header.addresses("bcc"),
            replyTo: header.addresses("reply-to"),
            notes: notes,
            body: body,
            parts: PartInfo.parts(of: structure)
        )
    }

    /// Octets of a section.
    func section(
        _ section: String,
        of message: StoredMessage,
        _ partial: IMAPPartial,
        _ session: IMAPSession
    ) async throws -> [UInt8] {
        try await openEpoch(of: message.mailbox, session)
        let uids = UIDSet([message.record.data.uid])
        let answer = try await session.execute(
            .uidFetch(.uids(uids), [.uid, .section(section, partial: partial)])
        )
        guard answer.messages.contains(where: { $0.uid == message.record.data.uid }) else {
            throw BrokerError(.messageNotFound, "message \(message.record.id) is gone")
        }
        // What stands behind the octets makes no sense, so that the octets cannot be trusted.
        guard answer.messages.allSatisfy({ $0.malformedItems == 0 }) else {
            throw SessionError.imap(IMAPError(.desynchronised))
        }
        return answer.body
    }

    /// The part tree and the header fields that lists do not keep.
    private func details(
        of message: StoredMessage,
        _ session: IMAPSession
    ) async throws -> (structure: BodyStructure, header: HeaderBlock) {
        try await openEpoch(of: message.mailbox, session)
        let uid = message.record.data.uid
        let answer = try await session.execute(
            .uidFetch(
                .uids(UIDSet([uid])),
                [.uid, .bodyStructure, .headerFields(["Bcc"] + ProtectedHeader.fields)]
            )
        )
        guard let data = answer.messages.first(where: { $0.uid == uid }) else {
            throw BrokerError(.messageNotFound, "message \(message.record.id) is gone")
        }
        guard let structure = data.bodyStructure else {
            throw BrokerError(.protocolError, "the server's part list makes no sense; try mb raw")
        }
        try store.setStructure(structure, of: message.record.id)
        return (structure, HeaderBlock(parsing: data.headers ?? []))
    }

    /// The beginning of a piece of a message: what fits into one window.
    private func octets(
        of piece: MessagePiece,
        _ message: StoredMessage,
        _ session: IMAPSession
    ) async throws -> [UInt8] {
        let window = IMAPPartial(offset: 0, count: SessionLimits.bodyWindow)
        switch piece {
        case .content(let part):
            let encoded = try await section(part.section, of: message, window, session)
            return TransferDecoder.decode(encoded, encoding: part.encoding)
        case .partHeader(let part):
            return try await section("\(part.section).MIME", of: message, window, session)
        case .messageHeader(let part):
            return try await section("\(part.section).HEADER", of: message, window, session)
        }
    }

    /// The text parts of a message, each cut to one window.
    private func texts(
        of message: StoredMessage,
        _ structure: BodyStructure,
        _ session: IMAPSession
    ) async throws -> [TextRenderer.Text] {
        var texts: [TextRenderer.Text] = []
        for part in TextPartChoice.texts(of: structure) {
            let content = try await octets(of: .content(part), message, session)
            let isCut = part.size > SessionLimits.bodyWindow
            texts.append(TextRenderer.Text(part: part, content: content, isCut: isCut))
        }
        return texts
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
