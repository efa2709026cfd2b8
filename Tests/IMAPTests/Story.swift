// Connection tests as stories: what the server sends, what the client must write, what the driver
// must be told. Each story is played with every turn of the server at once, octet by octet, and
// split at every point; the three must agree with the story and so with each other.

import MailModel
import SASL
import Testing

@testable import IMAP

/// One line of a story.
enum Step: ExpressibleByStringLiteral {
    /// The server sends these octets.
    case server([UInt8])
    /// The machine does this: `C: text` writes, anything else is the rendering of an action.
    case expected(String)
    /// The driver calls the machine.
    case call(@Sendable (inout IMAPConnection) -> [IMAPConnection.Action])

    init(stringLiteral text: String) {
        if text.utf8.starts(with: "S: ".utf8) {
            self = .server(Array(text.utf8.dropFirst(3)) + [13, 10])
        } else {
            self = .expected(text)
        }
    }

    /// The server sends text as it is, without a line end of ours.
    static func raw(_ text: String) -> Step { .server(Array(text.utf8)) }
    /// The driver submits a command.
    static func submit(_ command: IMAPCommand) -> Step { .call { $0.submit(command).actions } }
    /// The driver says that TLS stands.
    static let tls = Step.call { $0.tlsEstablished() }
    /// The driver ends IDLE.
    static let endIdle = Step.call { $0.endIdle() }
    /// The transport ends.
    static let closed = Step.call { $0.closed() }
    /// The driver gives octets of a message.
    static func chunk(_ text: String) -> Step { .call { $0.appendChunk(Array(text.utf8)) } }
}

/// How a turn of the server is cut.
enum Slicing {
    case whole
    case octets
    /// Two pieces, cut at a position counted over all turns.
    case split(Int)
}

/// A story and the ways to play it.
struct Story {
    let steps: [Step]
    let security: IMAPConnection.Security
    let credential: SASLCredential?

    init(
        security: IMAPConnection.Security = .implicitTLS,
        credential: SASLCredential? = Story.tim,
        _ steps: [Step]
    ) {
        self.steps = (security == .implicitTLS ? [.tls] : []) + steps
        self.security = security
        self.credential = credential
    }

    /// User `tim`, password `secret`.
    static let tim = Secret(Array("secret".utf8)).flatMap {
        try? SASLCredential(user: Array("tim".utf8), secret: $0)
    }

    /// What a server that needs no login says, and what the machine makes of it.
    static func ready(_ capabilities: String) -> [Step] {
        [
            .raw("* PREAUTH [CAPABILITY IMAP4rev1 \(capabilities)] hi\r\n"),
            "ready preauthenticated",
        ]
    }

    /// A story that begins when commands may be submitted.
    static func afterLogin(_ capabilities: String, _ steps: [Step]) -> Story {
        Story(security: .preauthenticated, credential: nil, ready(capabilities) + steps)
    }

    /// Plays the story in every slicing.
    func check(splits: Bool = true, sourceLocation: SourceLocation = #_sourceLocation) {
        let expected = expectation
        #expect(play(.whole) == expected, "at once", sourceLocation: sourceLocation)
        guard splits else { return }
        #expect(play(.octets) == expected, "octet by octet", sourceLocation: sourceLocation)
        let octets = steps.reduce(0) { sum, step in
            if case .server(let octets) = step { sum + octets.count } else { sum }
        }
        for position in 0..<octets where play(.split(position)) != expected {
            Issue.record("differs when split at \(position)", sourceLocation: sourceLocation)
            #expect(play(.split(position)) == expected, sourceLocation: sourceLocation)
            return
        }
    }

    private var expectation: [String] {
        steps.compactMap { if case .expected(let text) = $0 { text } else { nil } }
    }

    /// What the machine does, as text.
    func play(_ slicing: Slicing) -> [String] {
        var connection = IMAPConnection(security: security, credential: credential)
        var rendering = Rendering()
        var position = 0
        var turn: [UInt8] = []
        for step in steps {
            switch step {
            case .server(let octets):
                turn += octets
            case .expected, .call:
                for slice in Self.slices(turn, slicing, position) {
                    rendering.add(connection.receive(slice))
                }
                position += turn.count
                turn = []
                if case .call(let body) = step { rendering.add(body(&connection)) }
            }
        }
        for slice in Self.slices(turn, slicing, position) {
            rendering.add(connection.receive(slice))
        }
        return rendering.finish()
    }

