// The handler over real sockets against `openssl s_server`, an implementation's own server program.
import Foundation
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import OpenSSLTLS

/// `openssl s_server -rev` on a port of its own choice: it sends each line back reversed.
private final class ServerProcess {
    private let process = Process()
    let port: Int

    struct NoPort: Error {}

    init(
        _ authority: TestAuthority,
        _ certificate: TestAuthority.Certificate,
        options: [String] = []
    ) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            [
                "s_server", "-rev", "-accept", "127.0.0.1:0", "-cert",
                authority.chainFile(certificate), "-key", authority.keyFile(certificate),
            ] + options
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = ""
        var port: Int?
        while port == nil {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            text += String(decoding: data, as: UTF8.self)
            // ACCEPT 127.0.0.1:34759
            for line in text.components(separatedBy: "\n").dropLast() {
                if line.hasPrefix("ACCEPT "), let colon = line.lastIndex(of: ":") {
                    port = Int(line[line.index(after: colon)...])
                }
            }
        }
        guard let port else {
            Self.stop(process)
            throw NoPort()
        }
        self.port = port
    }

    deinit { Self.stop(process) }

    // A child that is started from a thread of the concurrency pool inherits a mask that blocks
    // SIGTERM, so `terminate()` would not end it.
    private static func stop(_ process: Process) {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// Collects one conversation and fulfils a promise when the channel has ended.
private final class Conversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Log: Sendable {
        var summary: TLSSummary?
        var data: [UInt8] = []
        var errors: [TLSError] = []
    }

    private var log = Log()
    private let line: String
    private let done: EventLoopPromise<Log>

    init(line: String, done: EventLoopPromise<Log>) {
        self.line = line
        self.done = done
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line)), promise: nil)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        log.data += unwrapInboundIn(data).readableBytesView
        if log.data.last == UInt8(ascii: "\n") { context.close(promise: nil) }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSEvent.established(let summary) = event { log.summary = summary }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? TLSError { log.errors.append(error) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.succeed(log)
    }
}

@Suite(.serialized) struct ServerProcessTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    private func converse(
        _ tls: TLSContext,
        port: Int,
        line: String,
        autoRead: Bool = true
    ) async throws -> Conversation.Log {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let done = loop.makePromise(of: Conversation.Log.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: autoRead)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        TLSClientHandler(context: tls), Conversation(line: line, done: done),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
        let log = try await done.futureResult.get()
        try await channel.closeFuture.get()
        return log
    }

    @Test(
        "a line comes back reversed and the next connection resumes",
        .timeLimit(.minutes(1)),
        arguments: [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")],
        [true, false]
    )
    func echo(version: (option: String, name: String), autoRead: Bool) async throws {
        let server = try ServerProcess(authority, .good, options: [version.option])
        let tls = try TLSContext.trusting(authority)
        let line = String(repeating: "abcdefg", count: 1000)
        for isResumed in [false, true, true] {
            let log = try await converse(
                tls,
                port: server.port,
                line: line + "\n",
                autoRead: autoRead
            )
            #expect(log.data == Array(line.utf8.reversed()) + [UInt8(ascii: "\n")])
            #expect(log.summary?.version == version.name)
            #expect(log.summary?.isResumed == isResumed)
            #expect(log.errors == [])
        }
    }

    @Test("an expired certificate is refused", .timeLimit(.minutes(1)))
    func expired() async throws {
        let server = try ServerProcess(authority, .expired)
        let log = try await converse(
            TLSContext.trusting(authority),
            port: server.port,
            line: "secret\n"
        )
        #expect(log.summary == nil)
        #expect(log.data.isEmpty)
        #expect(log.errors.map(\.code) == [.certificateExpired])
    }

    @Test("a server of TLS 1.1 only is refused", .timeLimit(.minutes(1)))
    func oldVersion() async throws {
        let server = try ServerProcess(
            authority,
            .good,
            options: ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]
        )
        let log = try await converse(
            TLSContext.trusting(authority),
            port: server.port,
            line: "secret\n"
        )
        #expect(log.errors.map(\.code) == [.protocolVersion])
    }
}
