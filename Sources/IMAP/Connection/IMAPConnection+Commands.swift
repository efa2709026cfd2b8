// After `.ready`: commands in, one on the wire at a time, and everything the server sends through
// one path. Data belongs to the connection, not to the command that happens to run (RFC 3501 5.2).

internal import MailModel

extension IMAPConnection {
    /// The command on the wire.
    struct Running: Sendable {
        /// What it waits for.
        enum Waiting: Sendable, Equatable {
            /// The server's `+`.
            case continuation
            /// So many octets of a message, from the caller.
            case message(UInt64)
            /// The caller's `endIdle`.
            case idleEnd
            /// The answer.
            case answer
        }

        let tag: IMAPTag
        let command: IMAPCommand
        /// What has not gone out.
        var pieces: ArraySlice<IMAPCommandText.Piece>
        var waiting = Waiting.answer
        /// How many octets had been received when the last of it went out.
        var sentAt: UInt64
        var isIdleEndWanted = false
        var hasBye = false
        var found = IMAPSearchResult()
    }

    /// A command that waits.
    struct Queued: Sendable {
        let tag: IMAPTag
        let command: IMAPCommand
        var isIdleEndWanted = false
    }

    /// Sends a command, or keeps it until those before it are done.
    ///
    /// One that cannot be sent is completed with `.refused`, at once or when its turn comes.
    package mutating func submit(_ command: IMAPCommand) -> (tag: IMAPTag, actions: [Action]) {
        let tag = nextTag()
        guard phase == .ready else {
            return (tag, [.completed(tag, .refused(IMAPError(.notReady)))])
        }
        guard queue.count - queueHead < IMAPLimits.queuedCommandsMax else {
            return (tag, [.completed(tag, .refused(IMAPError(.queueFull)))])
        }
        queue.append(Queued(tag: tag, command: command))
        var actions: [Action] = []
        startNext(&actions)
        return (tag, actions)
    }

    /// Ends an IDLE: DONE is written now, or as soon as the server has begun it.
    package mutating func endIdle() -> [Action] {
        if let index = queue[queueHead...].firstIndex(where: { $0.command == .idle }),
            running?.command != .idle
        {
            queue[index].isIdleEndWanted = true
            return []
        }
        guard running?.command == .idle else { return [] }
        running?.isIdleEndWanted = true
        var actions: [Action] = []
        endIdleIfWanted(&actions)
        return actions
    }

    /// Gives octets of the message that `.needsMessage` asked for.
    ///
    /// More than the command announced, or any when none were asked for, end the connection: the
    /// server would take them for commands.
    package mutating func appendChunk(_ octets: [UInt8]) -> [Action] {
        guard phase != .ended, !octets.isEmpty else { return [] }
        guard case .message(let remaining)? = running?.waiting,
            UInt64(octets.count) <= remaining
        else { return [fail(.appendOverrun)] }
        running?.waiting = .message(remaining - UInt64(octets.count))
        var actions: [Action] = [.write(octets)]
        if UInt64(octets.count) == remaining { advanceRunning(&actions) }
        return actions
    }

    // MARK: Sending

    private mutating func startNext(_ actions: inout [Action]) {
        while phase == .ready, running == nil, queueHead < queue.count {
            let next = queue[queueHead]
            queueHead += 1
            if queueHead == queue.count {
                queue = []
                queueHead = 0
            }
            start(next, &actions)
        }
    }

    private mutating func start(_ next: Queued, _ actions: inout [Action]) {
        let encoder = IMAPCommandEncoder(
            capabilities: capabilities,
            enabled: enabled,
            selectedReadOnly: selectedReadOnly,
            clientID: clientID
        )
        do {
            let text = try encoder.encode(next.command, tag: next.tag)
            running = Running(
                tag: next.tag,
                command: next.command,
                pieces: text.pieces[...],
                sentAt: framer.receivedOctets,
                isIdleEndWanted: next.isIdleEndWanted
            )
            framer.streamsBodies = next.command.streamsBodies
            if case .select = next.command { selectedEpoch = nil }
            advanceRunning(&actions)
        } catch {
            actions.append(.completed(next.tag, .refused(error)))
        }
    }

