// Messages in files as values for programs: one line of JSON for each. The broker reads them; this
// opens the files, because the broker opens no path that a client names.

import ArgumentParser
import BrokerClient
import BrokerProtocol
import MailModel

struct ParseVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "parse",
        abstract: "Print messages in files as JSON, one line for each.",
        discussion: """
            Each line has the file's name, and the message's fields and parts or, where the file \
            cannot be read, an error. The exit status is that of the first error.
            """
    )
    @Argument(help: ArgumentHelp("Files with one message each; - for standard input."))
    var files: [String]
    @ArgumentParser.Flag(help: "Read the messages as if their line ends were CRLF.")
    var crlf = false
    @OptionGroup var common: CommonOptions

    func perform(in session: Session) throws -> ExitStatus {
        var status = ExitStatus.ok
        for file in files {
            do {
                let source = try MessageSource(file, input: session.input, asCRLF: crlf)
                let message = try source.call(in: session) { stream in
                    (MessageParse.self, MessageParse.Params(stream: stream))
                }
                try print(ParseAnswer(file: file, message: message), in: session)
            } catch let error as BrokerClientError {
                throw error
            } catch let error as Interruption {
                throw error
            } catch {
                let report = FailureReport(error)
                try print(ParseAnswer(file: file, error: report), in: session)
                if status == .ok { status = report.status }
            }
        }
        return status
    }

    private func print(_ answer: ParseAnswer, in session: Session) throws {
        try session.output.write(try JSONAnswer.line(.parse, answer))
    }
}

/// A line of `mb parse`: `mb.parse/1`.
private struct ParseAnswer: Encodable {
    let file: String
    var message: ParsedMessage?
    var error: FailureReport?

    private enum CodingKeys: String, CodingKey {
        case file, error
    }

    /// Writes the fields of the message beside the file's name.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encodeIfPresent(error, forKey: .error)
        try message?.encode(to: encoder)
    }
}
