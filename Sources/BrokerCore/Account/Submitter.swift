// The owner of an account's SMTP connection: one message at a time, the connection held for a while
// and made anew where a failure came before the message.

import BrokerProtocol
import MailModel
import MailSession
import SMTP

/// Sends an account's messages.
actor Submitter {
    /// Makes a new connection with the account's credential.
    typealias Connect = @Sendable () async throws(SessionError) -> SMTPSession

    private let connect: Connect
    private var session: SMTPSession?
    private var last: Task<Void, Never>?
    private var farewell: Task<Void, Never>?
    /// How long a connection is held after its last message: less than any server waits.
    private static let hold = Duration.seconds(80)

    /// A submitter that begins with a connection which has just logged in, or without one.
    init(_ first: SMTPSession?, connect: @escaping Connect) {
        self.connect = connect
        session = first
    }

    /// Whether a connection is held.
    var isConnected: Bool { session != nil }
    /// The TLS version of the connection; nil without.
    var tlsVersion: String? { session?.tlsVersion }

    /// Starts to count the time a first connection is held.
    func start() { scheduleFarewell() }

    /// A message on its way.
    private struct Job: Sendable {
        let envelope: SMTPEnvelope
        let willEnd: @Sendable ([SMTPOutcome.Recipient]) throws -> Void
        let message: @Sendable () throws -> OutboxReader
    }

    /// Submits a message, after those before it; see `SMTPSession.submit`.
    func submit(
        _ envelope: SMTPEnvelope,
        willEnd: @escaping @Sendable ([SMTPOutcome.Recipient]) throws -> Void,
        message: @escaping @Sendable () throws -> OutboxReader
    ) async throws -> SMTPOutcome {
        let job = Job(envelope: envelope, willEnd: willEnd, message: message)
        let before = last
        let task = Task {
            await before?.value
            return try await self.submitNow(job)
        }
        last = Task { _ = await task.result }
        return try await task.value
    }

    /// Says QUIT and ends, after the message under way; one that takes too long is cut off, and its
    /// sender hears how far it came.
    func stop() async {
        farewell?.cancel()
        let limit = Task {
            try await Task.sleep(for: CoreLimits.farewellWait)
            await self.session?.close()
        }
        await last?.value
        limit.cancel()
        let current = session
        session = nil
        await current?.quit()
    }

    private func submitNow(_ job: Job) async throws -> SMTPOutcome {
        farewell?.cancel()
        defer { scheduleFarewell() }
        if let held = session, await held.isUsable {
            // A held connection may be dead by now: what failed before the message may go again.
            do {
                let outcome = try await submit(job, over: held)
                guard outcome.isStale else { return outcome }
            } catch let error as SessionError where error.isTemporary {
                session = nil
            }
        }
        await session?.quit()
        let fresh = try await connect()
        session = fresh
        return try await submit(job, over: fresh)
    }

    private func submit(
        _ job: Job,
        over session: SMTPSession
    ) async throws -> SMTPOutcome {
        do {
            var reader = try job.message()
            return try await session.submit(job.envelope, willEnd: job.willEnd) {
                try reader.next()
            }
        } catch {
            self.session = nil
            throw error
        }
    }

    private func scheduleFarewell() {
        farewell?.cancel()
        farewell = Task {
            guard (try? await Task.sleep(for: Self.hold)) != nil else { return }
            await self.leave()
        }
    }

    private func leave() async {
        let current = session
        session = nil
        await current?.quit()
    }
}

extension SMTPOutcome {
    /// Whether the connection was found dead before the server wanted the message.
    fileprivate var isStale: Bool {
        guard verdict == .deferred, [.mail, .rcpt, .data, .idle].contains(phase) else {
            return false
        }
        switch reason?.code {
        case .connectionClosed, .serverClosing: return true
        default: return false
        }
    }
}
