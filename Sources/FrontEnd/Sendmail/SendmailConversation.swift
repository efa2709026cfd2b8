// `sendmail -bs`: a program that speaks SMTP to us on a pipe. It is the user's own, so there is no
// login; what it hands over goes into the outbox before it is told 250.

import BrokerClient
import BrokerProtocol
import MailModel

/// An SMTP session on standard input and output (RFC 5321).
final class SendmailConversation {
    /// Octets of a command with its line end (RFC 5321 4.5.3.1.4).
    private static let lineOctetsMax = 2048

    private let session: Session
    private var options: SendmailOptions
    private let source: BodySource
    private var pending: [UInt8] = []
    private var hasSender = false
    private var status = ExitStatus.ok

    init(_ options: SendmailOptions, _ session: Session) {
        self.options = options
        self.session = session
        source = BodySource(descriptor: session.input)
        reset()
    }

    /// Talks until QUIT or the end of the input.
    func run() throws -> ExitStatus {
        try say("220 localhost mailbroker")
        while let line = try nextLine() {
            let words = line.split(separator: ASCII.space, maxSplits: 1)
            let verb = (words.first ?? []).map(ASCII.lowercased)
            let rest = words.count > 1 ? Array(words[1]) : []
            if verb.elementsEqual("quit".utf8) {
                try say("221 2.0.0 goodbye")
                return status
            }
            try answer(String(decoding: verb, as: UTF8.self), rest)
        }
        return status
    }

    private func answer(_ verb: String, _ rest: [UInt8]) throws {
        switch verb {
        case "helo": try say("250 localhost")
        case "ehlo": try say("250-localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 PIPELINING")
        case "noop": try say("250 2.0.0 ok")
        case "rset":
            reset()
            try say("250 2.0.0 ok")
        case "mail": try takeSender(rest)
        case "rcpt": try takeRecipient(rest)
        case "data": try takeMessage()
        case "vrfy": try say("252 2.0.0 try to send")
        default: try say("500 5.5.1 there is no such command here")
        }
    }

    private func reset() {
        options.recipients = []
        options.sender = nil
        hasSender = false
    }

    private func takeSender(_ rest: [UInt8]) throws {
        guard let path = Self.path(rest, behind: "from:") else {
            return try say("501 5.5.4 MAIL FROM:<address>")
        }
        reset()
        hasSender = true
        options.sender = path.isEmpty ? nil : String(decoding: path, as: UTF8.self)
        try say("250 2.1.0 ok")
    }

    private func takeRecipient(_ rest: [UInt8]) throws {
        guard hasSender else { return try say("503 5.5.1 MAIL first") }
        guard let path = Self.path(rest, behind: "to:"), !path.isEmpty else {
            return try say("501 5.5.4 RCPT TO:<address>")
        }
        guard options.recipients.count < BrokerLimits.recipientsMax else {
            return try say("452 4.5.3 too many recipients")
        }
        options.recipients.append(String(decoding: path, as: UTF8.self))
        try say("250 2.1.5 ok")
    }

    private func takeMessage() throws {
        guard !options.recipients.isEmpty else { return try say("503 5.5.1 RCPT first") }
        try say("354 end with a line with a dot alone")
        var reader = DotReader(isStuffed: true)
        do {
            let sent = try Sendmail.submit(options, session) { [self] max in
                try readMessage(&reader, max)
            }
            try say("250 2.0.0 queued as \(sent.item.id)")
        } catch let error as BrokerError {
            // The rest of a message that was refused half-way is not a command.
            while !reader.isAtEnd, try !readMessage(&reader, Self.lineOctetsMax).isEmpty {}
            status = ExitStatus(error)
            let code = error.data.temporary ? "451 4.3.0" : "554 5.6.0"
            try say("\(code) \(TerminalText.line(error.message))")
        }
        reset()
    }

    /// The next octets of the message; none at its end.
    private func readMessage(_ reader: inout DotReader, _ max: Int) throws -> [UInt8] {
        while !reader.isAtEnd {
            if pending.isEmpty { pending = try source.read(max) }
            guard !pending.isEmpty else {
                throw FrontEndError.badData("sendmail: the message has no end")
            }
            let (message, used) = reader.take(pending.prefix(max))
            pending.removeFirst(used)
            if !message.isEmpty { return message }
        }
        return []
    }

    private func nextLine() throws -> [UInt8]? {
        while true {
            if let end = pending.firstIndex(of: ASCII.lf) {
                var line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                if line.last == ASCII.cr { line.removeLast() }
                return line
            }
            guard pending.count < Self.lineOctetsMax else {
                throw FrontEndError.badData("sendmail: a command without end")
            }
            let octets = try source.read(Self.lineOctetsMax)
            guard !octets.isEmpty else { return nil }
            pending += octets
        }
    }

    private func say(_ line: String) throws {
        try session.output.write(Array("\(line)\r\n".utf8))
        try session.output.flush()
    }

    /// The address of `FROM:<a@b> SIZE=1`; nil where there is none.
    private static func path(_ rest: [UInt8], behind keyword: String) -> [UInt8]? {
        let start = rest.prefix(keyword.utf8.count).map(ASCII.lowercased)
        guard start.elementsEqual(keyword.utf8) else { return nil }
        let path = ASCII.trimmed(rest.dropFirst(keyword.utf8.count))
        guard path.first == UInt8(ascii: "<"), let end = path.firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        return Array(path[path.index(after: path.startIndex)..<end])
    }
}
