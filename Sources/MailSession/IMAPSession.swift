// One authenticated IMAP connection. One task at a time uses it (its owner sees to that); commands
// run one after the other. What the server says unasked is kept until the owner takes it.

package import IMAP
package import MailModel
import OpenSSLTLS
package import SASL

extension IMAPConnection: LinkMachine {
    enum Event: Sendable {
        case ready(IMAPServerSummary)
        case untagged(IMAPUntagged)
        case bodyChunk([UInt8])
        case idling
        case needsMessage
        case completed(IMAPResult)
        case failed(IMAPError)
    }

    static func step(for action: Action) -> LinkStep<Event> {
        switch action {
        case .write(let octets): .write(octets)
        case .writeSecret(let secret): .writeSecret(secret)
        case .startTLS: .startTLS
        case .compress: .compress
        case .ready(let summary): .event(.ready(summary))
        case .untagged(let data): .event(.untagged(data))
        case .bodyChunk(let octets): .event(.bodyChunk(octets))
        case .idling: .event(.idling)
        case .needsMessage: .event(.needsMessage)
        case .completed(_, let result): .event(.completed(result))
        case .failed(let error): .end(.failed(error))
        }
    }
}

/// What a command brought.
package struct IMAPAnswer: Sendable {
    /// The untagged data that came while it ran, in order.
    package var untagged: [IMAPUntagged]
    /// The octets of the section it asked for.
    package var body: [UInt8] = []
    /// The code of its OK.
    package var code: IMAPResponseCode?
    /// The NO or BAD at its end, before which data may have come; nil for OK.
    package var refusal: IMAPResult?

    /// An answer with this untagged data.
    package init(untagged: [IMAPUntagged] = []) { self.untagged = untagged }

    /// Adds untagged data; false when there is more than any command asks for.
    mutating func take(_ data: IMAPUntagged) -> Bool {
        guard untagged.count < SessionLimits.responsesMax else { return false }
        untagged.append(data)
        return true
    }

    /// Adds octets of a section; false when there are more than any command asks for.
    mutating func take(body octets: [UInt8]) -> Bool {
        guard body.count + octets.count <= SessionLimits.bodyOctetsMax else { return false }
        body += octets
        return true
    }

    /// The messages' data.
    package var messages: [IMAPFetchData] {
        untagged.compactMap { if case .fetch(let data) = $0 { data } else { nil } }
    }
}

