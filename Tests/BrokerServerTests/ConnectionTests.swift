// Clients that come in number, say nothing, say too much, read nothing, or belong to somebody else:
// none of them reaches the others.

import BrokerProtocol
import BrokerServer
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2))) struct ConnectionTests {
    /// Waits of which one is short, yet longer than a busy machine keeps a well-behaved client.
    private static func short(
        _ wait: WritableKeyPath<SocketServer.Waits, Duration>
    ) -> SocketServer.Waits {
        var waits = SocketServer.Waits()
        waits[keyPath: wait] = .seconds(1)
        return waits
    }

    @Test("the waits are those of the limits")
    func waits() {
        #expect(SocketServer.Waits().firstLine == .seconds(5))
        #expect(SocketServer.Waits().unreadOutput == .seconds(60))
    }

    @Test("a client that ends its side right after its requests gets every answer")
    func halfClose() async throws {
        try await withServer { server in
            for _ in 0..<10 {
                let client = try server.connect()
                try client.request("1", "test.echo")
                try client.request("2", "test.big", #"{"count":400000}"#)
                client.endOutput()
                let replies = [try client.reply(), try client.reply()]
                #expect(Set(replies) == ["1 ok", "2 ok"])
                #expect(try client.reply() == "closed")
            }
        }
    }

    @Test("a client that is killed has its requests cancelled and its place freed")
    func killed() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.pass")
            try server.handler.journal.wait(for: "start test.pass")
            #expect(server.server.clientCount == 1)
            client.close()
            try server.handler.journal.wait(for: "failed test.pass request.cancelled")
            try server.handler.journal.wait(for: "gone 1")
        }
    }

    @Test("the server can stop while clients are arriving", arguments: 1...20)
    func stopWhileArriving(round: Int) async throws {
        try await withServer { server in
            for _ in 0..<64 { _ = try server.connect() }
        }
    }

    @Test("64 clients are served, the 65th is told why not")
    func connectionLimit() async throws {
        try await withServer { server in
            var clients: [RawClient] = []
            for _ in 1...64 {
                let client = try server.connect()
                try client.request("1", "hello")
                #expect(try client.reply() == "1 ok")
                clients.append(client)
            }
            #expect(server.server.clientCount == 64)
            let late = try server.connect()
            #expect(try late.reply() == "null request.limit")
            #expect(try late.reply() == "closed")
            clients.removeLast().close()
            try server.handler.journal.wait(for: "gone 64")
            var isServed = false
            while !isServed {  // the place is free a moment after the handler was told
                let next = try server.connect()
                try? next.request("1", "hello")
                isServed = try next.reply() == "1 ok"
            }
        }
    }

    @Test("a client that sends no whole line in time is closed", arguments: ["", "{", "{}"])
    func firstLine(_ text: String) async throws {
        try await withServer(Self.short(\.firstLine)) { server in
            let client = try server.connect()
            try client.send(text)
            #expect(try client.reply() == "closed")
        }
    }

    @Test("after its first line a client may be silent")
    func silent() async throws {
        try await withServer(Self.short(\.firstLine)) { server in
            let (first, second) = (try server.connect(), try server.connect())
            try first.request("1", "hello")
            #expect(try first.reply() == "1 ok")
            // The second client's deadline is later than the first client's was.
            #expect(try second.reply() == "closed")
            try first.request("2", "hello")
            #expect(try first.reply() == "2 ok")
        }
    }

    @Test("10 MB without a line end close that client alone")
    func endlessLine() async throws {
        try await withServer { server in
            let (good, bad) = (try server.connect(), try server.connect())
            try good.request("1", "hello")
            #expect(try good.reply() == "1 ok")
            try? bad.send([UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000))
            #expect(try bad.reply() == "null request.limit")
            #expect(try bad.reply() == "closed")
            try good.request("2", "hello")
            #expect(try good.reply() == "2 ok")
        }
    }

    @Test("a client that does not read its output is dropped, others are not")
    func slowReader() async throws {
        try await withServer(Self.short(\.unreadOutput)) { server in
            let (good, slow) = (try server.connect(), try server.connect())
            try good.request("1", "hello")
            try slow.request("1", "test.give", #"{"count":67108864,"stream":1}"#)
            try server.handler.journal.wait(for: "failed test.give request.cancelled")
            #expect(try good.reply() == "1 ok")
            try good.request("2", "hello")
            #expect(try good.reply() == "2 ok")
        }
    }

    @Test("requests whose answers nobody reads stop being read")
    func answersPileUp() async throws {
        try await withServer { server in
            let client = try server.connect()
            let line = #"{"jsonrpc":"2.0","id":"x","method":"test.big","params":{"count":65536}}"#
            let lines = Array((line + "\n").utf8)
            let flood = Array(repeating: lines, count: 20_000).flatMap { $0 }
            #expect(try client.sendUntilStuck(flood) < flood.count)
        }
    }

    @Test("a hundred clients that come and go leave none behind")
    func comeAndGo() async throws {
        try await withServer { server in
            for number in 1...100 {
                let client = try server.connect()
                try client.request("1", "test.pass")
                try server.handler.journal.wait(for: "start test.pass", times: number)
                client.close()
                try server.handler.journal.wait(for: "gone \(number)")
            }
        }
    }

    @Test(
        "another user is refused even where directory and socket let him in",
        .enabled(if: geteuid() == 0, "needs root to become another user"),
        .enabled(if: access("/usr/bin/setpriv", X_OK) == 0, "needs setpriv")
    )
    func otherUser() async throws {
        try await withServer { server in
            for path in [server.directory, server.directory + "/mailbroker"] { chmod(path, 0o755) }
            chmod(server.path, 0o666)
            let script = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(20)
                s.connect(sys.argv[1])
                try:
                    s.sendall(b'{"jsonrpc":"2.0","id":1,"method":"hello"}\\n')
                    sys.stdout.write(repr(s.recv(100)))
                except OSError as e:
                    sys.stdout.write(repr(b''))
                """
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = [
                "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c",
                script,
                server.path,
            ]
            process.currentDirectoryURL = URL(fileURLWithPath: "/")
            process.standardOutput = output
            try process.run()
            let said = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(String(decoding: said, as: UTF8.self) == "b''")
            #expect(server.server.clientCount == 0)
            let client = try server.connect()
            try client.request("1", "hello")
            #expect(try client.reply() == "1 ok")
        }
    }

    @Test("a secret is nowhere in the memory of the server once its handler has forgotten it")
    func secretIsWiped() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.request("1", "test.takesecret", #"{"secret_stream":1}"#)
            // The pattern is never in memory as a whole but in what is sent.
            var secret = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) ^ 0x5A }
            for index in secret.indices { secret[index] ^= 0x5A }
            try client.send(Wire.secretNotice(stream: 1, length: 64))
            try client.send(secret)
            for index in secret.indices { secret[index] = 0 }
            _ = try client.result(TakeSecret.Result.self)
            #expect(try MemoryScan.count { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) } == 0)
        }
    }
}

/// Looks through the process's own writable memory.
enum MemoryScan {
    /// How often 64 octets, given one by one, stand in memory.
    static func count(_ octet: (Int) -> UInt8) throws -> Int {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        let memory = open("/proc/self/mem", O_RDONLY)
        guard memory >= 0 else { throw TestFailure("open /proc/self/mem: \(errno)") }
        defer { close(memory) }
        var found = 0
        let size = 1 << 20
        let page = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        defer { page.deallocate() }
        for line in maps.utf8.split(separator: 0x0A) {
            let fields = line.split(separator: 0x20)
            let ends = fields[0].split(separator: UInt8(ascii: "-"))
                .compactMap { UInt(String(decoding: $0, as: UTF8.self), radix: 16) }
            guard ends.count == 2, fields[1].starts(with: "rw".utf8) else { continue }
            var start = ends[0]
            while start < ends[1] {
                let count = pread(
                    memory,
                    page.baseAddress,
                    min(size, Int(ends[1] - start)),
                    off_t(start)
                )
                guard count > 64 else { break }
                found += Self.matches(UnsafeRawBufferPointer(rebasing: page[..<count]), octet)
                start += UInt(count)
            }
        }
        return found
    }

    private static func matches(_ octets: UnsafeRawBufferPointer, _ octet: (Int) -> UInt8) -> Int {
        guard let base = octets.baseAddress else { return 0 }
        var (count, index) = (0, 0)
        while index + 64 <= octets.count,
            let hit = memchr(base + index, Int32(octet(0)), octets.count - index - 63)
        {
            index = UnsafeRawPointer(hit) - base
            if (1..<64).allSatisfy({ octets[index + $0] == octet($0) }) { count += 1 }
            index += 1
        }
        return count
    }
}
