// Writing a message line by line: recipients, subject, body. Sans-IO: it gets lines and says what
// to ask next.

import MailModel

/// A message that is being written in the console.
package struct Composition: Sendable {
    /// What to do after a line.
    package enum Step: Sendable, Equatable {
        /// Ask for the next line.
        case ask
        /// Tell something, then ask for the next line.
        case tell(String)
        /// Send it; true when text or subject may be empty.
        case send(allowsEmpty: Bool)
        /// Forget it.
        case cancel
    }

    private enum Field {
        case to, cc, bcc, subject, body, confirmation
    }

    /// The fields so far.
    package private(set) var message: OutgoingMessage
    /// The text so far, LF line ends.
    package private(set) var body: [UInt8] = []
    private var field: Field

    /// Begins a message; recipients that are known are not asked for.
    package init(_ message: OutgoingMessage) {
        self.message = message
        field = message.to.isEmpty ? .to : .cc
    }

    /// What stands before the line that is asked for.
    package var prompt: String {
        switch field {
        case .to: "To: "
        case .cc: "Cc: "
        case .bcc: "Bcc: "
        case .subject: "Subject: "
        case .body: ""
        case .confirmation: "\(emptyText) Send it all the same? [y/N] "
        }
    }

    /// Whether the line that is asked for is one of the text.
    package var isInBody: Bool { field == .body }

    /// Takes a line without its line end.
    package mutating func receive(_ line: [UInt8]) -> Step {
        let text = String(decoding: line, as: UTF8.self)
        switch field {
        case .to: return take(text, into: \.to, next: .cc)
        case .cc: return take(text, into: \.cc, next: .bcc)
        case .bcc: return takeBcc(text)
        case .subject:
            message.subject = text
            field = .body
            return body.isEmpty
                ? .tell("end with a line of one dot; ~a FILE attaches, ~q forgets it") : .ask
        case .body: return takeBody(line)
        case .confirmation:
            if line.first.map({ $0 | 0x20 }) == UInt8(ascii: "y") {
                return .send(allowsEmpty: true)
            }
            field = message.subject.utf8.isEmpty ? .subject : .body
            return .ask
        }
    }

    /// Ctrl-D: ends the text, or gives the message up before it.
    package mutating func receiveEnd() -> Step { field == .body ? finish() : .cancel }

    private mutating func take(
        _ text: String,
        into list: WritableKeyPath<OutgoingMessage, [String]>,
        next: Field
    ) -> Step {
        if !text.utf8.allSatisfy({ $0 == ASCII.space }) { message[keyPath: list].append(text) }
        field = next
        return .ask
    }

    private mutating func takeBcc(_ text: String) -> Step {
        let step = take(text, into: \.bcc, next: .subject)
        guard message.to.isEmpty, message.cc.isEmpty, message.bcc.isEmpty else { return step }
        field = .to
        return .tell("a recipient is missing")
    }

    private mutating func takeBody(_ line: [UInt8]) -> Step {
        let tilde = UInt8(ascii: "~")
        if line.elementsEqual(CollectionOfOne(UInt8(ascii: "."))) { return finish() }
        if line.first == tilde, line.count > 1, line[1] != tilde { return escape(line) }
        let text = line.first == tilde && line.count > 1 ? line[1...] : line[...]
        guard body.count + text.count < FrontEndLimits.composedBodyMax else {
            return .tell("the text is too long; this line is left out")
        }
        body += text
        body.append(ASCII.lf)
        return .ask
    }

    /// `~a FILE`, `~p`, `~q`, `~?`.
    private mutating func escape(_ line: [UInt8]) -> Step {
        let argument = ASCII.trimmed(line[2...])
        switch line[1] {
        case UInt8(ascii: "a"):
            let path = String(decoding: argument, as: UTF8.self)
            do {
                let file = try OutgoingFile(path: path)
                message.attachments.append(path)
                return .tell("attached \(file.name) (\(SizeText.short(file.size)))")
            } catch {
                return .tell(FailureReport(error).line)
            }
        case UInt8(ascii: "p"): return .tell(preview)
        case UInt8(ascii: "q"): return .cancel
        default: return .tell("~a FILE attaches, ~p shows, ~q forgets, ~~ is a tilde, . sends")
        }
    }

    private var preview: String {
        var lines: [String] = []
        for (name, list) in [("To", message.to), ("Cc", message.cc), ("Bcc", message.bcc)]
        where !list.isEmpty { lines.append("\(name): \(list.joined(separator: ", "))") }
        lines.append("Subject: \(message.subject)")
        for path in message.attachments { lines.append("Attached: \(path)") }
        return lines.joined(separator: "\n") + "\n\n" + String(decoding: body, as: UTF8.self)
    }

    private mutating func finish() -> Step {
        guard !emptyText.utf8.isEmpty else { return .send(allowsEmpty: false) }
        field = .confirmation
        return .ask
    }

    private var emptyText: String {
        let isBodyEmpty = body.allSatisfy { $0 == ASCII.lf || $0 == ASCII.space || $0 == ASCII.tab }
        let isSubjectEmpty = message.subject.utf8.allSatisfy { $0 == ASCII.space }
        switch (isSubjectEmpty, isBodyEmpty) {
        case (true, true): return "Subject and text are empty."
        case (true, false): return "The subject is empty."
        case (false, true): return "The text is empty."
        case (false, false): return ""
        }
    }
}
