// `--json`: every answer is one line, an object, and names its schema.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct JSONAnswerTests {
    @Test("every verb with --json answers one object on one line that names its schema")
    func everyVerb() async throws {
        try await Home.with { home, users in
            let file = home.directory.appending(path: "a.txt")
            try Data("attached".utf8).write(to: file)
            func schema(_ arguments: String...) async throws -> String? {
                let outcome = try await home.run("mb", arguments + ["--json"])
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.lines.count == 1)
                return outcome.object["schema"] as? String
            }
            let sent = try await schema(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "it",
                "--body",
                "x",
                "--attach",
                file.path
            )
            #expect(sent == "mb.sent/1")
            let id = "\(try await home.message("it").id)"
            #expect(try await schema("inbox") == "mb.list/1")
            #expect(try await schema("sent") == "mb.list/1")
            #expect(try await schema("trash") == "mb.list/1")
            #expect(try await schema("list", "Archive") == "mb.list/1")
            #expect(try await schema("folders") == "mb.folders/1")
            #expect(try await schema("status") == "mb.status/1")
            #expect(try await schema("read", id) == "mb.message/1")
            #expect(try await schema("parts", id) == "mb.parts/1")
            #expect(try await schema("raw", id) == "mb.raw/1")
            #expect(try await schema("fetch", id) == "mb.fetch/1")
            #expect(try await schema("rm", id) == "mb.change/1")
            #expect(try await schema("purge", id) == "mb.change/1")
            #expect(try await schema("start") == "mb.started/1")
            #expect(try await schema("logout") == "mb.account/1")
            #expect(try await schema("stop") == "mb.stopped/1")
        }
    }

    @Test(
        "an error with --json is an object with its code and the exit status",
        arguments: [
            (["read", "999999"], "message.not_found", 66),
            (["list", "Nowhere"], "mailbox.not_found", 66),
            (["-a", "nobody", "inbox"], "account.unknown", 67),
            (["inbox", "-n", "0"], "usage", 64),
        ]
    )
    func errors(arguments: [String], code: String, status: Int32) async throws {
        try await Home.with { home, _ in
            let outcome = try await home.run("mb", arguments + ["--json"])
            #expect(outcome.status == status)
            #expect(outcome.object["schema"] as? String == "mb.error/1")
            let error = outcome.object["error"] as? [String: Any]
            #expect(error?["code"] as? String == code)
            #expect(error?["exit"] as? Int == Int(status))
        }
    }
}
