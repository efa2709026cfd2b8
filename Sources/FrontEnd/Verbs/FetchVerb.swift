// Attachments to disk: `mb fetch` and `mb-fetch` are the same command.

package import ArgumentParser
import BrokerProtocol
import Glibc
import MailModel

/// Arguments and work of both commands.
package struct FetchArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "A message's id, or id:part for one of its parts.",
            valueName: "id[:part]"
        )
    )
    var references: [PartReference]
    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("The directory to save in.", valueName: "directory")
    )
    var directory: String?
    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp(
            "A file that does not exist yet, or - for standard output; for one part only.",
            valueName: "file"
        )
    )
    var output: String?
    @ArgumentParser.Flag(name: .customLong("sha256"), help: "Write the SHA-256 before each name.")
    var hasDigest = false

    /// No arguments.
    package init() {}

    private struct Answer: Encodable {
        let files: [FetchedPart]
    }

    /// Refuses what excludes each other.
    package func validate() throws {
        guard output == nil || directory == nil else {
            throw ValidationError("-o and -d exclude each other")
        }
    }

    /// Gets everything asked for; one that fails does not keep the others from coming.
    func perform(_ common: CommonOptions, in session: Session) throws -> ExitStatus {
        let isInterrupted = session.isInterrupted
        let signals = session.outlivesInterruption ? nil : SignalWatch()
        var caught: Int32?
        if let signals {
            session.isInterrupted = {
                caught = caught ?? signals.take()
                return caught != nil
            }
        }
        defer { session.isInterrupted = isInterrupted }
        do {
            let status = try fetch(common, in: session) { caught == nil }
            if let caught { throw Interruption(signal: caught) }
            return status
        } catch {
            if let caught { throw Interruption(signal: caught) }
            throw error
        }
    }

    private func fetch(
        _ common: CommonOptions,
        in session: Session,
        while goesOn: () -> Bool
    ) throws -> ExitStatus {
        let isShown = isatty(STDERR_FILENO) == 1 && session.screen.hasProgress && !common.json
        let fetch = AttachmentFetch(session: session, hasProgress: isShown)
        if let output {
            return try single(to: output, fetch, common)
        }
        let place = try SaveDirectory(path: directory ?? ".")
        var files: [FetchedPart] = []
        var status = ExitStatus.ok
        for reference in references where goesOn() {
            do {
                let parts = try fetch.parts(of: reference)
                if parts.isEmpty {
                    try session.say("message \(reference.id.number) has no attachments")
                }
                for part in parts where goesOn() {
                    let file = try fetch.save(part, of: reference.id.number, in: place)
                    files.append(file)
                    if !common.json { try session.output.line(line(file)) }
                }
            } catch {
                guard goesOn(), references.count > 1 else { throw error }
                let failed = session.report(error, isJSON: false, about: reference.id.number)
                if status == .ok { status = failed }
            }
        }
        if common.json {
            try session.output.write(try JSONAnswer.line(.fetch, Answer(files: files)))
        }
        return status == .ok && files.isEmpty ? .noInput : status
    }

    /// One part to standard output or into a file of a given name.
    private func single(
        to output: String,
        _ fetch: AttachmentFetch,
        _ common: CommonOptions
    ) throws -> ExitStatus {
        let session = fetch.session
        var found: [(id: Int64, part: PartInfo)] = []
        for reference in references {
            found += try fetch.parts(of: reference).map { (reference.id.number, $0) }
        }
        guard let only = found.first else { throw FrontEndError.notFound("no attachments") }
        guard found.count == 1 else {
            throw FrontEndError.usage("-o takes one part of \(found.count): name it as ID:PART")
        }
        guard Program.same(output, "-") else {
            let (directory, name) = Self.split(output)
            let place = try SaveDirectory(path: directory)
            let file = try fetch.save(only.part, of: only.id, in: place, as: name)
            try session.answer(common, .fetch, Answer(files: [file])) { _ in
                try session.output.line(line(file))
            }
            return .ok
        }
        guard !common.json else { throw FrontEndError.usage("-o - and --json exclude each other") }
        guard !session.screen.isTerminal else {
            throw FrontEndError.usage("-o - writes octets: send them into a pipe or file")
        }
        _ = try fetch.copy(only.part, of: only.id)
        return .ok
    }

    private func line(_ file: FetchedPart) -> String {
        let path = TerminalText.line(file.path ?? "-")
        return hasDigest ? "\(TerminalText.line(file.sha256))  \(path)" : path
    }

    /// The directory and the bare name of a path the user typed.
    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        let directory = slash == path.utf8.startIndex ? "/" : String(path[..<slash])
        return (directory, name)
    }
}

struct FetchVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Save the attachments of messages."
    )
    @OptionGroup var fetch: FetchArguments
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        try fetch.perform(common, in: session)
    }
}

/// The command line of `mb-fetch`.
package struct FetchProgram: Verb {
    /// Name and help.
    package static let configuration = CommandConfiguration(
        commandName: "mb-fetch",
        abstract: "Save the attachments of messages.",
        version: Program.version
    )
    @OptionGroup var fetch: FetchArguments
    /// Account and JSON.
    @OptionGroup package var common: CommonOptions

    /// No arguments.
    package init() {}

    /// Saves what was asked for.
    package func perform(in session: Session) throws -> ExitStatus {
        try fetch.perform(common, in: session)
    }
}

extension PartReference: ExpressibleByArgument {}
