// What every verb has in common. A verb asks the broker and renders; it never ends the process, so
// that the console runs the same ones.

package import ArgumentParser
import MailModel

/// A command of `mb` and of the console.
package protocol Verb: ParsableCommand {
    /// The options that may stand before the verb as well.
    var common: CommonOptions { get }

    /// Does it and gives the exit status.
    /// - Throws: `BrokerError`, `BrokerClientError`, `FrontEndError`, `Interruption`.
    func perform(in session: Session) throws -> ExitStatus
}

/// Options of every verb.
package struct CommonOptions: ParsableArguments {
    /// The account asked for.
    @Option(
        name: [.customShort("a", allowingJoined: true), .long],
        help: ArgumentHelp("The account, by name or address.", valueName: "account")
    )
    package var account: String?

    /// Whether the answer is for a program.
    @ArgumentParser.Flag(name: .long, help: "Answer with one JSON object.")
    package var json = false

    /// No options.
    package init() {}

    /// The account for a request of a session.
    package func account(in session: Session) -> String? { account ?? session.account }
}

/// A message's id on the command line.
package struct MessageID: ExpressibleByArgument, Sendable, Equatable {
    /// The store's number.
    package let number: Int64

    /// Reads decimal digits; nil for anything else and for zero.
    package init?(argument: String) {
        guard let value = ASCII.decimal(Array(argument.utf8)), value > 0,
            let number = Int64(exactly: value)
        else { return nil }
        self.number = number
    }
}

extension Session {
    /// Writes the answer of a verb: an object for programs, or what `render` makes for people.
    func answer<Result: Encodable>(
        _ options: CommonOptions,
        _ schema: JSONAnswer.Schema,
        _ result: Result,
        render: (Result) throws -> Void
    ) throws {
        if options.json {
            try output.write(try JSONAnswer.line(schema, result))
        } else {
            try render(result)
        }
    }
}
