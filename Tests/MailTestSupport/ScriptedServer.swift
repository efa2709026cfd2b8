// A server on loopback that follows a script to the byte and remembers what it was told. For faults
// that no real server can be asked for.

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
        /// Ends the connection.
        case close
        /// Resets the connection: the client sees an error, not an end.
        case reset
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
        var reader = LineReader(client)
        var tag = ""
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
            case .send(let text): Self.write(text, to: client)
            case .answer(let text):
                Self.write(text.replacingOccurrences(of: "*", with: tag) + "\r\n", to: client)
            case .expect(let text):
                while true {
                    guard let line = reader.line() else { return }
                    heard.withLock { $0[index].append(line) }
                    tag = line.split(separator: " ").first.map(String.init) ?? ""
                    if line.contains(text) { break }
                }
            case .read(let count):
                guard let octets = reader.octets(count) else { return }
                heard.withLock { $0[index].append(String(decoding: octets, as: UTF8.self)) }
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

    private static func write(_ text: String, to client: Int32) {
        let octets = Array(text.utf8)
        _ = send(client, octets, octets.count, Int32(MSG_NOSIGNAL))
    }
}

/// Lines and octets from a descriptor.
private struct LineReader {
    private let descriptor: Int32
    private var pending: [UInt8] = []

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its end; nil at the end.
    mutating func line() -> String? {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = pending[..<end].filter { $0 != 0x0D }
                pending.removeSubrange(...end)
                return String(decoding: line, as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    mutating func octets(_ count: Int) -> [UInt8]? {
        while pending.count < count { guard fill() else { return nil } }
        defer { pending.removeFirst(count) }
        return Array(pending[..<count])
    }

    private mutating func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        pending += buffer[..<count]
        return true
    }
}
