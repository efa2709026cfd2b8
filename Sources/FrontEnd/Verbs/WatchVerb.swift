// Events as they happen, until interrupted.

import ArgumentParser
import BrokerClient
import BrokerProtocol
import Glibc

struct WatchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Write a line for each event until interrupted."
    )
    @ArgumentParser.Flag(help: "End after the first event.")
    var exitOnFirst = false
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let signals = SignalWatch()
        let before = session.onEvent
        defer { session.onEvent = before }
        var failure: (any Error)?
        var isDone = false
        let account = common.account(in: session)
        session.onEvent = { event in
            guard !isDone, Self.isWanted(event, account) else { return }
            do {
                try show(event, in: session)
            } catch {
                failure = error
            }
            isDone = exitOnFirst
        }
        try session.subscribe()
        while !isDone, failure == nil {
            if let signal = signals.take() {
                guard session.outlivesInterruption else { throw Interruption(signal: signal) }
                return .ok
            }
            guard let descriptor = session.descriptor else { break }
            try Self.wait(descriptor, signals)
            if Self.isReadable(descriptor) { try session.receiveEvents() }
        }
        if let failure { throw failure }
        return .ok
    }

    private func show(_ event: Event, in session: Session) throws {
        if common.json {
            try session.output.write(try JSONAnswer.line(.event, event))
        } else {
            try session.output.line(EventLine.text(event))
        }
        try session.output.flush()
    }

    private static func isWanted(_ event: Event, _ account: String?) -> Bool {
        guard let account, let name = event.account else { return true }
        return Program.same(account, name)
    }

    private static func wait(_ descriptor: Int32, _ signals: SignalWatch) throws {
        var pollers = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&pollers, 2, -1) >= 0 || errno == EINTR else {
            throw FrontEndError.system("wait for events", errno: errno)
        }
    }

    private static func isReadable(_ descriptor: Int32) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) > 0
    }
}
