// Events as they happen, until interrupted.

import ArgumentParser
import BrokerClient
import BrokerProtocol
import Glibc

struct WatchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Write a line for each event until interrupted.",
        discussion: """
            Events: new, flags, moved, gone, kept, outbox, state, mailbox. With --json each is an \
            object as in the protocol, after one of event "ready"; "resync" means that events are \
            lost and lists must be made anew. --exec runs a command by sh for each event, one \
            after the other, with the object on its standard input.
            """
    )
    @Option(help: ArgumentHelp("Only events of these kinds.", valueName: "kind,..."))
    var events: EventKinds?
    @Option(help: ArgumentHelp("Begin after the event of this number.", valueName: "seq"))
    var since: Int64?
    @Option(help: ArgumentHelp("Run a command for each event.", valueName: "command"))
    var exec: String?
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
        let tell = { (event: Event) in
            guard !isDone, failure == nil, isWanted(event, account) else { return }
            do {
                try show(event, in: session)
            } catch {
                failure = error
            }
            isDone = exitOnFirst
        }
        // The first events may come before the answer that says from where on they are told.
        var early: [Event] = []
        session.onEvent = { early.append($0) }
        try begin(try session.subscribe(after: since), in: session)
        early.forEach(tell)
        session.onEvent = tell
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

    /// Says from where on events are shown, to programs, and whether some are missing.
    private func begin(_ start: EventsSubscribe.Result, in session: Session) throws {
        if common.json { try show(Event(seq: start.seq, event: .ready), in: session) }
        if start.resync { try show(Event(seq: start.seq, event: .resync), in: session) }
    }

    private func show(_ event: Event, in session: Session) throws {
        if let exec, event.event != .ready {
            let status = try EventCommand(command: exec).run(
                on: try JSONAnswer.line(.event, event)
            )
            if status != 0 { try session.say("the command for event \(event.seq) gave \(status)") }
            return
        }
        if common.json {
            try session.output.write(try JSONAnswer.line(.event, event))
        } else {
            try session.output.line(EventLine.text(event))
        }
        try session.output.flush()
    }

    private func isWanted(_ event: Event, _ account: String?) -> Bool {
        if let events, !events.contains(event.event) { return false }
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

/// The kinds of events a user wants, by the words that lines of `mb watch` begin with.
struct EventKinds: ExpressibleByArgument {
    private let words: [String]

    init?(argument: String) {
        words = argument.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
        let known = Event.Kind.allCases.map(EventLine.word)
        guard !words.isEmpty, words.allSatisfy({ word in known.contains { $0 == word } }) else {
            return nil
        }
    }

    /// Whether an event of this kind is wanted; that some were lost always is.
    func contains(_ kind: Event.Kind) -> Bool {
        kind == .resync || words.contains { $0 == EventLine.word(kind) }
    }
}
