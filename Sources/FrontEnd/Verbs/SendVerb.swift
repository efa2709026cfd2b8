// Sending: a message from the command line. The front end checks what it can say better than the
// broker: what is missing, and what holds an octet that ends a line.

import ArgumentParser
import BrokerProtocol
import Glibc
import MailModel

struct SendVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message.",
        discussion: """
            The text comes from --body, from --body-file, or from standard input when `-` is given \
            or standard input is no terminal.
            """
    )
    @Option(
        name: [.short, .long],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A recipient, or several with commas; may be repeated.", valueName: "to")
    )
    var to: [String] = []
    @Option(
        name: [.short, .long],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A recipient of a copy; may be repeated.", valueName: "cc")
    )
    var cc: [String] = []
    @Option(
        name: [.short, .long],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A recipient nobody else sees; may be repeated.", valueName: "bcc")
    )
    var bcc: [String] = []
    @Option(name: [.short, .long], parsing: .unconditional, help: "The subject.")
    var subject: String = ""
    @Option(parsing: .unconditional, help: "The text.")
    var body: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A file with the text; - for standard input.", valueName: "file")
    )
    var bodyFile: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A file to attach; may be repeated.", valueName: "file")
    )
    var attach: [String] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The author, where the account has several.", valueName: "address")
    )
    var from: String?
    @ArgumentParser.Flag(help: "Send without subject or text.")
    var allowEmpty = false
    @ArgumentParser.Flag(
        help: "Wait for what the first attempt comes to: 0 sent, 75 tried again, 77 refused."
    )
    var wait = false
    @Option(help: ArgumentHelp("Time to take it back: 10s, 5m.", valueName: "time"))
    var hold: HoldTime?
    @Option(
        help: ArgumentHelp("When to send it: \"tomorrow 8:00\", \"in 2h\".", valueName: "time")
    )
    var at: String?
    @ArgumentParser.Flag(help: "Send to those the server accepts when it refuses others.")
    var partial = false
    @Option(
        help: ArgumentHelp("The same key sends the same message only once.", valueName: "key")
    )
    var key: String?
    @Option(
        help: ArgumentHelp(
            "Delivery reports to ask for: success, failure, delay with commas, or never.",
            valueName: "events"
        )
    )
    var dsn: String?
    @Option(help: ArgumentHelp("What a report holds: headers or full.", valueName: "content"))
    var dsnReturn: DSNRequest.Content?
    @Argument(help: ArgumentHelp("- to read the text from standard input.", valueName: "-"))
    var dash: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let dash, !Program.same(dash, "-") {
            throw ValidationError("unexpected argument \(dash); repeat --attach for each file")
        }
        let sources = [body != nil, bodyFile != nil, dash != nil].filter { $0 }.count
        guard sources < 2 else {
            throw ValidationError("--body, --body-file and - exclude each other")
        }
    }

    func perform(in session: Session) throws -> ExitStatus {
        var draft = OutgoingMessage()
        draft.account = common.account(in: session)
        draft.from = from
        (draft.to, draft.cc, draft.bcc) = (to, cc, bcc)
        draft.subject = subject
        draft.attachments = attach
        (draft.hold, draft.isPartial, draft.waits) = (hold?.seconds, partial, wait)
        if let key { draft.key = key }
        draft.dsn = try reports()
        if let at { draft.sendAt = try Self.instant(at) }
        try draft.checkLines()
        let text = try bodySource(in: session)
        let isEmpty = try text.isEmpty()
        try draft.checkComplete(isBodyEmpty: isEmpty, allowsEmpty: allowEmpty)
        let sent = try draft.send(text, in: session)
        try session.answer(common, .sent, sent) { sent in
            guard !wait || OutgoingMessage.failure(sent) == nil else { return }
            try session.output.line(OutgoingMessage.line(sent, now: session.now()))
        }
        guard wait, let failure = OutgoingMessage.failure(sent) else { return .ok }
        return common.json ? ExitStatus(failure) : session.report(failure, isJSON: false)
    }

    private func reports() throws(FrontEndError) -> DSNRequest? {
        guard let dsn else {
            guard dsnReturn == nil else { throw .usage("--dsn-return needs --dsn", field: "dsn") }
            return nil
        }
        guard let request = DSNRequest(events: dsn.utf8, content: dsnReturn) else {
            throw .usage("--dsn takes success, failure and delay, or never", field: "dsn")
        }
        return request
    }

    private static func instant(_ text: String) throws(FrontEndError) -> DateTime {
        guard let date = SendTime.instant(text, now: Int64(Glibc.time(nil))) else {
            throw .usage(
                "\(text) is no time: write 18:30, tomorrow 8:00, tue 9:00, in 2h or "
                    + "2026-12-01T09:00:00+01:00",
                field: "at"
            )
        }
        return date
    }

    private func bodySource(in session: Session) throws -> BodySource {
        if let body { return BodySource(Array(body.utf8)) }
        if let bodyFile, !Program.same(bodyFile, "-") {
            return BodySource(try OutgoingFile(path: bodyFile))
        }
        if bodyFile != nil || dash != nil || !session.canAsk {
            return BodySource(descriptor: session.input)
        }
        return BodySource([])
    }
}

extension DSNRequest.Content: ExpressibleByArgument {}

/// A length of time on the command line.
struct HoldTime: ExpressibleByArgument, Sendable {
    /// The seconds.
    let seconds: Int64

    /// Reads `10s`, `5m`; nil for anything else.
    init?(argument: String) {
        guard let seconds = TimeSpan.seconds(argument.utf8) else { return nil }
        self.seconds = seconds
    }
}

/// Where the text of a message comes from; it is read once.
final class BodySource {
    private var pending: [UInt8]
    private let next: (Int) throws -> [UInt8]
    private var isAtEnd = false

    /// A text at hand.
    init(_ octets: [UInt8]) {
        pending = octets
        next = { _ in [] }
    }

    /// A file that must not change while it is read.
    init(_ file: OutgoingFile) {
        pending = []
        next = { try file.read($0) }
    }

    /// A pipe, a file or a terminal, up to its end.
    init(descriptor: Int32) {
        pending = []
        next = { try FileReading.read(descriptor, atMost: $0, "standard input") }
    }

    /// Whether there is nothing but blanks and line ends.
    func isEmpty() throws -> Bool {
        while pending.count < FrontEndLimits.bodyProbeMax, !isAtEnd {
            guard pending.allSatisfy(Self.isBlank) else { return false }
            let octets = try next(FrontEndLimits.bodyProbeMax - pending.count)
            isAtEnd = octets.isEmpty
            pending += octets
        }
        return pending.allSatisfy(Self.isBlank)
    }

    /// The next octets, at most `max`; none at the end.
    func read(_ max: Int) throws -> [UInt8] {
        guard pending.isEmpty else {
            let octets = Array(pending.prefix(max))
            pending.removeFirst(octets.count)
            return octets
        }
        return isAtEnd ? [] : try next(max)
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == ASCII.space || (0x09...0x0D).contains(octet)
    }
}
