// Whom a front end talks to: only a broker of its own user, found in a directory nobody else
// enters.

import BrokerClient
import BrokerProtocol
import Foundation
import Glibc
import Testing

@Suite struct BrokerSocketTests {
    private func fault(_ environment: [String: String]) -> BrokerClientError? {
        do {
            _ = try BrokerConnection { environment[$0] }
            return nil
        } catch {
            return error as? BrokerClientError
        }
    }

    @Test("an environment without HOME has no place to look")
    func noPath() {
        #expect(fault([:]) == .noSocketPath)
    }

    @Test("no directory, no socket and a socket nobody listens on mean that no broker runs")
    func absent() throws {
        let broker = try FakeBroker(listening: false)
        #expect(fault(["XDG_RUNTIME_DIR": broker.directory]) == .absent(path: broker.path))
        unlink(broker.path)
        #expect(fault(["XDG_RUNTIME_DIR": broker.directory]) == .absent(path: broker.path))
        rmdir(broker.runtime)
        #expect(fault(["XDG_RUNTIME_DIR": broker.directory]) == .absent(path: broker.path))
        #expect(fault(["MAILBROKER_SOCKET": broker.path]) == .absent(path: broker.path))
        close(open(broker.runtime, O_CREAT | O_WRONLY, 0o600))
        #expect(fault(["MAILBROKER_SOCKET": broker.path]) == .absent(path: broker.path))
    }

    @Test(
        "a directory others may enter is not trusted",
        arguments: [0o770, 0o701, 0o755] as [mode_t]
    )
    func openDirectory(_ mode: mode_t) throws {
        let broker = try FakeBroker()
        chmod(broker.runtime, mode)
        guard case .untrusted(broker.runtime, _) = fault(["XDG_RUNTIME_DIR": broker.directory])
        else { return #expect(Bool(false), "trusted with mode \(mode)") }
    }

    @Test("a directory that is a symbolic link or a file is not trusted")
    func linkedDirectory() throws {
        let broker = try FakeBroker()
        let other = broker.directory + "/other"
        mkdir(other, 0o700)
        symlink(broker.runtime, other + "/mailbroker")
        guard case .untrusted = fault(["XDG_RUNTIME_DIR": other]) else {
            return #expect(Bool(false), "followed a link")
        }
        unlink(other + "/mailbroker")
        close(open(other + "/mailbroker", O_CREAT | O_WRONLY, 0o600))
        guard case .untrusted = fault(["XDG_RUNTIME_DIR": other]) else {
            return #expect(Bool(false), "took a file")
        }
    }

    @Test(
        "a broker of another user is not trusted, and hears nothing",
        .enabled(if: geteuid() == 0, "needs root to become another user"),
        .enabled(if: access("/usr/bin/setpriv", X_OK) == 0, "needs setpriv")
    )
    func otherUser() throws {
        let broker = try FakeBroker()
        let path = broker.directory + "/foreign.sock"
        chmod(broker.directory, 0o777)
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            s.bind(sys.argv[1])
            s.listen(1)
            sys.stdout.write('r')
            sys.stdout.flush()
            c = s.accept()[0]
            c.settimeout(20)
            sys.stdout.write(repr(c.recv(100)))
            """
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = [
            "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", script,
            path,
        ]
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardOutput = output
        try process.run()
        #expect(output.fileHandleForReading.readData(ofLength: 1) == Data("r".utf8))
        let expected = BrokerClientError.untrusted(
            path: path,
            reason: "another user is listening there"
        )
        #expect(fault(["MAILBROKER_SOCKET": path]) == expected)
        let heard = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(String(decoding: heard, as: UTF8.self) == "b''")
    }

    @Test("a path too long for a socket is an error that names it")
    func tooLong() {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        #expect(
            fault(["MAILBROKER_SOCKET": path])
                == .system(call: "connect \(path)", errno: ENAMETOOLONG)
        )
    }
}
