// How data flows through the handler: sizes, reentrancy, backpressure, and what is not kept.
import COpenSSL
import NIOCore
import NIOEmbedded
import Testing

@testable import OpenSSLTLS

@Suite struct TLSClientHandlerFlowTests {
    let authority: TestAuthority

    init() throws { authority = try TestAuthority.shared.get() }

    private func established() throws -> HandlerHarness {
        let harness = try HandlerHarness(authority)
        try harness.run()
        return harness
    }

    @Test("a large delivery comes whole, in order, in chunks of one record at most")
    func chunks() throws {
        let harness = try established()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        harness.server.send(bytes)
        try harness.run()
        #expect(harness.recorder.data == bytes)
        for case .data(let chunk) in harness.recorder.seen {
            #expect((1...16_384).contains(chunk.count))
        }
    }

    @Test("a large write arrives whole and is done when its last byte is")
    func largeWrite() throws {
        let harness = try established()
        let bytes = (0..<300_001).map { UInt8(truncatingIfNeeded: $0 &* 17 &+ $0 >> 9) }
        let write = Outcome(harness.channel.writeAndFlush(ByteBuffer(bytes: bytes)))
        let empty = Outcome(harness.channel.writeAndFlush(ByteBuffer()))
        try harness.run()
        #expect(write.isSuccess)
        #expect(empty.isSuccess)
        #expect(harness.server.received == bytes)
    }

    @Test("a written buffer is not kept once it is encrypted")
    func bufferIsLetGo() throws {
        let harness = try established()
        var buffer = ByteBuffer(repeating: 1, count: 4096)
        let address = buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        harness.channel.write(buffer, promise: nil)
        // Copy on write: the storage moves if anybody else still holds it.
        buffer.setInteger(UInt8(2), at: 0)
        #expect(buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == address)
    }

    @Test("nothing is delivered after a handler behind has closed in the middle")
    func closeInRead() throws {
        let harness = try established()
        harness.recorder.onData = { context, _ in context.close(promise: nil) }
        for text in ["one", "two", "three"] { harness.server.send(Array(text.utf8)) }
        try harness.run()
        #expect(harness.recorder.data == Array("one".utf8))
        #expect(harness.recorder.seen.last == .inactive)
        #expect(harness.recorder.errors.isEmpty)
        #expect(harness.server.hasReceivedCloseNotify)
    }

    @Test("a handler behind may write from within a delivery")
    func writeInRead() throws {
        let harness = try established()
        harness.recorder.onData = { context, bytes in
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }
        for text in ["one ", "two ", "three"] { harness.server.send(Array(text.utf8)) }
        try harness.run()
        #expect(harness.server.received == Array("one two three".utf8))
    }

    @Test("bytes that arrive from within a delivery are delivered after what was there")
    func feedInRead() throws {
        let harness = try established()
        for text in ["one ", "two "] { harness.server.send(Array(text.utf8)) }
        let early = harness.server.takeOutput()
        harness.server.send(Array("three".utf8))
        let late = harness.server.takeOutput()
        harness.recorder.onData = { [recorder = harness.recorder] context, _ in
            recorder.onData = nil
            context.pipeline.fireChannelRead(ByteBuffer(bytes: late))
            #expect(recorder.data == Array("one ".utf8))
        }
        try harness.feed(early)
        #expect(harness.recorder.data == Array("one two three".utf8))
    }

    @Test("a write made when a waiting one is done goes behind all that waited")
    func writeInQueuedWrite() throws {
        let harness = try HandlerHarness(authority)
        harness.transport.completesWritesAtOnce = true
        harness.write("one ").assumeIsolated().whenSuccess {
            harness.channel.writeAndFlush(ByteBuffer(string: "three"), promise: nil)
        }
        harness.channel.writeAndFlush(ByteBuffer(string: "two "), promise: nil)
        try harness.run()
        #expect(harness.server.received == Array("one two three".utf8))
    }

    @Test("bytes that arrive from within the established event are delivered after it")
    func feedInEstablished() throws {
        let harness = try HandlerHarness(authority)
        harness.recorder.onEstablished = { [harness] context in
            do {
                harness.server.receive(try harness.takeClientOutput())
            } catch {
                Issue.record(error)
            }
            harness.server.send(Array("first".utf8))
            let bytes = ByteBuffer(bytes: harness.server.takeOutput())
            context.pipeline.fireChannelRead(bytes)
            #expect(harness.recorder.data.isEmpty)
            harness.recorder.onEstablished = nil
        }
        try harness.run()
        #expect(harness.recorder.data == Array("first".utf8))
    }

    @Test("closing from within the established event is clean")
    func closeInEstablished() throws {
        let harness = try HandlerHarness(authority)
        harness.recorder.onEstablished = { $0.close(promise: nil) }
        try harness.run()
        #expect(
            harness.recorder.seen == [.active, .established(isResumed: false), .inactive]
        )
    }

    @Test("reads are asked for during the handshake and not after it", arguments: [1, Int.max])
    func reads(piece: Int) throws {
        // An embedded channel reads nothing by itself: every read is the handler's.
        let harness = try HandlerHarness(authority)
        #expect(harness.transport.reads == 1)
        harness.server.receive(try harness.takeClientOutput())
        let flight = harness.server.takeOutput()
        try harness.feed(Array(flight.prefix(100)), piece: piece)
        #expect(harness.transport.reads == 1 + (piece == 1 ? 100 : 1))
        try harness.feed(Array(flight.dropFirst(100)))
        #expect(harness.recorder.seen.contains(.established(isResumed: false)))
        let reads = harness.transport.reads
        try harness.run()
        harness.server.send(Array("data".utf8))
        try harness.run(piece: piece)
        #expect(harness.recorder.data == Array("data".utf8))
        #expect(harness.transport.reads == reads)
    }

    @Test("a read that brought no plaintext is asked for again, one that did is not")
    func wantedRead() throws {
        let harness = try established()
        harness.server.send(Array("data".utf8))
        let wire = harness.server.takeOutput()
        let before = harness.transport.reads
        harness.channel.read()
        try harness.feed(Array(wire.prefix(3)))
        #expect(harness.transport.reads == before + 2)
        try harness.feed(Array(wire.dropFirst(3)))
        #expect(harness.recorder.data == Array("data".utf8))
        #expect(harness.transport.reads == before + 2)
    }

    @Test("what the client puts on the wire never holds the plaintext")
    func wireIsEncrypted() throws {
        let harness = try HandlerHarness(authority)
        let secret = Array("correct horse battery staple".utf8)
        harness.channel.writeAndFlush(ByteBuffer(bytes: secret), promise: nil)
        try harness.run()
        harness.channel.writeAndFlush(ByteBuffer(bytes: secret), promise: nil)
        try harness.run()
        #expect(harness.server.received == secret + secret)
        #expect(!harness.wire.isEmpty)
        for start in harness.wire.indices.dropLast(8) {
            #expect(harness.wire[start..<start + 8] != secret[0..<8])
        }
    }
}
