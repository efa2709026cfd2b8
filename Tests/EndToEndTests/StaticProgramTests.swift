// The static release build of mb: one file that needs nothing of what the broker is made of.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.staticProgram != nil, "run contrib/test without --quick"))
struct StaticProgramTests {
    @Test("stripped, it links the C library and its companions only")
    func libraries() async throws {
        let program = try await stripped()
        defer { try? FileManager.default.removeItem(atPath: program) }
        let headers = try await run("/usr/bin/readelf", ["-d", program])
        let needed = headers.split(separator: "\n").filter { $0.contains("(NEEDED)") }.map {
            String($0.split(separator: "[").last?.dropLast() ?? "")
        }
        let allowed: Set = [
            "libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2",
            "ld-linux-aarch64.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1",
        ]
        #expect(!needed.isEmpty)
        #expect(Set(needed).subtracting(allowed) == [])
        let loaded = try await run("/usr/bin/ldd", [program])
        for name in [
            "libssl", "libcrypto", "libsqlite", "libswift", "libFoundation", "libreadline",
        ] {
            #expect(!loaded.contains(name))
        }
        let size = try FileManager.default.attributesOfItem(atPath: program)[.size] as? Int ?? 0
        print("mb, static release build, stripped: \(size) octets")
        #expect(size < 30_000_000)
    }

    @Test("no symbol of OpenSSL, SQLite, NIO or full Foundation is in it")
    func symbols() async throws {
        let program = try #require(Sandbox.staticProgram)
        let symbols = try await run("/usr/bin/nm", [program]).split(separator: "\n").map {
            String($0.split(separator: " ").last ?? "")
        }
        #expect(symbols.count > 1000)
        // Mangled names carry their module: $s20FoundationEssentials is allowed, $s10Foundation
        // not.
        for prefix in [
            "SSL_", "EVP_", "OPENSSL_", "sqlite3_", "$s7NIOCore", "$s8NIOPosix", "$s4GRDB",
            "$s10Foundation", "$s10OpenSSLTLS", "$s10BrokerCore", "$s9MailStore", "rl_",
        ] {
            #expect(symbols.filter { $0.hasPrefix(prefix) }.prefix(3) == [], "\(prefix)")
        }
        let strings = try await run("/usr/bin/strings", ["-n", "8", program])
        for word in ["SQLite format", "OpenSSL 3", "NIOPosix", "libFoundation.so"] {
            #expect(!strings.contains(word), "\(word)")
        }
    }

    @Test("stripped, it runs: help on stdout, and 69 without a broker")
    func runs() async throws {
        let program = try await stripped()
        defer { try? FileManager.default.removeItem(atPath: program) }
        let environment = ["HOME": "/nonexistent", "MAILBROKER_SOCKET": "/nonexistent/socket"]
        let help = try await Command.run(program, ["--help"], environment: environment)
        #expect(help.status == 0)
        #expect(help.output.contains("inbox"))
        let inbox = try await Command.run(program, ["inbox"], environment: environment)
        #expect(inbox.status == 69)
        #expect(inbox.errors.contains("mb start"))
    }

    private func stripped() async throws -> String {
        let program = try #require(Sandbox.staticProgram)
        let copy = Sandbox.workDirectory.appending(path: UUID().uuidString).path
        _ = try await run("/usr/bin/strip", ["-o", copy, program])
        return copy
    }

    private func run(_ path: String, _ arguments: [String]) async throws -> String {
        let outcome = try await Command.run(path, arguments, environment: ["LC_ALL": "C"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }
}
