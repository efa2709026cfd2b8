// A broker that answers as a test says: a thread for each connection to a socket.

import BrokerProtocol
import CPlatform
import Foundation
import MailModel
import Synchronization

/// One request with all its uploads.
struct FakeRequest: Sendable {
    let id: RequestID
    let method: String
    let line: [UInt8]
    var uploads: [Int: [UInt8]] = [:]
    var secret: [UInt8]?

    func params<Params: Decodable>(_ type: Params.Type) throws -> Params {
        try Wire.params(type, of: line)
    }
}

/// A broker for tests.
final class FakeBroker: Sendable {
    typealias Handler = @Sendable (FakeRequest, FakeConnection) throws -> Void

    let path: String
    private let directory: String
    private let listener: Int32
    private let state = Mutex<(requests: [FakeRequest], cancelled: Int)>(([], 0))

    init(_ handler: @escaping Handler) throws {
        var template = Array("/tmp/mb-fake-XXXXXX".utf8CString)
        directory = mkdtemp(&template).map { String(cString: $0) } ?? ""
        path = directory + "/broker.sock"
        listener = mb_listen_unix(path, 8)
        _ = fcntl(listener, F_SETFL, 0)  // accept(2) shall wait
        guard listener >= 0 else { throw CocoaError(.fileNoSuchFile) }
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [self] in serve(client, handler) }
            }
        }
    }

    private func serve(_ client: Int32, _ handler: Handler) {
        let connection = FakeConnection(client)
        while let request = try? connection.next() {
            state.withLock {
                $0.requests.append(request)
                $0.cancelled += connection.cancelled
            }
            connection.cancelled = 0
            guard (try? handler(request, connection)) != nil else { break }
        }
        state.withLock { $0.cancelled += connection.cancelled }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var requests: [FakeRequest] { state.withLock { $0.requests } }
    func request(_ index: Int) throws -> FakeRequest {
        let requests = self.requests
        guard requests.indices.contains(index) else { throw CocoaError(.featureUnsupported) }
        return requests[index]
    }

    var cancelled: Int { state.withLock { $0.cancelled } }
}

/// One connection of the fake broker; used by its thread only.
final class FakeConnection {
    private let descriptor: Int32
    private var decoder = FrameDecoder(lineMax: BrokerLimits.requestLineMax)
    private var frames: [Frame] = []
    var cancelled = 0

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The next request with its uploads; nil when the client is gone.
    func next() throws -> FakeRequest? {
        guard var request = try nextMessage() else { return nil }
        var awaited = Self.streams(request)
        while !awaited.isEmpty {
            switch try nextFrame() {
            case nil: return nil
            case .octets(let stream, let octets)?:
                request.uploads[stream, default: []] += octets
                if octets.isEmpty { awaited.remove(stream) }
            case .secret(let stream, let secret)?:
                request.secret = secret.withUnsafeBytes { Array($0) }
                awaited.remove(stream)
            case .message(let header, _)?:
                guard header.method == RequestCancel.method else { continue }
                cancelled += 1
                try fail(request, BrokerError(.requestCancelled, "cancelled"))
                return try next()
            }
        }
        return request
    }

    private func nextMessage() throws -> FakeRequest? {
        while let frame = try nextFrame() {
            guard case .message(let header, let line) = frame else { continue }
            if header.method == RequestCancel.method { cancelled += 1 }
            if let id = header.id, let method = header.method {
                return FakeRequest(id: id, method: method, line: line)
            }
        }
        return nil
    }

    private static func streams(_ request: FakeRequest) -> Set<Int> {
        if request.method == MessageSend.name,
            let params = try? request.params(MessageSend.Params.self)
        {
            return Set([params.bodyStream] + (params.attachments ?? []).map(\.stream))
        }
        if request.method == MessageParse.name || request.method == MessageRender.name,
            let params = try? request.params(MessageParse.Params.self)
        {
            return [params.stream]
        }
        if let params = try? request.params(AccountLogin.Params.self), let s = params.secretStream {
            return [s]
        }
        return []
    }

    private func nextFrame() throws -> Frame? {
        while frames.isEmpty {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            try buffer.withUnsafeBytes {
                try decoder.receive(UnsafeRawBufferPointer(rebasing: $0[..<count]), into: &frames)
            }
        }
        return frames.removeFirst()
    }

    func reply(_ request: FakeRequest, _ result: some Encodable) throws {
        send(try Wire.reply(id: request.id, result: result))
    }

    func fail(_ request: FakeRequest, _ error: BrokerError) throws {
        send(try Wire.failure(id: request.id, error: error))
    }

    func event(_ event: Event) throws {
        send(try Wire.notification(method: Event.method, params: event))
    }

    func octets(_ stream: Int, _ octets: [UInt8]) throws {
        send(try Wire.octets(stream: stream, octets))
    }

    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func send(_ octets: [UInt8]) {
        var rest = octets[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
