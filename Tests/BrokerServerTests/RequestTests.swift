// Every request gets exactly one answer, in the order its class promises.

import BrokerProtocol
import BrokerServer
import Testing

@Suite(.timeLimit(.minutes(2))) struct RequestTests {
    @Test("a request is answered, and a second one with the same id after it")
    func sameIDAgain() async throws {
        try await withServer { server in
            let client = try server.connect()
            for _ in 0..<200 {
                try client.request("1", "test.echo")
                #expect(try client.reply() == "1 ok")
            }
        }
    }

    @Test("a hundred requests in one write get a hundred answers")
    func pipelined() async throws {
        try await withServer { server in
            let client = try server.connect()
            let lines = (1...100).map {
                #"{"jsonrpc":"2.0","id":\#($0),"method":"hello"}"# + "\n"
            }
            try client.send(lines.joined())
            for id in 1...100 { #expect(try client.reply() == "\(id) ok") }
        }
    }

    @Test("what came before a bad line is answered, then the line, then the end")
    func answersBeforeFault() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(#"{"jsonrpc":"2.0","id":1,"method":"hello"}"# + "\n{]\n")
            #expect(try client.reply() == "1 ok")
            #expect(try client.reply() == "null request.malformed")
            #expect(try client.reply() == "closed")
        }
    }

    @Test("sequential requests run one after the other")
    func sequential() async throws {
        try await withServer { server in
            let client = try server.connect()
            for id in 1...3 { try client.request("\(id)", "test.passinorder") }
            try client.request("4", "test.echo")
            #expect(try client.reply() == "4 ok")
            try server.handler.journal.wait(for: "start test.passinorder")
            #expect(server.handler.journal.all.count { $0 == "start test.passinorder" } == 1)
            server.handler.gate.open()
            for id in 1...3 { #expect(try client.reply() == "\(id) ok") }
            let journal = server.handler.journal.all.filter { $0.hasSuffix("passinorder") }
            #expect(
                journal.map { $0.hasPrefix("start") } == [true, false, true, false, true, false]
            )
        }
    }

    @Test("concurrent requests run beside each other")
    func concurrent() async throws {
        try await withServer { server in
            let client = try server.connect()
            for id in 1...3 { try client.request("\(id)", "test.pass") }
            try server.handler.journal.wait(for: "start test.pass", times: 3)
            server.handler.gate.open()
            let replies = try (1...3).map { _ in try client.reply() }
            #expect(replies.sorted() == ["1 ok", "2 ok", "3 ok"])
        }
    }

    @Test("the 33rd request at once is refused, hello is not")
    func inFlightLimit() async throws {
        try await withServer { server in
            let client = try server.connect()
            for id in 1...32 { try client.request("\(id)", "test.pass") }
            try client.request("33", "test.echo")
            #expect(try client.reply() == "33 request.limit")
            try client.request("34", "hello")
            #expect(try client.reply() == "34 ok")
            server.handler.gate.open()
            let replies = try (1...32).map { _ in try client.reply() }
            #expect(Set(replies) == Set((1...32).map { "\($0) ok" }))
            try client.request("35", "test.echo")
            #expect(try client.reply() == "35 ok")
        }
    }

    @Test("an id that is running is refused, and the running request still answers")
    func duplicateID() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("\"a\"", "test.pass")
            try client.request("\"a\"", "test.echo")
            #expect(try client.reply() == "\"a\" request.invalid")
            server.handler.gate.open()
            #expect(try client.reply() == "\"a\" ok")
        }
    }

    @Test("an unknown method is answered, an unknown notification is not")
    func unknown() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(#"{"jsonrpc":"2.0","method":"no.such"}"# + "\n")
            try client.request("1", "no.such")
            #expect(try client.reply() == "1 request.unknown_method")
            try client.request("2", "hello")
            #expect(try client.reply() == "2 ok")
        }
    }

    @Test("a reply from a client is refused and the connection ends")
    func replyFromClient() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(#"{"jsonrpc":"2.0","id":1,"result":{}}"# + "\n")
            #expect(try client.reply() == "null request.invalid")
            #expect(try client.reply() == "closed")
        }
    }

    @Test("a cancelled request is answered as cancelled, once")
    func cancel() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.pass")
            try server.handler.journal.wait(for: "start test.pass")
            try client.cancel("1")
            #expect(try client.reply() == "1 request.cancelled")
            try client.cancel("1")
            try client.cancel("\"no such\"")
            try client.request("2", "hello")
            #expect(try client.reply() == "2 ok")
        }
    }

    @Test("a request cancelled in the queue never starts, and its turn is answered")
    func cancelQueued() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.passinorder")
            try client.request("2", "test.passinorder")
            try client.cancel("2")
            try client.request("3", "hello")
            #expect(try client.reply() == "3 ok")
            server.handler.gate.open()
            #expect(try client.reply() == "1 ok")
            #expect(try client.reply() == "2 request.cancelled")
            #expect(server.handler.journal.all.count { $0 == "start test.passinorder" } == 1)
        }
    }

    @Test("a cancelled download is answered although its output waits to be read")
    func cancelWhileWriting() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.give", #"{"count":67108864,"stream":5}"#)
            _ = try client.line()
            try client.cancel("1")
            _ = try client.raw(262_144)
            var reply = Array(#""octets""#.utf8)
            while reply.count < 500, let line = try client.line() {
                reply = line
                let header = try Wire.header(of: line)
                guard header.method == OctetsNotice.method else { break }
                _ = try client.raw(Wire.params(OctetsNotice.self, of: line).length)
            }
            let error = #expect(throws: BrokerError.self) {
                try Wire.result(Empty.self, of: reply)
            }
            #expect(error?.data.code == .requestCancelled)
        }
    }

    @Test("an answer longer than the wire's limit becomes an error")
    func tooLargeAnswer() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.big", #"{"count":16777216}"#)
            #expect(try client.reply() == "1 request.limit")
        }
    }

    @Test("a download comes in frames of at most 256 KiB, raw and in base64")
    func download() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.give", #"{"count":600000,"stream":5}"#)
            for length in [262_144, 262_144, 75_712] {
                let line = try #require(try client.line())
                let notice = try Wire.params(OctetsNotice.self, of: line)
                #expect(notice.length == length)
                #expect(notice.stream == 5)
                #expect(try client.raw(length).allSatisfy { $0 == 0x0A })
            }
            #expect(try client.reply() == "1 ok")
            try client.request("2", "test.give", #"{"count":3,"stream":6,"encoding":"base64"}"#)
            let line = try #require(try client.line())
            #expect(try Wire.params(OctetsNotice.self, of: line).base64 == "CgoK")
            #expect(try client.reply() == "2 ok")
        }
    }

    @Test("notifications follow the answer; a second subscription takes the place of the first")
    func notifications() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.subscribe")
            #expect(try client.reply() == "1 ok")
            try client.request("2", "test.subscribe")
            #expect(try client.reply() == "2 ok")
            try server.handler.journal.wait(for: "unsubscribed")
            let line = try Wire.notification(method: "event", params: Empty())
            server.handler.publish(line)
            #expect(try client.line().map { try Wire.header(of: $0).method } == "event")
            try client.request("3", "hello")
            #expect(try client.reply() == "3 ok")
        }
    }
}
