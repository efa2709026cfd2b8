// The NIO side of a TLS client connection: drives one TLSConnection from channel events.
// Bound to its event loop. No decision about trust is made here, and no byte of plaintext or
// ciphertext is ever logged or put into an error.
package import NIOCore

/// A channel handler that speaks TLS as a client.
///
/// It starts the handshake when it is added to an active channel, or when the channel becomes
/// active. Behind it, in this order: `TLSEvent.established` as a user event, then plaintext.
///
/// * Writes before the handshake is finished wait, up to `TLSLimits.queuedPlaintextBytesMax` and
///   `TLSLimits.queuedWritesMax`; passing a limit fails the connection. Afterwards each write is
///   encrypted at once and its buffer is let go.
/// * An error is fired as `TLSError` and the channel is closed. Waiting writes fail with it.
/// * `close()` says close_notify first. When the peer says it, the channel is closed.
/// * The end of the transport without close_notify is `TLSError.Code.truncated`.
/// * It asks for reads itself while the handshake needs bytes, and again when a read that the
///   user asked for brought no plaintext.
package final class TLSClientHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        /// Not started: the channel is not active yet.
        case idle
        /// The connection's own phase tells the rest.
        case running(TLSConnection)
        /// Failed, or closed by the user, the peer or the transport. Nothing passes any more.
        case closed
    }

    private struct QueuedWrite {
        var plaintext: ByteBuffer
        var promise: EventLoopPromise<Void>?
    }

    private let tls: TLSContext
    private var state = State.idle
    private var queue: CircularBuffer<QueuedWrite> = []
    private var queuedBytes = 0
    private var isFlushWanted = false
    private var isDrainingQueue = false
    private var isDelivering = false
    private var isOutputClosed = false
    private var isReadWanted = false
    private var scratch: [UInt8] = []

    /// Creates a handler for one connection.
    package init(context: TLSContext) {
        tls = context
    }

    // MARK: Life of the channel

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        state = .closed
        failQueue(ChannelError.ioOnClosedChannel)
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        transportEnded(context)
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // With half closure allowed, this is how a FIN shows.
        if case .some(.inputClosed) = event as? ChannelEvent {
            transportEnded(context)
            context.fireUserInboundEventTriggered(event)
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = state else { return }
        do throws(TLSError) {
            let connection = try TLSConnection(context: tls)
            state = .running(connection)
            try connection.start()
            sendCiphertext(connection, context)
        } catch {
            fail(error, context)
            return
        }
        // A channel that reads on its own does not mind being asked.
        context.read()
    }

    private func transportEnded(_ context: ChannelHandlerContext) {
        guard case .running(let connection) = state else {
            state = .closed
            failQueue(ChannelError.ioOnClosedChannel)
            return
        }
        let error = connection.transportEnded()
        state = .closed
        failQueue(error ?? ChannelError.eof)
        if let error { context.fireErrorCaught(error) }
    }

    /// Ends the connection for an error: alert, waiting writes, the error, then the channel.
    private func fail(_ error: TLSError, _ context: ChannelHandlerContext) {
        if case .closed = state { return }
        if case .running(let connection) = state { sendCiphertext(connection, context) }
        state = .closed
        failQueue(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    // MARK: Inbound

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .running(let connection) = state else { return }
        let ciphertext = unwrapInboundIn(data)
        let wasHandshaking = connection.phase == .handshaking
        let result = ciphertext.withUnsafeReadableBytes { bytes in
            Result { () throws(TLSError) in try connection.receive(bytes) }
        }
        do throws(TLSError) {
            try result.get()
        } catch {
            fail(error, context)
            return
        }
        sendCiphertext(connection, context)
        if wasHandshaking, let summary = connection.summary {
            established(summary, connection, context)
        }
        deliver(connection, context)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if case .running(let connection) = state,
            isReadWanted || connection.phase == .handshaking
        {
            context.read()
        }
        context.fireChannelReadComplete()
    }

    package func read(context: ChannelHandlerContext) {
        isReadWanted = true
        context.read()
    }

    private func established(
        _ summary: TLSSummary,
        _ connection: TLSConnection,
        _ context: ChannelHandlerContext
    ) {
        // Bytes that a nested call feeds must not be delivered before the event.
        isDelivering = true
        defer { isDelivering = false }
        drainQueue(connection, context)
        guard case .running = state else { return }
        context.fireUserInboundEventTriggered(TLSEvent.established(summary))
    }

    /// Delivers all plaintext there is, in order.
    ///
    /// A handler behind may close or feed the channel from inside: the state is looked at again
    /// after each delivery, and what a nested call fed is delivered by the outer one.
    private func deliver(_ connection: TLSConnection, _ context: ChannelHandlerContext) {
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        while case .running = state {
            do throws(TLSError) {
                switch try readPlaintext(connection, context) {
                case .some(let plaintext):
                    isReadWanted = false
                    context.fireChannelRead(wrapInboundOut(plaintext))
                case .none:
                    // The library may have answered by itself, for example a key update.
                    sendCiphertext(connection, context)
                    if connection.phase == .peerClosed { peerClosed(connection, context) }
                    return
                }
            } catch {
                fail(error, context)
            }
        }
    }

    /// One record's plaintext in a buffer of its own size, or nil if there is none.
    private func readPlaintext(
        _ connection: TLSConnection,
        _ context: ChannelHandlerContext
    ) throws(TLSError) -> ByteBuffer? {
        if scratch.isEmpty {
            scratch = [UInt8](repeating: 0, count: TLSLimits.plaintextChunkBytes)
        }
        let result = scratch.withUnsafeMutableBytes { bytes in
            Result { () throws(TLSError) in try connection.readPlaintext(into: bytes) }
        }
        guard case .plaintext(let count) = try result.get() else { return nil }
        var plaintext = context.channel.allocator.buffer(capacity: count)
        plaintext.writeBytes(scratch.prefix(count))
        return plaintext
    }

    /// The peer has said close_notify: answer and go.
    private func peerClosed(_ connection: TLSConnection, _ context: ChannelHandlerContext) {
        connection.sendCloseNotify()
        sendCiphertext(connection, context)
        state = .closed
        failQueue(ChannelError.eof)
        context.close(promise: nil)
    }

    // MARK: Outbound

    package func write(
        context: ChannelHandlerContext,
        data: NIOAny,
        promise: EventLoopPromise<Void>?
    ) {
        let plaintext = unwrapOutboundIn(data)
        if case .closed = state {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard !isOutputClosed else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        if case .running(let connection) = state, connection.phase == .established,
            queue.isEmpty, !isDrainingQueue
        {
            encrypt(QueuedWrite(plaintext: plaintext, promise: promise), connection, context)
            return
        }
        let (bytes, isOverflow) = queuedBytes.addingReportingOverflow(plaintext.readableBytes)
        guard !isOverflow, bytes <= TLSLimits.queuedPlaintextBytesMax,
            queue.count < TLSLimits.queuedWritesMax
        else {
            let error = TLSError.queueFull(host: tls.identity.text)
            promise?.fail(error)
            // What follows a lost write must not be sent without it.
            fail(error, context)
            return
        }
        queuedBytes = bytes
        queue.append(QueuedWrite(plaintext: plaintext, promise: promise))
    }

    package func flush(context: ChannelHandlerContext) {
        if case .running(let connection) = state, connection.phase != .handshaking {
            context.flush()
        } else {
            isFlushWanted = true
        }
    }

    package func close(
        context: ChannelHandlerContext,
        mode: CloseMode,
        promise: EventLoopPromise<Void>?
    ) {
        switch mode {
        case .input:
            promise?.fail(ChannelError.operationUnsupported)
        case .output:
            guard case .running(let connection) = state, connection.phase == .established else {
                promise?.fail(ChannelError.operationUnsupported)
                return
            }
            isOutputClosed = true
            connection.sendCloseNotify()
            sendCiphertext(connection, context)
            context.close(mode: .output, promise: promise)
        case .all:
            if case .running(let connection) = state {
                connection.sendCloseNotify()
                sendCiphertext(connection, context)
            }
            state = .closed
            failQueue(ChannelError.ioOnClosedChannel)
            context.close(mode: .all, promise: promise)
        }
    }

    /// Encrypts one write in pieces; its promise goes with the last one.
    private func encrypt(
        _ write: QueuedWrite,
        _ connection: TLSConnection,
        _ context: ChannelHandlerContext
    ) {
        var plaintext = write.plaintext
        repeat {
            let count = min(plaintext.readableBytes, TLSLimits.encryptChunkBytes)
            let result = plaintext.readWithUnsafeReadableBytes { bytes in
                let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(count))
                return (
                    count, Result { () throws(TLSError) in try connection.writePlaintext(part) }
                )
            }
            do throws(TLSError) {
                try result.get()
            } catch {
                write.promise?.fail(error)
                fail(error, context)
                return
            }
            let promise = plaintext.readableBytes == 0 ? write.promise : nil
            context.write(wrapOutboundOut(ciphertext(connection, context)), promise: promise)
        } while plaintext.readableBytes > 0
    }

    /// Encrypts what waited for the handshake, in order, also what is written meanwhile.
    private func drainQueue(_ connection: TLSConnection, _ context: ChannelHandlerContext) {
        isDrainingQueue = true
        while case .running = state, let write = queue.popFirst() {
            queuedBytes -= write.plaintext.readableBytes
            encrypt(write, connection, context)
        }
        isDrainingQueue = false
        if isFlushWanted, case .running = state {
            isFlushWanted = false
            context.flush()
        }
    }

    private func failQueue(_ error: any Error) {
        queuedBytes = 0
        while let write = queue.popFirst() { write.promise?.fail(error) }
    }

    /// Sends what the library has to say by itself: handshake, alerts, close_notify.
    private func sendCiphertext(_ connection: TLSConnection, _ context: ChannelHandlerContext) {
        guard connection.ciphertextBytes > 0 else { return }
        let bytes = ciphertext(connection, context)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func ciphertext(
        _ connection: TLSConnection,
        _ context: ChannelHandlerContext
    ) -> ByteBuffer {
        let count = connection.ciphertextBytes
        var buffer = context.channel.allocator.buffer(capacity: count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
            connection.readCiphertext(into: bytes)
        }
        return buffer
    }
}

@available(*, unavailable)
extension TLSClientHandler: Sendable {}
