// A real server on a Unix socket in a directory of its own, and a client that sees every octet.
// Clients block, so test bodies run on threads of their own and never on Swift's few.

import BrokerProtocol
import BrokerServer
import Foundation
import Glibc
import Logging

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs each job on a thread of its own.
final class ThreadExecutor: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}

/// Runs a body that blocks, beside Swift's own threads.
func blocking<Value: Sendable>(_ body: @Sendable () throws -> Value) async throws -> Value {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

/// A new directory below /tmp, mode 0700; short, because socket paths are.
func temporaryDirectory() throws -> String {
    var template = Array("/tmp/mbXXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp: \(errno)") }
    chmod(template, 0o700)  // a socket bound at this moment narrows the umask of the process
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}

func place(in directory: String) throws -> SocketPath {
    guard let place = SocketPath(environment: { $0 == "XDG_RUNTIME_DIR" ? directory : nil })
    else { throw TestFailure("no place") }
    return place
}

final class TestServer: Sendable {
    let directory: String
    let handler = ScriptedHandler()
    let path: String
    let server: SocketServer
    private let socket: ListeningSocket
    private let serving: Task<Void, any Error>

    init(_ waits: SocketServer.Waits) throws {
        directory = try temporaryDirectory()
        let socket = try ListeningSocket(place(in: directory))
        var log = Logger(label: "test")
        log.logLevel = .critical
        let server = SocketServer(handler: handler, log: log, waits: waits)
        self.socket = socket
        self.server = server
        path = socket.path
        serving = Task { try await server.run(socket) }
    }

    func connect() throws -> RawClient { try RawClient(path) }

    func stop() async {
        serving.cancel()
        handler.gate.open()
        _ = await serving.result
        socket.remove()
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// Runs a test's body against a server.
func withServer(
    _ waits: SocketServer.Waits = .init(),
    _ body: @escaping @Sendable (TestServer) throws -> Void
) async throws {
    signal(SIGPIPE, SIG_IGN)
    let server = try TestServer(waits)
    do {
        try await blocking { try body(server) }
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

/// A client that writes octets and reads lines.
///
/// Every wait ends after 20 seconds with an error.
final class RawClient {
    private static let patience = timeval(tv_sec: 20, tv_usec: 0)
    private(set) var descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var patience = Self.patience
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, length)
            }
        }
        guard result == 0 else { throw TestFailure("connect: \(errno)") }
    }

    deinit { close() }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    func endOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ octets: [UInt8]) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw TestFailure("send: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends until the server takes no more for a moment; how much it took.
    func sendUntilStuck(_ octets: [UInt8]) throws -> Int {
        var sent = 0
        while sent < octets.count {
            var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&poller, 1, 500) > 0 else { break }
            let count = octets[sent...].withUnsafeBytes {
                Glibc.send(
                    descriptor,
                    $0.baseAddress,
                    $0.count,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                )
            }
            if count < 0, errno == EAGAIN { continue }
            guard count > 0 else { throw TestFailure("send: \(errno)") }
            sent += count
        }
        return sent
    }

    func request(_ id: String, _ method: String, _ params: String = "{}") throws {
        try send(#"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"# + "\n")
    }

    func cancel(_ id: String) throws {
        try send(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"id":\#(id)}}"# + "\n")
    }

    func octets(_ stream: Int, _ octets: [UInt8]) throws {
        try send(Wire.octets(stream: stream, octets))
    }

    /// The next line without its LF; nil at the end of the connection.
    func line() throws -> [UInt8]? {
        var searched = 0
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return Array(buffer[..<end])
            }
            searched = buffer.count
            guard try readMore() else { return nil }
        }
    }

    /// The next raw octets.
    func raw(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            guard try readMore() else { throw TestFailure("ended in octets") }
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// The next reply in short: `1 ok` or `1 request.limit`; `closed` at the end.
    func reply() throws -> String {
        guard let line = try line() else { return "closed" }
        let header = try Wire.header(of: line)
        let id =
            switch header.id {
            case .number(let number): "\(number)"
            case .text(let text): "\"\(text)\""
            case nil: "null"
            }
        do {
            _ = try Wire.result(Empty.self, of: line)
            return "\(id) ok"
        } catch let error as BrokerError {
            return "\(id) \(error.data.code.rawValue)"
        }
    }

    /// The result of the next reply.
    func result<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let line = try line() else { throw TestFailure("closed") }
        return try Wire.result(type, of: line)
    }

    private func readMore() throws -> Bool {
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &octets, octets.count, 0)
        if count == 0 || (count < 0 && errno == ECONNRESET) { return false }
        guard count > 0 else { throw TestFailure("recv: \(errno)") }
        buffer += octets[..<count]
        return true
    }
}
