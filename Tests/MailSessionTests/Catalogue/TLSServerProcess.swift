// `openssl s_server` as the peer of a session: it sends what it is told over TLS, and ends without
// a word when it is killed. A server that says close_notify would be of no use here.

import Foundation
import Glibc
import MailTestSupport
import Synchronization

/// A TLS server on 127.0.0.1 that says what the test says.
final class TLSServerProcess: Sendable {
    /// A PEM file with the certificate to trust.
    let caFile: String
    private let directory: String
    private let process: Process
    private let input = Pipe()
    private let heard = Mutex<[UInt8]>([])

    init() throws {
        directory = NSTemporaryDirectory() + "mailsession-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        caFile = directory + "/server.pem"
        let key = directory + "/server.key"
        let maker = Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", caFile, "-days", "30", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        try maker.run()
        maker.waitUntilExit()
        process = Self.openssl([
            "s_server", "-accept", "127.0.0.1:0", "-cert", caFile, "-key", key,
        ])
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        Thread.detachNewThread { [weak self] in
            while true {
                let data = output.fileHandleForReading.availableData
                guard !data.isEmpty, let self else { return }
                self.heard.withLock { $0 += data }
            }
        }
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The port it listens on, once it does; nil when it does not.
    func port() async -> Int? {
        _ = await eventually { self.listeningPort != nil }
        return listeningPort
    }

    /// Whether the client, or the program about itself, has said something.
    func hears(_ text: String) async -> Bool {
        await eventually { self.text.utf8.contains(text.utf8) }
    }

    /// Sends octets to the client.
    func send(_ text: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    }

    /// Ends the program: the system ends the TCP connection, and nobody says close_notify.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private var text: String { heard.withLock { String(decoding: $0, as: UTF8.self) } }

    /// From its line `ACCEPT 127.0.0.1:34759`.
    private var listeningPort: Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        for line in lines where line.hasPrefix("ACCEPT ") {
            return line.split(separator: ":").last.flatMap { Int($0) }
        }
        return nil
    }

    private static func openssl(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
