// One front end: its frames, its requests in flight and their order. A client that leaves takes its
// requests with it; one that only ends its side still gets its answers.

import BrokerProtocol
import Logging
import MailModel
import NIOCore

/// A connection of a front end.
actor ClientConnection {
    private struct InFlight {
        var task: Task<Void, Never>?
        var streams: [Int] = []
        var notifications: AsyncStream<[UInt8]>?
    }

    let client: ClientID
    let uploads = Uploads()
    private let handler: any RequestHandling
    private let channel: any Channel
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let waits: SocketServer.Waits
    private let log: Logger
    /// Requests without an answer so far.
    private var inFlight: [RequestID: InFlight] = [:]
    /// Requests whose answer has not been written: a client may use an id again as soon as it has
    /// read the answer, which is before the server has learnt that it was written.
    private var running: [Int: Task<Void, Never>] = [:]
    private var lastRunning = 0
    private var lastSequential: Task<Void, Never>?
    private var feed: Task<Void, Never>?
    private var isAborted = false

    init(
        client: ClientID,
        handler: any RequestHandling,
        channel: any Channel,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        waits: SocketServer.Waits,
        log: Logger
    ) {
        self.client = client
        self.handler = handler
        self.channel = channel
        self.outbound = outbound
        self.waits = waits
        self.log = log
    }

    /// Handles one frame; returns when the connection can take the next.
    func receive(_ frame: Frame) async throws(BrokerError) {
        switch frame {
        case .message(let header, let line): try await receive(header, line)
        case .octets(let stream, let octets): await uploads.receive(octets, for: stream)
        case .secret(let stream, let secret): await uploads.receive(secret, for: stream)
        }
    }

    /// Writes one line or frame whole.
    ///
    /// A client that leaves its output unread is dropped.
    func write(_ octets: [UInt8]) async throws {
        let deadline = dropUnlessRead()
        defer { deadline.cancel() }
        try await outbound.write(ByteBuffer(bytes: octets))
        // Closing a channel makes room: what waits for room goes on, and goes nowhere.
        guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
    }

    /// Keeps sending lines once the request has been answered; a later call takes the place of an
    /// earlier one.
    func sendNotifications(_ lines: AsyncStream<[UInt8]>, after request: RequestID) {
        inFlight[request]?.notifications = lines
    }

    /// Cancels everything: the client is gone, or the server ends.
    func abort() async {
        isAborted = true
        for task in running.values { task.cancel() }
        feed?.cancel()
        await uploads.abandonAll(BrokerError(.requestCancelled, "the client is gone"))
    }

    /// Waits for every answer to be written; no more frames will come.
    func finish() async {
        await uploads.endInput(BrokerError(.requestCancelled, "the client ended in an upload"))
        while let task = running.values.first { await task.value }
        await feed?.value
        await drain()
        await handler.clientGone(client)
    }

    private func receive(_ header: WireHeader, _ line: [UInt8]) async throws(BrokerError) {
        guard !isAborted else { return }
        guard let method = header.method else {
            throw BrokerError(.requestInvalid, "a reply to a request that was never made")
        }
        guard let id = header.id else {
            if method == RequestCancel.method { await cancel(line) }
            return  // JSON-RPC 2.0 section 4.1: an unknown notification has no answer
        }
        // Answers nobody reads must not pile up: the socket waits for some to be read.
        while running.count >= 2 * BrokerLimits.requestsInFlightMax,
            let task = running.values.first
        {
            await task.value
        }
        do {
            try await admit(Request(id: id, method: method, line: line))
        } catch {
            await deliver(failure(id, error))
        }
    }

    private func cancel(_ line: [UInt8]) async {
        guard let id = try? Wire.params(RequestCancel.self, of: line).id,
            let request = inFlight[id]
        else { return }
        request.task?.cancel()
        await uploads.abandon(request.streams, Self.cancelled)
    }

    /// Checks a request and starts it.
    private func admit(_ request: Request) async throws(BrokerError) {
        guard let method = handler.description(of: request.method) else {
            throw BrokerError(.requestUnknown, "there is no method of this name")
        }
        guard inFlight[request.id] == nil else {
            throw BrokerError(.requestInvalid, "a request with this id is running")
        }
        guard method.ordering != .immediate else { return await deliver(reply(to: request)) }
        guard inFlight.count < BrokerLimits.requestsInFlightMax else {
            throw BrokerError(.requestLimit, "too many requests at once", temporary: true)
        }
        var entry = InFlight()
        if method.streams == .upload {
            let announced = try? Wire.params(AnnouncedStreams.self, of: request.line)
            entry.streams = announced?.all ?? []
            try await uploads.announce(entry.streams)
        }
        start(request, entry, after: method.ordering == .sequential ? lastSequential : nil)
        if method.ordering == .sequential { lastSequential = inFlight[request.id]?.task }
    }

    private func start(_ request: Request, _ entry: InFlight, after before: Task<Void, Never>?) {
        lastRunning += 1
        let number = lastRunning
        let task = Task {
            await before?.value
            await self.run(request, number)
        }
        inFlight[request.id] = entry
        inFlight[request.id]?.task = task
        running[number] = task
        if isAborted { task.cancel() }
    }

    /// Every admitted request is answered here, exactly once.
    private func run(_ request: Request, _ number: Int) async {
        let line = await reply(to: request)
        let entry = inFlight.removeValue(forKey: request.id)
        await uploads.remove(entry?.streams ?? [])
        await deliver(line)
        if let lines = entry?.notifications, !isAborted { send(lines) }
        running[number] = nil
    }

    private func reply(to request: Request) async -> [UInt8] {
        let context = RequestContext(client: client, request: request.id, connection: self)
        do throws(BrokerError) {
            guard !Task.isCancelled else { throw Self.cancelled }
            let line = try await handler.reply(to: request, context: context)
            guard line.count - 1 <= BrokerLimits.replyLineMax else {
                throw BrokerError(.requestLimit, "the answer is too large; ask for less")
            }
            return line
        } catch {
            return failure(request.id, error)
        }
    }

    private func failure(_ id: RequestID, _ error: BrokerError) -> [UInt8] {
        // Strings and numbers always encode: an empty line would only be a fault of the encoder.
        (try? Wire.failure(id: id, error: error)) ?? [ASCII.lf]
    }

    /// Writes an answer, that of a cancelled request as well: hence in a task of its own.
    private func deliver(_ line: [UInt8]) async {
        do {
            try await Task { try await self.write(line) }.value
        } catch {
            log.debug("reply not delivered", metadata: ["client": "\(client.number)"])
        }
    }

    private func send(_ lines: AsyncStream<[UInt8]>) {
        feed?.cancel()
        feed = Task {
            for await line in lines {
                guard (try? await self.write(line)) != nil else { return }
            }
        }
    }

    /// Waits until the client has taken all output or has had its time; closing would discard it.
    private func drain() async {
        guard !isAborted else {
            // What the socket takes at once is written before the event loop comes to this.
            _ = try? await channel.eventLoop.submit {}.get()
            return
        }
        let deadline = dropUnlessRead()
        defer { deadline.cancel() }
        _ = try? await channel.writeAndFlush(ByteBuffer()).get()
    }

    private func dropUnlessRead() -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: .init(waits.unreadOutput)) { [channel, log, client] in
            log.info("client does not read", metadata: ["client": "\(client.number)"])
            channel.close(promise: nil)
        }
    }

    private static let cancelled = BrokerError(.requestCancelled, "cancelled")
}

/// The stream numbers a request with uploads announces, whatever the method.
private struct AnnouncedStreams: Decodable {
    private struct Item: Decodable {
        var stream: Int
    }

    private var stream: Int?
    private var secretStream: Int?
    private var bodyStream: Int?
    private var attachments: [Item]?

    enum CodingKeys: String, CodingKey {
        case secretStream = "secret_stream"
        case bodyStream = "body_stream"
        case stream, attachments
    }

    var all: [Int] {
        [stream, secretStream, bodyStream].compactMap { $0 } + (attachments ?? []).map(\.stream)
    }
}