    /// Sends what can be sent.
    private mutating func advanceRunning(_ actions: inout [Action]) {
        while var command = running {
            guard let piece = command.pieces.popFirst() else {
                running?.waiting = command.command == .idle ? .idleEnd : .answer
                return
            }
            command.sentAt = framer.receivedOctets
            switch piece {
            case .text(let octets):
                actions.append(.write(octets))
                running = command
            case .wait:
                command.waiting = .continuation
                running = command
                return
            case .message(let count):
                command.waiting = .message(count)
                running = command
                actions.append(.needsMessage(command.tag))
                return
            }
        }
    }

    private mutating func endIdleIfWanted(_ actions: inout [Action]) {
        guard running?.waiting == .idleEnd, running?.isIdleEndWanted == true else { return }
        running?.waiting = .answer
        actions.append(.write(Array("DONE\r\n".utf8)))
    }

    // MARK: Receiving

    /// Any response after `.ready`.
    mutating func handleReady(
        _ response: IMAPResponse,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        switch response {
        case .continuation:
            handleContinuation(frame, &actions)
        case .tagged(let tag, let condition):
            handleAnswer(tag, condition, frame, &actions)
        case .untagged(let data):
            handleData(data, &actions)
        case .search(let ranges, let tag):
            handleSearch(ranges, tag, &actions)
        case .skipped:
            skippedResponses += 1
        }
    }

    private mutating func handleContinuation(_ frame: IMAPFrame, _ actions: inout [Action]) {
        guard let running, running.waiting == .continuation,
            Self.isAnswer(frame, sentAt: running.sentAt)
        else {
            // QUIRK: Exchange and others send a `+` that nobody waits for.
            skippedResponses += 1
            return
        }
        advanceRunning(&actions)
        guard self.running?.command == .idle else { return }
        actions.append(.idling)
        endIdleIfWanted(&actions)
    }

    private mutating func handleData(_ data: IMAPUntagged, _ actions: inout [Action]) {
        switch data {
        case .capability(let offered):
            login.capabilities = offered
            actions.append(.untagged(data))
        case .condition(let condition):
            if case .capability(let offered)? = condition.code { login.capabilities = offered }
            actions.append(.untagged(data))
            if case .uidValidity(let epoch)? = condition.code { noteEpoch(epoch, &actions) }
            guard condition.kind == .bye else { return }
            if running?.command == .logout {
                running?.hasBye = true
            } else {
                actions.append(fail(login.error(condition)))
            }
        case .enabled(let extensions):
            if case .enable? = running?.command { enabled.formUnion(extensions) }
            actions.append(.untagged(data))
        case .fetch(let fetch) where framer.streamsBodies:
            stream(fetch, &actions)
        default:
            actions.append(.untagged(data))
        }
    }

    /// Keeps the epoch that SELECT tells.
    ///
    /// Another one while the mailbox is open means that UIDs of commands on their way name other
    /// messages now: only a new SELECT can tell which (RFC 3501 2.3.1.1).
    private mutating func noteEpoch(_ epoch: UIDValidity, _ actions: inout [Action]) {
        if case .select? = running?.command {
            selectedEpoch = epoch
        } else if let selectedEpoch, selectedEpoch != epoch {
            actions.append(fail(.uidValidityChanged))
        }
    }

    /// Hands out contents that came as quoted strings like those that came as literals.
    private mutating func stream(_ fetch: IMAPFetchData, _ actions: inout [Action]) {
        var fetch = fetch
        for index in fetch.sections.indices {
            guard case .inline(let octets) = fetch.sections[index].content else { continue }
            if !octets.isEmpty { actions.append(.bodyChunk(octets)) }
            fetch.sections[index].content = .streamed(UInt64(octets.count))
        }
        actions.append(.untagged(.fetch(fetch)))
    }

