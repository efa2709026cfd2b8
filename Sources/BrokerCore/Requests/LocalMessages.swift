// Messages that clients bring from files. They are held whole while they are read, so what is held
// of all of them together has a bound.

import BrokerProtocol
import BrokerServer
import MailModel
import MessageFormat

/// Takes uploaded messages.
actor LocalMessages {
    /// Octets held of all messages.
    private var held = 0

    /// Reads an upload whole and gives what `body` makes of its tree.
    ///
    /// Nobody waits for another: a client that sends slowly, or a filter that takes its time,
    /// holds up itself alone.
    func read<Answer: Sendable>(
        _ stream: Int,
        _ context: RequestContext,
        _ body: @Sendable (MessageTree) async throws -> Answer
    ) async throws -> Answer {
        var octets: [UInt8] = []
        defer { held -= octets.count }
        while let chunk = try await context.next(ofUpload: stream) {
            guard octets.count + chunk.count <= CoreLimits.parsedOctetsMax else {
                throw BrokerError(.messageInvalid, "the message is larger than 64 MiB")
            }
            guard held + chunk.count <= CoreLimits.parsedOctetsHeldMax else {
                let reason = "the broker holds too many messages; try again later"
                throw BrokerError(.requestLimit, reason, temporary: true)
            }
            held += chunk.count
            octets += chunk
        }
        return try await Self.answer(octets, body)
    }

    /// Parsing is not done on the actor, or it would hold up the others.
    private nonisolated static func answer<Answer: Sendable>(
        _ octets: [UInt8],
        _ body: @Sendable (MessageTree) async throws -> Answer
    ) async throws -> Answer {
        try await body(MessageTree(parsing: octets))
    }
}

extension Dispatcher {
    mutating func addLocalMethods(of broker: Broker) {
        let messages = LocalMessages()
        on(MessageParse.self) { params, context in
            try await messages.read(params.stream, context) { try ParsedMessage($0) }
        }
        on(MessageRender.self) { params, context in
            try await messages.read(params.stream, context) { tree in
                try await MessageRender.Result(tree, bytesMax: params.maxBytes, by: broker.renderer)
            }
        }
    }
}

extension MessageRender.Result {
    /// A message for reading.
    init(_ tree: MessageTree, bytesMax: Int?, by renderer: TextRenderer) async throws {
        let (header, structure) = (tree.header, tree.structure)
        let texts = TextPartChoice.texts(of: structure).map { part in
            TextRenderer.Text(part: part, content: tree.octets(of: .content(part), structure))
        }
        var notes = try await MessageNotes(structure, header: header) { piece in
            tree.octets(of: piece, structure)
        }
        if let text = texts.first { notes.addArmour(in: text.content) }
        self.init(
            from: header.addresses("from"),
            to: header.addresses("to"),
            cc: header.addresses("cc"),
            bcc: header.addresses("bcc"),
            replyTo: header.addresses("reply-to"),
            date: header.date,
            subject: header.subject,
            messageID: header.messageID,
            notes: notes,
            body: await renderer.body(texts, bytesMax: bytesMax),
            parts: PartInfo.parts(of: structure)
        )
    }
}

extension MessageTree {
    /// The octets of a piece of the message; none where it is not there.
    fileprivate func octets(of piece: MessagePiece, _ structure: BodyStructure) -> [UInt8] {
        func index(_ part: BodyPart) -> Int? { structure.parts.firstIndex(of: part) }
        switch piece {
        case .content(let part):
            return index(part).map { content(of: $0) } ?? []
        case .partHeader(let part):
            return index(part).map { Array(octets[parts[$0].header]) } ?? []
        case .messageHeader(let part):
            guard let outer = index(part) else { return [] }
            // The message inside stands right behind its container; one in a transfer encoding is
            // no container, and begins its content.
            guard parts[outer].kind == .message else { return content(of: outer) }
            return Array(octets[parts[outer + 1].header])
        }
    }
}
