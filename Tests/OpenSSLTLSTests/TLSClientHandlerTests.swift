// The handler in a pipeline: order of events, what waits for the handshake, how it ends.
import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

@Suite struct TLSClientHandlerTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    @Test("the handshake starts with the channel, and the event comes before data")
    func order() throws {
        let harness = try HandlerHarness(authority, isConnected: false)
        #expect(try harness.takeClientOutput().isEmpty)
        try harness.connect()
        #expect(harness.recorder.seen == [.active])
        try harness.run()
        harness.server.send(Array("* OK hi\r\n".utf8))
        try harness.run()
        #expect(
            harness.recorder.seen
                == [.active, .established(isResumed: false), .data(Array("* OK hi\r\n".utf8))]
        )
    }

    @Test("an echo works however the wire is cut", arguments: [1, 7, 100, Int.max])
    func echo(piece: Int) throws {
        let harness = try HandlerHarness(authority)
        try harness.run(piece: piece)
        let sent = Outcome(harness.write("a1 NOOP\r\n"))
        try harness.run(piece: piece)
        #expect(sent.isSuccess)
        #expect(harness.server.received == Array("a1 NOOP\r\n".utf8))
        harness.server.send(harness.server.received)
        try harness.run(piece: piece)
        #expect(harness.recorder.data == Array("a1 NOOP\r\n".utf8))
        #expect(harness.recorder.errors.isEmpty)
    }

    @Test("a handler added to an active channel starts at once (STARTTLS)")
    func startTLS() throws {
        let context = try TLSContext.trusting(authority)
        let server = try MemoryTLSServer(MemoryTLSServerContext(authority: authority))
        let recorder = Recorder()
        let channel = EmbeddedChannel(handler: recorder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 143)).wait()
        try channel.pipeline.syncOperations.addHandler(
            TLSClientHandler(context: context),
            position: .before(recorder)
        )
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            server.receive(Array(bytes.readableBytesView))
            let answer = server.takeOutput()
            if !answer.isEmpty { try channel.writeInbound(ByteBuffer(bytes: answer)) }
        }
        #expect(recorder.seen == [.active, .established(isResumed: false)])
        #expect(server.isEstablished)
    }

    @Test("writes before the end of the handshake wait and arrive in order")
    func queuedWrites() throws {
        let harness = try HandlerHarness(authority, isConnected: false)
        let first = Outcome(harness.write("one "))
        try harness.connect()
        let second = Outcome(harness.write("two "))
        harness.recorder.onEstablished = { context in
            context.writeAndFlush(NIOAny(ByteBuffer(string: "four")), promise: nil)
        }
        let third = Outcome(harness.channel.write(ByteBuffer(string: "three ")))
        #expect(first.result == nil && second.result == nil && third.result == nil)
        let hello = try harness.takeClientOutput()
        #expect(hello.first == 22)
        #expect(harness.server.received.isEmpty)
        harness.server.receive(hello)
        try harness.feed(harness.server.takeOutput())
        try harness.run()
        #expect(harness.server.received == Array("one two three four".utf8))
        #expect(first.isSuccess && second.isSuccess && third.isSuccess)
    }

    @Test("unflushed writes stay unflushed through the handshake")
    func unflushedWrite() throws {
        let harness = try HandlerHarness(authority)
        let write = Outcome(harness.channel.write(ByteBuffer(string: "x")))
        try harness.run()
        #expect(write.result == nil)
        #expect(harness.server.received.isEmpty)
        harness.channel.flush()
        try harness.run()
        #expect(write.isSuccess)
        #expect(harness.server.received == Array("x".utf8))
    }

    @Test("too many or too large waiting writes fail the connection")
    func queueLimits() throws {
        let large = try HandlerHarness(authority)
        let fits = Outcome(
            large.channel.write(
                ByteBuffer(repeating: 1, count: TLSLimits.queuedPlaintextBytesMax)
            )
        )
        #expect(fits.result == nil)
        let tooLarge = Outcome(large.write("x"))
        #expect((tooLarge.error as? TLSError)?.code == .limitExceeded)
        #expect((tooLarge.error as? TLSError)?.fault == .caller)
        #expect((fits.error as? TLSError)?.code == .limitExceeded)
        #expect(large.recorder.errors.map(\.code) == [.limitExceeded])
        #expect(!large.channel.isActive)

        let many = try HandlerHarness(authority)
        for _ in 0..<TLSLimits.queuedWritesMax {
            many.channel.write(ByteBuffer(), promise: nil)
        }
        #expect(many.recorder.errors.isEmpty)
        #expect((Outcome(many.write("x")).error as? TLSError)?.code == .limitExceeded)
    }

    @Test(
        "a bad server gets none of the waiting bytes, and the error comes before the end",
        arguments: [
            (TestAuthority.Certificate.expired, TLSError.Code.certificateExpired),
            (.future, .certificateNotYetValid), (.selfSigned, .selfSigned),
            (.foreign, .unknownIssuer), (.wrongHost, .hostNameMismatch),
            (.commonNameOnly, .hostNameMismatch), (.partialWildcard, .hostNameMismatch),
        ]
    )
    func badServer(certificate: TestAuthority.Certificate, code: TLSError.Code) throws {
        for piece in [1, Int.max] {
            let harness = try HandlerHarness(authority, certificate: certificate)
            let write = Outcome(harness.write("a1 LOGIN me secret\r\n"))
            try harness.run(piece: piece)
            let error = try #require(harness.recorder.errors.first)
            #expect(error.code == code)
            #expect(harness.recorder.seen == [.active, .error(error), .inactive])
            #expect(write.error as? TLSError == error)
            #expect(!harness.channel.isActive)
            #expect(!harness.server.isEstablished)
            #expect(harness.server.received.isEmpty)
            #expect(harness.server.errorReason != nil, "the server got an alert")
            let late = Outcome(harness.write("late"))
            #expect(late.error as? ChannelError == .ioOnClosedChannel)
        }
    }

    @Test("a plaintext server gets no byte after the ClientHello")
    func plaintextServer() throws {
        let harness = try HandlerHarness(authority)
        let write = Outcome(harness.write("a1 LOGIN me secret\r\n"))
        _ = try harness.takeClientOutput()
        try harness.feed(Array("* OK ready\r\n".utf8), piece: 3)
        #expect(harness.recorder.seen == [.active, .error(.notTLS), .inactive])
        #expect(write.error as? TLSError == .notTLS)
        #expect(try harness.takeClientOutput().isEmpty)
    }

    @Test("the transport's end in the handshake is an error and then the end")
    func endInHandshake() throws {
        let harness = try HandlerHarness(authority)
        let write = Outcome(harness.write("x"))
        harness.endTransport()
        let error = TLSError.closedDuringHandshake(host: "localhost")
        #expect(harness.recorder.seen == [.active, .error(error), .inactive])
        #expect(write.error as? TLSError == error)
    }

    @Test("a FIN without close_notify is truncated, also with half closure")
    func truncated() throws {
        for isHalfClosure in [false, true] {
            let harness = try HandlerHarness(authority)
            try harness.run()
            harness.server.send(Array("half".utf8))
            try harness.run()
            if isHalfClosure {
                harness.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            } else {
                harness.endTransport()
            }
            let tail: [Seen] = isHalfClosure ? [.inputClosed, .inactive] : [.inactive]
            #expect(
                harness.recorder.seen
                    == [
                        .active, .established(isResumed: false), .data(Array("half".utf8)),
                        .error(.truncated(host: "localhost")),
                    ] + tail
            )
        }
    }

    @Test("close_notify of the peer is answered and closes cleanly after the data")
    func peerCloses() throws {
        let harness = try HandlerHarness(authority)
        try harness.run()
        harness.server.send(Array("bye".utf8))
        harness.server.sendCloseNotify()
        try harness.run()
        #expect(
            harness.recorder.seen
                == [
                    .active, .established(isResumed: false), .data(Array("bye".utf8)), .inactive,
                ]
        )
        #expect(harness.server.hasReceivedCloseNotify)
        #expect(!harness.channel.isActive)
    }

    @Test("close sends what was written and close_notify before the channel closes")
    func userCloses() throws {
        let harness = try HandlerHarness(authority)
        try harness.run()
        harness.channel.write(ByteBuffer(string: "a1 LOGOUT\r\n"), promise: nil)
        let closed = Outcome(harness.channel.close())
        #expect(closed.isSuccess)
        try harness.run()
        #expect(harness.server.received == Array("a1 LOGOUT\r\n".utf8))
        #expect(harness.server.hasReceivedCloseNotify)
        #expect(harness.server.errorReason == nil)
        #expect(harness.recorder.errors.isEmpty)
    }

    @Test("close during the handshake fails the waiting writes and sends none of them")
    func closeInHandshake() throws {
        let harness = try HandlerHarness(authority)
        let write = Outcome(harness.write("secret"))
        #expect(Outcome(harness.channel.close()).isSuccess)
        #expect(write.error as? ChannelError == .ioOnClosedChannel)
        try harness.run()
        #expect(harness.server.received.isEmpty)
        #expect(harness.recorder.seen == [.active, .inactive])
    }

    @Test("an output close says close_notify and still reads, to the clean or the cut end")
    func outputClose() throws {
        for isClean in [false, true] {
            let harness = try HandlerHarness(authority)
            try harness.run()
            #expect(Outcome(harness.channel.close(mode: .output)).isSuccess)
            #expect(harness.transport.isOutputClosed)
            try harness.run()
            #expect(harness.server.hasReceivedCloseNotify)
            #expect(Outcome(harness.write("x")).error as? ChannelError == .outputClosed)
            harness.server.send(Array("rest".utf8))
            if isClean { harness.server.sendCloseNotify() }
            try harness.run()
            if !isClean { harness.endTransport() }
            #expect(harness.recorder.data == Array("rest".utf8))
            let errors: [TLSError.Code] = isClean ? [] : [.truncated]
            #expect(harness.recorder.errors.map(\.code) == errors)
            #expect(harness.recorder.seen.last == .inactive)
        }
    }

    @Test("an output close during the handshake is refused and changes nothing")
    func outputCloseInHandshake() throws {
        let harness = try HandlerHarness(authority)
        let close = Outcome(harness.channel.close(mode: .output))
        #expect(close.error as? ChannelError == .operationUnsupported)
        let write = Outcome(harness.write("x"))
        try harness.run()
        #expect(write.isSuccess)
        #expect(harness.server.received == Array("x".utf8))
    }
}