/// A connection to an IMAP server, logged in.
package actor IMAPSession {
    /// What the server offers.
    package nonisolated let summary: IMAPServerSummary
    /// `TLSv1.3`; nil without TLS.
    package nonisolated let tlsVersion: String?
    private let link: Link<IMAPConnection>
    /// News of the selected mailbox that nobody has taken.
    private var news = MailboxNews()
    /// News of other mailboxes that nobody has taken.
    private var accountNews = AccountNews()
    /// Messages in the selected mailbox, kept by every EXISTS and EXPUNGE (RFC 3501 7.3.1, 7.4.1).
    package private(set) var exists: UInt32 = 0
    /// When the server was last heard.
    package private(set) var lastHeard = ContinuousClock.now
    /// What ENABLE has switched on.
    package private(set) var enabled = IMAPCapabilities()
    private var idle = Idle.none
    /// Whether somebody needs the connection: kept while no IDLE runs, so that a call that comes
    /// just before one is not lost.
    private var isEndWanted = false
    private var pause: Task<Void, any Error>?
    /// Whether the connection has ended; known only to a server without IDLE that is being asked.
    private var isClosed = false
    private var watchesClose = false
    /// Whether a command runs.
    private var isAsking = false
    /// Whether the connection may be dead, and the next question shows it.
    private var isDoubted = false
    /// Whether the server has shown that it cannot do the LIST that it offers.
    private var isListPlain = false

    private enum Idle {
        case none, starting, running, ending
    }

    /// Connects and logs in, once.
    /// - Throws: `SessionError` with the server's own words where it spoke.
    package init(
        _ server: MailServer,
        credential: SASLCredential
    ) async throws(SessionError) {
        let security: IMAPConnection.Security =
            switch server.endpoint.protection {
            case .implicit: .implicitTLS
            case .startTLS: .startTLS
            case .none: .plaintext
            }
        let machine = IMAPConnection(
            security: security,
            credential: credential,
            compresses: server.compresses
        )
        try await self.init(try await Link.connect(to: server, machine: machine))
    }

    /// Starts a program that is the server; no credential goes there, because nobody knows who is
    /// at the other end.
    /// - Throws: `SessionError.program` where it cannot be run, ends or wants a login.
    package init(
        program command: [String],
        compresses: Bool = false
    ) async throws(SessionError) {
        let machine = IMAPConnection(
            security: .preauthenticated,
            credential: nil,
            compresses: compresses
        )
        try await self.init(try await Link.start(command, machine: machine))
    }

    /// Connects the way the server is reached.
    /// - Throws: `SessionError`.
    package init(
        _ server: IMAPServer,
        credential: SASLCredential
    ) async throws(SessionError) {
        switch server {
        case .network(let server): try await self.init(server, credential: credential)
        case .program(let command, let compresses):
            try await self.init(program: command, compresses: compresses)
        }
    }

    private init(_ link: Link<IMAPConnection>) async throws(SessionError) {
        self.link = link
        var secured: TLSSummary?
        for await event in link.events {
            switch event {
            case .established(let summary): secured = summary
            case .machine(.ready(let summary)):
                self.summary = summary
                tlsVersion = secured?.version
                try await link.setWait(nil)
                return
            case .machine(.failed(let error)): throw await Self.cause(of: .imap(error), link)
            case .ended(let error): throw await Self.cause(of: error ?? .connectionLost, link)
            case .machine: continue
            }
        }
        link.close()
        throw .connectionLost
    }

    /// What an error before `.ready` means where the server is a program.
    private static func cause(
        of error: SessionError,
        _ link: Link<IMAPConnection>
    ) async -> SessionError {
        guard let program = link.program else { return error }
        let name = "imap.command \(program.name)"
        switch error {
        case .imap(let error) where error.code == .credentialMissing:
            return .program(
                "\(name) wants a login (its greeting is not PREAUTH): no password is sent there",
                isTemporary: false
            )
        case .imap(let error) where error.code != .connectionClosed: return .imap(error)
        case .imap, .connectionLost:
            let end = await program.end()
            return .program("\(name) ended before it was ready, \(end.text)", isTemporary: true)
        default: return error
        }
    }

    /// Runs a command to its end.
    /// - Throws: `SessionError.refused` for NO and BAD; anything else ended the connection.
    package func execute(_ command: IMAPCommand) async throws(SessionError) -> IMAPAnswer {
        guard let plain = command.plainList, summary.has("LIST-EXTENDED") else {
            return try await run(command)
        }
        if !isListPlain {
            do throws(SessionError) {
                let answer = try await run(command)
                if answer.hasList { return answer }
            } catch .refused {
                // The plain form is asked next.
            }
        }
        let answer = try await run(plain)
        isListPlain = answer.hasList
        return answer
    }

    private func run(_ command: IMAPCommand) async throws(SessionError) -> IMAPAnswer {
        let answer = try await ask(command)
        if let refusal = answer.refusal { throw .refused(command: command.verb, refusal) }
        return answer
    }

    /// Runs a command to its end, where NO or BAD are an answer too: the server may have sent data
    /// before it (QUIRK 86).
    ///
    /// The connection ends when nothing moves for `wait`.
    /// - Throws: `SessionError` that ended the connection.
    package func ask(
        _ command: IMAPCommand,
        wait: Duration = SessionLimits.commandWait
    ) async throws(SessionError) -> IMAPAnswer {
        try await link.setWait(wait)
        try await link.act { $0.submit(command).actions }
        let answer = try await self.answer(to: command)
        try await link.setWait(nil)
        return answer
    }

    /// Adds a message; `body` gives exactly `size` octets piece by piece, nil at the end.
    ///
    /// - Throws: `SessionError`, or what `body` threw, after which the connection is closed: an
    ///   APPEND cut short cannot be taken back otherwise.
    package func append(
        to mailbox: MailboxName,
        flags: [Flag],
        date: DateTime?,
        size: UInt64,
        body: () async throws -> [UInt8]?
    ) async throws -> IMAPAnswer {
        let command = IMAPCommand.append(mailbox, flags, date, size: size)
        try await link.setWait(SessionLimits.commandWait)
        try await link.act { $0.submit(command).actions }
        let answer = try await self.answer(to: command) {
            do {
                while let octets = try await body() {
                    try await self.link.act { $0.appendChunk(octets) }
                }
            } catch {
                self.link.close()
                throw error
            }
        }
        try await link.setWait(nil)
        if let refusal = answer.refusal { throw SessionError.refused(command: "APPEND", refusal) }
        return answer
    }

    /// Waits for news: returns when there are some, when `endIdle` is called, or after a time, at
    /// most `SessionLimits.idleRenewal`.
    package func waitForNews(
        atMost limit: Duration = SessionLimits.idleRenewal
    ) async throws(SessionError) {
        defer { isEndWanted = false }
        guard !hasNews, !isEndWanted else { return }
        guard summary.has("IDLE") else { return try await poll(atMost: limit) }
        idle = .starting
        try await link.setWait(SessionLimits.commandWait)
        try await link.act { $0.submit(.idle).actions }
        let renewal = Task {
            try await Task.sleep(for: min(limit, SessionLimits.idleRenewal))
            await self.endIdle()
        }
        defer {
            renewal.cancel()
            idle = .none
        }
        let answer = try await answer(to: .idle)
        try await link.setWait(nil)
        if let refusal = answer.refusal { throw .refused(command: "IDLE", refusal) }
    }

    /// Ends a running `waitForNews`, or the next one at once.
    package func endIdle() async {
        isEndWanted = true
        pause?.cancel()
        guard idle == .running else { return }
        idle = .ending
        try? await link.setWait(isDoubted ? SessionLimits.probeWait : SessionLimits.idleEndWait)
        try? await link.act { $0.endIdle() }
    }

    /// Checks the connection at once, because the machine has slept or its network is another one:
    /// without a word within `SessionLimits.probeWait` it ends.
    ///
    /// A `waitForNews` is ended by it. A connection that nobody uses is checked by its next use.
    package func probe() async {
        isDoubted = true
        if isAsking, idle != .running, idle != .starting {
            try? await link.setWait(SessionLimits.probeWait)
        } else if let pause {
            pause.cancel()
        } else {
            await endIdle()
        }
    }

    /// Whether this machine has no longer the address that the connection is from: nothing will
    /// come over it any more.
    package nonisolated var isAddressGone: Bool { link.isAddressGone }

    /// For a server without IDLE: asks after a pause.
    ///
    /// Nothing is read meanwhile, so that the end of the connection is told by the channel.
    private func poll(atMost limit: Duration) async throws(SessionError) {
        if !watchesClose {
            watchesClose = true
            link.whenClosed { Task { await self.noteClose() } }
        }
        let length = min(limit, SessionLimits.pollPause)
        let pause = Task { try await Task.sleep(for: length) }
        self.pause = pause
        if isClosed { pause.cancel() }
        _ = await pause.result
        self.pause = nil
        // The last words of the server say why it ended.
        if isClosed { _ = try await answer(to: .noop) }
        guard !isEndWanted || isDoubted else { return }
        let wait = isDoubted ? SessionLimits.probeWait : SessionLimits.commandWait
        if let refusal = try await ask(.noop, wait: wait).refusal {
            throw .refused(command: "NOOP", refusal)
        }
    }

    private func noteClose() {
        isClosed = true
        pause?.cancel()
    }

    /// Whether there are news nobody has taken.
    package var hasNews: Bool { !news.isEmpty || !accountNews.isEmpty }

    /// Whether there are news of the selected mailbox nobody has taken.
    package var hasMailboxNews: Bool { !news.isEmpty }

    /// Takes the news of mailboxes that are not open, and of which there are.
    package func takeAccountNews() -> AccountNews {
        defer { accountNews = AccountNews() }
        return accountNews
    }

    /// Takes the news of the selected mailbox.
    package func takeNews() -> MailboxNews {
        defer { news = MailboxNews() }
        return news
    }

    /// Says LOGOUT and closes.
    package func logout() async {
        try? await link.setWait(SessionLimits.farewellWait)
        try? await link.act { $0.submit(.logout).actions }
        _ = try? await answer(to: .logout)
        link.close()
    }

    /// Ends the connection now.
    package nonisolated func close() { link.close() }

    /// Collects what belongs to a command until its tagged answer.
    private func answer(
        to command: IMAPCommand,
        sendingMessage: () async throws -> Void = {}
    ) async throws -> IMAPAnswer {
        var answer = IMAPAnswer()
        isAsking = true
        defer { isAsking = false }
        for await event in link.events {
            if case .machine = event { lastHeard = .now }
            switch event {
            case .established, .machine(.ready): continue
            case .machine(.untagged(let data)):
                // Nobody reads what came while idling but as news, and it may be without end.
                guard command == .idle || answer.take(data) else {
                    throw giveUp(.responseTooLarge)
                }
                note(data, during: command)
                if hasNews { await endIdle() }
            case .machine(.bodyChunk(let octets)):
                guard answer.take(body: octets) else { throw giveUp(.literalTooLarge) }
            case .machine(.idling): await idling()
            case .machine(.needsMessage): try await sendingMessage()
            case .machine(.completed(let result)):
                if case .ok(let code, _) = result {
                    answer.code = code
                } else {
                    answer.refusal = result
                }
                isDoubted = false
                return answer
            case .machine(.failed(let error)): throw SessionError.imap(error)
            case .ended(let error): throw error ?? SessionError.connectionLost
            }
        }
        throw SessionError.connectionLost
    }

    /// Ends the connection because the server sends without end.
    private func giveUp(_ code: IMAPError.Code) -> SessionError {
        link.close()
        return .imap(IMAPError(code))
    }

    private func answer(to command: IMAPCommand) async throws(SessionError) -> IMAPAnswer {
        do {
            return try await answer(to: command, sendingMessage: {})
        } catch let error as SessionError {
            throw error
        } catch {
            throw .connectionLost
        }
    }

    private func idling() async {
        guard idle == .starting else { return }
        idle = .running
        try? await link.setWait(nil)
        if isEndWanted || hasNews { await endIdle() }
    }

    /// Every untagged response passes here, whatever command runs: what it says of the selected
    /// mailbox is news, unless the command asked for it.
    private func note(_ data: IMAPUntagged, during command: IMAPCommand) {
        switch data {
        case .enabled(let extensions):
            if case .enable = command { enabled.formUnion(extensions) }
        case .exists(let count):
            news.note(exists: count, before: exists)
            exists = count
        // A number beyond the count names no message that could go.
        case .expunge(let number): exists -= number <= exists ? 1 : 0
        case .vanished(let uids, isEarlier: false):
            exists -= min(exists, UInt32(clamping: uids.count))
        default: break
        }
        accountNews.note(data, during: command)
        if case .select = command {
            // What its answer holds is its sender's; what was open before is open no more.
            news = MailboxNews()
        } else {
            news.note(data, during: command)
        }
    }
}

