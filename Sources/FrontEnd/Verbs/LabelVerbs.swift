// Labels: put on and taken off by `+name` and `-name` behind the ids.

import ArgumentParser
import BrokerProtocol

/// The words of `label`: ids, then labels to put on and to take off.
struct LabelWords: Equatable {
    private(set) var ids: [MessageID] = []
    private(set) var add: [String] = []
    private(set) var remove: [String] = []
    /// Whether `--json` stands among them.
    private(set) var isJSON = false

    /// Reads the words; what is neither an id nor a label is an error.
    init(_ words: [String]) throws(ValidationError) {
        for word in words {
            let name = String(Substring(word.utf8.dropFirst()))
            if Program.same(word, "--json") {
                isJSON = true
            } else if let id = MessageID(argument: word), add.isEmpty, remove.isEmpty {
                ids.append(id)
            } else if word.utf8.first == UInt8(ascii: "+"), !name.isEmpty {
                add.append(name)
            } else if word.utf8.first == UInt8(ascii: "-"), !name.isEmpty {
                remove.append(name)
            } else {
                throw ValidationError("\(word) is neither an id nor +LABEL nor -LABEL")
            }
        }
        guard !ids.isEmpty, !add.isEmpty || !remove.isEmpty else {
            throw ValidationError("ids and labels are needed: mb label 12 15 +work -later")
        }
    }
}

struct LabelVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Put labels on messages and take others off.",
        usage: "mb label [-a <account>] [--json] <id> ... <+label> ... <-label> ...",
        discussion: """
            Labels are Gmail's, or keywords on a server that has no labels; "important" is one on \
            every server. Options stand before the ids: what follows with a minus is a label. \
            A message that loses the label of its mailbox moves to the mailbox of all messages.
            """
    )
    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp(
            "The messages' ids, then labels to put on (+) and to take off (-).",
            valueName: "words"
        )
    )
    var words: [String] = []
    @OptionGroup var common: CommonOptions

    mutating func validate() throws {
        // With words that are passed through the parser leaves these to the verb, too.
        if let first = words.first, ["-h", "--help"].contains(where: { Program.same($0, first) }) {
            throw CleanExit.helpRequest(self)
        }
        if try LabelWords(words).isJSON { common.json = true }
    }

    func perform(in session: Session) throws -> ExitStatus {
        let words = try LabelWords(words)
        let change = Change(ids: words.ids)
        return try change.make(MessageLabel.self, common, in: session) {
            MessageLabel.Params(ids: $0, add: words.add, remove: words.remove)
        }
    }
}

struct ImportantVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "important",
        abstract: "Mark messages as important; mb label ID -important takes it off."
    )
    @OptionGroup var messages: ChangeOptions
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try messages.change(MessageLabel.self, common, in: session) {
            MessageLabel.Params(ids: $0, add: ["important"])
        }
    }
}
