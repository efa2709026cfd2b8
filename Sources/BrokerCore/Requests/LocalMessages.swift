// Messages that clients bring from files. They are held whole while they are read, so only one of
// them is held at a time, whoever asks.

import BrokerProtocol
import BrokerServer
import MailModel
import MessageFormat

/// Takes uploaded messages, one after the other.
actor LocalMessages {
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Reads an upload whole and gives what `body` makes of its tree.
    func read<Answer: Sendable>(
        _ stream: Int,
        _ context: RequestContext,
        _ body: @Sendable (MessageTree) async throws -> Answer
    ) async throws -> Answer {
        await enter()
        defer { leave() }
        var octets: [UInt8] = []
        while let chunk = try await context.next(ofUpload: stream) {
            guard octets.count + chunk.count <= CoreLimits.parsedOctetsMax else {
                throw BrokerError(.messageInvalid, "the message is larger than 64 MiB")
            }
            octets += chunk
        }
        return try await body(MessageTree(parsing: octets))
    }

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Hands the place to who has waited longest.
    private func leave() {
        guard !waiting.isEmpty else {
            isBusy = false
            return
        }
        waiting.removeFirst().resume()
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
            // The message inside stands right behind its container.
            guard let inner = index(part).map({ $0 + 1 }), inner < parts.count else { return [] }
            return Array(octets[parts[inner].header])
        }
    }
}
