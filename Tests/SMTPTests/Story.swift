// Sessions written as text. A story is compared as a whole with what the machine did, so a line too
// many counts as much as one too few.
//
//     S: a line of the server             C: a line of ours; a secret stands in braces
//     D: a call of the driver             E: an action that is no write
//
// Driver calls: `submit FROM -> TO, TO [size=N] [8bit] [partial] [dsn=LIST/CONTENT] [envid=ID]`,
// `body TEXT` (with the escapes \r \n \0), `end`, `tls`, `reset`, `quit`, `closed`, `timedOut`.

import Foundation
import MailModel
import SASL
import SMTP

func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

func address(_ text: String) throws -> AddrSpec { try AddrSpec(octets(text)) }

func credential(user: String = "u", password: String = "p") throws -> SASLCredential {
    guard let secret = Secret(octets(password)) else { throw StoryError.noSecret }
    return try SASLCredential(user: octets(user), secret: secret)
}

enum StoryError: Error { case noSecret, unknownCall(String) }

/// How the octets of one turn of the server reach the machine.
enum Delivery: CustomStringConvertible {
    case whole
    case bytes
    case split(Int)

    func slices(_ octets: [UInt8]) -> [[UInt8]] {
        switch self {
        case .whole: [octets]
        case .bytes: octets.map { [$0] }
        case .split(let index): [Array(octets.prefix(index)), Array(octets.dropFirst(index))]
        }
    }

    var description: String {
        switch self {
        case .whole: "whole"
        case .bytes: "byte by byte"
        case .split(let index): "split at \(index)"
        }
    }
}

/// One step of a story: consecutive lines of the server, or one call of the driver.
enum Step {
    case server([String])
    case driver(String)

    static func read(_ story: String) -> [Step] {
        var steps: [Step] = []
        for line in story.split(separator: "\n").map(String.init) {
            if line.hasPrefix("D: ") {
                steps.append(.driver(String(line.dropFirst(3))))
            } else if line.hasPrefix("S: ") {
                let text = String(line.dropFirst(3))
                if case .server(let lines)? = steps.last {
                    steps[steps.count - 1] = .server(lines + [text])
                } else {
                    steps.append(.server([text]))
                }
            } else if case .server? = steps.last {
                // A line of ours ends the server's turn.
                steps.append(.server([]))
            }
        }
        return steps.filter { step in
            guard case .server(let lines) = step else { return true }
            return !lines.isEmpty
        }
    }

    var wire: [UInt8] {
        guard case .server(let lines) = self else { return [] }
        return octets(lines.map { $0 + "\r\n" }.joined())
    }

    /// The lines that stand for this step in a story.
    var lines: [String] {
        switch self {
        case .server(let lines): lines.map { "S: " + $0 }
        case .driver(let call): ["D: " + call]
        }
    }
}

/// A machine and the lines that it wrote.
struct StoryRunner {
    var connection: SMTPConnection
    var transcript: [String] = []
    var outcomes: [SMTPOutcome] = []
    var failures: [SMTPError] = []
    var wire: [UInt8] = []
    private var openLine = ""

    init(_ connection: SMTPConnection) { self.connection = connection }

    mutating func run(_ steps: [Step], _ delivery: Delivery = .whole) throws {
        for step in steps {
            transcript += step.lines
            switch step {
            case .server:
                for slice in delivery.slices(step.wire) { note(connection.receive(slice)) }
            case .driver(let call):
                note(try perform(call))
            }
        }
    }

    mutating func perform(_ call: String) throws -> [SMTPConnection.Action] {
        let words = call.split(separator: " ", maxSplits: 1).map(String.init)
        let argument = words.count > 1 ? words[1] : ""
        switch words.first {
        case "submit": return connection.submit(try Self.envelope(argument))
        case "body": return connection.bodyChunk(octets(Self.unescaped(argument)))
        case "end": return connection.bodyEnd()
        case "tls": return connection.tlsEstablished()
        case "reset": return connection.reset()
        case "quit": return connection.quit()
        case "closed": return connection.closed()
        case "timedOut": return connection.timedOut()
        default: throw StoryError.unknownCall(call)
        }
    }

    mutating func note(_ actions: [SMTPConnection.Action]) {
        for action in actions {
            switch action {
            case .write(let octets):
                wire += octets
                openLine += String(decoding: octets, as: UTF8.self)
            case .writeSecret(let secret):
                secret.withUnsafeBytes {
                    openLine += "{" + String(decoding: $0, as: UTF8.self) + "}"
                }
            case .completed(let outcome):
                outcomes.append(outcome)
                add("E: " + Self.text(of: outcome))
            case .failed(let error):
                failures.append(error)
                add("E: failed " + Self.text(of: error))
            case .ready(let summary): add("E: ready" + Self.text(of: summary))
            case .startTLS: add("E: startTLS")
            case .needsBody: add("E: needsBody")
            case .quitDone: add("E: quitDone")
            }
        }
        flush()
    }

