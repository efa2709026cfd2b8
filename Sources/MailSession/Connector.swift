// Making a link: TCP by happy eyeballs, TLS where it comes first, the machine on top; or a program
// with a socket for its standard input and output.

import Glibc
import NIOCore
import NIOPosix
import OpenSSLTLS

/// A link as a session holds it.
struct Link<Machine: LinkMachine>: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<LinkHandler<Machine>>
    private let context: NIOLoopBound<ChannelHandlerContext>
    /// The program at the other end; nil where that is the network.
    let program: ServerProgram?
    /// What the link tells; read by one task at a time.
    let events: LinkEvents<Machine.Event>

    /// Connects; the machine's login starts at once.
    static func connect(
        to server: MailServer,
        machine: Machine
    ) async throws(SessionError) -> Link {
        let endpoint = server.endpoint
        let tls = server.tls
        let isImplicit = endpoint.protection == .implicit
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.init(SessionLimits.connectWait))
            // Without it the EHLO after STARTTLS waits 40 ms for the peer's delayed ACK.
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A dead peer is found within two minutes, also while nothing is sent.
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
            .channelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
            .channelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
        do {
            let link = try await bootstrap.connect(host: endpoint.host, port: endpoint.port) {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    if isImplicit, let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            TLSClientHandler(context: tls)
                        )
                    }
                    return try Link(on: channel, machine: machine, tls: tls)
                }
            }
            try await link.setWait(SessionLimits.loginWait)
            return link
        } catch let error as SessionError {
            throw error
        } catch {
            throw .unreachable(Self.reason(of: error, endpoint))
        }
    }

    /// Starts a program that is the server on its standard input and output; it ends with the link.
    static func start(
        _ command: [String],
        machine: Machine
    ) async throws(SessionError) -> Link {
        let group = MultiThreadedEventLoopGroup.singleton
        let loop = group.next()
        let (program, socket) = try ServerProgram.start(command, on: loop)
        do {
            let link = try await ClientBootstrap(group: loop).withConnectedSocket(socket) {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    try Link(on: channel, machine: machine, program: program)
                }
            }
            link.channel.closeFuture.whenComplete { _ in program.release(on: loop) }
            try await link.setWait(SessionLimits.loginWait)
            return link
        } catch let error as SessionError {
            throw error
        } catch {
            program.release(on: loop)
            throw .program("imap.command \(program.name): \(error)", isTemporary: true)
        }
    }

    /// The link on a channel that is being made; on the channel's event loop.
    private init(
        on channel: any Channel,
        machine: Machine,
        tls: TLSContext? = nil,
        program: ServerProgram? = nil
    ) throws {
        let (batches, hears) = AsyncStream.makeStream(of: LinkBatch<Machine.Event>.self)
        let backlog = LinkBacklog<Machine.Event>()
        let handler = LinkHandler(machine: machine, tls: tls, hears: hears, backlog: backlog)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(handler)
        let loop = channel.eventLoop
        self.channel = channel
        self.program = program
        self.handler = NIOLoopBound(handler, eventLoop: loop)
        context = NIOLoopBound(try pipeline.context(handler: handler), eventLoop: loop)
        events = LinkEvents(batches: batches, backlog: backlog, channel: channel)
    }

    /// Lets the machine act and returns when what it wrote has gone to the kernel.
    func act(
        _ body: @escaping @Sendable (inout Machine) -> [Machine.Action]
    ) async throws(SessionError) {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute {
            handler.value.act(context.value, promise, body)
        }
        do {
            try await promise.futureResult.get()
        } catch let error as SessionError {
            throw error
        } catch {
            throw .connectionLost
        }
    }

    /// From now on the link ends when nothing moves for so long; nil for never.
    func setWait(_ wait: Duration?) async throws(SessionError) {
        do {
            try await channel.eventLoop.submit {
                handler.value.setWait(wait, context.value)
            }.get()
        } catch {
            throw .connectionLost
        }
    }

    /// Calls back, on the event loop, when the link has ended.
    func whenClosed(_ body: @escaping @Sendable () -> Void) {
        channel.closeFuture.whenComplete { _ in body() }
    }

    /// Ends the link now.
    func close() { channel.close(promise: nil) }

    private static func reason(of error: any Error, _ endpoint: Endpoint) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let refused = error.connectionErrors.first?.error as? IOError {
                return "\(endpoint.text): \(refused.localizedReason)"
            }
            return "\(endpoint.text): the host name cannot be resolved"
        case is ChannelError: return "\(endpoint.text): no answer to the connection attempt"
        default: return "\(endpoint.text): \(error)"
        }
    }
}

extension IOError {
    /// The system's words for the error.
    fileprivate var localizedReason: String { String(cString: strerror(errnoCode)) }
}
