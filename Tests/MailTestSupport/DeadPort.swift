// A port that swallows connections: for attempts that get no answer at all.

import Glibc

/// A port of 127.0.0.1 at which nobody answers, not even with a refusal: its queue is full.
package final class DeadPort {
    /// The port.
    package let port: Int
    private let sockets: [Int32]

    /// Takes a port.
    package init() {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var sockets = [listener]
        withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, length)
                _ = listen(listener, 0)
                _ = getsockname(listener, pointer, &length)
                for _ in 0..<4 {
                    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                    let client = socket(AF_INET, type, 0)
                    _ = connect(client, pointer, length)
                    sockets.append(client)
                }
            }
        }
        self.sockets = sockets
        port = Int(UInt16(bigEndian: name.sin_port))
    }

    deinit { for socket in sockets { close(socket) } }
}
