// The program `mb`: one request, one answer, exit.

import FrontEnd
import Glibc

let arguments = Array(CommandLine.arguments.dropFirst())
if Sendmail.isName(CommandLine.arguments.first ?? "") {
    exit(Sendmail.run(arguments, session: .standard(program: "sendmail")))
}
exit(MailCommand.run(arguments, session: .standard(program: "mb")))
