// A broker that follows a script on a thread of its own: what it reads and writes is in the test.

import BrokerClient
import BrokerProtocol
import Foundation
import Glibc
import Synchronization

struct ScriptFailure: Error, CustomStringConvertible {
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
func blocking(_ body: @Sendable () throws -> Void) async throws {
    try await withTaskExecutorPreference(ThreadExecutor()) { try body() }
}

/// The broker's end of a connection.
final class Peer: @unchecked Sendable {
    // SAFETY: used by the script's thread alone.
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close() }

    func close() { Glibc.close(descriptor) }

    func send(_ text: String) throws { try send(Array((text + "\n").utf8)) }

    func send(_ octets: [UInt8]) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw ScriptFailure("send: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            try readMore()
        }
    }

    func raw(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try readMore() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// The next message that is no announcement of octets, which are passed over.
    func message() throws -> WireHeader {
        while true {
            let line = Array(try line().utf8)
            let header = try Wire.header(of: line)
            guard header.method == OctetsNotice.method else { return header }
            _ = try raw(Wire.params(OctetsNotice.self, of: line).length)
        }
    }

    func reply(_ id: Int64, error code: BrokerError.Code) throws {
        try send(Wire.failure(id: .number(id), error: BrokerError(code, "said so")))
    }

    func reply(_ id: Int64) throws { try send(Wire.reply(id: .number(id), result: Empty())) }

    private func readMore() throws {
        var octets = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &octets, octets.count, 0)
        guard count > 0 else { throw ScriptFailure("the client is gone") }
        buffer += octets[..<count]
    }
}

/// A listening socket in a directory of its own.
final class FakeBroker: Sendable {
    let directory: String
    var runtime: String { directory + "/mailbroker" }
    var path: String { runtime + "/broker.sock" }
    private let descriptor: Int32

    init(listening: Bool = true) throws {
        var template = Array("/tmp/mbcXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ScriptFailure("mkdtemp: \(errno)") }
        chmod(template, 0o700)  // tests beside this one may narrow the umask of the process
        directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        mkdir(directory + "/mailbroker", 0o700)
        chmod(directory + "/mailbroker", 0o700)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) {
            $0.copyBytes(from: Array((directory + "/mailbroker/broker.sock").utf8))
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length)
            }
        }
        guard result == 0, !listening || listen(descriptor, 8) == 0 else {
            throw ScriptFailure("listen: \(errno)")
        }
    }

    deinit {
        close(descriptor)
        try? FileManager.default.removeItem(atPath: directory)
    }

    func connect() throws -> BrokerConnection {
        let directory = directory
        return try BrokerConnection { $0 == "XDG_RUNTIME_DIR" ? directory : nil }
    }

    /// Runs a script for the next client; gives what it threw.
    func serve(_ script: @escaping @Sendable (Peer) throws -> Void) -> Outcome {
        let outcome = Outcome()
        let descriptor = descriptor
        Thread.detachNewThread {
            let accepted = accept(descriptor, nil, nil)
            do {
                try script(Peer(accepted))
                outcome.finish(nil)
            } catch {
                outcome.finish("\(error)")
            }
        }
        return outcome
    }

    /// What became of a script.
    final class Outcome: @unchecked Sendable {
        // SAFETY: `failure` is written before the semaphore is signalled, read after it.
        private let done = DispatchSemaphore(value: 0)
        private var failure: String?

        fileprivate func finish(_ failure: String?) {
            self.failure = failure
            done.signal()
        }

        /// Waits for the end of the script; nil when it went well.
        func wait() -> String? {
            guard done.wait(timeout: .now() + 20) == .success else { return "still running" }
            return failure
        }
    }
}
