// A server on loopback that follows a script to the byte and remembers what it was told. For faults
// that no real server can be asked for.

import CZlib
import Foundation
import Glibc
import Synchronization

/// A plaintext TCP server on 127.0.0.1 that plays one script per connection.
package final class ScriptedServer: Sendable {
    /// One step of a script.
    package enum Step: Sendable {
        /// Sends these octets.
        case send(String)
        /// Reads lines until one holds a text, and remembers them; `*` stands for the tag the
        /// client used in the steps behind.
        case expect(String)
        /// Sends a line with the tag of the last line read in place of `*`.
        case answer(String)
        /// Reads so many octets.
        case read(Int)
        /// From here on octets are compressed in both directions (RFC 4978).
        case compress
        /// Sends so many octets of `A`, compressed or not.
        case flood(Int)
        /// Sends these octets as they are.
        case octets([UInt8])
        /// Ends the connection.
        case close
        /// Resets the connection: the client sees an error, not an end.
        case reset
        /// Waits for a condition, ten seconds at most.
        case until(@Sendable () -> Bool)
        /// Keeps the connection until the client ends it.
        case hold
    }

    /// The port it listens on.
    package let port: Int
    private let listener: Int32
    private let heard = Mutex<[[String]]>([])

    /// Starts a server that plays the scripts, one for each connection in turn; the last one again
    /// for all that follow.
    package init(_ scripts: [[Step]]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            defer { Glibc.close(listener) }
            var number = 0
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                let script = scripts[min(number, scripts.count - 1)]
                number += 1
                self.heard.withLock { $0.append([]) }
                let index = number - 1
                Thread.detachNewThread { self.play(script, on: client, index) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// The lines each connection sent, in the order of the connections.
    package var lines: [[String]] { heard.withLock { $0 } }
    /// How many connections there were.
    package var connections: Int { heard.withLock { $0.count } }

    private func play(_ script: [Step], on client: Int32, _ index: Int) {
        let reader = LineReader(client)
        var tag = ""
        var deflater: OpaquePointer?
        defer { mb_zlib_free(deflater) }
        defer { Glibc.close(client) }
        // Every step is a segment of its own.
        var noDelay: Int32 = 1
        setsockopt(
            client,
            Int32(IPPROTO_TCP),
            TCP_NODELAY,
            &noDelay,
            socklen_t(MemoryLayout<Int32>.size)
        )
        for step in script {
            switch step {
            case .send(let text): Self.write(Array(text.utf8), to: client, deflater)
            case .answer(let text):
                let line = text.replacingOccurrences(of: "*", with: tag) + "\r\n"
                Self.write(Array(line.utf8), to: client, deflater)
            case .compress:
                deflater = mb_zlib_deflater()
                reader.inflates()
            case .flood(let count):
                let block = [UInt8](repeating: UInt8(ascii: "A"), count: 1 << 20)
                for start in stride(from: 0, to: count, by: block.count) {
                    let octets = Array(block.prefix(count - start))
                    guard Self.write(octets, to: client, deflater) else { return }
                }
            case .octets(let octets): Self.write(octets, to: client, nil)
            case .expect(let text):
                while true {
                    guard let line = reader.line() else { return }
                    heard.withLock { $0[index].append(line) }
                    // DONE has no tag: what ends is the IDLE before it.
                    let words = line.split(separator: " ")
                    if words.count > 1 { tag = String(words[0]) }
                    if line.contains(text) { break }
                }
            case .read(let count):
                guard let octets = reader.octets(count) else { return }
                heard.withLock { $0[index].append(String(decoding: octets, as: UTF8.self)) }
            case .until(let condition):
                for _ in 0..<10_000 where !condition() { usleep(1000) }
            case .close: return
            case .reset:
                var option = linger(l_onoff: 1, l_linger: 0)
                setsockopt(
                    client,
                    SOL_SOCKET,
                    SO_LINGER,
                    &option,
                    socklen_t(MemoryLayout<linger>.size)
                )
                return
            case .hold:
                while let line = reader.line() { heard.withLock { $0[index].append(line) } }
                return
            }
        }
    }

    @discardableResult
    private static func write(
        _ octets: [UInt8],
        to client: Int32,
        _ deflater: OpaquePointer?
    ) -> Bool {
        var octets = octets
        if let deflater { octets = transformed(octets, by: deflater) }
        return send(client, octets, octets.count, Int32(MSG_NOSIGNAL)) == octets.count
    }

    /// Octets compressed, or as they were before.
    fileprivate static func transformed(_ octets: [UInt8], by stream: OpaquePointer) -> [UInt8] {
        var (rest, result) = (octets[...], [UInt8]())
        while true {
            var block = [UInt8](repeating: 0, count: 65536)
            var (taken, put) = (rest.count, block.count)
            let code = Array(rest).withUnsafeBufferPointer {
                mb_zlib_run(stream, $0.baseAddress, &taken, &block, &put)
            }
            rest = rest.dropFirst(taken)
            result += block[..<put]
            if code != 0 || put < block.count { return result }
        }
    }
}

/// Lines and octets from a descriptor.
private final class LineReader {
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var inflater: OpaquePointer?

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end; nil at the end.
    func line() -> String? {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = pending[..<end].filter { $0 != 0x0D }
                pending.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    func octets(_ count: Int) -> [UInt8]? {
        while pending.count < count { guard fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    /// From here on what comes is compressed.
    func inflates() { inflater = mb_zlib_inflater() }

    deinit { mb_zlib_free(inflater) }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        let octets = Array(buffer[..<count])
        pending += inflater.map { ScriptedServer.transformed(octets, by: $0) } ?? octets
        return true
    }
}