    private mutating func add(_ line: String) {
        flush()
        transcript.append(line)
    }

    private mutating func flush() {
        guard !openLine.isEmpty else { return }
        var lines = openLine.components(separatedBy: "\r\n")
        if lines.last?.isEmpty == true { lines.removeLast() } else { lines.append("(no CRLF)") }
        transcript += lines.map { "C: " + $0 }
        openLine = ""
    }
}

extension StoryRunner {
    static func envelope(_ text: String) throws -> SMTPEnvelope {
        var words = text.components(separatedBy: " ")
        let isPartial = words.contains("partial")
        let is8Bit = words.contains("8bit")
        let size = words.first { $0.hasPrefix("size=") }.flatMap { UInt64($0.dropFirst(5)) }
        let reports = words.first { $0.hasPrefix("dsn=") }.map { String($0.dropFirst(4)) }
        let name = words.first { $0.hasPrefix("envid=") }.map { String($0.dropFirst(6)) }
        words.removeAll { $0.hasPrefix("dsn=") || $0.hasPrefix("envid=") }
        words.removeAll { $0 == "partial" || $0 == "8bit" || $0.hasPrefix("size=") || $0 == "->" }
        let sender = words.removeFirst()
        return SMTPEnvelope(
            sender: sender == "<>" ? nil : try address(sender),
            recipients: try words.map { try address($0.replacingOccurrences(of: ",", with: "")) },
            size: size ?? 0,
            needs8Bit: is8Bit,
            allowsPartial: isPartial,
            dsn: reports.flatMap(Self.reports),
            envelopeID: octets(name ?? "")
        )
    }

    /// `failure,delay` or `never/full`.
    private static func reports(_ text: String) -> DSNRequest? {
        let words = text.components(separatedBy: "/")
        let content = words.dropFirst().first.flatMap { DSNRequest.Content(rawValue: $0) }
        return DSNRequest(events: words[0].utf8, content: content)
    }

    static func unescaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\r", with: "\r")
            .replacingOccurrences(of: "\\n", with: "\n")
            .replacingOccurrences(of: "\\0", with: "\0")
    }

    static func text(of summary: SMTPServerSummary) -> String {
        var text = ""
        if let size = summary.sizeMax { text += " size=\(size)" }
        if let mechanism = summary.mechanism { text += " by \(mechanism.rawValue)" }
        if summary.greeting != nil { text += " greeted" }
        return text
    }

    static func text(of error: SMTPError) -> String {
        let isTemporary = error.isTemporary ? "temporary" : "permanent"
        let stops = error.stopsAccount ? " stops" : ""
        let reply = error.reply.map { " \($0.code)" } ?? ""
        return "\(error.phase.rawValue) \(error.code) \(isTemporary)\(stops)\(reply)"
    }

    static func text(of outcome: SMTPOutcome) -> String {
        let recipients = outcome.recipients.map { recipient in
            let disposition =
                switch recipient.disposition {
                case .accepted: "accepted"
                case .refused(let reply): "refused \(reply.code)"
                case .withheld: "withheld"
                case .unknown: "unknown"
                }
            return "; \(recipient.address.text) \(disposition)"
        }
        let final = outcome.final.map { " \($0.code)" } ?? ""
        let reason = outcome.reason.map { "; " + text(of: $0) } ?? ""
        return "completed \(outcome.verdict.rawValue) in \(outcome.phase.rawValue)\(final)"
            + recipients.joined() + reason
    }
}

/// The transcript of a story in one delivery.
func play(
    _ story: String,
    _ connection: SMTPConnection,
    _ delivery: Delivery = .whole
) throws -> [String] {
    var runner = StoryRunner(connection)
    try runner.run(Step.read(story), delivery)
    return runner.transcript
}

/// The lines of a story as written.
func lines(_ story: String) -> [String] { story.split(separator: "\n").map(String.init) }

/// Every way to cut the turns of a story: whole, single octets, and each split point.
func deliveries(_ story: String) -> [Delivery] {
    let longest = Step.read(story).map(\.wire.count).max() ?? 0
    return [.whole, .bytes] + (1..<max(longest, 2)).map { .split($0) }
}

/// A session that is ready, after the login of `Story.login`.
func readyRunner(_ offers: [String] = ["PIPELINING", "SIZE 1000"]) throws -> StoryRunner {
    var runner = StoryRunner(SMTPConnection(security: .implicitTLS, credential: nil))
    let ehlo = (["mail.example"] + offers).enumerated().map { index, line in
        "S: 250" + (index == offers.count ? " " : "-") + line
    }
    try runner.run(Step.read("S: 220 mail.example\nC:\n" + ehlo.joined(separator: "\n")))
    runner.transcript = []
    runner.wire = []
    return runner
}

/// What happened in a ready session; the story begins after the login.
func playReady(_ story: String, _ offers: [String] = ["PIPELINING", "SIZE 1000"]) throws -> [String]
{
    var runner = try readyRunner(offers)
    try runner.run(Step.read(story))
    return runner.transcript
}
