// `mb sendmail`: what cron, git send-email, mutt and Emacs call. Everything goes into the outbox,
// and the exit status is one of sysexits.h.

import BrokerClient
import BrokerProtocol
import Glibc
import MailModel

/// The program sendmail.
package enum Sendmail {
    /// Whether a program is called by this name.
    package static func isName(_ path: String) -> Bool {
        let name = Array(path.utf8).split(separator: UInt8(ascii: "/")).last ?? []
        return name.elementsEqual("sendmail".utf8)
    }

    /// Runs a command line behind `mb sendmail` or of a program that is called sendmail.
    package static func run(_ arguments: [String], session: Session) -> Int32 {
        let status: ExitStatus
        do {
            status = try perform(try SendmailOptions(arguments), session)
            try session.output.flush()
            try session.talk.flush()
        } catch {
            return session.report(error, isJSON: false).rawValue
        }
        return status.rawValue
    }

    private static func perform(
        _ options: SendmailOptions,
        _ session: Session
    ) throws -> ExitStatus {
        switch options.mode {
        case .queue:
            return Program.perform(MailCommand.self, arguments: ["outbox"], session: session)
        case .conversation: return try SendmailConversation(options, session).run()
        case .message: break
        }
        guard options.readsRecipients || !options.recipients.isEmpty else {
            throw FrontEndError.usage("sendmail: there is no recipient; give one, or -t")
        }
        let source = BodySource(descriptor: session.input)
        let sent: MessageSend.Result
        if options.ignoresDots {
            sent = try submit(options, session) { try source.read($0) }
        } else {
            var reader = DotReader(isStuffed: false)
            sent = try submit(options, session) { max in
                try read(&reader, source, max)
            }
        }
        if options.isVerbose {
            try session.output.line(OutgoingMessage.line(sent, now: session.now()))
        }
        return .ok
    }

    /// The next octets before a line with a dot alone; none at the end.
    private static func read(
        _ reader: inout DotReader,
        _ source: BodySource,
        _ max: Int
    ) throws -> [UInt8] {
        while !reader.isAtEnd {
            let octets = try source.read(max)
            if octets.isEmpty { return reader.finish() }
            let (message, _) = reader.take(octets[...])
            if !message.isEmpty { return message }
        }
        return []
    }

    /// Hands a message over.
    static func submit(
        _ options: SendmailOptions,
        _ session: Session,
        reading read: @escaping (Int) throws -> [UInt8]
    ) throws -> MessageSend.Result {
        let stream = try session.newStream()
        let params = MessageSubmit.Params(
            account: options.account ?? session.account,
            sender: options.sender,
            fullName: options.fullName,
            recipients: options.recipients,
            fromHeader: options.readsRecipients,
            stream: stream,
            dsn: options.dsn
        )
        return try session.call(
            MessageSubmit.self,
            params,
            uploads: [Upload(stream: stream, reading: read)]
        )
    }
}
