// Facts about a compressed connection (RFC 4978), against scripted servers and Dovecot.

import Foundation
import Glibc
import IMAP
import MailModel
import MailTestSupport
import Testing

@testable import MailSession

@Suite struct CompressionTests {
    private typealias Step = ScriptedServer.Step

    private static let begin: [Step] =
        imapLogin(capabilities: "IMAP4rev1 SASL-IR IDLE COMPRESS=DEFLATE")
        + [.expect("COMPRESS DEFLATE"), .answer("* OK now"), .compress]

    private func session(_ script: [Step]) async throws -> (IMAPSession, ScriptedServer) {
        let server = try ScriptedServer([script])
        let endpoint = Endpoint(host: "127.0.0.1", port: server.port, protection: .none)
        let address = try MailServer(endpoint, caFile: nil, pins: [], compression: .always)
        return (try await IMAPSession(address, credential: credential()), server)
    }

    @Test("commands and answers are compressed, also while idling")
    func both() async throws {
        let (session, server) = try await session(
            Self.begin + [
                .expect("UID FETCH"), .send("* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n"),
                .answer("* OK"), .expect("IDLE"), .send("+ idling\r\n"), .send("* 2 EXISTS\r\n"),
                .expect("DONE"), .send("A0004 OK\r\n"), .hold,
            ]
        )
        let answer = try await session.execute(.uidFetch(.from(UID(7)), [.uid, .flags]))
        #expect(answer.messages.map(\.uid) == [UID(7)])
        try await session.waitForNews()
        #expect(await session.exists == 2)
        #expect(server.lines[0].contains("A0003 UID FETCH 7:* (UID FLAGS)"))
        session.close()
    }

    @Test("auto compresses over a network and not on this machine")
    func auto() throws {
        #expect(Compression.auto.isWanted(overNetwork: true))
        #expect(!Compression.auto.isWanted(overNetwork: false))
        #expect(!Compression.never.isWanted(overNetwork: true))
        let endpoint = Endpoint(host: "imap.test.com", port: 993, protection: .implicit)
        let server = try MailServer(endpoint, caFile: nil, pins: [], compression: .auto)
        #expect(server.compresses)
    }

    @Test("a body far larger compressed away than what is kept waiting comes whole")
    func large() async throws {
        let size = 24 * 1024 * 1024
        let (session, _) = try await session(
            Self.begin + [
                .expect("UID FETCH"), .send("* 1 FETCH (UID 7 BODY[1] {\(size)}\r\n"),
                .flood(size), .send(")\r\n"), .answer("* OK"), .hold,
            ]
        )
        let answer = try await session.execute(
            .uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])
        )
        #expect(answer.body.count == size)
        #expect(answer.body.allSatisfy { $0 == UInt8(ascii: "A") })
        session.close()
    }

    @Test("A41: a bomb ends at the limit of a line, of a literal and of a body")
    func bomb() async throws {
        let bombs: [([Step], IMAPError.Code)] = [
            ([.send("* OK "), .flood(1 << 30)], .lineTooLong),
            ([.send("* LIST () \"/\" {99999999}\r\n"), .flood(1 << 30)], .literalTooLarge),
            (
                [.send("* 1 FETCH (UID 7 BODY[1] {4000000000}\r\n"), .flood(1 << 30)],
                .literalTooLarge
            ),
        ]
        for (bomb, code) in bombs {
            let (session, _) = try await session(Self.begin + [.expect("UID FETCH")] + bomb)
            let error = await #expect(throws: SessionError.self) {
                try await session.execute(
                    .uidFetch(.uids(UIDSet([UID(7)])), [.uid, .section("1")])
                )
            }
            guard case .imap(let reason) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(reason.code == code)
        }
    }

    @Test("A41: what is no deflate stream ends the connection")
    func damaged() async throws {
        let (session, _) = try await session(
            Self.begin + [.expect("NOOP"), .octets([0xFF, 0xFF, 0xFF, 0xFF]), .hold]
        )
        let error = await #expect(throws: SessionError.self) {
            try await session.execute(.noop)
        }
        guard case .imap(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.code == .compressionDamaged)
    }

    @Test(
        "Dovecot and we understand each other compressed",
        .enabled(if: access("/usr/lib/dovecot/imap", X_OK) == 0, "no /usr/lib/dovecot/imap")
    )
    func dovecot() async throws {
        let directory = NSTemporaryDirectory() + "mailbroker-compress-\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? manager.removeItem(atPath: directory) }
        // Dovecot does not serve root.
        let user = getuid() == 0 ? "nobody" : NSUserName()
        let record = try #require(getpwnam(user))
        let group = try #require(getgrgid(record.pointee.pw_gid))
        let groupName = String(cString: group.pointee.gr_name)
        let file = directory + "/dovecot.conf"
        try """
        ssl = no
        base_dir = \(directory)/run
        log_path = \(directory)/log
        mail_location = maildir:\(directory)/mail
        default_internal_user = \(user)
        default_internal_group = \(groupName)
        default_login_user = \(user)
        first_valid_uid = 1
        mail_plugins = zlib imap_zlib

        """.write(toFile: file, atomically: false, encoding: .utf8)
        chmod(file, 0o644)
        chown(directory, record.pointee.pw_uid, record.pointee.pw_gid)
        let drop = [
            "/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(groupName)", "--clear-groups",
        ]
        let program = [
            "/usr/bin/env", "USER=\(user)", "HOME=\(directory)", "/usr/lib/dovecot/imap", "-c",
            file,
        ]
        let session = try await IMAPSession(
            program: (getuid() == 0 ? drop : []) + program,
            compresses: true
        )
        try #require(session.summary.has("COMPRESS=DEFLATE"))
        let message = Array(repeating: Array("Hello again and again\r\n".utf8), count: 20_000)
        let octets = Array("Subject: long\r\n\r\n".utf8) + message.flatMap { $0 }
        var pieces = [octets]
        _ = try await session.append(
            to: .inbox,
            flags: [.seen],
            date: nil,
            size: UInt64(octets.count)
        ) { pieces.popLast() }
        _ = try await session.execute(.select(.inbox, readOnly: false))
        let answer = try await session.execute(.uidFetch(.from(UID(1)), [.uid, .section("")]))
        #expect(answer.body == octets)
        await session.logout()
    }
}
