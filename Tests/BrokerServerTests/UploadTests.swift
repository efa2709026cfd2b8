// Uploads over the socket: bounded memory, one order, and an end in every case.

import BrokerProtocol
import BrokerServer
import MailModel
import Testing

@Suite(.timeLimit(.minutes(2))) struct UploadTests {
    private static let chunk = [UInt8](repeating: 7, count: BrokerLimits.octetsFrameMax)

    @Test("two streams arrive whole, in frames of every size")
    func whole() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"attachments":[{"stream":2}]}"#)
            try client.octets(1, [1])
            try client.octets(1, Self.chunk)
            try client.octets(1, [])
            for _ in 0..<1000 { try client.octets(2, [1, 2]) }
            try client.octets(2, [])
            #expect(try client.result(Take.Result.self) == Take.Result(sizes: [262_145, 2000]))
        }
    }

    @Test("a slow handler makes the server stop reading, then everything arrives")
    func backpressure() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"gate":true}"#)
            let frames = try (0..<64).flatMap { _ in try Wire.octets(stream: 1, Self.chunk) }
            let taken = try client.sendUntilStuck(frames)
            // 1 MiB held, one frame over it, and what the sockets and the event loop hold.
            #expect(taken < 4 * 1024 * 1024)
            server.handler.gate.open()
            try client.send(Array(frames[taken...]))
            try client.octets(1, [])
            #expect(try client.result(Take.Result.self) == Take.Result(sizes: [16_777_216]))
        }
    }

    @Test("many small streams count together")
    func backpressureOverStreams() async throws {
        try await withServer { server in
            let client = try server.connect()
            let items = (2...101).map { #"{"stream":\#($0)}"# }.joined(separator: ",")
            try client.request(
                "1",
                "test.take",
                #"{"body_stream":1,"gate":true,"attachments":[\#(items)]}"#
            )
            let frames = try (1...101).flatMap { stream in
                try Wire.octets(stream: stream, Self.chunk) + Wire.octets(stream: stream, [])
            }
            let taken = try client.sendUntilStuck(frames)
            #expect(taken < 4 * 1024 * 1024)
            server.handler.gate.open()
            try client.send(Array(frames[taken...]))
            let sizes = [Int](repeating: 262_144, count: 101)
            #expect(try client.result(Take.Result.self) == Take.Result(sizes: sizes))
        }
    }

    @Test("a handler that fails early answers; what still comes is dropped")
    func failsEarly() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"fail":true}"#)
            #expect(try client.reply() == "1 message.invalid")
            for _ in 0..<40 { try client.octets(1, Self.chunk) }
            try client.octets(1, [])
            try client.request("2", "test.take", #"{"body_stream":1}"#)
            try client.octets(1, [1])
            try client.octets(1, [])
            #expect(try client.result(Take.Result.self) == Take.Result(sizes: [1]))
        }
    }

    @Test("octets of streams nobody announced are dropped")
    func unknownStream() async throws {
        try await withServer { server in
            let client = try server.connect()
            for _ in 0..<20 { try client.octets(99, Self.chunk) }
            try client.request("1", "hello")
            #expect(try client.reply() == "1 ok")
        }
    }

    @Test("streams sent in the wrong order fail the request and block nothing")
    func wrongOrder() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"attachments":[{"stream":2}]}"#)
            for _ in 0..<20 { try client.octets(2, Self.chunk) }
            try client.octets(2, [])
            try client.octets(1, [])
            #expect(try client.reply() == "1 request.invalid")
        }
    }

    @Test("streams that are wanted in another order than they come fail the request")
    func wrongNumbers() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":2,"attachments":[{"stream":1}]}"#)
            try client.octets(1, Self.chunk)
            #expect(try client.reply() == "1 request.invalid")
        }
    }

    @Test("octets of a later request before those of an earlier one fail the later request")
    func wrongRequestOrder() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1}"#)
            try client.request("2", "test.take", #"{"body_stream":2}"#)
            for _ in 0..<20 { try client.octets(2, Self.chunk) }
            try client.octets(1, [])
            #expect(try client.reply() == "1 ok")
            #expect(try client.reply() == "2 request.invalid")
        }
    }

    @Test(
        "a stream number that is used twice is refused",
        arguments: [
            #"{"body_stream":1,"attachments":[{"stream":1}]}"#,
            #"{"body_stream":1,"attachments":[{"stream":2},{"stream":2}]}"#,
        ]
    )
    func usedTwice(_ params: String) async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", params)
            #expect(try client.reply() == "1 request.invalid")
        }
    }

    @Test("more than 1001 streams in one request are refused")
    func tooMany() async throws {
        try await withServer { server in
            let client = try server.connect()
            let items = (2...1002).map { #"{"stream":\#($0)}"# }.joined(separator: ",")
            try client.request("1", "test.take", #"{"body_stream":1,"attachments":[\#(items)]}"#)
            #expect(try client.reply() == "1 request.limit")
        }
    }

    @Test("a client killed in the middle of an upload cancels its request")
    func killed() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1}"#)
            try client.octets(1, Self.chunk)
            try server.handler.journal.wait(for: "start test.take")
            client.close()
            try server.handler.journal.wait(for: "failed test.take request.cancelled")
            try server.handler.journal.wait(for: "gone 1")
        }
    }

    @Test("a client killed while the server does not read it cancels its request")
    func killedInBackpressure() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"gate":true}"#)
            let frames = try (0..<64).flatMap { _ in try Wire.octets(stream: 1, Self.chunk) }
            _ = try client.sendUntilStuck(frames)
            try server.handler.journal.wait(for: "start test.take")
            client.close()
            try server.handler.journal.wait(for: "failed test.take request.cancelled")
            try server.handler.journal.wait(for: "gone 1")
        }
    }

    @Test("a client that ends its side in the middle of an upload gets an error")
    func endsInUpload() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1}"#)
            try client.octets(1, [1, 2])
            client.endOutput()
            #expect(try client.reply() == "1 request.cancelled")
            #expect(try client.reply() == "closed")
        }
    }

    @Test("an upload that is cancelled never looks whole")
    func cancelled() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1}"#)
            try client.octets(1, [1, 2])
            try client.cancel("1")
            try client.octets(1, [3, 4])
            try client.octets(1, [])
            #expect(try client.reply() == "1 request.cancelled")
        }
    }

    @Test("a secret reaches its handler in locked memory")
    func secret() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.takesecret", #"{"secret_stream":1}"#)
            try client.send(Wire.secretNotice(stream: 1, length: 3) + [100, 10, 1])
            #expect(try client.result(TakeSecret.Result.self) == TakeSecret.Result(sum: 111))
        }
    }

    @Test(
        "a secret that comes as plain octets is refused, and octets that come as a secret as well"
    )
    func secretMismatch() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.takesecret", #"{"secret_stream":1}"#)
            try client.octets(1, [1, 2])
            #expect(try client.reply() == "1 request.invalid")
            try client.request("2", "test.take", #"{"body_stream":2}"#)
            try client.send(Wire.secretNotice(stream: 2, length: 1) + [1])
            #expect(try client.reply() == "2 request.invalid")
        }
    }

    @Test("the server can stop while a client uploads to a handler that does not read")
    func stopInUpload() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.take", #"{"body_stream":1,"gate":true}"#)
            let frames = try (0..<64).flatMap { _ in try Wire.octets(stream: 1, Self.chunk) }
            _ = try client.sendUntilStuck(frames)
        }
    }
}
