// The broker tells how many clients the server has; the server needs the broker to exist first.

import BrokerServer
import Synchronization

/// The server, once it exists.
final class ServerBox: Sendable {
    private let server = Mutex<SocketServer?>(nil)

    /// Front ends connected now.
    var clientCount: Int { server.withLock { $0?.clientCount ?? 0 } }

    func set(_ server: SocketServer) { self.server.withLock { $0 = server } }
}
