// The program `mb-console`.

import FrontEnd
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
exit(
    Program.run(
        ConsoleProgram.self,
        arguments: arguments,
        session: .standard(program: "mb-console")
    )
)
