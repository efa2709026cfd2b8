// The program `mb`: one request, one answer, exit.

import FrontEnd
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
exit(MailCommand.run(arguments, session: .standard(program: "mb")))
