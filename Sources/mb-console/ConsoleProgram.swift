// The command line of mb-console.

import ArgumentParser
import FrontEnd
import Glibc

/// The command `mb-console`.
struct ConsoleProgram: Verb {
    static let configuration = CommandConfiguration(
        commandName: "mb-console",
        abstract: "Read and send mail from a prompt.",
        version: Program.version
    )
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        session.account = common.account
        guard session.canAsk, session.screen.isTerminal else {
            session.canAsk = false
            session.input = open("/dev/null", O_RDONLY | O_CLOEXEC)
            return Self.status(Console(session: session, editor: PipedLines()).run())
        }
        let editor = ReadlineEditor(historyDirectory: Self.stateDirectory)
        return Self.status(Console(session: session, editor: editor).run())
    }

    private static func status(_ number: Int32) -> ExitStatus {
        ExitStatus(rawValue: number) ?? .internalFault
    }

    /// `$XDG_STATE_HOME/mailbroker`, else below the home directory.
    private static var stateDirectory: String? {
        if let state = getenv("XDG_STATE_HOME"), state[0] == CChar(bitPattern: UInt8(ascii: "/")) {
            return String(cString: state) + "/mailbroker"
        }
        return getenv("HOME").map { String(cString: $0) + "/.local/state/mailbroker" }
    }
}
