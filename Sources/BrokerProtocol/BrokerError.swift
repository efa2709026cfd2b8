// What a request can fail with. The stable string in `data.code` is the contract; the message is
// for people and may change.

/// An error of a request, as it travels (JSON-RPC 2.0 section 5.1).
package struct BrokerError: Error, Sendable, Equatable, Codable {
    /// The JSON-RPC number: -32700...-32600 for the wire, -32000 for the application.
    package var code: Int
    /// One line a person can act on.
    package var message: String
    /// The machine's part.
    package var data: Details

    /// The stable part of an error.
    package struct Details: Sendable, Equatable, Codable {
        /// The stable string.
        package var code: Code
        /// Whether the same request may succeed later without a change.
        package var temporary: Bool
        /// What the mail server said, where a server said something.
        package var server: String?
        /// The field of the request that is wrong, where one is.
        package var field: String?
    }

    /// The stable codes; a prefix names whose matter it is.
    package enum Code: String, Sendable, Codable, CaseIterable {
        /// The line is no JSON, or not the strict kind this wire takes.
        case requestMalformed = "request.malformed"
        /// The request is JSON but no request, or its parameters are wrong.
        case requestInvalid = "request.invalid"
        /// There is no such method.
        case requestUnknown = "request.unknown_method"
        /// Too many requests, or one too large.
        case requestLimit = "request.limit"
        /// The caller took it back.
        case requestCancelled = "request.cancelled"
        /// No account of this name, or several and none named.
        case accountUnknown = "account.unknown"
        /// The account is configured but not logged in.
        case accountLoggedOut = "account.logged_out"
        /// The server refused the credential.
        case authenticationFailed = "auth.failed"
        /// No credential was given and none is configured.
        case authenticationRequired = "auth.required"
        /// The mailbox does not exist.
        case mailboxNotFound = "mailbox.not_found"
        /// The message does not exist, or no longer.
        case messageNotFound = "message.not_found"
        /// The message has no such part.
        case partNotFound = "part.not_found"
        /// The message to send is not right; `field` says where.
        case messageInvalid = "message.invalid"
        /// The mail server refused the message or a recipient.
        case sendRefused = "send.refused"
        /// The connection ended after the message was handed over: it may or may not be sent.
        case sendUnknown = "send.unknown"
        /// The disk did not say whether it has the message: submitted again with the same key it is
        /// taken in once.
        case sendNotConfirmed = "send.not_confirmed"
        /// Another message was submitted under the same key.
        case sendConflict = "send.conflict"
        /// The mail server cannot be reached.
        case networkOffline = "network.offline"
        /// The mail server did not answer in time.
        case networkTimeout = "network.timeout"
        /// The TLS connection was refused by us or by the server.
        case tlsFailed = "tls.failed"
        /// The mail server broke its protocol.
        case protocolError = "protocol.error"
        /// The mail server refused a command.
        case serverRefused = "server.refused"
        /// Not allowed for this client.
        case policyDenied = "policy.denied"
        /// The configuration is wrong.
        case configurationInvalid = "config.invalid"
        /// A file of the broker's own cannot be read or written.
        case storageFailed = "storage.failed"
        /// A fault of the broker.
        case internalError = "internal"

        /// Reads a code; one of a newer broker reads as `internal`, so that its line still shows.
        package init(from decoder: any Decoder) throws {
            let text = try decoder.singleValueContainer().decode(String.self)
            self = Code(rawValue: text) ?? .internalError
        }
    }

    /// An error with its line for people.
    package init(
        _ code: Code,
        _ message: String,
        temporary: Bool = false,
        server: String? = nil,
        field: String? = nil
    ) {
        self.code =
            switch code {
            case .requestMalformed: -32700
            case .requestInvalid: -32602
            case .requestUnknown: -32601
            case .internalError: -32603
            default: -32000
            }
        self.message = message
        self.data = Details(code: code, temporary: temporary, server: server, field: field)
    }
}
