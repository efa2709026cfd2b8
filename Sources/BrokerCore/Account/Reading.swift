// A message on its way to a reader: what is fetched of it and what that says.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MessageFormat

/// What reading a message takes, without attachments.
struct Reading: Sendable {
    /// Gives the first window of a section.
    typealias Source = @Sendable (String) async throws -> [UInt8]

    let structure: BodyStructure
    /// The header fields that lists do not keep.
    let header: HeaderBlock
    var notes: MessageNotes
    /// The text parts, each cut to one window.
    let texts: [TextRenderer.Text]

    /// Gets what is needed.
    init(
        _ structure: BodyStructure,
        _ header: HeaderBlock,
        section: @escaping Source
    ) async throws {
        self.structure = structure
        self.header = header
        notes = try await MessageNotes(structure, header: header) { piece in
            try await Self.octets(of: piece, section)
        }
        var texts: [TextRenderer.Text] = []
        for part in TextPartChoice.texts(of: structure) {
            let content = try await Self.octets(of: .content(part), section)
            let isCut = part.size > SessionLimits.bodyWindow
            texts.append(TextRenderer.Text(part: part, content: content, isCut: isCut))
        }
        self.texts = texts
    }

    /// The beginning of a piece of a message: what fits into one window.
    private static func octets(
        of piece: MessagePiece,
        _ section: Source
    ) async throws -> [UInt8] {
        switch piece {
        case .content(let part):
            let encoded = try await section(part.section)
            return TransferDecoder.decode(encoded, encoding: part.encoding)
        case .partHeader(let part): return try await section("\(part.section).MIME")
        case .messageHeader(let part): return try await section("\(part.section).HEADER")
        }
    }
}

extension IMAPPartial {
    /// The first window of a section.
    static let first = IMAPPartial(offset: 0, count: SessionLimits.bodyWindow)
}
