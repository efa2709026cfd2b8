// From a command line to an exit status. The only place that knows how ArgumentParser reports.

package import ArgumentParser
import BrokerClient
import Glibc
import MailModel

/// Running of command lines.
package enum Program {
    /// The version of every front end.
    package static let version = "0.1.0"

    /// Runs the command line of a process and gives its exit status.
    package static func run<Root: ParsableCommand>(
        _ root: Root.Type,
        arguments: [String],
        session: Session
    ) -> Int32 {
        Screen.prepareLocale()
        let status = perform(root, arguments: arguments, session: session)
        do {
            try session.output.flush()
            try session.talk.flush()
        } catch {
            return session.report(error, isJSON: false).rawValue
        }
        return status.rawValue
    }

    /// Runs one command line in a session that goes on; every error is told, none thrown.
    package static func perform<Root: ParsableCommand>(
        _ root: Root.Type,
        arguments: [String],
        session: Session
    ) -> ExitStatus {
        var isJSON = arguments.prefix { !same($0, "--") }.contains { same($0, "--json") }
        do {
            var command = try parse(root, arguments)
            if let verb = command as? any Verb {
                isJSON = verb.common.json
                return try verb.perform(in: session)
            }
            try Self.run(&command, root)
            return .ok
        } catch let interruption as Interruption {
            return ended(by: interruption, isJSON: isJSON, session)
        } catch let usage as UsageReport {
            return usage.tell(in: session, isJSON: isJSON)
        } catch {
            return session.report(error, isJSON: isJSON)
        }
    }

    /// The command of a command line.
    ///
    /// A verb is parsed alone first: to set up the parser for all of them took 11 of the 29 million
    /// instructions of `mb inbox` (callgrind). Help and mistakes are told by the whole program.
    private static func parse<Root: ParsableCommand>(
        _ root: Root.Type,
        _ arguments: [String]
    ) throws -> any ParsableCommand {
        let arguments = GlobalOptions.movedBehindVerb(arguments, of: root)
        if let name = arguments.first,
            let verb = root.subcommand(name),
            let command = try? verb.parseAsRoot(Array(arguments.dropFirst())), command is any Verb
        {
            return command
        }
        do {
            return try root.parseAsRoot(arguments)
        } catch {
            throw UsageReport(root, error)
        }
    }

    /// In a program of one request a signal ends it as if it had not been watched.
    private static func ended(
        by interruption: Interruption,
        isJSON: Bool,
        _ session: Session
    ) -> ExitStatus {
        if !session.outlivesInterruption { SignalWatch.yield(to: interruption.signal) }
        return session.report(interruption, isJSON: isJSON)
    }

    /// A command that is no verb is one of ArgumentParser's own, or `mb` alone.
    private static func run<Root: ParsableCommand>(
        _ command: inout any ParsableCommand,
        _ root: Root.Type
    ) throws {
        do {
            try command.run()
        } catch {
            throw UsageReport(root, error)
        }
    }

    /// Whether two strings are the same octets.
    static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}

extension ParsableCommand {
    /// The command of a name below this one; nil where there is none.
    fileprivate static func subcommand(_ name: String) -> (any ParsableCommand.Type)? {
        configuration.subcommands.first { Program.same($0._commandName, name) }
    }
}

/// What ArgumentParser has to say: help, a version, or what is wrong with a command line.
private struct UsageReport: Error {
    let isHelp: Bool
    let text: String
    let line: String

    init<Root: ParsableCommand>(_ root: Root.Type, _ error: any Error) {
        isHelp = root.exitCode(for: error) == .success
        text = root.fullMessage(for: error)
        line = root.message(for: error)
    }

    func tell(in session: Session, isJSON: Bool) -> ExitStatus {
        do {
            if isHelp {
                try session.output.line(TerminalText.clean(text))
                return .ok
            }
            if isJSON { return session.report(FrontEndError.usage(line), isJSON: true) }
            try session.output.flush()
            let prefix = Array("Error: ".utf8)
            let body =
                text.utf8.starts(with: prefix) ? text.utf8.dropFirst(prefix.count) : text.utf8[...]
            let clean = TerminalText.clean(String(Substring(body)))
            try session.talk.line("\(session.program): \(clean)")
            try session.talk.flush()
            return .usage
        } catch {
            return .inputOutput
        }
    }
}

/// The options that may stand before the verb.
enum GlobalOptions {
    /// `-a work --json inbox -n 3` as `inbox -a work --json -n 3`: where ArgumentParser looks.
    ///
    /// A verb of `root` that has verbs of its own, as `outbox show`, counts with them.
    static func movedBehindVerb(
        _ arguments: [String],
        of root: any ParsableCommand.Type
    ) -> [String] {
        let (options, rest) = split(arguments)
        guard let verb = rest.first, !options.isEmpty, verb.utf8.first != UInt8(ascii: "-") else {
            return arguments
        }
        let nested = root.subcommand(verb)
        let hasNested = rest.dropFirst().first.flatMap { nested?.subcommand($0) } != nil
        let words = hasNested ? 2 : 1
        return rest.prefix(words) + options + rest.dropFirst(words)
    }

    /// The options in front and what follows them.
    static func split(_ arguments: [String]) -> (options: [String], rest: ArraySlice<String>) {
        var options: [String] = []
        var rest = arguments[...]
        while let word = rest.first {
            if Program.same(word, "-a") || Program.same(word, "--account") {
                guard rest.count > 1 else { break }
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if Program.same(word, "--json") || word.utf8.starts(with: "--account=".utf8)
                || (word.utf8.count > 2 && word.utf8.starts(with: "-a".utf8))
            {
                options.append(word)
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return (options, rest)
    }
}
