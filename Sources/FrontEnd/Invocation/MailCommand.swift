// The command line of `mb`: the table of verbs, and the programs that stand for verbs it does not know.

package import ArgumentParser
import Glibc

/// The command `mb`.
package struct MailCommand: ParsableCommand {
    /// Name, help and verbs.
    package static let configuration = CommandConfiguration(
        commandName: "mb",
        abstract: "Read, send and sort mail through the broker.",
        discussion: "`mb VERB` with another verb runs the program mb-VERB of PATH.",
        version: Program.version,
        subcommands: verbs
    )
    @OptionGroup(visibility: .hidden) var common: CommonOptions

    /// No arguments.
    package init() {}

    private static let verbs: [any ParsableCommand.Type] = [
        InboxVerb.self, SentVerb.self, TrashVerb.self, ListVerb.self, FoldersVerb.self,
        ReadVerb.self, RawVerb.self, PartsVerb.self, FetchVerb.self,
        SendVerb.self,
        RmVerb.self, PurgeVerb.self, SeenVerb.self, UnseenVerb.self, FlagVerb.self,
        UnflagVerb.self,
        WatchVerb.self, LoginVerb.self, LogoutVerb.self, StatusVerb.self, StartVerb.self,
        StopVerb.self, ConsoleVerb.self,
    ]

    /// The names of the verbs, in the order of the help.
    package static let verbNames: [String] = verbs.map { $0.configuration.commandName ?? "" }

    /// Without a verb there is nothing to do.
    package func run() throws {
        throw ValidationError("a verb is missing")
    }

    /// Runs `mb-VERB` in the place of this process where the verb is none of ours; comes back when
    /// there is no such program.
    package static func runExternalVerb(_ arguments: [String]) {
        let (options, rest) = GlobalOptions.split(arguments)
        guard let verb = rest.first, isExternal(verb) else { return }
        _ = Companion.replaceProcess("mb-\(verb)", options + rest.dropFirst())
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
