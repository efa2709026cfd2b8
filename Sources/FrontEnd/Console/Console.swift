// The console: lines from a person, events from the broker, signals from the terminal, one poll
// loop. The verbs are those of `mb`, run in this process on one held connection.

import BrokerClient
import BrokerProtocol
import Glibc

/// A console on one terminal or pipe.
package final class Console {
    private let session: Session
    private let editor: any LineEditor
    private let signals = SignalWatch(SignalWatch.ending + [SIGWINCH, SIGTSTP])
    private let input: Int32
    private var place = ConsolePlace()
    private var composition: Composition?
    private var unsent: Composition?
    private var attachments: [String] = []
    private var announcements: [String] = []
    private var endingSignal: Int32?
    private var isChangingPlace = false
    private var isDone = false
    private var status = ExitStatus.ok

    /// How long the console waits before it looks for a broker that went away, in milliseconds.
    private static let reconnectMilliseconds: Int32 = 2000

    /// A console of a session that is its alone, whose lines arrive on `input`.
    package init(session: Session, editor: any LineEditor, input: Int32 = STDIN_FILENO) {
        self.input = input
        self.session = session
        self.editor = editor
        session.outlivesInterruption = true
        session.marksSeen = true
        session.onEvent = { [unowned self] in receive($0) }
        session.onList = { [unowned self] in place.listed($0, isChange: isChangingPlace) }
        session.isInterrupted = { [unowned self] in isInterrupted() }
    }

    /// Runs until the input ends, somebody quits or a signal asks for it; gives the exit status.
    package func run() -> Int32 {
        Screen.prepareLocale()
        do {
            try session.subscribe()
        } catch {
            return session.report(error, isJSON: false).rawValue
        }
        if editor.isInteractive { enter([place.mailbox]) }
        learnWords()
        do {
            while !isDone { try round() }
        } catch {
            status = session.report(error, isJSON: false)
        }
        editor.close()
        try? session.output.flush()
        if let endingSignal { SignalWatch.yield(to: endingSignal) }
        return status.rawValue
    }

    private var prompt: String { composition?.prompt ?? place.prompt }

    /// One prompt: until a line was taken, whatever else happens meanwhile.
    private func round() throws {
        try announce()
        try session.output.flush()
        editor.begin(prompt: prompt)
        var inputs: [LineInput] = []
        while inputs.isEmpty, !isDone {
            try wait()
            try handleSignal()
            if let descriptor = session.descriptor, Self.isReadable(descriptor) {
                try handleEvents()
            }
            if Self.isReadable(input) { inputs = try editor.feed() }
        }
        editor.end()
        for input in inputs where !isDone {
            switch input {
            case .line(let line): take(line)
            case .end: takeEnd()
            }
            try announce()
        }
    }

    private func wait() throws {
        var pollers = [input, signals.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        if let descriptor = session.descriptor {
            pollers.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        let limit = session.descriptor == nil ? Self.reconnectMilliseconds : -1
        let ready = poll(&pollers, nfds_t(pollers.count), limit)
        guard ready >= 0 || errno == EINTR else {
            throw FrontEndError.system("wait", errno: errno)
        }
        if ready == 0 { reconnect() }
    }

    private static func isReadable(_ descriptor: Int32) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) > 0
    }

    // MARK: Lines

    private func take(_ line: [UInt8]) {
        if composition != nil {
            compose { $0.receive(line) }
            return
        }
        do {
            let words = try WordSplitter.words(line)
            if !words.isEmpty { editor.remember(line) }
            run(ConsoleCommand(words, current: place.current, mailbox: place.mailbox))
        } catch {
            tell(Self.text(error))
        }
    }

    private func takeEnd() {
        if composition != nil {
            compose { $0.receiveEnd() }
            if editor.isInteractive { return }
        }
        if editor.isInteractive { tell("") }
        isDone = true
    }

    private static func text(_ fault: WordSplitter.Fault) -> String {
        switch fault {
        case .openQuote(let octet, let offset):
            "the quote \(Unicode.Scalar(octet)) at position \(offset + 1) is not closed"
        case .trailingBackslash: "there is nothing behind the last backslash"
        }
    }

    private func run(_ command: ConsoleCommand) {
        _ = signals.take()  // an old Ctrl-C is not meant for this command
        if session.descriptor == nil { try? session.subscribe() }
        switch command {
        case .nothing: break
        case .verb(let arguments): perform(arguments)
        case .change(let arguments): enter(arguments)
        case .step(let step): read(step)
        case .compose(let recipients): beginComposition(recipients)
        case .attach(let paths): attach(paths)
        case .resend: resend()
        case .help: showHelp()
        case .quit: isDone = true
        }
        refresh()
    }

    private func perform(_ arguments: [String]) {
        let before = place.current
        if let id = Self.readID(arguments) { place.current = id }
        let done = Program.perform(MailCommand.self, arguments: arguments, session: session)
        if done != .ok {
            place.current = before
            if !editor.isInteractive { status = done }
        }
        try? session.output.flush()
    }

    /// The message a `read` is about.
    private static func readID(_ arguments: [String]) -> Int64? {
        guard let verb = arguments.first, Program.same(verb, "read") else { return nil }
        return arguments.dropFirst().lazy.compactMap { MessageID(argument: $0)?.number }.first
    }

    private func enter(_ arguments: [String]) {
        isChangingPlace = true
        perform(["list"] + (arguments.isEmpty ? ["inbox"] : arguments))
        isChangingPlace = false
        session.account = place.account ?? session.account
    }

    private func read(_ step: Int) {
        guard let id = place.neighbour(step) else {
            tell(step > 0 ? "no message after this one" : "no message before this one")
            return
        }
        perform(["read", String(id)])
    }

    private func showHelp() {
        tell(ConsoleCommand.helpText)
        tell("  " + MailCommand.verbNames.joined(separator: " "))
    }

    // MARK: Writing

    private func beginComposition(_ recipients: [String]) {
        var message = OutgoingMessage()
        message.account = session.account
        message.to = recipients
        message.attachments = attachments
        composition = Composition(message)
    }

    private func compose(_ step: (inout Composition) -> Composition.Step) {
        guard var writing = composition else { return }
        let next = step(&writing)
        composition = writing
        switch next {
        case .ask: break
        case .tell(let text): if editor.isInteractive { tell(TerminalText.clean(text)) }
        case .cancel: forgetComposition()
        case .send(let allowsEmpty):
            composition = nil
            send(writing, allowsEmpty: allowsEmpty)
        }
    }

    private func forgetComposition() {
        composition = nil
        tell("the message is forgotten")
    }

    private func send(_ writing: Composition, allowsEmpty: Bool) {
        do {
            _ = signals.take()
            try writing.message.checkLines()
            try writing.message.checkComplete(isBodyEmpty: false, allowsEmpty: allowsEmpty)
            let sent = try writing.message.send(BodySource(writing.body), in: session)
            tell(OutgoingMessage.line(sent, now: session.now()))
            unsent = nil
            attachments = []
        } catch {
            unsent = writing
            let failed = session.report(error, isJSON: false)
            if editor.isInteractive {
                tell("the message is kept; send it with: resend")
            } else {
                status = failed
            }
        }
    }

    private func resend() {
        guard let unsent else {
            tell("there is no message that could not be sent")
            return
        }
        send(unsent, allowsEmpty: true)
    }

    private func attach(_ paths: [String]) {
        for path in paths {
            do {
                let file = try OutgoingFile(path: path)
                attachments.append(path)
                tell("goes with the next message: \(file.name) (\(SizeText.short(file.size)))")
            } catch {
                _ = session.report(error, isJSON: false)
            }
        }
        if paths.isEmpty { attachments.forEach(tell) }
    }

    // MARK: Events

    private func receive(_ event: Event) {
        place.happened(event)
        if let line = EventLine.announcement(event, seenFrom: place.account) {
            announcements.append(line)
        }
    }

    private func handleEvents() throws {
        do {
            try session.receiveEvents()
        } catch {
            announcements.append("** \(FailureReport(error).line); waiting for it to come back")
        }
        guard !announcements.isEmpty || place.isStale else { return }
        refresh()
        editor.hide()
        try announce()
        editor.show(prompt: prompt)
    }

    private func announce() throws {
        for line in announcements { try session.output.line(line) }
        announcements = []
        try session.output.flush()
    }

    private func reconnect() {
        guard session.descriptor == nil, (try? session.subscribe()) != nil else { return }
        place.isStale = true
        announcements.append("** the broker is back")
        refresh()
        editor.hide()
        try? announce()
        editor.show(prompt: prompt)
    }

    /// Counts anew what the prompt shows.
    private func refresh() {
        guard place.isStale, session.descriptor != nil, let account = place.account else { return }
        place.isStale = false
        let params = MessageList.Params(account: account, mailbox: place.mailbox, limit: 1)
        guard let list = try? session.call(MessageList.self, params) else { return }
        place.counted(list, isChange: false)
    }

    // MARK: Signals

    /// Asked while a request runs.
    private func isInterrupted() -> Bool {
        guard endingSignal == nil else { return true }
        switch signals.take() {
        case SIGINT: return true
        case SIGWINCH:
            resize()
            return false
        case nil, SIGTSTP: return false
        case let signal?:
            endingSignal = signal
            isDone = true
            return true
        }
    }

    /// A signal while somebody types.
    private func handleSignal() throws {
        switch signals.take() {
        case nil: break
        case SIGWINCH: resize()
        case SIGTSTP: editor.suspend()
        case SIGINT where editor.isInteractive:
            editor.discard()
            guard composition != nil else { return }
            editor.hide()
            forgetComposition()
            editor.show(prompt: prompt)
        case let signal?:
            endingSignal = signal
            isDone = true
        }
    }

    private func resize() {
        editor.resize()
        session.screen = Screen.current(environment: BrokerConnection.processEnvironment)
    }

    private func tell(_ text: String) {
        try? session.output.line(text)
        try? session.output.flush()
    }

    /// Verbs and mailboxes for the Tab key.
    private func learnWords() {
        guard editor.isInteractive else { return }
        editor.complete((MailCommand.verbNames + ConsoleCommand.names).sorted(), after: nil)
        let params = MailboxList.Params(account: session.account)
        guard let folders = try? session.call(MailboxList.self, params) else { return }
        let names = folders.mailboxes.filter(\.selectable).map {
            WordSplitter.escaped(TerminalText.line($0.name))
        }
        for command in ["cd", "c", "list"] { editor.complete(names, after: command) }
    }
}
