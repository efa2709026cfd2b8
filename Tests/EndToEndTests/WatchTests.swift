// Events of every mailbox as they happen on the server.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct WatchTests {
    @Test("what another client does in any mailbox shows in watch, with mailbox and number")
    func everyMailbox() async throws {
        try await Home.with { home, users in
            let log = home.directory.appending(path: "events")
            try Data().write(to: log)
            func events() throws -> [[String: Any]] {
                try String(contentsOf: log, encoding: .utf8).split(separator: "\n").compactMap {
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }
            }
            func has(_ kind: String, in mailbox: String) throws -> Bool {
                try events().contains {
                    $0["event"] as? String == kind && $0["mailbox"] as? String == mailbox
                }
            }
            try await home.done("list", "Archive")
            let watch = Task {
                try await Command.run(
                    "/bin/sh",
                    ["-c", "exec '\(Sandbox.programs)/mb' watch --json > '\(log.path)'"],
                    environment: home.environment,
                    directory: home.directory.path
                )
            }
            try await eventually("watch is ready") {
                try events().first?["event"] as? String == "ready"
            }
            for mailbox in ["INBOX", "Archive"] {
                try await Sandbox.witness(users[0], "fill", mailbox, "1")
                try await eventually("new mail in \(mailbox) shows") {
                    try has("message.new", in: mailbox)
                }
                let uid = try #require(try await Sandbox.messages(users[0], mailbox).last).uid
                try await Sandbox.witness(users[0], "flag", mailbox, "\(uid)", "\\Flagged")
                try await eventually("a flag in \(mailbox) shows") {
                    try has("message.flags", in: mailbox)
                }
                try await Sandbox.witness(users[0], "expunge", mailbox, "\(uid)")
                try await eventually("a deletion in \(mailbox) shows") {
                    try has("message.gone", in: mailbox)
                }
            }
            try await Sandbox.witness(users[0], "create", "Elsewhere")
            try await eventually("a new mailbox shows") {
                try has("mailbox.created", in: "Elsewhere")
            }
            let seqs = try events().compactMap { $0["seq"] as? Int }
            #expect(seqs == seqs.sorted())
            let first = try #require(seqs.first)
            try await home.done("stop")
            _ = try await watch.value
            // Another broker's numbers are later: who goes on from an old one is told of the gap.
            try await home.start()
            try await home.login(users[0])
            let since = try await home.done(
                "watch",
                "--since",
                "\(first)",
                "--exit-on-first",
                "--events",
                "state,new",
                "--exec",
                "cat"
            )
            #expect(since.output.contains("\"event\":\"resync\""))
        }
    }
}
