// A person's home for one test: directories of its own, a broker of its own, accounts of its own.
// What is in it goes when the test ends, also when it fails.

import Foundation
import Testing

/// The surroundings of one test.
final class Home: Sendable {
    let directory: URL
    let environment: [String: String]

    /// Makes a home, gives it to a test, and clears it away.
    static func with(
        users: [String] = ["alice"],
        loggedIn: Bool = true,
        isAlone: Bool = false,
        _ body: (Home, [User]) async throws -> Void
    ) async throws {
        try await with(loggedIn: loggedIn, isAlone: isAlone) { home in
            var accounts: [User] = []
            for name in users { accounts.append(try await home.addUser(name)) }
            return accounts
        } body: { home, users in
            try await body(home, users)
        }
    }

    /// Makes a home with the accounts that are added to its configuration, gives it to a test, and
    /// clears it away.
    static func with(
        loggedIn: Bool = true,
        isAlone: Bool = false,
        accounts: (Home) async throws -> [User],
        body: (Home, [User]) async throws -> Void
    ) async throws {
        let slots = await Slots.shared.take(all: isAlone)
        do {
            try await inside(loggedIn, accounts, body)
        } catch {
            await Slots.shared.give(slots)
            throw error
        }
        await Slots.shared.give(slots)
    }

    private static func inside(
        _ loggedIn: Bool,
        _ accounts: (Home) async throws -> [User],
        _ body: (Home, [User]) async throws -> Void
    ) async throws {
        let home = try Home()
        do {
            let users = try await accounts(home)
            if loggedIn {
                try await home.start()
                for user in users { try await home.login(user) }
            }
            try await body(home, users)
        } catch {
            try await home.clear()
            throw error
        }
        try await home.clear()
    }

    private init() throws {
        let name = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        directory = Sandbox.workDirectory.appending(path: name)
        var environment = [
            "HOME": directory.path, "PATH": "\(Sandbox.programs):/usr/bin:/bin", "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8", "TERM": "xterm",
        ]
        for (variable, folder) in [
            ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache"), ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"), ("TMPDIR", "tmp"),
        ] {
            let place = directory.appending(path: folder)
            try FileManager.default.createDirectory(
                at: place,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            environment[variable] = place.path
        }
        self.environment = environment
    }

    /// The broker's configuration file.
    var configuration: URL { directory.appending(path: "config/mailbroker/config.toml") }

    /// Adds an account to the sandbox and to the configuration; the name is made unique.
    func addUser(_ name: String) async throws -> User {
        let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        let user = User(name: "\(name)-\(suffix)", password: "secret \(suffix) ü")
        try await Sandbox.run(
            "adduser",
            user.name,
            "--config",
            configuration.path,
            input: user.password + "\n"
        )
        return user
    }

    /// Writes a configuration of one account by hand.
    func configure(_ user: User, imap: String, smtp: String, certificateAuthority: String) throws {
        let text = """
            [account.\(user.name)]
            address = "\(user.address)"
            imap = \(imap)
            smtp = \(smtp)
            ca_file = "\(certificateAuthority)"

            """
        try write(configuration: text)
    }