    private mutating func handleSearch(
        _ ranges: [UIDSet.Range],
        _ tag: [UInt8]?,
        _ actions: inout [Action]
    ) {
        guard case .uidSearch? = running?.command, tag == nil || tag == running?.tag.octets else {
            skippedResponses += 1
            return
        }
        if running?.found.add(ranges) == false { actions.append(fail(.responseTooLarge)) }
    }

    // MARK: Answers

    private mutating func handleAnswer(
        _ tag: ArraySlice<UInt8>,
        _ condition: IMAPCondition?,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        guard let running, running.tag.octets.elementsEqual(tag),
            Self.isAnswer(frame, sentAt: running.sentAt)
        else {
            handleForeign(condition, frame, &actions)
            return
        }
        guard let condition else {
            finish(.malformed(Array(frame.octets.prefix(IMAPLimits.textOctetsMax))), &actions)
            return
        }
        if condition.kind == .ok, !running.pieces.isEmpty, running.command != .idle {
            actions.append(fail(.desynchronised))
            return
        }
        if case .capability(let offered)? = condition.code { login.capabilities = offered }
        if case .uidSearch = running.command, condition.kind == .ok {
            actions.append(.untagged(.search(running.found.set)))
        }
        noteSelection(running.command, condition)
        finish(Self.result(condition, of: running.command), &actions)
    }

    /// A line that answers nothing of ours.
    private mutating func handleForeign(
        _ condition: IMAPCondition?,
        _ frame: IMAPFrame,
        _ actions: inout [Action]
    ) {
        if condition != nil {
            actions.append(fail(.desynchronised))
        } else if let farewell = farewell(frame) {
            actions.append(farewell)
        } else {
            skippedResponses += 1
        }
    }

    private mutating func finish(_ result: IMAPResult, _ actions: inout [Action]) {
        guard let ended = running else { return }
        running = nil
        framer.streamsBodies = false
        actions.append(.completed(ended.tag, result))
        if case .message = ended.waiting {
            // The server still counts octets of a message that nobody will send now.
            actions.append(fail(.appendInterrupted))
        } else if ended.command == .logout, case .ok = result {
            phase = .ended
        } else {
            startNext(&actions)
        }
    }

    /// Keeps track of whether a mailbox is open.
    ///
    /// A SELECT that failed has closed the one before (RFC 3501 6.3.1).
    private mutating func noteSelection(_ command: IMAPCommand, _ condition: IMAPCondition) {
        switch command {
        case .select(_, let readOnly, _):
            let isReadOnly = readOnly || condition.code == .readOnly
            selectedReadOnly = condition.kind == .ok ? isReadOnly : nil
            if condition.kind != .ok { selectedEpoch = nil }
        case .unselect where condition.kind == .ok:
            selectedReadOnly = nil
            selectedEpoch = nil
        default:
            break
        }
    }

    private static func result(
        _ condition: IMAPCondition,
        of command: IMAPCommand
    ) -> IMAPResult {
        let code = condition.code.flatMap { command.accepts($0) ? $0 : nil }
        switch condition.kind {
        case .ok: return .ok(code, text: condition.text)
        case .no: return .no(code, text: condition.text)
        case .bad, .bye, .preauth: return .bad(code, text: condition.text)
        }
    }
}

extension IMAPCommand {
    /// Whether its answer brings body sections, which are streamed.
    fileprivate var streamsBodies: Bool {
        switch self {
        case .uidFetch(_, let items), .fetch(_, let items):
            items.contains { item in
                if case .section = item { true } else { false }
            }
        default: false
        }
    }

    /// Whether a code can mean this command: new UIDs are given by APPEND, COPY and MOVE alone, and
    /// must not be read into another answer (CVE-2021-3578).
    fileprivate func accepts(_ code: IMAPResponseCode) -> Bool {
        switch (code, self) {
        case (.appendUID, .append), (.copyUID, .uidCopy), (.copyUID, .uidMove): true
        case (.appendUID, _), (.copyUID, _): false
        default: true
        }
    }
}
