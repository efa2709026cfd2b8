// The program `mb-fetch`: attachments to disk.

import FrontEnd
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
exit(
    Program.run(FetchProgram.self, arguments: arguments, session: .standard(program: "mb-fetch"))
)
