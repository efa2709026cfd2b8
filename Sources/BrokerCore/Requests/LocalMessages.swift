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
                await MessageRender.Result(tree, bytesMax: params.maxBytes, by: broker.renderer)
            }
        }
    }
}

extension MessageRender.Result {
    /// A message for reading.
    init(_ tree: MessageTree, bytesMax: Int?, by renderer: TextRenderer) async {
        let (header, structure) = (tree.header, tree.structure)
        let texts = TextPartChoice.texts(of: structure).compactMap { part in
            structure.parts.firstIndex(of: part).map { index in
                TextRenderer.Text(part: part, content: tree.content(of: index))
            }
        }
        let body = await renderer.body(texts, bytesMax: bytesMax)
        self.init(
            from: header.addresses("from"),
            to: header.addresses("to"),
            cc: header.addresses("cc"),
            bcc: header.addresses("bcc"),
            replyTo: header.addresses("reply-to"),
            date: header.date,
            subject: header.subject,
            messageID: header.messageID,
            protected: Self.protected(tree, structure),
            body: body,
            parts: PartInfo.parts(of: structure)
        )
    }

    private static func protected(
        _ tree: MessageTree,
        _ structure: BodyStructure
    ) -> [ProtectedField] {
        guard let part = ProtectedHeader.part(of: structure),
            let index = structure.parts.firstIndex(of: part)
        else { return [] }
        return [ProtectedField](outer: tree.header, protected: tree.header(of: index))
    }
}

extension [ProtectedField] {
    /// The fields that differ in a protected header.
    init(outer: HeaderBlock, protected inner: HeaderBlock) {
        self = ProtectedHeader.differences(outer: outer, protected: inner)
            .map { ProtectedField(name: $0.name, value: $0.value) }
    }
}
