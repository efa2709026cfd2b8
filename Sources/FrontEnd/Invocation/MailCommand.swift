// The command line of `mb`: the table of verbs, and the programs that stand for verbs it does not
// know.

package import ArgumentParser
import Glibc

/// The command `mb`.
package struct MailCommand: ParsableCommand {
    /// Name, help and verbs.
    package static let configuration = CommandConfiguration(
        commandName: "mb",
        abstract: "Read, send and sort mail through the broker.",
        usage: "mb [-a <account>] [--json] <verb> ...",
        discussion: """
            -a and --json may stand before the verb or behind it. Another verb runs the program \
            mb-VERB of PATH. `mb sendmail`, or mb under the name sendmail, takes what other \
            sendmails take (-t -i -f -F -bs). The exit status is one of sysexits.h: 64 usage, \
            65 bad data, 66 not found, 67 no such account, 69 broker not running, 74 I/O, \
            75 temporary, 76 protocol, 77 refused, 78 configuration.
            """,
        version: Program.version,
        subcommands: verbs
    )

    /// No arguments.
    package init() {}

    private static let verbs: [any ParsableCommand.Type] = [
        InboxVerb.self, SentVerb.self, TrashVerb.self, ListVerb.self, FoldersVerb.self,
        SearchVerb.self,
        ReadVerb.self, RawVerb.self, PartsVerb.self, FetchVerb.self, ParseVerb.self,
        SendVerb.self, OutboxVerb.self,
        RmVerb.self, PurgeVerb.self, SeenVerb.self, UnseenVerb.self, FlagVerb.self,
        UnflagVerb.self, LabelVerb.self, ImportantVerb.self, MvVerb.self, CpVerb.self,
        ArchiveVerb.self,
        WatchVerb.self, LoginVerb.self, LogoutVerb.self, StatusVerb.self, StartVerb.self,
        StopVerb.self, ConsoleVerb.self,
    ]

    /// The names of the verbs, in the order of the help.
    package static let verbNames: [String] = verbs.map { $0.configuration.commandName ?? "" }

    /// Without a verb there is nothing to do.
    package func run() throws {
        throw ValidationError("a verb is missing")
    }

    /// Runs a command line of `mb`; a verb that is none of ours is a program of its own, which then
    /// takes the place of this process.
    package static func run(_ arguments: [String], session: Session) -> Int32 {
        let (options, rest) = GlobalOptions.split(arguments)
        if let verb = rest.first, Program.same(verb, "sendmail") {
            return Sendmail.run(options + rest.dropFirst(), session: session)
        }
        if let verb = rest.first, isExternal(verb) {
            _ = Companion.replaceProcess("mb-\(verb)", options + rest.dropFirst())
            let isJSON = options.contains { Program.same($0, "--json") }
            return session.report(unknown(verb), isJSON: isJSON).rawValue
        }
        return Program.run(MailCommand.self, arguments: arguments, session: session)
    }

    private static func unknown(_ verb: String) -> FrontEndError {
        let near = verbNames.first { distance(Array($0.utf8), Array(verb.utf8)) <= 2 }
        let hint = near.map { "; did you mean \($0)?" } ?? "; see mb --help"
        return .usage("there is no verb \(verb), nor a program mb-\(verb)\(hint)", field: "verb")
    }

    /// How many octets must be added, taken away or changed to make one word of another.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 2 else { return 3 }
        var row = Array(0...right.count)
        for (index, octet) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = diagonal + (right[column] == octet ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }

    /// Whether a word can be the name of a program and is none of our verbs.
    static func isExternal(_ word: String) -> Bool {
        let octets = Array(word.utf8)
        guard let first = octets.first, first != UInt8(ascii: "-") else { return false }
        let isWord = octets.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isWord && !(verbNames + ["help"]).contains { Program.same($0, word) }
    }
}