extension IMAPAnswer {
    /// Whether it names a mailbox.
    fileprivate var hasList: Bool {
        untagged.contains { if case .list = $0 { true } else { false } }
    }
}

extension IMAPCommand {
    /// The form of a LIST that every server knows; nil for any other command.
    ///
    /// QUIRK: Strato and others offer LIST-EXTENDED and answer RETURN with BAD or with nothing.
    fileprivate var plainList: IMAPCommand? {
        guard case .list(let reference, let pattern, let options) = self, options != .plain else {
            return nil
        }
        return .list(reference: reference, pattern: pattern, .plain)
    }

    /// The command's word, for errors and logs: never its arguments.
    package var verb: String {
        switch self {
        case .capability: "CAPABILITY"
        case .noop: "NOOP"
        case .logout: "LOGOUT"
        case .id: "ID"
        case .enable: "ENABLE"
        case .list: "LIST"
        case .select: "SELECT"
        case .unselect: "UNSELECT"
        case .status: "STATUS"
        case .create: "CREATE"
        case .quotaRoot: "GETQUOTAROOT"
        case .uidFetch, .uidFetchChanged: "UID FETCH"
        case .fetch: "FETCH"
        case .uidSearch: "UID SEARCH"
        case .uidStore, .uidStoreLabels: "UID STORE"
        case .uidMove: "UID MOVE"
        case .uidCopy: "UID COPY"
        case .uidExpunge: "UID EXPUNGE"
        case .append: "APPEND"
        case .notify, .notifySelected: "NOTIFY"
        case .idle: "IDLE"
        }
    }
}

extension IMAPSession {
    /// How the login was made: a SASL mechanism, or `LOGIN` for the command.
    package nonisolated var mechanism: String? {
        switch summary.login {
        case .sasl(let mechanism): mechanism.rawValue
        case .loginCommand: "LOGIN"
        case .preauthenticated: nil
        }
    }
}
