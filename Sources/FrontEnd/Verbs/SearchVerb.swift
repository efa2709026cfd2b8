// Finding messages.

import ArgumentParser
import BrokerProtocol

struct SearchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "List the messages that have all of some words.",
        discussion: """
            A word is looked for in the subject, the people and, of messages that were read, the \
            text; from:, to: or subject: before it says where. It matches words that begin with \
            it. label:NAME finds the messages that have a label.
            """
    )
    @Argument(help: "The words.")
    var words: [String]
    @Option(name: .shortAndLong, help: "Only in this mailbox.")
    var mailbox: String?
    @Option(name: .short, help: ArgumentHelp("Rows at most.", valueName: "rows"))
    var number: Int = FrontEndLimits.listRows
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...BrokerLimits.listMax).contains(number) else {
            throw ValidationError("-n takes a number from 1 to \(BrokerLimits.listMax)")
        }
    }

    func perform(in session: Session) throws -> ExitStatus {
        let found = try session.call(
            MessageSearch.self,
            MessageSearch.Params(
                account: common.account(in: session),
                mailbox: mailbox,
                words: words,
                limit: number
            )
        )
        try session.answer(common, .found, found) { found in
            let view = ListView(found, screen: session.screen, now: session.now())
            for line in view.lines { try session.output.line(line) }
        }
        return .ok
    }
}
