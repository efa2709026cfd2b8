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
    private let handler: any RequestHandling
    private let log: Logger
    private let connected = Mutex<(count: Int, last: Int)>((0, 0))

    /// A server that hands requests to `handler`.
    package init(handler: any RequestHandling, log: Logger) {
        self.handler = handler
        self.log = log
    }

    /// Front ends connected now.
    package var clientCount: Int { connected.withLock { $0.count } }

    /// Serves until the task is cancelled; then every client's requests are cancelled as well.
    /// - Throws: what binding the event loop to the descriptor threw.
    package func run(_ socket: ListeningSocket) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(socket.descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        try await server.executeThenClose { inbound in
            try await withThrowingDiscardingTaskGroup { group in
                for try await channel in inbound {
                    group.addTask { await self.serve(channel) }
                }
            }
        }
    }

    /// Serves one client from its first byte to its last.
    private func serve(_ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async {
        do {
            try await channel.executeThenClose { inbound, outbound in
                guard let client = await self.admit(channel.channel) else { return }
                defer { self.connected.withLock { $0.count -= 1 } }
                let connection = ClientConnection(
                    client: client,
                    handler: self.handler,
                    channel: channel.channel,
                    outbound: outbound,
                    log: self.log
                )
                do {
                    try await self.read(inbound, channel.channel, into: connection)
                } catch let error as BrokerError {
                    // The framing is lost: say why, once, and close.
                    try? await connection.write(try Wire.failure(id: nil, error: error))
                }
                await connection.close()
            }
        } catch {
            log.debug("connection ended", metadata: ["error": "\(error)"])
        }
    }

    private func read(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ channel: any Channel,
        into connection: ClientConnection
    ) async throws {
        var decoder = FrameDecoder(lineMax: BrokerLimits.requestLineMax)
        let deadline = channel.eventLoop.scheduleTask(in: .init(BrokerLimits.firstLineWait)) {
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        for try await buffer in inbound {
            for frame in try decode(buffer, by: &decoder) {
                deadline.cancel()
                try await connection.receive(frame)
            }
        }
    }

    /// Frames of what was read; a buffer that held a secret is wiped.
    private func decode(
        _ buffer: ByteBuffer,
        by decoder: inout FrameDecoder
    ) throws(BrokerError) -> [Frame] {
        var buffer = buffer
        var result: Swift.Result<[Frame], BrokerError> = .success([])
        var holdsSecret = decoder.isReceivingSecret
        buffer.withUnsafeReadableBytes { octets in
            result = Swift.Result { () throws(BrokerError) in try decoder.receive(octets) }
        }
        let frames = try result.get()
        for case .secret in frames { holdsSecret = true }
        if holdsSecret || decoder.isReceivingSecret {
            buffer.withUnsafeMutableReadableBytes { octets in
                if let base = octets.baseAddress { mb_wipe(base, octets.count) }
            }
        }
        return frames
    }

    /// Lets a client in when it is the same user and there is room.
    private func admit(_ channel: any Channel) async -> ClientID? {
        guard await isSameUser(channel) else {
            log.warning("refused a connection of another user")
            return nil
        }
        return connected.withLock { connected in
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
        return credentials?.uid == geteuid()
    }

    /// `struct ucred`, which Glibc's module does not show.
    private struct PeerCredentials {
        var pid: pid_t
        var uid: uid_t
        var gid: gid_t
    }
}
