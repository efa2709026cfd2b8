// The broker's beginning and end, and what front ends say without it.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct BrokerLifeTests {
    @Test(
        "without a broker every front end says in one line how to start it, and exits 69",
        arguments: [
            ["mb", "inbox"], ["mb", "status"],
            ["mb", "login", "--password-stdin", "alice@test.com"],
            ["mb-fetch", "1"],
            ["mb", "send", "--wait", "-t", "a@test.com", "-s", "x", "--body", "y"],
            ["mb", "stop"],
        ]
    )
    func brokerAbsent(command: [String]) async throws {
        try await Home.with(users: [], loggedIn: false) { home, _ in
            let outcome = try await home.run(
                command[0],
                Array(command.dropFirst()),
                input: Data("secret\n".utf8)
            )
            #expect(outcome.status == 69)
            let line = "\(command[0]): the broker is not running; start it with: mb start\n"
            #expect(outcome.errors == line)
            #expect(outcome.output == "")
        }
    }

    @Test("start starts one broker, a second start finds it, stop ends it")
    func startAndStop() async throws {
        try await Home.with(users: [], loggedIn: false) { home, _ in
            let first = try await home.done("start")
            let process = try await home.brokerProcess()
            #expect(first.output.contains("pid \(process)"))
            #expect(
                try await home.done("start").output.contains("already running (pid \(process))")
            )
            let other = try await home.run("mailbrokerd", [])
            #expect(other.status == 0)
            #expect(other.output.contains("already running"))
            #expect(try await home.brokerProcess() == process)
            try await home.done("stop")
            try await eventually("the process ends") { Command.hasEnded(process) }
            #expect(try await home.mb("status").status == 69)
        }
    }

    @Test("after kill -9 the next broker heals the socket, and the account asks for a login")
    func killedBroker() async throws {
        try await Home.with { home, users in
            let process = try await home.brokerProcess()
            kill(process, SIGKILL)
            try await eventually("the process ends") { Command.hasEnded(process) }
            let socket = home.directory.appending(path: "run/mailbroker/broker.sock").path
            #expect(FileManager.default.fileExists(atPath: socket))
            #expect(try await home.mb("inbox").status == 69)
            try await home.start()
            let asked = try await home.mb("inbox")
            #expect(asked.status == 77)
            #expect(asked.errors.contains("mb login"))
            try await home.login(users[0])
            try await home.done("inbox")
        }
    }

    @Test("a program that stops a listing in the middle does the broker no harm")
    func clientGoesAway() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "50")
            // The server announces them when it likes: before that there is nothing to stop.
            try await eventually("mail is listed") { try await !home.list("inbox").isEmpty }
            for _ in 0..<20 {
                let outcome = try await Command.run(
                    "/bin/sh",
                    ["-c", "mb inbox -n 50 | head -c 10"],
                    environment: home.environment
                )
                #expect(outcome.octets.count == 10)
            }
            #expect(try await home.list("inbox").count > 0)
        }
    }

    @Test("SIGTERM ends the broker in order: the servers see a logout")
    func terminated() async throws {
        try await Home.with { home, users in
            let process = try await home.brokerProcess()
            kill(process, SIGTERM)
            try await eventually("the process ends") { Command.hasEnded(process) }
            let socket = home.directory.appending(path: "run/mailbroker/broker.sock").path
            #expect(!FileManager.default.fileExists(atPath: socket))
            try await eventually("the logout is in the log") {
                let log = try await Sandbox.run("log", "-n", "20000")
                return log.split(separator: "\n").contains {
                    $0.contains("imap(\(users[0].address))") && $0.contains("Logged out")
                }
            }
        }
    }
}
