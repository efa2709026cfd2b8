// A handler whose requests do what a test needs: wait at a gate, read uploads, fail early. It keeps
// a journal that tests wait on, so that no test sleeps.

import BrokerProtocol
import BrokerServer
import Foundation
import MailModel
import Synchronization

/// Requests wait here until it opens or they are cancelled.
final class Gate: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [AsyncStream<Never>.Continuation])>(
        (false, [])
    )

    func open() {
        state.withLock { state in
            state.isOpen = true
            for continuation in state.waiting { continuation.finish() }
            state.waiting = []
        }
    }

    func pass() async throws(BrokerError) {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            if state.isOpen {
                continuation.finish()
            } else {
                state.waiting.append(continuation)
            }
        }
        for await _ in stream {}
        guard !Task.isCancelled else { throw BrokerError(.requestCancelled, "cancelled") }
    }
}

/// Lines in the order they were written.
final class Journal: @unchecked Sendable {
    // SAFETY: `lines` is only touched with the condition's lock held.
    private let condition = NSCondition()
    private var lines: [String] = []

    func note(_ line: String) {
        condition.withLock {
            lines.append(line)
            condition.broadcast()
        }
    }

    var all: [String] { condition.withLock { lines } }

    /// Blocks until a line is there, twenty seconds at most.
    func wait(for line: String, times: Int = 1) throws {
        let deadline = Date(timeIntervalSinceNow: 20)
        try condition.withLock {
            while lines.count(where: { $0 == line }) < times {
                guard condition.wait(until: deadline) else {
                    throw TestFailure("no '\(line)' in \(lines)")
                }
            }
        }
    }
}

enum Echo: BrokerMethod {
    static let name = "test.echo"
    static let summary = "Answers."
    static let permission = Permission.connect
    typealias Params = Empty
    typealias Result = Empty
}
enum Greet: BrokerMethod {
    static let name = "hello"
    static let summary = "Answers at once."
    static let permission = Permission.connect
    static let ordering = Ordering.immediate
    typealias Params = Empty
    typealias Result = Empty
}
enum Pass: BrokerMethod {
    static let name = "test.pass"
    static let summary = "Waits at the gate."
    static let permission = Permission.connect
    typealias Params = Empty
    typealias Result = Empty
}
enum PassInOrder: BrokerMethod {
    static let name = "test.passinorder"
    static let summary = "Waits at the gate, one after the other."
    static let permission = Permission.connect
    static let ordering = Ordering.sequential
    typealias Params = Empty
    typealias Result = Empty
}
/// Params name streams as message.send does; the result tells the octets of each.
enum Take: BrokerMethod {
    static let name = "test.take"
    static let summary = "Reads its streams."
    static let permission = Permission.connect
    static let ordering = Ordering.sequential
    static let streams = OctetStreams.upload
    struct Params: Sendable, Codable {
        struct Item: Sendable, Codable { var stream: Int }
        var body_stream: Int
        var attachments: [Item]?
        /// Waits at the gate first.
        var gate: Bool?
        /// Fails before it reads anything.
        var fail: Bool?
    }
    struct Result: Sendable, Codable, Equatable { var sizes: [Int] }
}
enum TakeSecret: BrokerMethod {
    static let name = "test.takesecret"
    static let summary = "Reads a secret."
    static let permission = Permission.connect
    static let ordering = Ordering.sequential
    static let streams = OctetStreams.upload
    struct Params: Sendable, Codable { var secret_stream: Int }
    struct Result: Sendable, Codable, Equatable { var sum: Int }
}
enum Give: BrokerMethod {
    static let name = "test.give"
    static let summary = "Streams octets to the client."
    static let permission = Permission.connect
    static let streams = OctetStreams.download
    struct Params: Sendable, Codable {
        var count: Int
        var stream: Int
        var encoding: OctetsEncoding?
    }
    typealias Result = Empty
}
enum Big: BrokerMethod {
    static let name = "test.big"
    static let summary = "Answers with a long text."
    static let permission = Permission.connect
    struct Params: Sendable, Codable { var count: Int }
    struct Result: Sendable, Codable { var text: String }
}
enum Subscribe: BrokerMethod {
    static let name = "test.subscribe"
    static let summary = "Keeps sending lines."
    static let permission = Permission.connect
    typealias Params = Empty
    typealias Result = Empty
}

final class ScriptedHandler: RequestHandling {
    let gate = Gate()
    let journal = Journal()
    private let subscribers = Mutex<[AsyncStream<[UInt8]>.Continuation]>([])
    private static let table = [
        MethodDescription(Echo.self), MethodDescription(Greet.self), MethodDescription(Pass.self),
        MethodDescription(PassInOrder.self), MethodDescription(Take.self),
        MethodDescription(TakeSecret.self), MethodDescription(Give.self),
        MethodDescription(Big.self),
        MethodDescription(Subscribe.self),
    ]

    func description(of method: String) -> MethodDescription? {
        Self.table.first { $0.name == method }
    }

    func reply(
        to request: Request,
        context: RequestContext
    ) async throws(BrokerError) -> [UInt8] {
        journal.note("start \(request.method)")
        do {
            let line = try await answer(request, context)
            journal.note("end \(request.method)")
            return line
        } catch let error as BrokerError {
            journal.note("failed \(request.method) \(error.data.code.rawValue)")
            throw error
        } catch {
            throw BrokerError(.internalError, "\(error)")
        }
    }

    /// Sends a line to every subscriber.
    func publish(_ line: [UInt8]) {
        subscribers.withLock { for one in $0 { _ = one.yield(line) } }
    }

    func clientGone(_ client: ClientID) async { journal.note("gone \(client.number)") }

    private func answer(_ request: Request, _ context: RequestContext) async throws -> [UInt8] {
        switch request.method {
        case Pass.name, PassInOrder.name: try await gate.pass()
        case Take.name: return try await take(request, context)
        case TakeSecret.name:
            let params = try Wire.params(TakeSecret.Params.self, of: request.line)
            let secret = try await context.secret(ofUpload: params.secret_stream)
            let sum = secret.withUnsafeBytes { $0.reduce(0) { $0 + Int($1) } }
            return try Wire.reply(id: request.id, result: TakeSecret.Result(sum: sum))
        case Give.name:
            let params = try Wire.params(Give.Params.self, of: request.line)
            try await context.send(
                [UInt8](repeating: 0x0A, count: params.count),
                stream: params.stream,
                encoding: params.encoding ?? .raw
            )
        case Big.name:
            let params = try Wire.params(Big.Params.self, of: request.line)
            let text = String(repeating: "x", count: params.count)
            return try Wire.reply(id: request.id, result: Big.Result(text: text))
        case Subscribe.name:
            let (lines, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            continuation.onTermination = { [journal] _ in journal.note("unsubscribed") }
            subscribers.withLock { $0.append(continuation) }
            await context.sendNotifications(lines)
        default: break
        }
        return try Wire.reply(id: request.id, result: Empty())
    }

    private func take(_ request: Request, _ context: RequestContext) async throws -> [UInt8] {
        let params = try Wire.params(Take.Params.self, of: request.line)
        if params.gate == true { try await gate.pass() }
        if params.fail == true { throw BrokerError(.messageInvalid, "not wanted") }
        var sizes: [Int] = []
        for stream in [params.body_stream] + (params.attachments ?? []).map(\.stream) {
            var size = 0
            while let octets = try await context.next(ofUpload: stream) { size += octets.count }
            sizes.append(size)
        }
        return try Wire.reply(id: request.id, result: Take.Result(sizes: sizes))
    }
}
