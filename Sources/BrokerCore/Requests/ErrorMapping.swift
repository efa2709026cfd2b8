// Errors of the layers below as errors of the wire: one line a person can act on, the server's own
// words beside it.

import BrokerProtocol
import IMAP
import MailModel
import MailSession
import MailStore
import MessageFormat
import SMTP

extension BrokerError {
    /// The wire's form of a session's error.
    init(_ error: SessionError) {
        switch error {
        case .unreachable(let reason):
            self.init(.networkOffline, "cannot reach \(reason)", temporary: true)
        case .program(let reason, let isTemporary):
            self.init(
                isTemporary ? .networkOffline : .configurationInvalid,
                reason,
                temporary: isTemporary
            )
        case .timedOut(let reason):
            self.init(.networkTimeout, "the mail server gave \(reason)", temporary: true)
        case .connectionLost:
            self.init(
                .networkOffline,
                "the connection to the mail server was lost",
                temporary: true
            )
        case .tls(let reason, let isTemporary):
            self.init(.tlsFailed, reason, temporary: isTemporary)
        case .imap(let error): self.init(error)
        case .smtp(let error): self.init(error)
        case .refused(let command, let result): self.init(refusedBy: command, result)
        case .storage(let reason):
            self.init(.storageFailed, "the cache cannot be used: \(reason)")
        }
    }

    private init(_ error: IMAPError) {
        let said = Self.text(error.serverText)
        let code: Code =
            switch error.code {
            case .authenticationFailed, .noUsableMechanism: .authenticationFailed
            case .connectionClosed, .bye: .networkOffline
            case .startTLSMissing, .startTLSRefused, .injectedOctets, .unexpectedPreauth: .tlsFailed
            default: .protocolError
            }
        let line = error.code == .authenticationFailed ? said ?? error.description : nil
        self.init(
            code,
            line ?? said.map { "\(error.description): \($0)" } ?? error.description,
            temporary: error.isTemporary,
            server: said
        )
    }

    private init(_ error: SMTPError) {
        let said = error.reply.flatMap { Self.text($0.text) }
        let code: Code =
            switch error.code {
            case .authenticationFailed: .authenticationFailed
            case .startTLSNotOffered, .startTLSRefused, .injectedBeforeTLS: .tlsFailed
            default: error.isTemporary ? .networkOffline : .protocolError
            }
        self.init(
            code,
            error.code == .authenticationFailed ? said ?? "\(error)" : "\(error)",
            temporary: error.isTemporary,
            server: said
        )
    }

    private init(refusedBy command: String, _ result: IMAPResult) {
        switch result {
        case .ok: self.init(.internalError, "\(command) was not refused")
        case .no(let code, let octets), .bad(let code, let octets):
            let said = Self.text(octets)
            self.init(
                .serverRefused,
                "the server refused \(command)" + (said.map { ": \($0)" } ?? ""),
                temporary: code?.isTemporary ?? false,
                server: said
            )
        case .malformed:
            self.init(.protocolError, "the server's answer to \(command) makes no sense")
        case .refused(let error): self.init(.serverRefused, "\(command): \(error.description)")
        }
    }

    /// The wire's form of any error a handler may throw.
    init(any error: any Error) {
        switch error {
        case let error as BrokerError: self = error
        case let error as SessionError: self.init(error)
        case let error as StoreError:
            self.init(
                error.code == .notConfirmed ? .sendNotConfirmed : .storageFailed,
                error.reason,
                temporary: error.isTemporary
            )
        case let error as MessageFormatError:
            self.init(.messageInvalid, error.description, field: error.field)
        case is CancellationError: self.init(.requestCancelled, "cancelled")
        default: self.init(.internalError, "unexpected error of the broker: \(type(of: error))")
        }
    }

    /// Why a message was not sent, for people; nil where it was.
    static func reason(of outcome: SMTPOutcome) -> String? {
        switch outcome.verdict {
        case .sent: return nil
        case .unknown:
            return "the connection ended before the server confirmed the message: it may or may "
                + "not be sent; look into Sent or ask the recipient before sending it again"
        default:
            let refused = outcome.refused.map { item in
                "\(item.address.text): \(text(item.reply.text) ?? "refused")"
            }
            guard !refused.isEmpty else { return outcome.reason.map { "\($0)" } ?? "refused" }
            let others = refused.count < outcome.recipients.count ? "; sent to nobody" : ""
            return "the server refused " + refused.joined(separator: "; ") + others
        }
    }

    /// A server's words for people; nil for none.
    ///
    /// Cleaning for a terminal is the front end's work.
    static func text(_ octets: [UInt8]) -> String? {
        let text = Charset.decode(octets, label: nil)
        return text.isEmpty ? nil : text
    }
}
