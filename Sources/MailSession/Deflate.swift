// COMPRESS=DEFLATE (RFC 4978) as a layer between TLS and the machine. What a server sends is
// inflated in small pieces, each of which the machine has taken, with all its limits, before the
// next is made; and none is made while the session is behind.

import CZlib
import IMAP
import NIOCore

/// One direction of a compressed stream.
private final class ZlibStream {
    enum Failure: Error {
        case memory, damaged
    }

    private let stream: OpaquePointer
    private(set) var hasEnded = false

    /// A stream that compresses, or reads what the peer has compressed.
    init(_ open: () -> OpaquePointer?) throws(Failure) {
        guard let stream = open() else { throw .memory }
        self.stream = stream
    }

    deinit { mb_zlib_free(stream) }

    /// Moves octets from one buffer to another, at most so many; whether there may be more.
    func run(
        _ input: inout ByteBuffer,
        into output: inout ByteBuffer,
        atMost room: Int
    ) throws(Failure) -> Bool {
        guard !hasEnded else { throw .damaged }
        var (put, code) = (room, Int32(0))
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { out in
            input.readWithUnsafeReadableBytes { octets in
                var count = octets.count
                code = mb_zlib_run(
                    stream,
                    octets.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    &count,
                    out.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    &put
                )
                return count
            }
            return put
        }
        guard code >= 0 else { throw .damaged }
        hasEnded = code == Int32(MB_ZLIB_END)
        return !hasEnded && put == room
    }
}

/// The layer.
final class DeflateHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let deflater: ZlibStream
    private let inflater: ZlibStream
    /// What has come and has not been inflated.
    private var received = ByteBuffer()
    /// Whether the inflater holds more than fitted into the last piece.
    private var hasMore = false
    private var isPassing = false
    private var hasFailed = false

    /// A layer at the beginning of both streams.
    /// - Throws: where there is no memory.
    init() throws {
        deflater = try ZlibStream(mb_zlib_deflater)
        inflater = try ZlibStream(mb_zlib_inflater)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var octets = unwrapInboundIn(data)
        received.writeBuffer(&octets)
        pass(context)
    }

    /// The session wants more, which may be here already.
    func read(context: ChannelHandlerContext) {
        pass(context)
        if received.readableBytes == 0, !hasMore { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        pass(context, isLast: true)
        context.fireChannelInactive()
    }

    func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        var octets = unwrapOutboundIn(data)
        let piece = max(octets.readableBytes / 2, SessionLimits.deflatedPiece)
        var compressed = context.channel.allocator.buffer(capacity: piece)
        do {
            while try deflater.run(&octets, into: &compressed, atMost: piece) {}
        } catch {
            promise?.fail(SessionError.connectionLost)
            return fail(context)
        }
        context.write(wrapOutboundOut(compressed), promise: promise)
    }

    /// Passes on what can be read, as long as the session keeps up.
    private func pass(_ context: ChannelHandlerContext, isLast: Bool = false) {
        guard !isPassing else { return }
        isPassing = true
        defer { isPassing = false }
        while !hasFailed, received.readableBytes > 0 || hasMore,
            isLast || (context.channel.isActive && isWanted(context))
        {
            let room = SessionLimits.inflatedPiece
            var piece = context.channel.allocator.buffer(capacity: room)
            do {
                hasMore = try inflater.run(&received, into: &piece, atMost: room)
            } catch {
                return fail(context)
            }
            if piece.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(piece)) }
        }
        received.discardReadBytes()
    }

    private func isWanted(_ context: ChannelHandlerContext) -> Bool {
        (try? context.channel.syncOptions?.getOption(.autoRead)) ?? true
    }

    private func fail(_ context: ChannelHandlerContext) {
        hasFailed = true
        context.fireErrorCaught(SessionError.imap(IMAPError(.compressionDamaged)))
    }
}

@available(*, unavailable)
extension DeflateHandler: Sendable {}
