// The private mail server contrib/test has started, and a second opinion about it: contrib/test.d/
// witness.py, which is Python's own imaplib and smtplib and knows nothing of Mailbroker.

import Foundation
import Testing

/// The mail server of this run.
enum Sandbox {
    private static let variables = ProcessInfo.processInfo.environment

    /// Whether contrib/test has started one; without, the suites that need it are skipped.
    static let isThere = variables["MAILBROKER_TEST_SANDBOX"] != nil

    /// A directory with a short path, for everything a test makes.
    static let workDirectory = URL(
        filePath: variables["MAILBROKER_TEST_DIRECTORY"] ?? NSTemporaryDirectory()
    )

    /// The static release build of mb, where there is one.
    static let staticProgram = variables["MAILBROKER_STATIC_MB"]

    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The shared corpora, where they are.
    static let corpora: URL? = {
        let named = variables["MAILBROKER_CORPORA"].map { URL(filePath: $0) }
        let place = named ?? root.deletingLastPathComponent().appending(path: "shared/corpora")
        return FileManager.default.fileExists(atPath: place.path) ? place : nil
    }()

    /// Where the programs under test are.
    static let programs: String = {
        if let named = variables["MAILBROKER_BIN"] { return named }
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
        let program = bundle ?? CommandLine.arguments[0]
        return URL(filePath: program).deletingLastPathComponent().path
    }()

    static let portBase = Int(variables["MAILBROKER_TEST_PORT_BASE"] ?? "") ?? 10000
    static let directory = variables["MAILBROKER_TEST_SANDBOX"] ?? ""
    static var certificateAuthority: String { directory + "/pki/ca.crt" }

    /// Runs contrib/sandbox and gives its output; fails the test when it fails.
    @discardableResult
    static func run(
        _ arguments: String...,
        input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let outcome = try await Command.run(
            root.appending(path: "contrib/sandbox").path,
            ["--dir", directory, "--port-base", "\(portBase)"] + arguments,
            environment: variables,
            input: Data(input.utf8)
        )
        #expect(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Logins the server has seen of a user.
    static func logins(_ service: String, _ user: User) async throws -> Int? {
        Int(try await run("login-count", service, user.name))
    }

    /// Refused attempts the server has seen of a user.
    static func failures(_ service: String, _ user: User) async throws -> Int? {
        Int(try await run("login-count", "--failed", service, user.name))
    }

    /// Runs the independent witness.
    @discardableResult
    static func witness(
        _ user: User,
        _ arguments: String...,
        input: Data = Data(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Data {
        var environment = variables
        environment["WITNESS_CA"] = certificateAuthority
        environment["WITNESS_HOST"] = user.host
        environment["WITNESS_PORT"] = "\(user.port)"
        environment["WITNESS_PASSWORD"] = user.password
        let outcome = try await Command.run(
            "/usr/bin/python3",
            [root.appending(path: "contrib/test.d/witness.py").path, user.login] + arguments,
            environment: environment,
            input: input
        )
        #expect(outcome.status == 0, "\(outcome)", sourceLocation: sourceLocation)
        return outcome.octets
    }

    /// The messages of a mailbox as the witness sees them.
    static func messages(_ user: User, _ mailbox: String) async throws -> [Witnessed] {
        let answer = try await witness(user, "list", mailbox)
        return try JSONDecoder().decode([Witnessed].self, from: answer)
    }

    /// A message of a mailbox, octet by octet, as the server has it.
    static func raw(_ user: User, _ mailbox: String, uid: Int) async throws -> Data {
        try await witness(user, "raw", mailbox, "\(uid)")
    }
}

/// An account of the sandbox.
struct User: Sendable {
    /// The local part, and the account's name in the configuration.
    let name: String
    let password: String
    /// Where its mailboxes are.
    var host = "localhost"
    var port = Sandbox.portBase + 993
    /// What it logs in with; nil where that is the address.
    var shortLogin: String?
    var address: String { "\(name)@test.com" }
    var login: String { shortLogin ?? address }
}

/// A message as imaplib sees it.
struct Witnessed: Decodable, Sendable {
    let uid: Int
    let flags: [String]
    let size: Int
    let subject: String
    let to: String
    let bcc: String?
    let messageID: String
}
