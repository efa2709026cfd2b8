// The machine against a real server: Dovecot's imap program on stdin and stdout, without daemon,
// port or password. Skipped where it is not installed.

import Foundation
import Glibc
import MailModel
import SASL
import Testing

@testable import IMAP

@Suite(.enabled(if: Dovecot.isInstalled, "no /usr/lib/dovecot/imap"), .serialized)
struct DovecotTests {
    private let message = Array(
        "From: a@example.org\r\nSubject: one\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n".utf8
    )

    @Test("A message goes in, is found, read, flagged, moved and removed")
    func life() throws {
        let server = try Dovecot()
        defer { server.stop() }
        let summary = try server.start()
        #expect(summary.login == .preauthenticated)
        #expect(summary.has("UIDPLUS"))
        #expect(summary.id.contains { $0.name == Array("name".utf8) })
        #expect(summary.namespaces?.personal.first?.delimiter == UInt8(ascii: "/"))

        let name = MailboxName(ModifiedUTF7.encode("Entwürfe & \"mehr\""))
        #expect(try server.run(.create(name)).result.isOK)
        let date = DateTime(unixSeconds: 1_770_000_000, offsetMinutes: 0)
        let size = UInt64(message.count)
        let append = try server.run(.append(name, [.seen], date, size: size), message: message)
        guard case .ok(.appendUID(_, let uids)?, _) = append.result else {
            Issue.record("no APPENDUID: \(append)")
            return
        }
        #expect(try server.run(.select(name, readOnly: false)).events.contains("exists 1"))
        let key = IMAPSearchKey.messageID(Array("<1@example.org>".utf8))
        let found = try server.run(.uidSearch([key]))
        #expect(found.events == ["search \(Rendering.text(uids.octets))"])

        let items: [IMAPFetchItem] = [
            .uid, .flags, .internalDate, .size, .bodyStructure, .headerFields(["SUBJECT"]),
            .section("1"),
        ]
        let fetched = try server.run(.uidFetch(.uids(uids), items))
        #expect(fetched.events.first == #"chunk Hello\x0d\x0a"#)
        let data = try #require(fetched.events.last)
        #expect(data.contains("headers Subject: one"))
        #expect(data.contains("size \(size)"))
        #expect(data.contains("date \(date.rfc3339)"))
        #expect(data.contains("parts 1"))
        #expect(data.contains("[1] streamed 7"))

        let stored = try server.run(.uidStore(uids, .add, [.flagged], silent: false))
        #expect(stored.events.contains { $0.contains(#"\Flagged"#) })
        let moved = try server.run(.uidMove(uids, .inbox))
        #expect(moved.events.contains { $0.contains("COPYUID") })
        #expect(moved.events.contains("expunge 1"))
        #expect(try server.run(.select(.inbox, readOnly: false)).result.isOK)
        let all = IMAPMessageSet.from(UID(1))
        // MODSEQ may make the server say HIGHESTMODSEQ first (RFC 7162 3.1.2.1).
        let last = try server.run(.uidFetch(all, [.uid, .modSeq])).events.last
        #expect(last?.contains("uid 1 modseq") == true)
        #expect(try server.run(.uidStore(uids, .add, [.deleted], silent: true)).result.isOK)
        #expect(try server.run(.uidExpunge(UIDSet([UID(1)]))).events.contains("expunge 1"))
        #expect(try server.run(.unselect).result.isOK)
    }

    @Test("LIST tells names, roles and figures at once; odd names come back as they went")
    func list() throws {
        let server = try Dovecot()
        defer { server.stop() }
        _ = try server.start()
        for name in ["NIL", "a{5}", "x\\y", "日本語"] {
            let created = try server.run(.create(MailboxName(ModifiedUTF7.encode(name))))
            #expect(created.result.isOK)
        }
        let options = IMAPListOptions(status: IMAPStatusItem.allCases)
        let listed = try server.run(
            .list(reference: [], pattern: Array("*".utf8), options)
        )
        #expect(listed.events.contains("list Trash delimiter / role trash"))
        #expect(listed.events.contains("status INBOX messages 0"))
        #expect(listed.events.contains("list NIL delimiter /"))
        #expect(listed.events.contains("list a{5} delimiter /"))
        #expect(listed.events.contains(#"list x\y delimiter /"#))
        #expect(listed.events.contains("list &ZeVnLIqe- delimiter /"))
        let refused = try server.run(
            .select(MailboxName([0x61, 0x0D, 0x0A, 0xE9]), readOnly: true)
        )
        #expect(!refused.result.isOK)
        #expect(try server.run(.noop).result.isOK)
    }