    private static func slices(
        _ turn: [UInt8],
        _ slicing: Slicing,
        _ start: Int
    ) -> [[UInt8]] {
        switch slicing {
        case .whole: return turn.isEmpty ? [] : [turn]
        case .octets: return turn.map { [$0] }
        case .split(let position):
            let cut = min(max(position - start, 0), turn.count)
            return [Array(turn[..<cut]), Array(turn[cut...])].filter { !$0.isEmpty }
        }
    }
}

/// Actions as lines of text: writes joined and cut at line ends, adjacent chunks joined.
struct Rendering {
    private var lines: [String] = []
    private var written: [UInt8] = []
    private var chunk: [UInt8]?

    /// Adds actions in order.
    mutating func add(_ actions: [IMAPConnection.Action]) {
        for action in actions {
            switch action {
            case .write(let octets):
                flushChunk()
                written += octets
            case .writeSecret(let secret):
                flushChunk()
                written += [UInt8(ascii: "<")] + secret.withUnsafeBytes { Array($0) }
                written += [UInt8(ascii: ">")]
            case .bodyChunk(let octets):
                flushWritten()
                chunk = (chunk ?? []) + octets
            default:
                flushChunk()
                flushWritten()
                lines.append(Self.text(of: action))
            }
        }
    }

    /// All of it.
    mutating func finish() -> [String] {
        flushChunk()
        flushWritten()
        return lines
    }

    private mutating func flushChunk() {
        if let chunk { lines.append("chunk " + Self.text(chunk)) }
        chunk = nil
    }

    private mutating func flushWritten() {
        while let end = written.firstIndex(of: 10) {
            lines.append("C: " + Self.text(Array(written[..<end].dropLast())))
            written.removeFirst(end + 1)
        }
        if !written.isEmpty { lines.append("C~ " + Self.text(written)) }
        written = []
    }

    /// Octets with everything but printable ASCII as `\xNN`.
    static func text(_ octets: some Sequence<UInt8>) -> String {
        octets.map { octet in
            (0x20...0x7E).contains(octet)
                ? String(Unicode.Scalar(octet))
                : "\\x" + (octet < 16 ? "0" : "") + String(octet, radix: 16)
        }
        .joined()
    }

    private static func text(of action: IMAPConnection.Action) -> String {
        switch action {
        case .startTLS: "startTLS"
        case .compress: "compress"
        case .ready(let summary): "ready " + text(of: summary.login)
        case .untagged(let data): text(of: data)
        case .idling: "idling"
        case .needsMessage: "needsMessage"
        case .completed(_, let result): text(of: result)
        case .failed(let error):
            "failed \(error.code.rawValue)" + (error.isTemporary ? " temporary" : "")
                + (error.serverText.isEmpty ? "" : " " + text(error.serverText))
        case .write, .writeSecret, .bodyChunk: ""
        }
    }

    private static func text(of method: IMAPServerSummary.LoginMethod) -> String {
        switch method {
        case .sasl(let mechanism): mechanism.rawValue
        case .loginCommand: "login"
        case .preauthenticated: "preauthenticated"
        }
    }

    private static func text(of result: IMAPResult) -> String {
        switch result {
        case .ok(let code, let text): "ok" + suffix(code, text)
        case .no(let code, let text): "no" + suffix(code, text)
        case .bad(let code, let text): "bad" + suffix(code, text)
        case .malformed(let octets): "malformed " + text(octets)
        case .refused(let error): "refused \(error.code.rawValue)"
        }
    }

    private static func suffix(_ code: IMAPResponseCode?, _ octets: [UInt8]) -> String {
        (code.map { " [\(text(of: $0))]" } ?? "") + (octets.isEmpty ? "" : " " + text(octets))
    }