    /// Writes the broker's configuration file.
    func write(configuration text: String) throws {
        try FileManager.default.createDirectory(
            at: configuration.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: configuration)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600],
            ofItemAtPath: configuration.path
        )
    }

    /// Adds a setting to the last account of the configuration.
    func addSetting(_ line: String) throws {
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try Data((text + line + "\n").utf8).write(to: configuration)
    }

    /// Lets a command give the password of the last account of the configuration.
    func givePasswordByCommand(_ user: User) throws {
        let secret = directory.appending(path: "secret")
        try Data((user.password + "\n").utf8).write(to: secret)
        try addSetting("password_command = [\"cat\", \"\(secret.path)\"]")
    }

    /// Runs a program under test in this home.
    func run(
        _ program: String,
        _ arguments: [String],
        input: Data = Data(),
        directory: URL? = nil
    ) async throws -> Outcome {
        try await Command.run(
            "\(Sandbox.programs)/\(program)",
            arguments,
            environment: environment,
            input: input,
            directory: (directory ?? self.directory).path
        )
    }

    /// Runs mb.
    func mb(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await run("mb", arguments, input: Data(input.utf8))
    }

    /// Runs mb and fails the test unless it exits 0.
    @discardableResult
    func done(
        _ arguments: String...,
        input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run("mb", arguments, input: Data(input.utf8))
        try #require(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome
    }

    /// Starts the broker, which leaves when it is ready.
    func start(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let outcome = try await run("mailbrokerd", [])
        try #require(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
    }

    /// Logs an account in by its own password.
    @discardableResult
    func login(_ user: User, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Outcome
    {
        try await done(
            "login",
            "--password-stdin",
            user.address,
            input: user.password + "\n",
            sourceLocation: sourceLocation
        )
    }

    /// The broker's process.
    func brokerProcess() async throws -> Int32 {
        let status = try await done("status", "--json").object
        return try #require(status["pid"] as? Int32 ?? (status["pid"] as? Int).map(Int32.init))
    }

    /// The messages of a list, newest first.
    func list(_ verb: String..., account: User? = nil) async throws -> [Listed] {
        let selection = account.map { ["-a", $0.name] } ?? []
        let outcome = try await run("mb", selection + verb + ["--json"])
        try #require(outcome.status == 0, "\(outcome)")
        return try JSONDecoder().decode(ListAnswer.self, from: outcome.octets).messages
    }

    /// Waits until a list holds a message with a subject, and gives it.
    func message(_ subject: String, in verb: String = "inbox", account: User? = nil) async throws
        -> Listed
    {
        var found: Listed?
        try await eventually("\(subject) in \(verb)") {
            found = try await list(verb, account: account).first { $0.subject == subject }
            return found != nil
        }
        return try #require(found)
    }

    private func clear() async throws {
        let terminals = directory.appending(path: "tmux").path
        if FileManager.default.fileExists(atPath: terminals) {
            _ = try await Command.run(
                "/usr/bin/tmux",
                ["-S", terminals, "kill-server"],
                environment: environment
            )
        }
        let status = try await mb("status", "--json")
        if status.status == 0, let pid = status.object["pid"] as? Int {
            _ = try await mb("stop")
            try await eventually("the broker ends") { Command.hasEnded(Int32(pid)) }
        }
        showLastWords()
        try? FileManager.default.removeItem(at: directory)
    }

    /// A broker that has crashed fails the test, whatever else did, with what it said.
    private func showLastWords() {
        let log = directory.appending(path: "state/mailbroker/mailbrokerd.log")
        let lines = (try? String(contentsOf: log, encoding: .utf8))?.split(separator: "\n") ?? []
        guard let last = lines.lastIndex(where: { $0.contains("Fatal error") }) else { return }
        Issue.record("the broker crashed: \(lines[last...].prefix(40).joined(separator: "\n"))")
    }
}

/// A message of a list, as `--json` has it.
struct Listed: Decodable, Sendable {
    let id: Int64
    let subject: String?
    let unseen: Bool
    let size: Int64
    let flags: [String]
    let labels: [String]
}

/// `mb.list/1`.
struct ListAnswer: Decodable, Sendable {
    let schema: String
    let total: Int
    let messages: [Listed]
}

/// How many tests with a broker run at a time: the machine may have two cores and the tests a
/// deadline.
actor Slots {
    static let shared = Slots()
    private static let count = 3
    private var free = Slots.count
    private var waiting: [(need: Int, continuation: CheckedContinuation<Void, Never>)] = []

    /// Waits for room, for all of it where a test's time matters; gives what has to be given back.
    func take(all: Bool) async -> Int {
        let need = all ? Self.count : 1
        if free < need || !waiting.isEmpty {
            await withCheckedContinuation { waiting.append((need, $0)) }
        } else {
            free -= need
        }
        return need
    }

    /// Gives room back.
    func give(_ count: Int) {
        free += count
        while let next = waiting.first, next.need <= free {
            waiting.removeFirst()
            free -= next.need
            next.continuation.resume()
        }
    }
}
