// Logging in and out. The password is asked for on the terminal or read from a pipe, never taken
// from the command line or the environment.

import ArgumentParser
import BrokerClient
import BrokerProtocol
import MailModel

struct LoginVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Log an account in on IMAP and SMTP.",
        discussion: """
            Asks for the password on the terminal. Without a terminal the account's \
            password_command is used.
            """
    )
    @Argument(help: "The address, or the account's name in the configuration.")
    var address: String
    @ArgumentParser.Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false
    @ArgumentParser.Flag(help: "Use the account's password_command; do not ask.")
    var passwordCommand = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !(passwordStdin && passwordCommand) else {
            throw ValidationError("--password-stdin and --password-command exclude each other")
        }
    }

    func perform(in session: Session) throws -> ExitStatus {
        guard !address.utf8.allSatisfy({ $0 == ASCII.space || $0 == ASCII.tab }) else {
            throw FrontEndError.usage("the address is empty", field: "address")
        }
        try LineField.check(address, "address")
        _ = try session.connection()  // before anybody types a password for nothing
        let secret = try secret(in: session)
        if let secret, secret.count == 0 {
            throw FrontEndError.usage("the password is empty", field: "password")
        }
        let stream = try secret.map { _ in try session.newStream() }
        var uploads: [Upload] = []
        if let secret, let stream { uploads = [Upload(stream: stream, secret: secret)] }
        let account = try session.call(
            AccountLogin.self,
            AccountLogin.Params(address: address, secretStream: stream),
            uploads: uploads
        )
        try session.answer(common, .account, account) { account in
            try session.output.line(StatusView.loggedIn(account))
        }
        return .ok
    }

    /// The password, or nil where the broker has to run the configured command.
    private func secret(in session: Session) throws -> Secret? {
        if passwordStdin { return try SecretPrompt.readLine(from: session.input, until: nil) }
        if passwordCommand || !session.hasTerminal { return nil }
        return try SecretPrompt.ask("Password for \(address): ")
    }
}

struct LogoutVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "End the sessions of an account and wipe its password."
    )
    @Argument(help: "The account, by name or address; may be left out where there is one.")
    var name: String?
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        let params = AccountLogout.Params(account: name ?? common.account(in: session))
        let account = try session.call(AccountLogout.self, params)
        try session.answer(common, .account, account) { account in
            try session.output.line("Logged out: \(TerminalText.line(account.address))")
        }
        return .ok
    }
}

/// Values that go into one line of a header or command.
enum LineField {
    /// Refuses CR, LF and NUL, naming the field and not showing the value.
    static func check(_ value: String, _ field: String) throws(FrontEndError) {
        for octet in value.utf8 {
            let name: String
            switch octet {
            case ASCII.cr: name = "a carriage return (CR)"
            case ASCII.lf: name = "a line feed (LF)"
            case 0: name = "a NUL"
            default: continue
            }
            throw .badData("the \(field) holds \(name), which is not allowed", field: field)
        }
    }
}