    @Test("IDLE begins, ends, and the next command follows")
    func idle() throws {
        let server = try Dovecot()
        defer { server.stop() }
        _ = try server.start()
        #expect(try server.run(.select(.inbox, readOnly: true)).result.isOK)
        #expect(try server.run(.idle).result.isOK)
        let out = try server.run(.logout)
        #expect(out.result.isOK)
    }
}

extension IMAPResult {
    /// Whether the command was done.
    fileprivate var isOK: Bool {
        if case .ok = self { true } else { false }
    }
}

/// One imap process and the machine that talks to it.
private final class Dovecot {
    struct Failure: Error { let what: String }

    private static let program = "/usr/lib/dovecot/imap"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let directory: String
    private var connection = IMAPConnection(security: .preauthenticated, credential: nil)

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        directory = NSTemporaryDirectory() + "mailbroker-dovecot-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        // Dovecot does not serve root.
        let isRoot = getuid() == 0
        let user = isRoot ? "nobody" : NSUserName()
        let record = getpwnam(user)
        guard let record else { throw Failure(what: "no user \(user)") }
        let group =
            getgrgid(record.pointee.pw_gid).map { String(cString: $0.pointee.gr_name) } ?? user
        let file = directory + "/dovecot.conf"
        try Self.configuration(directory, user, group)
            .write(toFile: file, atomically: false, encoding: .utf8)
        chmod(file, 0o644)  // whatever umask another test of this process has set
        if isRoot { chown(directory, record.pointee.pw_uid, record.pointee.pw_gid) }
        process.executableURL = URL(fileURLWithPath: isRoot ? "/usr/bin/setpriv" : Self.program)
        let drop = ["--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--", Self.program]
        process.arguments = (isRoot ? drop : []) + ["-c", file]
        process.environment = [
            "USER": user, "HOME": directory, "MAIL": "maildir:\(directory)/mail",
            "PATH": "/usr/bin:/bin", "TZ": "UTC",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    private static func configuration(_ directory: String, _ user: String, _ group: String)
        -> String
    {
        """
        ssl = no
        base_dir = \(directory)/run
        log_path = \(directory)/log
        mail_location = maildir:\(directory)/mail
        default_internal_user = \(user)
        default_internal_group = \(group)
        default_login_user = \(user)
        first_valid_uid = 1
        namespace inbox {
          inbox = yes
          separator = /
          mailbox Trash {
            auto = subscribe
            special_use = \\Trash
          }
        }

        """
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Reads up to `.ready`.
    func start() throws -> IMAPServerSummary {
        while true {
            for action in try step() {
                if case .ready(let summary) = action { return summary }
            }
        }
    }

    /// Runs one command to its end.
    ///
    /// IDLE is ended as soon as it has begun.
    func run(
        _ command: IMAPCommand,
        message: [UInt8] = []
    ) throws -> (result: IMAPResult, events: [String]) {
        let (tag, first) = connection.submit(command)
        var rendering = Rendering()
        var actions = try perform(first)
        while true {
            for action in actions {
                if case .completed(tag, let result) = action {
                    return (result, rendering.finish())
                }
                if case .failed(let error) = action { throw error }
                rendering.add([action])
            }
            if actions.contains(where: { if case .needsMessage = $0 { true } else { false } }) {
                actions = try perform(connection.appendChunk(message))
            } else if actions.contains(where: { if case .idling = $0 { true } else { false } }) {
                actions = try perform(connection.endIdle())
            } else {
                actions = try step()
            }
        }
    }

    /// Writes what is to be written and gives back the rest.
    private func perform(_ actions: [IMAPConnection.Action]) throws -> [IMAPConnection.Action] {
        try actions.filter { action in
            guard case .write(let octets) = action else { return true }
            try input.fileHandleForWriting.write(contentsOf: octets)
            return false
        }
    }

    /// Waits for octets from the server.
    private func step() throws -> [IMAPConnection.Action] {
        let descriptor = output.fileHandleForReading.fileDescriptor
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 20_000) == 1 else { throw Failure(what: "the server is silent") }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { throw Failure(what: "the server is gone") }
        return try perform(connection.receive(Array(buffer[..<count])))
    }
}
