// The program `mb`: one request, one answer, exit.

import FrontEnd
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
MailCommand.runExternalVerb(arguments)
exit(Program.run(MailCommand.self, arguments: arguments, session: .standard(program: "mb")))
