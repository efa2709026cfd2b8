// What the socket server is told by the program that composes it. It knows nothing of mail.

package import BrokerProtocol

/// What the server does with requests.
package protocol RequestHandling: Sendable {
    /// The row of a method; nil for a method there is not.
    func description(of method: String) -> MethodDescription?
    /// Answers one request: the reply's line with its LF. Errors become the error reply.
    func reply(
        to request: Request,
        context: RequestContext
    ) async throws(BrokerError) -> [UInt8]
    /// Called when the connection of a client has ended.
    func clientGone(_ client: ClientID) async
}

/// One request as it came from the socket.
package struct Request: Sendable {
    /// The caller's name for it.
    package let id: RequestID
    /// The method string.
    package let method: String
    /// The whole line, checked by `StrictJSON`.
    package let line: [UInt8]
}

/// A connected client, numbered from 1 in the order of arrival.
package struct ClientID: Sendable, Hashable {
    /// The number.
    package let number: Int
}
