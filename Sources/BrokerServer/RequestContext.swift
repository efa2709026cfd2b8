// What a handler may do besides answering: read the request's uploads, stream octets to the client,
// keep sending notifications after the reply.

package import BrokerProtocol
package import MailModel

/// A handler's side of one request.
package struct RequestContext: Sendable {
    /// Who asks.
    package let client: ClientID
    let request: RequestID
    let connection: ClientConnection

    /// The next octets of an upload, or nil at its end.
    ///
    /// Streams are read in ascending order, each to its end: that is the order in which clients
    /// send them. A stream that is asked for earlier is an error of the request.
    package func next(ofUpload stream: Int) async throws(BrokerError) -> [UInt8]? {
        try await connection.uploads.next(stream)
    }

    /// The secret an upload brings.
    package func secret(ofUpload stream: Int) async throws(BrokerError) -> Secret {
        try await connection.uploads.secret(stream)
    }

    /// Streams octets to the client, at most `BrokerLimits.octetsFrameMax` in one frame.
    package func send(
        _ octets: [UInt8],
        stream: Int,
        encoding: OctetsEncoding
    ) async throws(BrokerError) {
        var rest = octets[...]
        while !rest.isEmpty {
            // A frame in base64 must still be a line a client can take.
            let chunk = rest.prefix(BrokerLimits.octetsFrameMax)
            rest = rest.dropFirst(chunk.count)
            do {
                let frame = try Wire.octets(stream: stream, chunk, base64: encoding == .base64)
                try await connection.write(frame)
            } catch {
                throw BrokerError(.requestCancelled, "cancelled, or the client is gone")
            }
        }
    }

    /// Sends each line as it comes, after the reply to this request, until the client is gone.
    package func sendNotifications(_ lines: AsyncStream<[UInt8]>) async {
        await connection.sendNotifications(lines, after: request)
    }
}