    static func text(of code: IMAPResponseCode) -> String {
        switch code {
        case .condition(let condition): condition.rawValue
        case .other(let octets): "other " + text(octets)
        case .appendUID(let validity, let set): "APPENDUID \(validity.value) \(text(set.octets))"
        case .copyUID(let validity, let from, let to):
            "COPYUID \(validity.value) \(text(from.octets)) \(text(to.octets))"
        case .uidValidity(let validity): "UIDVALIDITY \(validity.value)"
        case .permanentFlags(let flags, let more):
            "PERMANENTFLAGS " + words(flags) + (more ? " *" : "")
        case .capability(let offered): "CAPABILITY " + words(offered)
        case .modified(let set): "MODIFIED " + text(set.octets)
        default: "\(code)"
        }
    }

    static func text(of data: IMAPUntagged) -> String {
        switch data {
        case .capability(let offered): "capability " + words(offered)
        case .enabled(let offered): "enabled " + words(offered)
        case .list(let entry):
            "list \(text(entry.name.octets)) delimiter "
                + (entry.delimiter.map { text([$0]) } ?? "none")
                + (entry.role.map { " role \($0)" } ?? "")
        case .status(let status):
            "status \(text(status.name.octets)) messages \(status.messages.map { "\($0)" } ?? "?")"
        case .flags(let flags): "flags " + words(flags)
        case .exists(let count): "exists \(count)"
        case .recent(let count): "recent \(count)"
        case .expunge(let number): "expunge \(number)"
        case .vanished(let set, let isEarlier):
            "vanished " + (isEarlier ? "earlier " : "") + text(set.octets)
        case .fetch(let fetch): text(of: fetch)
        case .search(let set): "search " + text(set.octets)
        case .id(let fields):
            "id " + fields.map { text($0.name) + "=" + text($0.value) }.joined(separator: " ")
        case .namespace(let spaces):
            "namespace \(spaces.personal.count) \(spaces.otherUsers.count) \(spaces.shared.count)"
        case .quota(let quota):
            "quota \(text(quota.root)) "
                + quota.resources.map { "\(text($0.name)) \($0.usage)/\($0.limit)" }
                .joined(separator: " ")
        case .condition(let condition):
            "condition \(condition.kind.rawValue)" + suffix(condition.code, condition.text)
        }
    }

    static func text(of fetch: IMAPFetchData) -> String {
        var words = ["fetch \(fetch.sequenceNumber)"]
        if let uid = fetch.uid { words.append("uid \(uid.value)") }
        if let flags = fetch.flags { words.append("flags \(self.words(flags))") }
        if let date = fetch.internalDate { words.append("date \(date.rfc3339)") }
        if let size = fetch.size { words.append("size \(size)") }
        if let modSeq = fetch.modSeq { words.append("modseq \(modSeq)") }
        if let id = fetch.emailID { words.append("email \(id.text)") }
        if let id = fetch.threadID { words.append("thread \(id.text)") }
        if let labels = fetch.labels {
            words.append("labels " + labels.map { text($0.octets) }.joined(separator: ","))
        }
        if let structure = fetch.bodyStructure {
            words.append("parts " + structure.parts.map(\.section).joined(separator: ","))
        }
        if let headers = fetch.headers { words.append("headers \(text(headers))") }
        for section in fetch.sections {
            let origin = section.origin.map { "<\($0)>" } ?? ""
            words.append("[\(text(section.name))]\(origin) " + text(of: section.content))
        }
        if fetch.malformedItems > 0 { words.append("malformed \(fetch.malformedItems)") }
        return words.joined(separator: " ")
    }

    private static func text(of content: IMAPFetchData.Content) -> String {
        switch content {
        case .inline(let octets): "inline \(text(octets))"
        case .streamed(let count): "streamed \(count)"
        case .absent: "absent"
        case .tooLarge(let count): "tooLarge \(count)"
        }
    }

    private static func words(_ flags: [Flag]) -> String {
        "(" + flags.map { text($0.octets) }.joined(separator: " ") + ")"
    }

    private static func words(_ capabilities: IMAPCapabilities) -> String {
        capabilities.names.map { text($0) }.sorted().joined(separator: " ")
    }
}
