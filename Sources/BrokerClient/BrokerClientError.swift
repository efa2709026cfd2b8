// What can go wrong between a front end and the broker, before any request has an answer.

/// An error of the connection to the broker.
package enum BrokerClientError: Error, Sendable, Equatable {
    /// Neither MAILBROKER_SOCKET, XDG_RUNTIME_DIR nor HOME says where the broker is.
    case noSocketPath
    /// Nothing listens at the path.
    case absent(path: String)
    /// The socket or its directory belongs to somebody else, or lets others in.
    case untrusted(path: String, reason: String)
    /// The broker closed the connection.
    case connectionLost
    /// The broker sent what this client does not understand.
    case protocolMismatch(String)
    /// A system call on the socket failed.
    case system(call: String, errno: Int32)
}
