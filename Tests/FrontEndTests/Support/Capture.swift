// A session whose output is read back, and the messages tests are made of.

import BrokerClient
import BrokerProtocol
import Foundation
import MailModel

@testable import FrontEnd

/// A temporary file that is written by descriptor and read back.
final class CapturedFile {
    let descriptor: Int32

    init() {
        var template = Array("/tmp/mb-test-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
    }

    deinit { close(descriptor) }

    var octets: [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var buffer = [UInt8](repeating: 0, count: size)
        let count = pread(descriptor, &buffer, size, 0)
        return Array(buffer.prefix(max(0, count)))
    }

    var text: String { String(decoding: octets, as: UTF8.self) }
}

/// A session over files.
final class CapturedSession {
    let out = CapturedFile()
    let err = CapturedFile()
    let session: Session

    init(socket: String = "/nonexistent/broker.sock", canAsk: Bool = false, input: [UInt8] = []) {
        session = Session(
            program: "mb",
            output: Output(descriptor: out.descriptor),
            talk: Output(descriptor: err.descriptor),
            canAsk: canAsk,
            environment: { $0 == SocketPath.variable ? socket : nil }
        )
        session.hasTerminal = false
        session.now = { LocalDate(unixSeconds: Sample.now, offsetMinutes: 0) }
        session.input = CapturedSession.pipe(input)
    }

    deinit { close(session.input) }

    func run(_ arguments: String...) -> Int32 { run(arguments) }

    /// Runs a command line and gives its exit status.
    func run(_ arguments: [String]) -> Int32 {
        MailCommand.run(arguments, session: session)
    }

    /// The reading end of a pipe that holds octets and then ends.
    static func pipe(_ octets: [UInt8]) -> Int32 {
        var ends: [Int32] = [0, 0]
        _ = Foundation.pipe(&ends)
        _ = octets.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
        close(ends[1])
        return ends[0]
    }
}

/// Values tests are made of.
enum Sample {
    /// 2026-09-22T14:30:00Z, a Tuesday.
    static let now: Int64 = 1_790_087_400

    static func message(
        _ id: Int64,
        from: String? = "Alice Martin",
        address: String = "alice@example.org",
        subject: String? = "Lunch on Friday?",
        at seconds: Int64 = now - 1680,
        flags: [MailModel.Flag] = [],
        attachment: Bool = false,
        size: Int64 = 3072
    ) -> MessageSummary {
        MessageSummary(
            id: id,
            mailbox: "INBOX",
            date: DateTime(unixSeconds: seconds),
            received: DateTime(unixSeconds: seconds),
            from: [Address(name: from, address: address)],
            to: [Address(name: "Bob Fisher", address: "bob@example.org")],
            cc: [],
            subject: subject,
            messageID: "\(id)@example.org",
            flags: flags,
            hasAttachment: attachment,
            size: size
        )
    }

    static func list(
        _ messages: [MessageSummary],
        role: MailboxRole = .inbox,
        live: Bool = true,
        offlineSince: Int64? = nil
    ) -> MessageList.Result {
        MessageList.Result(
            account: "alice",
            mailbox: role == .inbox ? "INBOX" : "Sent",
            role: role,
            total: 1204,
            unseen: 2,
            live: live,
            asOf: DateTime(unixSeconds: now - 1680),
            offlineSince: offlineSince.map { DateTime(unixSeconds: $0) },
            messages: messages
        )
    }
}

/// A directory that goes with the test.
final class ScratchDirectory {
    let path: String

    init() {
        var template = Array("/tmp/mb-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ octets: [UInt8]) -> String {
        let file = "\(path)/\(name)"
        _ = FileManager.default.createFile(atPath: file, contents: Data(octets))
        return file
    }

    func octets(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: "\(path)/\(name)").map { Array($0) }
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}
