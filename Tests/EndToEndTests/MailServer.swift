// The servers that ServerSuiteTests runs on. Dovecot is the sandbox's. Others are named by
// variables of the environment:
//
//     MAILBROKER_TEST_CYRUS="HOST:PORT USER:PASSWORD USER:PASSWORD USER:PASSWORD"
//     MAILBROKER_TEST_COURIER, the same
//
// with implicit TLS, a certificate the sandbox's authority or one of the system's has signed, and
// three users who may lose all their mail. What they send goes through the sandbox, where they get
// accounts of the same name and password. contrib/dev/servers starts both servers and says so.

import Foundation
import Testing

/// A server with accounts for tests.
struct MailServer: Sendable, CustomTestStringConvertible {
    private let name: String
    /// Accounts that somebody has made; nil where every test makes its own.
    private let accounts: Accounts?

    static let all =
        [MailServer(name: "Dovecot", accounts: nil)]
        + [("Cyrus", "MAILBROKER_TEST_CYRUS"), ("Courier", "MAILBROKER_TEST_COURIER")].compactMap {
            (name, variable) in
            ProcessInfo.processInfo.environment[variable].map {
                MailServer(name: name, accounts: Accounts($0))
            }
        }

    var testDescription: String { name }

    /// Gives a test a home with empty accounts on this server, logged in, and what the names of
    /// their mailboxes begin with.
    func with(
        users count: Int = 1,
        _ body: (Home, [User], String) async throws -> Void
    ) async throws {
        guard let accounts else {
            let names = Array(["alice", "bob", "carol"].prefix(count))
            return try await Home.with(users: names) { try await body($0, $1, "") }
        }
        let users = try await accounts.take(count)
        do {
            try await with(users, body)
        } catch {
            await accounts.give(users)
            throw error
        }
        await accounts.give(users)
    }

    private func with(
        _ users: [User],
        _ body: (Home, [User], String) async throws -> Void
    ) async throws {
        for user in users {
            try await Sandbox.run("adduser", user.name, "--no-config", input: user.password + "\n")
            try await Sandbox.witness(user, "clear")
        }
        let prefix = try JSONDecoder().decode(
            String.self,
            from: try await Sandbox.witness(users[0], "prefix")
        )
        try await Home.with { home in
            try home.configure(users)
            return users
        } body: {
            try await body($0, $1, prefix)
        }
    }

    /// The accounts of a server, lent to one test at a time.
    actor Accounts {
        private var free: [User]
        private let count: Int
        private var waiting: [(need: Int, continuation: CheckedContinuation<[User], Never>)] = []

        /// Accounts as a variable names them; none where it cannot be read.
        init(_ text: String) {
            let words = text.split(separator: " ").map {
                $0.split(separator: ":", maxSplits: 1).map(String.init)
            }
            let port = words.first.flatMap { $0.count == 2 ? Int($0[1]) : nil }
            free = words.dropFirst().filter { $0.count == 2 }.compactMap { pair in
                guard let port else { return nil }
                var user = User(name: pair[0], password: pair[1])
                (user.host, user.port, user.shortLogin) = (words[0][0], port, pair[0])
                return user
            }
            count = free.count
        }

        /// Waits until so many are free.
        func take(_ need: Int) async throws -> [User] {
            try #require(need <= count, "the variable of this server names too few accounts")
            guard free.count < need || !waiting.isEmpty else { return remove(need) }
            return await withCheckedContinuation { waiting.append((need, $0)) }
        }

        /// Gives accounts back.
        func give(_ users: [User]) {
            free += users
            while let next = waiting.first, next.need <= free.count {
                waiting.removeFirst()
                next.continuation.resume(returning: remove(next.need))
            }
        }

        private func remove(_ need: Int) -> [User] {
            defer { free.removeFirst(need) }
            return Array(free.prefix(need))
        }
    }
}

extension Home {
    /// Writes a configuration of accounts that log in with their name alone.
    fileprivate func configure(_ users: [User]) throws {
        let sections = users.map { user in
            """
            [account.\(user.name)]
            address = "\(user.address)"
            user = "\(user.login)"
            imap = { host = "\(user.host)", port = \(user.port), tls = "implicit" }
            smtp = { host = "localhost", port = \(Sandbox.portBase + 465) }
            ca_file = "\(Sandbox.certificateAuthority)"
            """
        }
        try write(configuration: sections.joined(separator: "\n") + "\n")
    }
}
