// Reading: a message as text, as octets, as a table of parts.

import ArgumentParser
import BrokerProtocol
import FoundationEssentials
import MailModel

struct ReadVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "read",
        abstract: "Show a message: headers, text, attachments."
    )
    @Argument(help: "The message's id.")
    var id: MessageID?
    @Option(help: ArgumentHelp("A message in a file, or - for standard input.", valueName: "file"))
    var file: String?
    @ArgumentParser.Flag(help: "Mark the message as seen.")
    var seen = false
    @Option(help: ArgumentHelp("Octets of text at most.", valueName: "octets"))
    var maxBytes: Int?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let maxBytes, maxBytes < 1 {
            throw ValidationError("--max-bytes takes a number above 0")
        }
        guard (id == nil) != (file == nil) else {
            throw ValidationError("give the id of a message, or a file with --file")
        }
        guard file == nil || !seen else {
            throw ValidationError("a file cannot be marked as seen")
        }
    }

    func perform(in session: Session) throws -> ExitStatus {
        if let file { return try show(file, in: session) }
        guard let id else { return .usage }
        let params = MessageRead.Params(id: id.number, maxBytes: maxBytes)
        let message = try session.call(MessageRead.self, params)
        try session.answer(common, .message, message) { message in
            try session.output.line(MessageView(message, screen: session.screen).text)
        }
        guard seen || session.marksSeen, message.summary.unseen else { return .ok }
        let change = try session.call(
            MessageFlag.self,
            MessageFlag.Params(ids: [id.number], add: [.seen])
        )
        if let error = change.items.first?.error { throw error }
        return .ok
    }

    private func show(_ file: String, in session: Session) throws -> ExitStatus {
        let source = try MessageSource(file, input: session.input)
        let message = try source.call(in: session) { stream in
            (MessageRender.self, MessageRender.Params(stream: stream, maxBytes: maxBytes))
        }
        try session.answer(common, .rendered, message) { message in
            try session.output.line(MessageView(message, screen: session.screen).text)
        }
        return .ok
    }
}

struct RawVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "raw",
        abstract: "Write a message as it is, octet by octet."
    )
    @Argument(help: "The message's id.")
    var id: MessageID
    @ArgumentParser.Flag(help: "Write to a terminal too, whatever the message does to it.")
    var force = false
    @OptionGroup var common: CommonOptions

    /// The octets of a message in an object.
    private struct Answer: Encodable {
        let id: Int64
        let size: Int64
        let sha256: String
        let missing: Int64?
        let octets: Data
    }

    func perform(in session: Session) throws -> ExitStatus {
        if common.json { return try answer(in: session) }
        guard !session.screen.isTerminal || force else {
            throw FrontEndError.usage(
                "raw may hold what acts on a terminal; send it into a pipe or file, or use --force"
            )
        }
        let output = session.output
        _ = try fetch(in: session) { try output.write($0) }
        return .ok
    }

    private func answer(in session: Session) throws -> ExitStatus {
        var octets: [UInt8] = []
        let summary = try fetch(in: session) { chunk in
            guard Int64(octets.count + chunk.count) <= FrontEndLimits.rawInJSONMax else {
                throw FrontEndError.badData("the message is too large for --json; use mb raw")
            }
            octets += chunk
        }
        let answer = Answer(
            id: id.number,
            size: summary.size,
            sha256: summary.sha256,
            missing: summary.missing,
            octets: Data(octets)
        )
        try session.output.write(try JSONAnswer.line(.raw, answer))
        return .ok
    }

    private func fetch(
        in session: Session,
        _ write: @escaping ([UInt8]) throws -> Void
    ) throws -> OctetsSummary {
        let stream = try session.newStream()
        var received: Int64 = 0
        let params = MessageRaw.Params(id: id.number, stream: stream)
        let summary = try session.call(
            MessageRaw.self,
            params,
            download: { octets in
                try write(octets)
                received += Int64(octets.count)
            }
        )
        guard summary.size == received else {
            throw FrontEndError.incomplete("\(received) of \(summary.size) octets came")
        }
        try session.warnIfIncomplete(summary, "message \(id.number)")
        return summary
    }
}

struct PartsVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "parts",
        abstract: "List the parts of a message."
    )
    @Argument(help: "The message's id.")
    var id: MessageID
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let parts = try session.call(MessageParts.self, MessageParts.Params(id: id.number))
        try session.answer(common, .parts, parts) { parts in
            for line in PartView.lines(parts.parts) { try session.output.line(line) }
        }
        return .ok
    }
}
