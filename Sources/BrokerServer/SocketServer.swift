// The skeleton of the broker: accept, check the peer, frame, hand requests to one handler. Nothing
// here knows of mail.

import BrokerProtocol
import CPlatform
import Glibc
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The server of one listening Unix socket.
package final class SocketServer: Sendable {
    /// How long clients may keep the server waiting.
    package struct Waits: Sendable {
        /// From the connection to its first line.
        package var firstLine = BrokerLimits.firstLineWait
        /// For output to be read.
        package var unreadOutput = BrokerLimits.unreadOutputWait

        /// The waits of `BrokerLimits`.
        package init() {}
    }

    private let handler: any RequestHandling
    private let waits: Waits
    private let log: Logger
    private typealias Accepted = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connections that were accepted and are not being served yet.
    private let waiting = Mutex<[ObjectIdentifier: Accepted]>([:])
    private let connected = Mutex<(count: Int, last: Int)>((0, 0))

    /// A server that hands requests to `handler`.
    package init(handler: any RequestHandling, log: Logger, waits: Waits = Waits()) {
        self.handler = handler
        self.waits = waits
        self.log = log
    }

    /// Front ends connected now.
    package var clientCount: Int { connected.withLock { $0.count } }

    /// Serves until the task is cancelled; then every client's requests are cancelled as well.
    /// - Throws: what binding the event loop to the descriptor threw.
    package func run(_ socket: ListeningSocket) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // `echo REQUEST | socat - UNIX:...` ends its side before it has its answer.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .bind(socket.descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Here and not later: what a client sends before it ends its side is read at
                    // once, and would be lost without a reader in the pipeline.
                    let accepted = try Accepted(wrappingChannelSynchronously: channel)
                    self.waiting.withLock { $0[ObjectIdentifier(channel)] = accepted }
                    return accepted
                }
            }
        do {
            try await server.executeThenClose { inbound in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await channel in inbound {
                        group.addTask { await self.serve(channel) }
                    }
                }
            }
        } catch {
            await closeWaiting()
            throw error
        }
        await closeWaiting()
    }

    /// Closes what was accepted while the server ended and never got to `serve`.
    ///
    /// NIO ends the process when a wrapped channel goes without having been closed.
    private func closeWaiting() async {
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            try? await loop.submit {}.get()  // connections on their way are in `waiting` after this
        }
        let left = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting.values
        }
        for channel in left { try? await channel.executeThenClose { _, _ in } }
    }

    /// Serves one client from its first byte to its last.
    private func serve(_ channel: Accepted) async {
        waiting.withLock { $0[ObjectIdentifier(channel.channel)] = nil }
        do {
            try await channel.executeThenClose { inbound, outbound in
                guard await self.isSameUser(channel.channel) else { return }
                guard let client = self.admit() else {
                    let full = BrokerError(.requestLimit, "too many clients", temporary: true)
                    return try await outbound.write(
                        ByteBuffer(bytes: try Wire.failure(id: nil, error: full))
                    )
                }
                defer { self.connected.withLock { $0.count -= 1 } }
                let connection = ClientConnection(
                    client: client,
                    handler: self.handler,
                    channel: channel.channel,
                    outbound: outbound,
                    waits: self.waits,
                    log: self.log
                )
                await self.serve(inbound, channel.channel, connection)
            }
        } catch {
            log.debug("connection ended", metadata: ["error": "\(error)"])
        }
    }

    /// Serves a client that was let in, until it is gone or has all its answers.
    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ channel: any Channel,
        _ connection: ClientConnection
    ) async {
        channel.closeFuture.whenComplete { _ in Task { await connection.abort() } }
        await withTaskCancellationHandler {
            do {
                try await self.read(inbound, channel, into: connection)
            } catch let error as BrokerError {
                // The framing is lost: say why, once, and close.
                if let line = try? Wire.failure(id: nil, error: error) {
                    try? await connection.write(line)
                }
                await connection.abort()
            } catch {
                await connection.abort()
            }
            await connection.finish()
        } onCancel: {
            Task { await connection.abort() }
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ channel: any Channel,
        into connection: ClientConnection
    ) async throws {
        var decoder = FrameDecoder(lineMax: BrokerLimits.requestLineMax)
        let deadline = channel.eventLoop.scheduleTask(in: .init(waits.firstLine)) {
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        var isFirst = true
        for try await buffer in inbound {
            var frames: [Frame] = []
            let outcome = decode(buffer, by: &decoder, into: &frames)
            if isFirst, !frames.isEmpty {
                isFirst = false
                deadline.cancel()
            }
            for frame in frames { try await connection.receive(frame) }
            try outcome.get()
        }
    }

    /// Frames of what was read.
    ///
    /// The buffer is wiped: it may have held a secret.
    private func decode(
        _ buffer: ByteBuffer,
        by decoder: inout FrameDecoder,
        into frames: inout [Frame]
    ) -> Swift.Result<Void, BrokerError> {
        buffer.withUnsafeReadableBytes { octets in
            // SAFETY: the memory is the event loop's, which has read it from the socket for this
            // reader alone and fills it anew. Wiping through a mutable view of the buffer would
            // wipe a copy, because the event loop keeps a reference.
            defer { mb_wipe(UnsafeMutableRawPointer(mutating: octets.baseAddress), octets.count) }
            return Swift.Result { () throws(BrokerError) in
                try decoder.receive(octets, into: &frames)
            }
        }
    }

    /// A number for a client; nil when there are too many.
    private func admit() -> ClientID? {
        connected.withLock { connected in
            guard connected.count < BrokerLimits.connectionsMax else { return nil }
            connected.count += 1
            connected.last += 1
            return ClientID(number: connected.last)
        }
    }

    /// The uid decides, never the pid: a pid may by now belong to another process.
    private func isSameUser(_ channel: any Channel) async -> Bool {
        guard let provider = channel as? any SocketOptionProvider else { return false }
        let credentials: PeerCredentials? = try? await provider.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        ).get()
        // A client that is gone already has no credentials any more, and is nobody to warn of.
        guard let credentials else { return false }
        if credentials.uid != geteuid() { log.warning("refused a connection of another user") }
        return credentials.uid == geteuid()
    }

    /// `struct ucred`, which Glibc's module does not show.
    private struct PeerCredentials {
        var pid: pid_t
        var uid: uid_t
        var gid: gid_t
    }
}
