// A TLSClientHandler in an embedded channel, with a MemoryTLSServer at the other end of the wire.
import COpenSSL
import NIOCore
import NIOEmbedded

@testable import OpenSSLTLS

/// What came out behind the TLS handler, in order.
enum Seen: Equatable {
    case active
    case established(isResumed: Bool)
    case data([UInt8])
    case inputClosed
    case error(TLSError)
    case inactive
}

/// Stands for the transport: counts reads, and half closes, which an embedded channel cannot do.
final class Transport: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    var reads = 0
    var isOutputClosed = false
    /// Whether a write is done as soon as it is made, before any flush.
    var completesWritesAtOnce = false

    func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        guard completesWritesAtOnce else { return context.write(data, promise: promise) }
        context.write(data, promise: nil)
        promise?.succeed(())
    }

    func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        guard case .output = mode else { return context.close(mode: mode, promise: promise) }
        isOutputClosed = true
        promise?.succeed(())
    }

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }
}

/// Records what the TLS handler lets through; may do something at each delivery.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    var seen: [Seen] = []
    var onData: ((ChannelHandlerContext, [UInt8]) -> Void)?
    var onEstablished: ((ChannelHandlerContext) -> Void)?

    /// All data so far.
    var data: [UInt8] {
        seen.flatMap { seen in
            if case .data(let bytes) = seen { bytes } else { [UInt8]() }
        }
    }

    var errors: [TLSError] {
        seen.compactMap { seen in
            if case .error(let error) = seen { error } else { nil }
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        seen.append(.active)
    }

    func channelInactive(context: ChannelHandlerContext) {
        seen.append(.inactive)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).readableBytesView)
        seen.append(.data(bytes))
        onData?(context, bytes)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSEvent.established(let summary):
            seen.append(.established(isResumed: summary.isResumed))
            onEstablished?(context)
        case ChannelEvent.inputClosed:
            seen.append(.inputClosed)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { seen.append(.error(error)) }
    }
}

/// The channel, its handlers and the server.
final class HandlerHarness {
    let channel: EmbeddedChannel
    let transport = Transport()
    let recorder = Recorder()
    let server: MemoryTLSServer
    let context: TLSContext
    /// Every byte the client has sent over the wire.
    private(set) var wire: [UInt8] = []

    init(
        _ authority: TestAuthority,
        certificate: TestAuthority.Certificate = .good,
        maximumVersion: Int32 = 0,
        isConnected: Bool = true
    ) throws {
        context = try TLSContext.trusting(authority)
        server = try MemoryTLSServer(
            MemoryTLSServerContext(
                certificate,
                authority: authority,
                maximumVersion: maximumVersion
            )
        )
        channel = EmbeddedChannel()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([transport, TLSClientHandler(context: context), recorder])
        if isConnected { try connect() }
    }

    // A channel that was never closed and its pipeline hold each other.
    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    func connect() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 993)).wait()
    }

    /// Moves bytes both ways until nothing moves.
    func run(piece: Int = Int.max) throws {
        while true {
            let toServer = try takeClientOutput()
            server.receive(toServer)
            let toClient = server.takeOutput()
            if toServer.isEmpty, toClient.isEmpty { return }
            try feed(toClient, piece: piece)
        }
    }

    /// Gives the client bytes of the wire, each piece as one read of the transport.
    func feed(_ bytes: [UInt8], piece: Int = Int.max) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try channel.writeInbound(ByteBuffer(bytes: rest.prefix(piece)))
            rest = rest.dropFirst(piece)
        }
    }

    /// What the client has put on the wire since the last call.
    func takeClientOutput() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            bytes += buffer.readableBytesView
        }
        wire += bytes
        return bytes
    }

    /// Writes through the pipeline; the result is known once the returned future is done.
    func write(_ text: String) -> EventLoopFuture<Void> {
        channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// The transport ends, as seen by the handlers.
    func endTransport() {
        channel.pipeline.fireChannelInactive()
    }
}

/// What has become of a future, without waiting for it.
final class Outcome<Value: Sendable> {
    private(set) var result: Result<Value, any Error>?

    init(_ future: EventLoopFuture<Value>) {
        future.assumeIsolated().whenComplete { [self] in result = $0 }
    }

    var isSuccess: Bool {
        if case .success = result { true } else { false }
    }

    var error: (any Error)? {
        if case .failure(let error) = result { error } else { nil }
    }
}
