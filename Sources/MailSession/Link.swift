// A byte stream to a server with a protocol machine on it. The machine runs on the channel's event
// loop, so that STARTTLS puts TLS under it in the same step in which its tagged OK was read: no
// octet from before can slip past (RFC 3207, RFC 2595).

import IMAP
import MailModel
import NIOCore
import OpenSSLTLS
import SMTP

/// What a protocol machine asks of its link, or tells the session above.
enum LinkStep<Event: Sendable> {
    case write([UInt8])
    case writeSecret(Secret)
    case startTLS
    case event(Event)
    /// The connection must end; the event tells why.
    case end(Event)
}

/// A sans-IO machine as a link drives it.
protocol LinkMachine: Sendable {
    /// What it asks of its driver.
    associatedtype Action: Sendable
    /// What it tells the session.
    associatedtype Event: Sendable

    mutating func receive(_ octets: [UInt8]) -> [Action]
    mutating func tlsEstablished() -> [Action]
    mutating func closed() -> [Action]
    /// What the driver has to do for an action.
    static func step(for action: Action) -> LinkStep<Event>
}

/// The link on its event loop.
final class LinkHandler<Machine: LinkMachine>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var machine: Machine
    private let tls: TLSContext?
    private let hears: AsyncStream<LinkBatch<Machine.Event>>.Continuation
    private let backlog: LinkBacklog<Machine.Event>
    /// What the session is told at the end of the step that is under way.
    private var news: [LinkEvent<Machine.Event>] = []
    private var wait: Duration?
    private var alarm: Scheduled<Void>?
    private var isEnded = false

    init(
        machine: Machine,
        tls: TLSContext?,
        hears: AsyncStream<LinkBatch<Machine.Event>>.Continuation,
        backlog: LinkBacklog<Machine.Event>
    ) {
        self.machine = machine
        self.tls = tls
        self.hears = hears
        self.backlog = backlog
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        rearm(context)
        let octets = Array(unwrapInboundIn(data).readableBytesView)
        perform(machine.receive(octets), context, nil)
        if backlog.add(octets.count) {
            try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        }
        tell(octets: octets.count)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .established(let summary) = event as? TLSEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        news.append(.established(summary))
        perform(machine.tlsEstablished(), context, nil)
        tell()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, (error as? TLSError).map { SessionError.tls($0) } ?? .connectionLost)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context, nil)
    }

    /// Lets the machine do something for the session; the promise is kept when all is written.
    func act(
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>,
        _ body: (inout Machine) -> [Machine.Action]
    ) {
        guard !isEnded else { return promise.fail(SessionError.connectionLost) }
        rearm(context)
        perform(body(&machine), context, promise)
        tell()
    }

    /// From now on the connection ends when nothing moves for so long; nil for never.
    func setWait(_ wait: Duration?, _ context: ChannelHandlerContext) {
        self.wait = wait
        rearm(context)
    }

    private func rearm(_ context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = nil
        guard let wait, !isEnded else { return }
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: .init(wait)) {
            self.end(context, .timedOut("no answer for \(wait.components.seconds) s"))
        }
    }

    private func perform(
        _ actions: [Machine.Action],
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        var written: EventLoopFuture<Void>?
        for action in actions where !isEnded {
            switch Machine.step(for: action) {
            case .write(let octets):
                written = context.write(wrapOutboundOut(ByteBuffer(bytes: octets)))
            case .writeSecret(let secret):
                let buffer = secret.withUnsafeBytes { ByteBuffer(bytes: $0) }
                written = context.write(wrapOutboundOut(buffer))
            case .startTLS: startTLS(context)
            case .event(let event): news.append(.machine(event))
            case .end(let event):
                news.append(.machine(event))
                finish(context, nil)
            }
        }
        context.flush()
        if let promise {
            (written ?? context.eventLoop.makeSucceededVoidFuture()).cascade(to: promise)
        }
    }

    /// Tells the session what a step brought, all of it at once: waking it for every response by
    /// itself costs more than reading the response.
    private func tell(octets: Int = 0) {
        guard !news.isEmpty || octets > 0 else { return }
        hears.yield(LinkBatch(events: news[...], octets: octets))
        news = []
    }

    private func startTLS(_ context: ChannelHandlerContext) {
        guard let tls else { return end(context, .connectionLost) }
        context.flush()
        do {
            try context.pipeline.syncOperations.addHandler(
                TLSClientHandler(context: tls),
                position: .before(self)
            )
        } catch {
            end(context, .connectionLost)
        }
    }

    /// Ends the link from below.
    ///
    /// The machine gets to say what that means for the command it runs. Where the cause is known
    /// here, it is told in place of the machine's "connection closed".
    private func end(_ context: ChannelHandlerContext, _ error: SessionError?) {
        guard !isEnded else { return }
        for action in machine.closed() {
            switch Machine.step(for: action) {
            case .event(let event): news.append(.machine(event))
            case .end(let event) where error == nil: news.append(.machine(event))
            case .end, .write, .writeSecret, .startTLS: continue
            }
        }
        finish(context, error)
    }

    private func finish(_ context: ChannelHandlerContext, _ error: SessionError?) {
        isEnded = true
        alarm?.cancel()
        news.append(.ended(error))
        tell()
        hears.finish()
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension LinkHandler: Sendable {}
