// Any error as what a person, a script and a program get to see: a line, an exit status, an object.

import BrokerClient
import BrokerProtocol
import Glibc

/// What is told of an error.
package struct FailureReport: Sendable {
    /// The exit status.
    package let status: ExitStatus
    /// The stable string.
    package let code: String
    /// One line, not yet cleaned.
    package let message: String
    /// What the mail server said.
    package var server: String?
    /// The field that is wrong.
    package var field: String?
    /// Whether the same may succeed later.
    package var isTemporary: Bool { status == .temporary }

    /// The report of an error of the broker, of the connection to it, or of ours.
    package init(_ error: any Error) {
        switch error {
        case let error as BrokerError: self.init(error)
        case let error as BrokerClientError: self.init(error)
        case let error as FrontEndError:
            self.init(error.status, error.code, error.message, field: error.field)
        case is Interruption:
            self.init(.temporary, BrokerError.Code.requestCancelled.rawValue, "interrupted")
        default:
            self.init(.internalFault, BrokerError.Code.internalError.rawValue, "\(error)")
        }
    }

    private init(
        _ status: ExitStatus,
        _ code: String,
        _ message: String,
        server: String? = nil,
        field: String? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.server = server
        self.field = field
    }

    private init(_ error: BrokerError) {
        self.init(
            ExitStatus(error),
            error.data.code.rawValue,
            error.message,
            server: error.data.server,
            field: error.data.field
        )
    }

    private init(_ error: BrokerClientError) {
        let (code, message) =
            switch error {
            case .noSocketPath:
                ("broker.no_path", "HOME is not set, so there is no place to look for the broker")
            case .absent:
                ("broker.absent", "the broker is not running; start it with: mb start")
            case .untrusted(let path, let reason): ("broker.untrusted", "\(path): \(reason)")
            case .connectionLost: ("broker.lost", "the broker closed the connection")
            case .protocolMismatch(let detail):
                ("broker.protocol", "the broker's answer is not understood: \(detail)")
            case .system(let call, let number):
                ("io.failed", "\(call): \(String(cString: strerror(number)))")
            }
        self.init(ExitStatus(error), code, message)
    }

    /// The line without the program's name: the message, and the server's text unless the message
    /// holds it already; cleaned.
    package var line: String {
        var text = message
        if let server, !server.isEmpty, !Self.holds(message, server) { text += ": \(server)" }
        return TerminalText.line(text)
    }

    /// Whether octets stand within octets.
    private static func holds(_ text: String, _ part: String) -> Bool {
        let text = Array(text.utf8.prefix(FrontEndLimits.lineOctetsMax))
        let part = Array(part.utf8.prefix(FrontEndLimits.lineOctetsMax))
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }
}

extension FailureReport: Encodable {
    private enum CodingKeys: String, CodingKey {
        case code, message, server, field, exit, temporary
    }

    /// Writes every field, absent ones as null, so that a reader finds all of them.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(message, forKey: .message)
        try container.encode(server, forKey: .server)
        try container.encode(field, forKey: .field)
        try container.encode(status.rawValue, forKey: .exit)
        try container.encode(isTemporary, forKey: .temporary)
    }
}

/// The `error` member of `mb.error/1`.
struct FailureAnswer: Encodable {
    let error: FailureReport
}
