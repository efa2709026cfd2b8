// Consoles on real terminals: tmux is the terminal, a person's keys and eyes.

import Foundation
import Testing

@Suite(.enabled(if: Sandbox.isThere, "run contrib/test"))
struct ConsoleTests {
    @Test("a mail sent from one front end appears in three consoles within 2 s")
    func threeConsoles() async throws {
        try await Home.with(isAlone: true) { home, users in
            let terminals = try Terminals(home)
            for name in ["one", "two", "three"] {
                try await terminals.open(name, "mb-console")
                try await terminals.waitForPrompt(name)
            }
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "from mb",
                "--body",
                "x"
            )
            try await everybodyHears("from mb", ["one", "two", "three"], terminals)
            for line in ["compose", users[0].address, "", "", "from one", "Hello.", "."] {
                try await terminals.type("one", line)
            }
            try await terminals.waitFor("one", "queued ")
            try await everybodyHears("from one", ["one", "two", "three"], terminals)
            #expect(try await home.message("from one").unseen)
            #expect(try await Sandbox.logins("imap", users[0]) == 1)
        }
    }

    @Test("a mail is announced above a half-typed line, which stays")
    func halfTypedLine() async throws {
        try await Home.with { home, users in
            let terminals = try Terminals(home)
            try await terminals.open("one", "mb-console")
            try await terminals.waitForPrompt("one")
            try await terminals.press("one", "hel")
            try await terminals.waitFor("one", "hel")
            try await home.done(
                "send",
                "--wait",
                "-t",
                users[0].address,
                "-s",
                "meanwhile",
                "--body",
                "x"
            )
            try await terminals.waitFor("one", "** new mail")
            try await terminals.press("one", "p")
            try await eventually("the line is whole below the announcement") {
                let lines = try await terminals.screen("one").split(separator: "\n")
                let news = lines.lastIndex { $0.contains("** new mail") } ?? lines.endIndex
                let typed = lines.lastIndex { $0.hasSuffix("help") } ?? lines.startIndex
                return news < typed
            }
        }
    }

    @Test("Ctrl-D leaves, the console's end is not the session's")
    func controlD() async throws {
        try await Home.with { home, users in
            let terminals = try Terminals(home)
            try await terminals.open("one", "mb-console; echo left with $?; sleep 60")
            try await terminals.waitForPrompt("one")
            try await terminals.press("one", "C-d")
            try await terminals.waitFor("one", "left with 0")
            try await home.done("inbox")
            #expect(try await Sandbox.logins("imap", users[0]) == 1)
        }
    }

    @Test("the verbs of mb work in the console, and Ctrl-C does not end it")
    func verbs() async throws {
        try await Home.with { home, users in
            try await Sandbox.witness(users[0], "fill", "INBOX", "2")
            let id = try await home.message("message 1").id
            let terminals = try Terminals(home)
            try await terminals.open("one", "mb console")
            try await terminals.waitForPrompt("one")
            try await terminals.type("one", "read \(id)")
            try await terminals.waitFor("one", "Hello.")
            try await terminals.press("one", "C-c")
            try await terminals.type("one", "rm \(id)")
            try await terminals.waitFor("one", "moved to Trash")
            try await terminals.type("one", "sideways")
            try await terminals.type("one", "folders")
            try await terminals.waitFor("one", "Drafts")
            #expect(try await Sandbox.messages(users[0], "INBOX").map(\.subject) == ["message 2"])
        }
    }

    @Test("login asks on the terminal without echo")
    func loginPrompt() async throws {
        try await Home.with(loggedIn: false) { home, users in
            try await home.start()
            let terminals = try Terminals(home)
            try await terminals.open("one", "mb login \(users[0].address); sleep 60")
            try await terminals.waitFor("one", "Password for \(users[0].address):")
            try await terminals.type("one", users[0].password)
            try await terminals.waitFor("one", "Logged in as")
            #expect(try await !terminals.screen("one").contains(users[0].password))
            try await home.done("inbox")
        }
    }

    /// Waits until each console has announced a subject, at most 2 s from now.
    private func everybodyHears(
        _ subject: String,
        _ names: [String],
        _ terminals: Terminals
    ) async throws {
        let start = ContinuousClock.now
        for name in names {
            try await eventually("\(name) hears of \(subject)") {
                let screen = try await terminals.screen(name)
                return screen.split(separator: "\n").contains {
                    $0.contains("** new mail") && $0.contains(subject)
                }
            }
        }
        #expect(ContinuousClock.now - start < .seconds(2))
    }
}

/// Terminals of a tmux server of this home alone; they end with it.
struct Terminals {
    private let home: Home
    private let socket: String

    init(_ home: Home) throws {
        self.home = home
        socket = home.directory.appending(path: "tmux").path
    }

    /// Opens a terminal that runs a command line.
    func open(_ name: String, _ command: String) async throws {
        try await tmux("new-session", "-d", "-x", "120", "-y", "40", "-s", name, command)
    }

    /// What the terminal shows.
    func screen(_ name: String) async throws -> String {
        try await tmux("capture-pane", "-p", "-t", name)
    }

    /// Waits until a text is on the screen.
    func waitFor(_ name: String, _ text: String) async throws {
        do {
            try await eventually("\(text) on \(name)") { try await screen(name).contains(text) }
        } catch let error as DeadlinePassed {
            throw DeadlinePassed(description: "\(error)\n\(try await screen(name))")
        }
    }

    /// Waits until the console asks for a line.
    ///
    /// What is typed before that may go to nobody.
    func waitForPrompt(_ name: String) async throws {
        try await eventually("\(name) asks for a line") {
            try await screen(name).split(separator: "\n").last?.hasSuffix(">") ?? false
        }
    }

    /// Types a line.
    func type(_ name: String, _ line: String) async throws {
        if !line.isEmpty { try await tmux("send-keys", "-t", name, "-l", "--", line) }
        try await tmux("send-keys", "-t", name, "Enter")
    }

    /// Presses a key, or types a text without the end of its line.
    func press(_ name: String, _ keys: String) async throws {
        try await tmux("send-keys", "-t", name, keys)
    }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String {
        let outcome = try await Command.run(
            "/usr/bin/tmux",
            ["-S", socket, "-f", "/dev/null"] + arguments,
            environment: home.environment
        )
        guard outcome.status == 0 else { throw DeadlinePassed(description: "\(outcome)") }
        return outcome.output
    }
}
