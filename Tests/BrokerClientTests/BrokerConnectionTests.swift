// Calls against a scripted broker: every way a reply may come, be late, or not come at all.

import BrokerClient
import BrokerProtocol
import Glibc
import MailModel
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct BrokerConnectionTests {
    private struct Stop: Error {}

    @Test("a call sends one request and gives its result")
    func call() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                let line = Array(try peer.line().utf8)
                let header = try Wire.header(of: line)
                guard header.method == "message.parts", header.id == .number(1),
                    try Wire.params(MessageParts.Params.self, of: line).id == 7
                else { throw ScriptFailure("wrong request") }
                try peer.send(#"{"jsonrpc":"2.0","id":1,"result":{"id":7,"parts":[]}}"#)
            }
            let result = try broker.connect().call(MessageParts.self, .init(id: 7))
            #expect(result.id == 7)
            #expect(script.wait() == nil)
        }
    }

    @Test("the broker's error is thrown as it is")
    func error() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                try peer.reply(1, error: .messageNotFound)
            }
            let error = #expect(throws: BrokerError.self) {
                try broker.connect().call(MessageParts.self, .init(id: 7))
            }
            #expect(error?.data.code == .messageNotFound)
            #expect(script.wait() == nil)
        }
    }

    @Test("a connection that ends before the reply or within it is lost", arguments: 0...2)
    func lost(octets: Int) async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                try peer.send(
                    [[], Array("{\"json".utf8), Array(#"{"jsonrpc":"2.0","id":1}"#.utf8)][octets]
                )
            }
            #expect(throws: BrokerClientError.connectionLost) {
                try broker.connect().call(Status.self, Empty())
            }
            #expect(script.wait() == nil)
        }
    }

    @Test(
        "what is no message of this protocol is a mismatch",
        arguments: [
            "garbage", "[]", #"{"jsonrpc":"1.0","id":1,"result":{}}"#,
            #"{"jsonrpc":"2.0","id":1,"result":{"id":"x","parts":[]}}"#,
            #"{"jsonrpc":"2.0","method":"octets","params":{"stream":1,"length":999999999}}"#,
        ]
    )
    func mismatch(_ line: String) async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                try peer.send(line)
            }
            do {
                _ = try broker.connect().call(MessageParts.self, .init(id: 7))
                #expect(Bool(false), "understood")
            } catch BrokerClientError.protocolMismatch {
            }
            #expect(script.wait() == nil)
        }
    }

    @Test("an error without id ends the call that waits")
    func fatalError() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                try peer.send(Wire.failure(id: nil, error: BrokerError(.requestLimit, "full")))
            }
            let error = #expect(throws: BrokerError.self) {
                try broker.connect().call(Status.self, Empty())
            }
            #expect(error?.data.code == .requestLimit)
            #expect(script.wait() == nil)
        }
    }

    @Test("events that come before a reply are given in order; unknown notifications are not")
    func events() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                let lines =
                    (1...3000).map {
                        Self.event($0)
                    } + [
                        #"{"jsonrpc":"2.0","method":"future","params":{"seq":1}}"#,
                        #"{"jsonrpc":"2.0","method":"event","params":{"seq":1,"event":"future"}}"#,
                        #"{"jsonrpc":"2.0","id":1,"result":{}}"#,
                        Self.event(3001),
                    ]
                try peer.send(lines.joined(separator: "\n"))
            }
            let connection = try broker.connect()
            var seen: [Int64] = []
            connection.onEvent = { seen.append($0.seq) }
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
            if seen.count == 3000 { try connection.receiveEvents() }
            #expect(seen == Array(1...3001))
        }
    }

    @Test("a call that is interrupted is taken back and gives the broker's answer")
    func interrupted() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                let line = Array(try peer.line().utf8)
                guard try Wire.params(RequestCancel.self, of: line).id == .number(1) else {
                    throw ScriptFailure("cancelled another request")
                }
                try peer.reply(1, error: .requestCancelled)
                _ = try peer.message()
                try peer.reply(2)
            }
            let connection = try broker.connect()
            connection.isInterrupted = { true }
            let error = #expect(throws: BrokerError.self) {
                try connection.call(BrokerStop.self, Empty())
            }
            #expect(error?.data.code == .requestCancelled)
            connection.isInterrupted = { false }
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
        }
    }

    @Test("a download that never pauses can be interrupted")
    func interruptedDownload() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let ended = Mutex(false)
            let script = broker.serve { peer in
                _ = try peer.message()
                let frame = try Wire.octets(stream: 1, [UInt8](repeating: 1, count: 65_536))
                let isOver = Mutex(false)
                while !isOver.withLock({ $0 }) {
                    try peer.send(frame)
                    if ended.withLock({ $0 }) { isOver.withLock { $0 = true } }
                }
                _ = try peer.message()
                try peer.reply(1, error: .requestCancelled)
            }
            let connection = try broker.connect()
            var count = 0
            connection.isInterrupted = {
                guard count > 1_000_000 else { return false }
                ended.withLock { $0 = true }
                return true
            }
            let error = #expect(throws: BrokerError.self) {
                try connection.call(
                    MessageRaw.self,
                    .init(id: 1, stream: 1),
                    download: { count += $0.count }
                )
            }
            #expect(error?.data.code == .requestCancelled)
            #expect(script.wait() == nil)
        }
    }

    @Test("a download whose reader fails is taken back; the connection can be used again")
    func downloadThrows() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                try peer.send(Wire.octets(stream: 1, [1, 2, 3]))
                guard try peer.message().method == RequestCancel.method else {
                    throw ScriptFailure("not cancelled")
                }
                try peer.send(Wire.octets(stream: 1, [4]))
                try peer.reply(1, error: .requestCancelled)
                _ = try peer.message()
                try peer.reply(2)
            }
            let connection = try broker.connect()
            var seen: [[UInt8]] = []
            #expect(throws: Stop.self) {
                try connection.call(
                    MessageRaw.self,
                    .init(id: 1, stream: 1),
                    download: {
                        seen.append($0)
                        throw Stop()
                    }
                )
            }
            #expect(seen == [[1, 2, 3]])
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
        }
    }

    private static func event(_ seq: Int) -> String {
        #"{"jsonrpc":"2.0","method":"event","params":{"seq":\#(seq),"event":"resync"}}"#
    }

    private static func send(_ connection: BrokerConnection, _ uploads: [Upload]) throws {
        _ = try connection.call(
            MessageSend.self,
            .init(to: [], subject: "", bodyStream: 1),
            uploads: uploads
        )
    }

    @Test("uploads go in frames of at most 256 KiB, each stream with its end, secrets as secrets")
    func uploads() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.line()
                var lengths: [Int] = []
                for _ in 0..<5 {
                    let notice = try Wire.params(OctetsNotice.self, of: Array(peer.line().utf8))
                    lengths += [notice.stream, notice.length, notice.secret == true ? 1 : 0]
                    _ = try peer.raw(notice.length)
                }
                guard lengths == [1, 262_144, 0, 1, 262_144, 0, 1, 7, 0, 1, 0, 0, 2, 3, 1] else {
                    throw ScriptFailure("\(lengths)")
                }
                try peer.reply(1, error: .messageInvalid)
            }
            let connection = try broker.connect()
            let octets = [UInt8](repeating: 9, count: 524_288 + 7)
            let secret = try #require(Secret([1, 2, 3]))
            #expect(throws: BrokerError.self) {
                try Self.send(
                    connection,
                    [Upload(stream: 1, octets), Upload(stream: 2, secret: secret)]
                )
            }
            #expect(script.wait() == nil)
        }
    }

    @Test("an upload whose source fails takes the request back")
    func uploadThrows() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                guard try peer.message().method == RequestCancel.method else {
                    throw ScriptFailure("not cancelled")
                }
                try peer.reply(1, error: .requestCancelled)
                _ = try peer.message()
                try peer.reply(2)
            }
            let connection = try broker.connect()
            var isFirst = true
            let upload = Upload(stream: 1) { max in
                guard isFirst else { throw Stop() }
                isFirst = false
                return [UInt8](repeating: 1, count: max)
            }
            #expect(throws: Stop.self) { try Self.send(connection, [upload]) }
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
        }
    }

    @Test("an upload ends early when the broker has answered")
    func earlyAnswer() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.line()
                try peer.reply(1, error: .messageInvalid)
                while try peer.message().method != BrokerStop.name {}
                try peer.reply(2)
            }
            let connection = try broker.connect()
            let endless = Upload(stream: 1) { max in [UInt8](repeating: 1, count: max) }
            let error = #expect(throws: BrokerError.self) { try Self.send(connection, [endless]) }
            #expect(error?.data.code == .messageInvalid)
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
        }
    }

    @Test("an answer is seen although the broker reads nothing more of the upload")
    func answerWhileBlocked() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.line()
                let event =
                    #"{"jsonrpc":"2.0","method":"event","params":{"seq":1,"event":"resync"}}"#
                // More than the socket holds: whoever does not read while it writes hangs here.
                for _ in 0..<10_000 { try peer.send(event) }
                try peer.reply(1, error: .messageInvalid)
                while true { _ = try peer.message() }
            }
            var connection: BrokerConnection? = try broker.connect()
            let endless = Upload(stream: 1) { max in [UInt8](repeating: 1, count: max) }
            let error = #expect(throws: BrokerError.self) {
                try Self.send(try #require(connection), [endless])
            }
            #expect(error?.data.code == .messageInvalid)
            connection = nil
            #expect(script.wait() == "the client is gone")
        }
    }

    @Test("what the broker said before it closed in the middle of an upload is the error")
    func closedInUpload() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.line()
                try peer.send(Wire.failure(id: nil, error: BrokerError(.requestLimit, "no")))
            }
            let endless = Upload(stream: 1) { max in [UInt8](repeating: 1, count: max) }
            let connection = try broker.connect()
            let error = #expect(throws: BrokerError.self) { try Self.send(connection, [endless]) }
            #expect(error?.data.code == .requestLimit)
            #expect(script.wait() == nil)
        }
    }

    @Test("an upload the broker does not read can be interrupted")
    func interruptedUpload() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let hold = Mutex(true)
            let script = broker.serve { peer in
                _ = try peer.line()
                while hold.withLock({ $0 }) { usleep(1000) }
            }
            let connection = try broker.connect()
            var sent = 0
            let endless = Upload(stream: 1) { max in
                sent += max
                return [UInt8](repeating: 1, count: max)
            }
            var asked = 0
            connection.isInterrupted = {
                asked += 1
                return asked > 20
            }
            #expect(throws: (any Error).self) { try Self.send(connection, [endless]) }
            hold.withLock { $0 = false }
            #expect(script.wait() == nil)
        }
    }

    @Test("a reply of 3 MiB comes whole")
    func bigReply() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                let text = String(repeating: "x", count: 3 * 1024 * 1024)
                let line =
                    #"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":""#
                    + text + #"","data":{"code":"internal","temporary":false}}}"#
                try peer.send(line)
            }
            let error = #expect(throws: BrokerError.self) {
                try broker.connect().call(BrokerStop.self, Empty())
            }
            #expect(error?.message.utf8.count == 3 * 1024 * 1024)
            #expect(script.wait() == nil)
        }
    }

    @Test("a request longer than the wire's limit is refused before it is sent")
    func tooLong() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { peer in
                _ = try peer.message()
                try peer.reply(2)
            }
            let connection = try broker.connect()
            let error = #expect(throws: BrokerError.self) {
                try connection.call(
                    AccountLogout.self,
                    .init(account: String(repeating: "x", count: 256 * 1024))
                )
            }
            #expect(error?.data.code == .requestLimit)
            _ = try connection.call(BrokerStop.self, Empty())
            #expect(script.wait() == nil)
        }
    }

    @Test("streams are numbered upward from 1")
    func streams() async throws {
        try await blocking {
            let broker = try FakeBroker()
            let script = broker.serve { _ in }
            let connection = try broker.connect()
            #expect((1...3).map { _ in connection.newStream() } == [1, 2, 3])
            #expect(script.wait() == nil)
        }
    }
}
