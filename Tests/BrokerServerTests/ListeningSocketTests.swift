// One broker per user: the lock, the name and the directory (reliability.md 1.3, D01-D05).

import BrokerProtocol
import BrokerServer
import Foundation
import Glibc
import Synchronization
import Testing

@Suite struct ListeningSocketTests {
    /// Runs a body with a directory of its own.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test("the socket has mode 0600, its lock 0600, its directory 0700, and nothing else is left")
    func modes() throws {
        try withDirectory { directory in
            let socket = try ListeningSocket(place(in: directory))
            defer { close(socket.descriptor) }
            #expect(mode(socket.path) == 0o600)
            #expect(mode(socket.path + ".lock") == 0o600)
            #expect(mode(directory + "/mailbroker") == 0o700)
            let files = try FileManager.default.contentsOfDirectory(
                atPath: directory + "/mailbroker"
            )
            #expect(files.sorted() == ["broker.sock", "broker.sock.lock"])
            socket.remove()
        }
    }

    @Test("a second start says that the broker is running")
    func second() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let socket = try ListeningSocket(place)
            #expect(throws: ListeningSocket.Fault.alreadyRunning(path: place.path)) {
                try ListeningSocket(place)
            }
            socket.remove()
            close(socket.descriptor)
            let again = try ListeningSocket(place)
            again.remove()
            close(again.descriptor)
        }
    }

    @Test("the socket of a killed broker does not hinder the next")
    func stale() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let script = """
                import socket, sys, os, signal, fcntl
                lock = os.open(sys.argv[1] + '.lock', os.O_CREAT | os.O_RDWR, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX)
                for name in (sys.argv[1], sys.argv[1] + '.new'):
                    socket.socket(socket.AF_UNIX).bind(name)
                os.kill(os.getpid(), signal.SIGKILL)
                """
            mkdir(directory + "/mailbroker", 0o700)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = ["-c", script, place.path]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal)
            #expect(exists(place.path))
            let socket = try ListeningSocket(place)
            let client = try RawClient(place.path)
            client.close()
            socket.remove()
            close(socket.descriptor)
            #expect(!exists(place.path))
        }
    }

    @Test("a lock file that is deleted while its broker listens lets no second one in")
    func lockDeleted() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let socket = try ListeningSocket(place)
            unlink(place.path + ".lock")
            #expect(throws: ListeningSocket.Fault.alreadyRunning(path: place.path)) {
                try ListeningSocket(place)
            }
            socket.remove()
            close(socket.descriptor)
        }
    }

    @Test("of fifty starts at once exactly one wins", arguments: 1...20)
    func race(round: Int) async throws {
        try await blocking {
            try withDirectory { directory in
                let place = try place(in: directory)
                mkdir(directory + "/mailbroker", 0o700)
                let won = Mutex<[ListeningSocket]>([])
                let refused = Mutex(0)
                DispatchQueue.concurrentPerform(iterations: 50) { _ in
                    do {
                        let socket = try ListeningSocket(place)
                        won.withLock { $0.append(socket) }
                    } catch ListeningSocket.Fault.alreadyRunning {
                        refused.withLock { $0 += 1 }
                    } catch {
                        Issue.record(error)
                    }
                }
                let winners = won.withLock { $0 }
                #expect(winners.count == 1)
                #expect(refused.withLock { $0 } == 49)
                for socket in winners {
                    socket.remove()
                    close(socket.descriptor)
                }
            }
        }
    }

    @Test("lock files that are replaced all the time never give two winners")
    func lockReplaced() async throws {
        try await blocking {
            try withDirectory { directory in
                let place = try place(in: directory)
                mkdir(directory + "/mailbroker", 0o700)
                let won = Mutex<[ListeningSocket]>([])
                DispatchQueue.concurrentPerform(iterations: 200) { index in
                    if index % 2 == 0 { unlink(place.path + ".lock") }
                    if let socket = try? ListeningSocket(place) {
                        won.withLock { $0.append(socket) }
                    }
                }
                let winners = won.withLock { $0 }
                #expect(winners.count >= 1)
                // Only the one whose inode the name has can be reached.
                #expect(exists(place.path))
                for socket in winners {
                    socket.remove()
                    close(socket.descriptor)
                }
                #expect(!exists(place.path))
            }
        }
    }

    @Test("remove takes away only the name of its own socket")
    func removeOwnOnly() throws {
        try withDirectory { directory in
            let socket = try ListeningSocket(place(in: directory))
            unlink(socket.path)
            #expect(symlink("/nowhere", socket.path) == 0)
            socket.remove()
            close(socket.descriptor)
            var status = stat()
            #expect(lstat(socket.path, &status) == 0)
        }
    }

    @Test("a directory that is a symbolic link, a file or open to others is refused")
    func untrusted() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let path = directory + "/mailbroker"
            func reason() -> String? {
                do {
                    _ = try ListeningSocket(place)
                    return nil
                } catch .untrusted(path, let reason) {
                    return reason
                } catch {
                    return "\(error)"
                }
            }
            mkdir(directory + "/real", 0o700)
            symlink(directory + "/real", path)
            #expect(reason() == "it is no directory")
            unlink(path)
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            #expect(reason() == "it is no directory")
            unlink(path)
            mkdir(path, 0o700)
            for mode: mode_t in [0o770, 0o720, 0o701, 0o710, 0o707, 0o755] {
                chmod(path, mode)
                #expect(reason() == "others may enter it; run: chmod 700 \(path)")
            }
            chmod(path, 0o700)
            #expect(!exists(place.path))
        }
    }

    @Test(
        "a directory of another user is refused",
        .enabled(if: geteuid() == 0, "needs root to give a directory away")
    )
    func foreign() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            mkdir(directory + "/mailbroker", 0o700)
            chown(directory + "/mailbroker", 65_534, 65_534)
            let fault = ListeningSocket.Fault.untrusted(
                path: directory + "/mailbroker",
                reason: "it belongs to another user"
            )
            #expect(throws: fault) { try ListeningSocket(place) }
        }
    }

    @Test("a lock that is a symbolic link is not followed")
    func linkedLock() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            mkdir(directory + "/mailbroker", 0o700)
            symlink(directory + "/victim", place.path + ".lock")
            let fault = ListeningSocket.Fault.system(call: "open \(place.path).lock", errno: ELOOP)
            #expect(throws: fault) { try ListeningSocket(place) }
            #expect(!exists(directory + "/victim"))
        }
    }

    @Test("a path too long for a socket is an error that says so, and gives the lock back")
    func tooLong() throws {
        try withDirectory { directory in
            let long = directory + "/" + String(repeating: "d", count: 100)
            let place = try place(in: long)
            for _ in 0..<2 {
                let fault = ListeningSocket.Fault.system(
                    call: "listen at \(place.path).new",
                    errno: ENAMETOOLONG
                )
                #expect(throws: fault) { try ListeningSocket(place) }
            }
        }
    }

    @Test("a service manager's variables for another process are passed over")
    func otherProcess() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            for pid in [nil, "", "1", "0\(getpid())", "\(getpid()) "] {
                let environment = ["LISTEN_PID": pid, "LISTEN_FDS": "1"]
                let socket = try ListeningSocket(
                    activatedBy: { environment[$0] ?? nil },
                    at: place,
                    first: -1
                )
                #expect(socket == nil)
            }
        }
    }

    @Test("what is no listening Unix stream socket is refused, and so is another count")
    func badActivation() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let stream = Int32(SOCK_STREAM.rawValue)
            let internet = socket(AF_INET, stream, 0)
            let datagrams = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            let silent = socket(AF_UNIX, stream, 0)
            let file = open("/dev/null", O_RDWR)
            #expect(listen(internet, 1) == 0)
            for descriptor in [internet, datagrams, silent, file, -1] {
                #expect(throws: ListeningSocket.Fault.badActivation, "\(descriptor)") {
                    try activate(descriptor, count: "1", place)
                }
                close(descriptor)
            }
            let good = try ListeningSocket(place)
            defer { close(good.descriptor) }
            for count in ["0", "2", "", "one"] {
                #expect(throws: ListeningSocket.Fault.badActivation) {
                    try activate(good.descriptor, count: count, place)
                }
            }
            good.remove()
        }
    }

    @Test("a listening Unix socket of a service manager is taken over and its name left alone")
    func activation() throws {
        try withDirectory { directory in
            let place = try place(in: directory)
            let given = try ListeningSocket(place)
            given.remove()  // the lock is free, the descriptor still listens
            close(open(place.path, O_CREAT | O_WRONLY, 0o600))
            let socket = try #require(try activate(given.descriptor, count: "1", place))
            #expect(socket.descriptor == given.descriptor)
            #expect(throws: ListeningSocket.Fault.alreadyRunning(path: place.path)) {
                try activate(given.descriptor, count: "1", place)
            }
            socket.remove()
            #expect(exists(place.path))
            close(given.descriptor)
        }
    }

    private func activate(
        _ descriptor: Int32,
        count: String,
        _ place: SocketPath
    ) throws -> ListeningSocket? {
        let environment = ["LISTEN_PID": "\(getpid())", "LISTEN_FDS": count]
        return try ListeningSocket(
            activatedBy: { environment[$0] },
            at: place,
            first: descriptor
        )
    }
}
