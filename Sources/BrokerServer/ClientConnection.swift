// One front end: its frames, its requests in flight and their order. Requests run as child tasks of
// the connection, so that a client that leaves takes its requests with it.

import BrokerProtocol
import Logging
import MailModel
import NIOCore

/// A connection of a front end.
actor ClientConnection {
    private struct InFlight {
        var task: Task<Void, Never>?
        var uploads: [Int: UploadStream] = [:]
        var notifications: AsyncStream<[UInt8]>?
    }

    let client: ClientID
    private let handler: any RequestHandling
    private let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let log: Logger
    private var inFlight: [RequestID: InFlight] = [:]
    /// Uploads by stream number: a stream belongs to the request that first asked or announced it.
    private var uploads: [Int: UploadStream] = [:]
    private var lastSequential: Task<Void, Never>?
    private var feeds: [Task<Void, Never>] = []
    private var isClosed = false

    init(
        client: ClientID,
        handler: any RequestHandling,
        channel: any Channel,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        log: Logger
    ) {
        self.client = client
        self.handler = handler
        self.channel = channel
        self.outbound = outbound
        self.log = log
    }

    /// Handles one frame; returns when the connection can take the next.
    func receive(_ frame: Frame) async throws(BrokerError) {
        switch frame {
        case .message(let header, let line): try await receive(header, line)
        case .octets(let stream, let octets): await uploads[stream]?.receive(octets)
        case .secret(let stream, let secret): await uploads[stream]?.receive(secret)
        }
    }

    /// Writes one line or frame whole. A client that leaves its output unread is dropped.
    func write(_ octets: [UInt8]) async throws {
        let buffer = ByteBuffer(bytes: octets)
        guard !channel.isWritable else { return try await outbound.write(buffer) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [outbound] in try await outbound.write(buffer) }
            group.addTask { [channel, log, client] in
                try await Task.sleep(for: BrokerLimits.unreadOutputWait)
                log.info("client does not read", metadata: ["client": "\(client.number)"])
                channel.close(promise: nil)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// A stream the request announced.
    func upload(_ stream: Int, of request: RequestID) throws(BrokerError) -> UploadStream {
        guard let upload = inFlight[request]?.uploads[stream] else {
            throw BrokerError(.requestInvalid, "the request did not announce stream \(stream)")
        }
        return upload
    }

    /// Keeps sending lines once the request has been answered.
    func sendNotifications(_ lines: AsyncStream<[UInt8]>, after request: RequestID) {
        inFlight[request]?.notifications = lines
    }

    /// Ends everything that belongs to the connection.
    func close() async {
        isClosed = true
        let gone = BrokerError(.requestCancelled, "the client is gone")
        for upload in uploads.values { await upload.abandon(gone) }
        let tasks = inFlight.values.compactMap(\.task) + feeds
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await handler.clientGone(client)
    }

    private func receive(_ header: WireHeader, _ line: [UInt8]) async throws(BrokerError) {
        guard let method = header.method else {
            throw BrokerError(.requestInvalid, "a reply to a request that was never made")
        }
        guard let id = header.id else {
            if method == RequestCancel.method { cancel(line) }
            return  // JSON-RPC 2.0 section 4.1: an unknown notification has no answer
        }
        let request = Request(id: id, method: method, line: line)
        do {
            try admit(request)
        } catch {
            await answer(id) { () throws(BrokerError) in throw error }
        }
    }

    private func cancel(_ line: [UInt8]) {
        guard let id = try? Wire.params(RequestCancel.self, of: line).id else { return }
        inFlight[id]?.task?.cancel()
        let cancelled = BrokerError(.requestCancelled, "cancelled")
        let streams = inFlight[id]?.uploads.values.map { $0 } ?? []
        Task { for upload in streams { await upload.abandon(cancelled) } }
    }

    /// Checks a request and starts it.
    private func admit(_ request: Request) throws(BrokerError) {
        guard let method = handler.description(of: request.method) else {
            throw BrokerError(.requestUnknown, "there is no method of this name")
        }
        guard inFlight[request.id] == nil else {
            throw BrokerError(.requestInvalid, "a request with this id is running")
        }
        guard inFlight.count < BrokerLimits.requestsInFlightMax else {
            throw BrokerError(.requestLimit, "too many requests at once", temporary: true)
        }
        var entry = InFlight()
        if method.streams == .upload {
            for stream in try announcedStreams(of: request) {
                let upload = UploadStream()
                entry.uploads[stream] = upload
                uploads[stream] = upload
            }
        }
        inFlight[request.id] = entry
        let before = method.ordering == .sequential ? lastSequential : nil
        let task = Task {
            await before?.value
            await self.run(request)
        }
        inFlight[request.id]?.task = task
        if method.ordering == .sequential { lastSequential = task }
    }

    private func announcedStreams(of request: Request) throws(BrokerError) -> [Int] {
        let streams = (try? Wire.params(AnnouncedStreams.self, of: request.line))?.all ?? []
        guard Set(streams).count == streams.count, streams.allSatisfy({ uploads[$0] == nil }) else {
            throw BrokerError(.requestInvalid, "a stream number is used twice")
        }
        return streams
    }

    private func run(_ request: Request) async {
        let context = RequestContext(client: client, request: request.id, connection: self)
        await answer(request.id) { () async throws(BrokerError) in
            try await self.handler.reply(to: request, context: context)
        }
        let entry = inFlight.removeValue(forKey: request.id)
        let over = BrokerError(.requestCancelled, "the request is over")
        for (stream, upload) in entry?.uploads ?? [:] {
            uploads[stream] = nil
            await upload.abandon(over)
        }
        if let lines = entry?.notifications, !isClosed { feed(lines) }
    }

    /// Every admitted request is answered here, exactly once.
    private func answer(
        _ id: RequestID,
        _ produce: () async throws(BrokerError) -> [UInt8]
    ) async {
        do {
            let line: [UInt8]
            do {
                line = try await produce()
            } catch {
                line = try Wire.failure(id: id, error: error)
            }
            try await write(line)
        } catch {
            log.debug("reply not delivered", metadata: ["client": "\(client.number)"])
        }
    }

    private func feed(_ lines: AsyncStream<[UInt8]>) {
        feeds.append(
            Task {
                for await line in lines {
                    guard (try? await self.write(line)) != nil else { return }
                }
            }
        )
    }
}

/// The stream numbers a request with uploads announces, whatever the method.
private struct AnnouncedStreams: Decodable {
    private struct Item: Decodable {
        var stream: Int
    }

    private var secretStream: Int?
    private var bodyStream: Int?
    private var attachments: [Item]?

    enum CodingKeys: String, CodingKey {
        case secretStream = "secret_stream"
        case bodyStream = "body_stream"
        case attachments
    }

    var all: [Int] {
        [secretStream, bodyStream].compactMap { $0 } + (attachments ?? []).map(\.stream)
    }
}
