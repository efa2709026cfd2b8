// The socket of the broker: one broker per user, nobody else's hands on it. The order of the steps
// is the point (reliability.md 1.3): check the directory, take the lock, bind aside, rename over.

package import BrokerProtocol
import CPlatform
import Glibc

/// The bound, listening Unix socket and the lock that makes its broker the only one.
package struct ListeningSocket: Sendable {
    /// Connections the kernel queues.
    private static let backlog: Int32 = 64
    /// How often the lock is tried while others replace its file.
    private static let lockAttemptsMax = 100

    /// The listening descriptor.
    package let descriptor: Int32
    /// Where it listens.
    package let path: String
    private let inode: UInt64
    /// Held for life: closing it gives the lock back.
    private let lock: Int32

    /// Why there is no socket.
    package enum Fault: Error, Sendable, Equatable {
        /// Another broker of this user holds the lock.
        case alreadyRunning(path: String)
        /// The directory is not what it must be.
        case untrusted(path: String, reason: String)
        /// A system call failed.
        case system(call: String, errno: Int32)
        /// `LISTEN_FDS` is set, but the descriptor is no listening Unix socket.
        case badActivation
    }

    /// Takes the lock and listens at a place.
    package init(_ place: SocketPath) throws(Fault) {
        if let directory = place.directory { try Self.prepare(directory) }
        path = place.path
        lock = try Self.takeLock(place.path + ".lock", of: place.path)
        do {
            (descriptor, inode) = try Self.listen(at: place.path)
        } catch {
            close(lock)
            throw error
        }
    }

    /// Takes over the socket a service manager listens on (sd_listen_fds(3)); nil when there is
    /// none.
    ///
    /// `first` is the descriptor where the manager's begin.
    package init?(
        activatedBy environment: (String) -> String?,
        at place: SocketPath,
        first: Int32 = 3
    ) throws(Fault) {
        guard let process = environment("LISTEN_PID"), process == String(getpid()) else {
            return nil
        }
        guard environment("LISTEN_FDS") == "1",
            Self.option(SO_DOMAIN, of: first) == AF_UNIX,
            Self.option(SO_TYPE, of: first) == Int32(SOCK_STREAM.rawValue),
            Self.option(SO_ACCEPTCONN, of: first) == 1
        else { throw .badActivation }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        if let directory = place.directory { try Self.prepare(directory) }
        descriptor = first
        path = place.path
        lock = try Self.takeLock(place.path + ".lock", of: place.path)
        inode = 0
    }

    /// Removes the socket's name if it is still ours, and gives the lock back.
    package func remove() {
        if inode != 0, Self.inode(of: path) == inode { unlink(path) }
        close(lock)
    }

    /// Binds aside and renames over; call with the lock held.
    private static func listen(at path: String) throws(Fault) -> (Int32, inode: UInt64) {
        // Somebody who listens without the lock is a broker whose lock file was deleted, or a
        // service manager: taking its name would leave two.
        guard !isAnswering(path) else { throw .alreadyRunning(path: path) }
        let aside = path + ".new"
        unlink(aside)
        let descriptor = mb_listen_unix(aside, backlog)
        guard descriptor >= 0 else { throw .system(call: "listen at \(aside)", errno: errno) }
        let inode = inode(of: aside)
        // rename(2) replaces a stale socket in one step: there is never a moment without a name.
        guard rename(aside, path) == 0 else {
            let failure = errno
            unlink(aside)
            close(descriptor)
            throw .system(call: "rename to \(path)", errno: failure)
        }
        return (descriptor, inode)
    }

    /// Whether a process listens at a path; never waits for it.
    private static func isAnswering(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let octets = Array(path.utf8)
        guard octets.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, type, 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(probe, $0, size) }
        }
        return result == 0 || errno == EAGAIN
    }

    /// An option of a socket; nil for what is no socket.
    private static func option(_ name: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 else { return nil }
        return value
    }

    private static func prepare(_ directory: String) throws(Fault) {
        try makeParents(of: directory)
        if mkdir(directory, 0o700) == 0 {
            chmod(directory, 0o700)  // a umask may have taken bits we need
        } else if errno != EEXIST {
            throw .system(call: "mkdir \(directory)", errno: errno)
        }
        var status = stat()
        guard lstat(directory, &status) == 0 else {
            throw .system(call: "stat \(directory)", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .untrusted(path: directory, reason: "it is no directory")
        }
        guard status.st_uid == geteuid() else {
            throw .untrusted(path: directory, reason: "it belongs to another user")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .untrusted(
                path: directory,
                reason: "others may enter it; run: chmod 700 \(directory)"
            )
        }
    }

    private static func makeParents(of directory: String) throws(Fault) {
        let octets = Array(directory.utf8)
        for index in octets.indices where octets[index] == UInt8(ascii: "/") && index > 0 {
            let parent = String(decoding: octets[..<index], as: UTF8.self)
            guard mkdir(parent, 0o700) == 0 || errno == EEXIST else {
                throw .system(call: "mkdir \(parent)", errno: errno)
            }
        }
    }

    /// Takes the lock; repeats when the file was replaced between open and lock.
    private static func takeLock(_ path: String, of socket: String) throws(Fault) -> Int32 {
        for _ in 0..<lockAttemptsMax {
            let file = open(path, O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0o600)
            guard file >= 0 else { throw .system(call: "open \(path)", errno: errno) }
            guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
                let failure = errno
                close(file)
                guard failure == EWOULDBLOCK else {
                    throw .system(call: "lock \(path)", errno: failure)
                }
                throw .alreadyRunning(path: socket)
            }
            var held = stat()
            guard fstat(file, &held) == 0, inode(of: path) == UInt64(held.st_ino) else {
                close(file)
                continue
            }
            return file
        }
        throw .alreadyRunning(path: socket)
    }

    private static func inode(of path: String) -> UInt64 {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
}
