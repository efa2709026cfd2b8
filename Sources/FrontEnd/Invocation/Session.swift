// What a verb works with: the held connection, the places to write to, and what was said once for
// all verbs. One per process; the console keeps it for hours, `mb` for one request.

package import BrokerClient
package import BrokerProtocol
import Glibc

/// The surroundings of a verb.
package final class Session {
    /// What error lines begin with: `mb`.
    package let program: String
    /// Standard output: data.
    package let output: Output
    /// Standard error: talk.
    package let talk: Output
    /// What the output is shown on.
    package var screen: Screen
    /// The account for requests that name none.
    package var account: String?
    /// Whether a person reads on one message after the other, so that reading marks as seen.
    package var marksSeen = false
    /// Gets each event of a subscription.
    package var onEvent: (Event) -> Void = { _ in }
    /// Gets every list that was shown.
    package var onList: (MessageList.Result) -> Void = { _ in }
    /// Asked while a request runs; true takes it back.
    package var isInterrupted: () -> Bool = { false }
    /// Whether a signal takes back the running request only, not the program.
    package var outlivesInterruption = false
    /// Whether standard input is a terminal that can answer a question.
    package var canAsk: Bool
    /// The descriptor bodies and answers are read from.
    package var input: Int32 = STDIN_FILENO
    /// The time lists are shown at.
    package var now: () -> LocalDate = LocalDate.now

    private let environment: (String) -> String?
    private var held: BrokerConnection?
    private(set) var isSubscribed = false

    /// A session that connects when the first verb needs it.
    package init(
        program: String,
        output: Output = Output(descriptor: STDOUT_FILENO),
        talk: Output = Output(descriptor: STDERR_FILENO),
        screen: Screen = Screen(),
        canAsk: Bool = false,
        environment: @escaping (String) -> String? = BrokerConnection.processEnvironment
    ) {
        self.program = program
        self.output = output
        self.talk = talk
        self.screen = screen
        self.canAsk = canAsk
        self.environment = environment
    }

    /// The session of a process with a command line.
    package static func standard(program: String) -> Session {
        Session(
            program: program,
            screen: Screen.current(environment: BrokerConnection.processEnvironment),
            canAsk: isatty(STDIN_FILENO) == 1
        )
    }

    /// Whether there is a person at a terminal to ask for a password.
    package var hasTerminal = true

    /// The descriptor of the connection, where there is one.
    package var descriptor: Int32? { held?.descriptor }

    /// The connection, made when there is none.
    package func connection() throws -> BrokerConnection {
        if let held { return held }
        let connection = try BrokerConnection(environment: environment)
        connection.onEvent = { [unowned self] in onEvent($0) }
        connection.isInterrupted = { [unowned self] in isInterrupted() }
        held = connection
        return connection
    }

    /// Forgets the connection, so that the next request makes another.
    package func disconnect() {
        held = nil
        isSubscribed = false
    }

    /// A number for a stream of the next request.
    package func newStream() throws -> Int { try connection().newStream() }

    /// Makes a request; a connection that broke is forgotten.
    package func call<Method: BrokerMethod>(
        _ method: Method.Type,
        _ params: Method.Params,
        uploads: [Upload] = [],
        download: (([UInt8]) throws -> Void)? = nil
    ) throws -> Method.Result {
        let connection = try connection()
        do {
            return try connection.call(
                method,
                params,
                uploads: uploads,
                download: download
            )
        } catch let error as BrokerClientError {
            disconnect()
            throw error
        }
    }

    /// Asks for events unless that was done on this connection.
    package func subscribe() throws {
        guard !isSubscribed || held == nil else { return }
        _ = try subscribe(after: nil)
    }

    /// Asks for events, also for those after a number.
    func subscribe(after seq: Int64?) throws -> EventsSubscribe.Result {
        let result = try call(EventsSubscribe.self, EventsSubscribe.Params(after: seq))
        isSubscribed = true
        return result
    }

    /// Handles events that have arrived; a connection that broke is forgotten.
    package func receiveEvents() throws {
        guard let held else { return }
        do {
            try held.receiveEvents()
        } catch {
            disconnect()
            throw error
        }
    }

    /// Tells of an error the way the caller reads answers; gives its status.
    package func report(_ error: any Error, isJSON: Bool, about id: Int64? = nil) -> ExitStatus {
        let report = FailureReport(error)
        do {
            if isJSON, id == nil {
                let answer = FailureAnswer(error: report)
                try output.write(try JSONAnswer.line(.error, answer))
                try output.flush()
            } else {
                try output.flush()
                try say(id.map { "\($0): \(report.line)" } ?? report.line)
            }
        } catch {
            return .inputOutput
        }
        return report.status
    }

    /// A line for people on standard error, behind what was written to standard output.
    package func say(_ text: String) throws {
        try output.flush()
        try talk.line("\(program): \(TerminalText.line(text))")
        try talk.flush()
    }

    /// Says so where a mail server sent less than it had announced (reliability.md C34).
    ///
    /// A warning and no error: some servers announce sizes that are only near the truth.
    func warnIfIncomplete(_ summary: OctetsSummary, _ what: String) throws {
        guard let missing = summary.missing else { return }
        try say("warning: \(what): \(missing) octets less than the server announced came")
    }

    /// Asks a question of yes or no on the terminal; anything but `y...` is no.
    func confirm(_ question: String) throws -> Bool {
        try output.flush()
        try talk.write("\(TerminalText.line(question)) [y/N] ".utf8)
        try talk.flush()
        var answer: [UInt8] = []
        var octet: UInt8 = 0
        while answer.count < FrontEndLimits.answerMax {
            let count = read(input, &octet, 1)
            if count < 0, errno == EINTR, !isInterrupted() { continue }
            guard count == 1, octet != 0x0A else { break }
            answer.append(octet)
        }
        return answer.first.map { $0 | 0x20 == UInt8(ascii: "y") } ?? false
    }
}
