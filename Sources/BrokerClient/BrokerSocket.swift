// One blocking Unix socket with a timeout for waiting and a check of who is at the other end.

import BrokerProtocol
import CPlatform
import Glibc

/// The socket of a front end.
struct BrokerSocket: ~Copyable {
    /// How often a wait looks for an interruption, in milliseconds.
    private static let tick: Int32 = 100

    let descriptor: Int32

    /// Connects and checks the peer before a byte is written (reliability.md 1.3 point 7).
    init(_ place: SocketPath) throws(BrokerClientError) {
        if let directory = place.directory { try Self.check(directory: directory, place.path) }
        let descriptor = mb_connect_unix(place.path)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ECONNREFUSED, ENOTDIR: throw .absent(path: place.path)
            default: throw .system(call: "connect \(place.path)", errno: errno)
            }
        }
        var user: uid_t = 0
        var process: pid_t = 0
        guard mb_peer_credentials(descriptor, &user, &process) == 0, user == geteuid() else {
            close(descriptor)
            throw .untrusted(path: place.path, reason: "another user is listening there")
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func check(
        directory: String,
        _ path: String
    ) throws(BrokerClientError) {
        var status = stat()
        guard lstat(directory, &status) == 0 else { throw .absent(path: path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .untrusted(path: directory, reason: "it is no directory")
        }
        guard status.st_uid == geteuid() else {
            throw .untrusted(path: directory, reason: "it belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .untrusted(path: directory, reason: "others may enter it; run: chmod 700 it")
        }
    }

    /// Writes what the socket takes at once; 0 when it takes nothing now.
    func write(_ octets: UnsafeRawBufferPointer) throws(BrokerClientError) -> Int {
        while true {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = send(descriptor, octets.baseAddress, octets.count, flags)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            case EPIPE, ECONNRESET: throw .connectionLost
            default: throw .system(call: "write to the broker", errno: errno)
            }
        }
    }

    /// Waits one tick at most until something can be written or read; true when it is reading.
    func waitToWrite() throws(BrokerClientError) -> Bool {
        try poll(for: Int16(POLLIN | POLLOUT)) & Int16(POLLIN) != 0
    }

    /// Waits until there is something to read; false when `isInterrupted` says so first.
    func wait(isInterrupted: () -> Bool) throws(BrokerClientError) -> Bool {
        while !isInterrupted() {
            if try poll(for: Int16(POLLIN)) != 0 { return true }
        }
        return false
    }

    /// What can be done by now or within a tick; nothing after a signal.
    private func poll(for events: Int16) throws(BrokerClientError) -> Int16 {
        var poller = pollfd(fd: descriptor, events: events, revents: 0)
        guard Glibc.poll(&poller, 1, Self.tick) < 0 else { return poller.revents }
        guard errno == EINTR else { throw .system(call: "wait for the broker", errno: errno) }
        return 0
    }

    /// Whether something can be read at once.
    var isReadable: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poller, 1, 0) > 0
    }

    /// Reads what is there, at least one octet.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(BrokerClientError) -> Int {
        while true {
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return count }
            guard count < 0, errno == EINTR else {
                guard count < 0, errno != ECONNRESET else { throw .connectionLost }
                throw .system(call: "read from the broker", errno: errno)
            }
        }
    }
}
