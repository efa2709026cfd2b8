// One table from method names to handlers. A method without a handler is a fault found by a test,
// not by a user.

package import BrokerProtocol
package import BrokerServer

/// Answers requests by the table of methods.
package struct Dispatcher: RequestHandling {
    private typealias Handler =
        @Sendable (Request, RequestContext) async throws -> [UInt8]

    private var handlers: [String: Handler] = [:]
    private let descriptions: [String: MethodDescription]

    /// The dispatcher of a broker.
    package init(_ broker: Broker) {
        descriptions = Dictionary(uniqueKeysWithValues: MethodTable.all.map { ($0.name, $0) })
        addBrokerMethods(of: broker)
        addReadMethods(of: broker)
        addSearchMethods(of: broker)
        addLocalMethods(of: broker)
        addChangeMethods(of: broker)
        addOutboxMethods(of: broker)
    }

    /// The methods that have a handler.
    package var methods: Set<String> { Set(handlers.keys) }

    /// The row of a method.
    package func description(of method: String) -> MethodDescription? { descriptions[method] }

    /// Answers one request.
    package func reply(
        to request: Request,
        context: RequestContext
    ) async throws(BrokerError) -> [UInt8] {
        guard let handler = handlers[request.method] else {
            throw BrokerError(.requestUnknown, "there is no method of this name")
        }
        do {
            try Task.checkCancellation()
            return try await handler(request, context)
        } catch {
            throw BrokerError(any: error)
        }
    }

    /// Clients hold nothing that outlives their requests.
    package func clientGone(_ client: ClientID) async {}

    /// Puts a handler into the table.
    mutating func on<Method: BrokerMethod>(
        _ method: Method.Type,
        _ body: @escaping @Sendable (Method.Params, RequestContext) async throws -> Method.Result
    ) {
        handlers[Method.name] = { request, context in
            let result = try await body(Self.params(method, request), context)
            return try Wire.reply(id: request.id, result: result)
        }
    }

    /// Puts a handler into the table that gives its result as JSON, without a line end.
    mutating func onEncoded<Method: BrokerMethod>(
        _ method: Method.Type,
        _ body: @escaping @Sendable (Method.Params, RequestContext) async throws -> [UInt8]
    ) {
        handlers[Method.name] = { request, context in
            let result = try await body(Self.params(method, request), context)
            return try Wire.reply(id: request.id, encodedResult: result)
        }
    }

    private static func params<Method: BrokerMethod>(
        _ method: Method.Type,
        _ request: Request
    ) throws(BrokerError) -> Method.Params {
        do {
            return try Wire.params(Method.Params.self, of: request.line)
        } catch {
            throw BrokerError(.requestInvalid, "\(Method.name): \(reason(error))")
        }
    }

    /// Which parameter a decoder stumbled over.
    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "the parameter \(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            "the parameter \(context.codingPath.last?.stringValue ?? "list") is of the wrong kind"
        default: "the parameters cannot be read"
        }
    }
}
