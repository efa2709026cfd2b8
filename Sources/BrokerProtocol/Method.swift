// What a method is: its name, parameters, result, who may call it and how it orders with others.
// One table of these drives dispatch, the permission check and the protocol page (design.md 4).

/// What a caller must be allowed to do before a method runs.
package enum Permission: String, Sendable, Codable {
    /// Anyone who may connect.
    case connect
    /// Read mail and its metadata.
    case read
    /// Change flags, move, delete.
    case change
    /// Send mail.
    case send
    /// Log in and out, stop the broker.
    case administer
}

/// How requests of one connection order with each other.
package enum Ordering: String, Sendable, Codable {
    /// Answered at once, whatever else is running.
    case immediate
    /// May run beside anything.
    case concurrent
    /// Runs after the earlier sequential requests of the same connection.
    case sequential
}

/// Whether octets travel beside a method's JSON.
package enum OctetStreams: String, Sendable, Codable {
    case none, download, upload
}

/// One method of the broker.
package protocol BrokerMethod: Sendable {
    /// The `params` object.
    associatedtype Params: Codable & Sendable
    /// The `result` object.
    associatedtype Result: Codable & Sendable
    /// The method string, `noun.verb`.
    static var name: String { get }
    /// One line for the protocol page.
    static var summary: String { get }
    /// Who may call it.
    static var permission: Permission { get }
    /// How it orders with other requests.
    static var ordering: Ordering { get }
    /// Whether octets travel with it.
    static var streams: OctetStreams { get }
}

extension BrokerMethod {
    /// Most methods carry no octets.
    package static var streams: OctetStreams { .none }
    /// Most methods may run beside each other.
    package static var ordering: Ordering { .concurrent }
}

/// A parameters or result object without fields.
package struct Empty: Sendable, Codable, Equatable {
    /// The empty object.
    package init() {}
}

/// The row of one method in the table.
package struct MethodDescription: Sendable {
    /// The method string.
    package let name: String
    /// One line for the protocol page.
    package let summary: String
    /// Who may call it.
    package let permission: Permission
    /// How it orders with other requests.
    package let ordering: Ordering
    /// Whether octets travel with it.
    package let streams: OctetStreams

    /// The row of a method.
    package init<Method: BrokerMethod>(_ method: Method.Type) {
        name = Method.name
        summary = Method.summary
        permission = Method.permission
        ordering = Method.ordering
        streams = Method.streams
    }
}

/// Every method there is.
package enum MethodTable {
    /// The rows, in the order of the protocol page.
    package static let all: [MethodDescription] = [
        MethodDescription(Hello.self),
        MethodDescription(Status.self),
        MethodDescription(AccountLogin.self),
        MethodDescription(AccountLogout.self),
        MethodDescription(MailboxList.self),
        MethodDescription(MessageList.self),
        MethodDescription(MessageSearch.self),
        MethodDescription(MessageRead.self),
        MethodDescription(MessageParts.self),
        MethodDescription(MessageRaw.self),
        MethodDescription(PartFetch.self),
        MethodDescription(MessageParse.self),
        MethodDescription(MessageRender.self),
        MethodDescription(MessageFlag.self),
        MethodDescription(MessageLabel.self),
        MethodDescription(MessageTrash.self),
        MethodDescription(MessageMove.self),
        MethodDescription(MessageCopy.self),
        MethodDescription(MessagePurge.self),
        MethodDescription(MessageSend.self),
        MethodDescription(MessageSubmit.self),
        MethodDescription(OutboxList.self),
        MethodDescription(OutboxShow.self),
        MethodDescription(OutboxChangeRequest.self),
        MethodDescription(EventsSubscribe.self),
        MethodDescription(BrokerStop.self),
    ]
}

/// The notification by which a client takes back one of its requests.
package struct RequestCancel: Sendable, Codable {
    /// The method of the notification.
    package static let method = "request.cancel"
    /// The request to take back.
    package var id: RequestID

    /// A cancellation of a request.
    package init(id: RequestID) { self.id = id }
}
