// `mb console` is mb-console: another program, because only that one links readline.

import ArgumentParser
import Glibc

struct ConsoleVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "console",
        abstract: "Open the console."
    )
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        guard !session.outlivesInterruption else {
            throw FrontEndError.usage("this is the console")
        }
        let account = common.account.map { ["--account", $0] } ?? []
        let program = Companion.path(of: "mb-console")
        let number = Companion.replaceProcess(program, account)
        throw FrontEndError.system(program, errno: number)
    }
}
