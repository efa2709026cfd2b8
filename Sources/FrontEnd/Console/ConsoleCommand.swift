// What a line of the console means: a verb of `mb`, one of the letters every mail program knows, or
// a command only the console has.

/// A line of the console, understood.
package enum ConsoleCommand: Sendable, Equatable {
    /// Arguments of a verb of `mb`.
    case verb([String])
    /// Change to a mailbox: arguments of `list`.
    case change([String])
    /// Read the message so many places after the current one.
    case step(Int)
    /// Write a message, to these recipients if any.
    case compose([String])
    /// Attach files to the next message.
    case attach([String])
    /// Send the message again that could not be sent.
    case resend
    /// Show the help of the console.
    case help
    /// Leave.
    case quit
    /// Nothing.
    case nothing

    /// Words that are verbs of the console only, for completion and help.
    package static let names = [
        "attach", "cd", "compose", "exit", "help", "next", "previous", "quit", "resend",
    ]

    /// Verbs that take ids, in which `.` is the current message.
    private static let withIDs = [
        "read", "raw", "parts", "fetch", "rm", "purge", "seen", "unseen", "flag", "unflag",
        "important", "label",
    ]

    /// The meaning of words; `current` is the message read last, `mailbox` the one listed.
    package init(_ words: [String], current: Int64?, mailbox: String) {
        guard let first = words.first else {
            self = .nothing
            return
        }
        let rest = Array(words.dropFirst())
        // aerc's users begin commands with a colon.
        let isColon = first.utf8.first == UInt8(ascii: ":")
        let bare = String(decoding: first.utf8.dropFirst(isColon ? 1 : 0), as: UTF8.self)
        if MessageID(argument: bare) != nil, rest.isEmpty {
            self = .verb(["read", bare])
            return
        }
        self =
            switch bare {
            case "h", "headers": .verb(["list", mailbox] + rest)
            case "n", "next": .step(1)
            case "-", "prev", "previous": .step(-1)
            case "c", "cd", "cf": .change(rest)
            case "m", "mail", "compose": .compose(rest)
            case "attach": .attach(rest)
            case "resend": .resend
            case "?": .help
            case "help" where rest.isEmpty: .help
            case "q", "x", "quit", "exit": .quit
            default: .verb(Self.arguments(bare, rest, current))
            }
    }

    private static func arguments(_ word: String, _ rest: [String], _ current: Int64?) -> [String] {
        let verb =
            switch word {
            case "p", "print", "show": "read"
            case "d", "delete": "rm"
            case "v": "parts"
            case "w": "fetch"
            case "F": "flag"
            default: word
            }
        guard let current, withIDs.contains(where: { Program.same($0, verb) }) else {
            return [verb] + rest
        }
        let words = rest.map { Program.same($0, ".") ? String(current) : $0 }
        // `label` has words behind its ids.
        let hasID = words.contains { MessageID(argument: $0) != nil }
        let isAboutCurrent = Program.same(verb, "label") ? !hasID : words.isEmpty
        return [verb] + (isAboutCurrent ? [String(current)] : []) + words
    }

    /// The help of the console.
    package static let helpText = """
        h [-n ROWS]      list the mailbox            n, -             read the next, the previous
        NUMBER, p ID     read a message              d [ID...]        move to the trash
        cd MAILBOX       change the mailbox          compose [TO...]  write a message
        attach FILE...   for the next message        resend           what could not be sent
        v [ID]  w [ID]   show, save the attachments  q, Ctrl-D        leave; the session stays
        A dot is the message read last. Ctrl-C takes back what is running. Other verbs as in mb:
        """
}
