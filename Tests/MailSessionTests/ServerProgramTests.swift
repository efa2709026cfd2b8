// Facts about servers that are programs: sessions on their standard input and output, and that
// nothing of them is left behind.

import Foundation
import Glibc
import IMAP
import MailModel
import MailTestSupport
import Testing

@testable import MailSession

@Suite struct ServerProgramTests {
    private func failure(_ command: [String]) async -> SessionError? {
        await #expect(throws: SessionError.self) { _ = try await IMAPSession(program: command) }
    }

    private func reason(_ error: SessionError?) -> String {
        guard case .program(let reason, _) = error else { return "\(String(describing: error))" }
        return reason
    }

    /// Ends a session and waits until its program is no more.
    private func expectEnd(of session: IMAPSession) async throws {
        let pid = try #require(ProgramServer.pid(session.summary.greeting))
        session.close()
        #expect(await eventually { ProgramServer.isGone(pid) })
    }

    @Test("a session that is logged in from the beginning reads a message; LOGOUT ends the program")
    func reads() async throws {
        let command = ProgramServer.command(
            cases: #"UID) printf '* 1 FETCH (UID 7 BODY[1] {5}\r\nhello)\r\n' ;;"#
        )
        let session = try await IMAPSession(program: command)
        #expect(session.summary.login == .preauthenticated)
        #expect(session.mechanism == nil)
        #expect(session.tlsVersion == nil)
        let answer = try await session.execute(
            .uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])
        )
        #expect(answer.body == Array("hello".utf8))
        let pid = try #require(ProgramServer.pid(session.summary.greeting))
        await session.logout()
        #expect(await eventually { ProgramServer.isGone(pid) })
    }

    @Test("a program that is not there is said with the system's words, and not tried for ever")
    func notFound() async {
        let error = await failure(["/nonexistent", "-x"])
        #expect(
            reason(error) == "imap.command /nonexistent cannot be run: No such file or directory"
        )
        #expect(error?.isTemporary == false)
        #expect(await failure([])?.isTemporary == false)
    }

    @Test(
        "a program that ends before its greeting is said with its status",
        arguments: [
            ("exit 3", "with status 3"), ("exec true", "with status 0"),
            ("kill -9 $$", "by signal 9 (Killed)"),
            (#"printf '* PREAUTH hi\r\n'; exit 255"#, "with status 255"),
        ]
    )
    func endsAtOnce(script: String, how: String) async {
        let error = await failure(["sh", "-c", script])
        #expect(reason(error) == "imap.command sh ended before it was ready, \(how)")
        #expect(error?.isTemporary == true)
    }

    @Test("a program that wants a login gets no password")
    func wantsLogin() async {
        let script = #"printf '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n'; read -r line"#
        let error = await failure(["sh", "-c", script])
        #expect(reason(error).contains("imap.command sh wants a login"))
        #expect(error?.isTemporary == false)
    }

    @Test("a program that talks no IMAP is said so")
    func noIMAP() async {
        guard case .imap(let error) = await failure(["sh", "-c", "echo Welcome; read -r l"]) else {
            Issue.record("no IMAP error")
            return
        }
        #expect(error.code == .invalidGreeting)
    }

    @Test("what it says on stderr goes nowhere and holds nothing up")
    func floodsErrors() async throws {
        let flood = "head -c 20000000 /dev/zero >&2"
        let command = ProgramServer.command(before: flood, cases: "NOOP*) \(flood) ;;")
        let session = try await IMAPSession(program: command)
        _ = try await session.execute(.noop)
        try await expectEnd(of: session)
    }

    @Test("a program that is killed ends the session, and is reaped")
    func killed() async throws {
        let command = ProgramServer.command(cases: "NOOP*) kill -9 $$ ;;")
        let session = try await IMAPSession(program: command)
        let error = await #expect(throws: SessionError.self) { try await session.execute(.noop) }
        #expect(error?.endsConnection == true)
        #expect(error?.isTemporary == true)
        try await expectEnd(of: session)
    }

    @Test(
        "a program that does not end with its input is ended",
        arguments: [
            "", "exec tail -f /dev/null", "tail -f /dev/null", "trap '' TERM; tail -f /dev/null",
        ]
    )
    func isEnded(after: String) async throws {
        try await expectEnd(of: try await IMAPSession(program: ProgramServer.command(after: after)))
    }

    @Test("what the program has started ends with it")
    func helpersEnd() async throws {
        let script = #"""
            tail -f /dev/null & printf '* PREAUTH [CAPABILITY IMAP4rev1] %s\r\n' $!
            read -r line
            """#
        let session = try await IMAPSession(program: ["sh", "-c", script])
        let pid = try #require(ProgramServer.pid(session.summary.greeting))
        session.close()
        // It is not ours to reap: as long as nobody does, its command line is empty.
        let ended = await eventually {
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline")
            return line?.isEmpty ?? true
        }
        #expect(ended)
    }

    @Test("no descriptor of ours reaches the program, and it has a session of its own")
    func isAlone() async throws {
        let null = open("/dev/null", O_RDONLY)
        let number = fcntl(null, F_DUPFD, 200)
        defer {
            close(null)
            close(number)
        }
        let script = #"""
            set -- $(cat /proc/$$/stat)
            [ -e /proc/$$/fd/\#(number) ] && leak=leaked
            [ $5 = $$ ] && [ $6 = $$ ] && own=own
            printf '* PREAUTH [CAPABILITY IMAP4rev1] %s\r\n' "${leak-clean} ${own-shared}"
            read -r line
            """#
        let session = try await IMAPSession(program: ["sh", "-c", script])
        #expect(String(decoding: session.summary.greeting, as: UTF8.self) == "clean own")
        session.close()
    }
}

/// The same with a real server: Dovecot's imap program on a Maildir.
@Suite(.enabled(if: DovecotProgram.isInstalled, "no /usr/lib/dovecot/imap"))
struct DovecotProgramTests {
    @Test("messages of a Maildir are listed and read")
    func lists() async throws {
        let dovecot = try DovecotProgram()
        defer { dovecot.remove() }
        let session = try await IMAPSession(program: dovecot.command)
        #expect(session.summary.login == .preauthenticated)
        let mailboxes = try await session.execute(
            .list(reference: [], pattern: Array("*".utf8), IMAPListOptions())
        )
        #expect(!mailboxes.untagged.isEmpty)
        _ = try await session.execute(.select(.inbox, readOnly: false))
        #expect(await session.exists == 1)
        let answer = try await session.execute(
            .uidFetch(.from(UID(1)), [.uid, .size, .section("1")])
        )
        #expect(answer.body == Array("Hello\r\n".utf8))
        let uid = try #require(answer.messages.first?.uid)
        #expect(uid == UID(1))
        await session.logout()
    }

    @Test("a message that is delivered while the session waits is news")
    func idles() async throws {
        let dovecot = try DovecotProgram()
        defer { dovecot.remove() }
        let session = try await IMAPSession(program: dovecot.command)
        let other = try await IMAPSession(program: dovecot.command)
        _ = try await session.execute(.select(.inbox, readOnly: false))
        let waiting = Task { try await session.waitForNews() }
        var body: [UInt8]? = DovecotProgram.message
        let size = UInt64(DovecotProgram.message.count)
        _ = try await other.append(to: .inbox, flags: [], date: nil, size: size) {
            defer { body = nil }
            return body
        }
        try await waiting.value
        #expect(await session.takeNews().hasArrivals)
        await session.logout()
        await other.logout()
    }
}

/// Dovecot's imap program with a configuration and a Maildir of its own.
private struct DovecotProgram {
    private static let program = "/usr/lib/dovecot/imap"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)
    static let message = Array("From: a@example.org\r\nSubject: one\r\n\r\nHello\r\n".utf8)

    let command: [String]
    private let directory: String

    init() throws {
        let directory = NSTemporaryDirectory() + "mailbroker-program-\(UUID().uuidString)"
        self.directory = directory
        let mail = directory + "/mail"
        for folder in ["/cur", "/new", "/tmp"] {
            try FileManager.default.createDirectory(
                atPath: mail + folder,
                withIntermediateDirectories: true
            )
        }
        // Dovecot does not serve root.
        let isRoot = getuid() == 0
        let uid = isRoot ? try Self.nobody() : (user: getuid(), group: getgid())
        let (user, group) = try Self.names(uid.user, uid.group)
        try Data(Self.message).write(to: URL(fileURLWithPath: mail + "/new/1.1.host"))
        let file = directory + "/dovecot.conf"
        try Self.configuration(directory, user, group)
            .write(toFile: file, atomically: false, encoding: .utf8)
        let paths = ["", "/mail", "/mail/cur", "/mail/new", "/mail/tmp"]
        for path in paths.map({ directory + $0 }) + [mail + "/new/1.1.host", file] {
            chmod(path, 0o755)  // whatever umask another test of this process has set
            if isRoot { chown(path, uid.user, uid.group) }
        }
        let drop = ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"]
        command =
            (isRoot ? drop : []) + [
                "env", "USER=\(user)", "HOME=\(directory)", "MAIL=maildir:\(mail)", Self.program,
                "-c", file,
            ]
    }

    func remove() { try? FileManager.default.removeItem(atPath: directory) }

    // Not getpwnam and its like: other tests of this process call them at the same time.

    private static func nobody() throws -> (user: uid_t, group: gid_t) {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let count = 4096
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: count) { area in
            let buffer = try #require(area.baseAddress)
            getpwnam_r("nobody", &record, buffer, count, &found)
            try #require(found != nil)
            return (record.pw_uid, record.pw_gid)
        }
    }

    private static func names(_ uid: uid_t, _ gid: gid_t) throws -> (user: String, group: String) {
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var group = Glibc.group()
        var foundGroup: UnsafeMutablePointer<Glibc.group>?
        let count = 4096
        return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: count) { area in
            let buffer = try #require(area.baseAddress)
            getpwuid_r(uid, &record, buffer, count, &found)
            try #require(found != nil)
            let user = String(cString: record.pw_name)
            getgrgid_r(gid, &group, buffer, count, &foundGroup)
            try #require(foundGroup != nil)
            return (user, String(cString: group.gr_name))
        }
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
        }

        """
    }
}
