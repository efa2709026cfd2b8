// The client of the broker: blocking calls on one socket, no event loop, no threads, no globals.
// What `authfd.c` is to ssh-agent.

package import BrokerProtocol
import Glibc
package import MailModel

/// A connection to the broker.
///
/// Used by one thread. Events that arrive while a call waits go to `onEvent`.
package final class BrokerConnection {
    /// Octets read from the socket at once.
    private static let readSize = 256 * 1024 + 4096

    private let socket: BrokerSocket
    private let buffer: UnsafeMutableRawBufferPointer
    private var decoder = FrameDecoder(lineMax: BrokerLimits.replyLineMax)
    /// Frames that came in, the next one last.
    private var frames: [Frame] = []
    private var lastID: Int64 = 0
    private var lastStream = 0

    /// Gets each event of a subscription, in order.
    package var onEvent: (Event) -> Void = { _ in }
    /// Asked while a call waits; once it says true the running request is taken back.
    package var isInterrupted: () -> Bool = { false }

    /// The descriptor, for a caller that polls several.
    package var descriptor: Int32 { socket.descriptor }

    /// Connects to the broker of this user.
    /// - Throws: `BrokerClientError`.
    package init(environment: (String) -> String? = BrokerConnection.processEnvironment) throws {
        guard let place = SocketPath(environment: environment) else {
            throw BrokerClientError.noSocketPath
        }
        socket = try BrokerSocket(place)
        buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.readSize, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// The value of an environment variable of this process.
    package static func processEnvironment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// A number for a stream, unused so far on this connection.
    package func newStream() -> Int {
        lastStream += 1
        return lastStream
    }

    /// Sends a request with what it uploads and waits for its result.
    ///
    /// `uploads` are in ascending order of stream. `download` gets octets the broker streams, in
    /// order; when it throws, the request is taken back and the error passed on.
    /// Throws `BrokerError` as the broker answered, `BrokerClientError`, or what `download` or an
    /// upload threw.
    package func call<Method: BrokerMethod>(
        _ method: Method.Type,
        _ params: Method.Params,
        uploads: [Upload] = [],
        download: (([UInt8]) throws -> Void)? = nil
    ) throws -> Method.Result {
        lastID += 1
        let id = RequestID.number(lastID)
        let request = try Wire.request(id: id, method: Method.name, params: params)
        guard request.count - 1 <= BrokerLimits.requestLineMax else {
            throw BrokerError(.requestLimit, "the request is too large")
        }
        try write(request)
        for upload in uploads {
            guard try send(upload, for: id) else { break }
        }
        let line = try reply(to: id, download: download)
        deliverArrived()  // what came in with the reply would wait for the next one
        do {
            return try Wire.result(Method.Result.self, of: line)
        } catch let error as BrokerError {
            throw error
        } catch {
            throw BrokerClientError.protocolMismatch("\(Method.name): \(error)")
        }
    }

    /// Handles what has arrived without waiting: for a caller whose `poll` said so.
    package func receiveEvents() throws {
        try readMore()
        deliverArrived()
    }

    private func deliverArrived() {
        while let frame = frames.popLast() {
            if case .message(let header, let line) = frame { deliver(header, line) }
        }
    }

    /// Sends one upload; false when the broker has already answered, so that no more is wanted.
    private func send(_ upload: Upload, for id: RequestID) throws -> Bool {
        switch upload.source {
        case .secret(let secret):
            try write(try Wire.secretNotice(stream: upload.stream, length: secret.count))
            try secret.withUnsafeBytes { try write($0) }
            return true
        case .octets(let next):
            while let chunk = try chunk(next, for: id) {
                if try isAnswered(id) { return false }
                try write(try Wire.octets(stream: upload.stream, chunk))
            }
            try write(try Wire.octets(stream: upload.stream, []))
            return true
        }
    }

    /// The next octets of an upload; takes the request back when its source fails.
    private func chunk(_ next: Upload.Source, for id: RequestID) throws -> [UInt8]? {
        do {
            guard !isInterrupted() else { throw BrokerError(.requestCancelled, "interrupted") }
            let chunk = try next(BrokerLimits.octetsFrameMax)
            return chunk.isEmpty ? nil : chunk
        } catch {
            try cancel(id)
            _ = try? reply(to: id, download: nil)
            throw error
        }
    }

    /// Whether an answer to a request has come in; reads only while none has, for behind it there
    /// may be the end of the connection.
    private func isAnswered(_ id: RequestID) throws -> Bool {
        if hasReply(to: id) { return true }
        if socket.isReadable { try readMore() }
        return hasReply(to: id)
    }

    private func hasReply(to id: RequestID) -> Bool {
        frames.contains { frame in
            guard case .message(let header, _) = frame else { return false }
            return Self.isReply(header, to: id)
        }
    }

    /// Whether a line answers a request; one without id ends the connection.
    private static func isReply(_ header: WireHeader, to id: RequestID) -> Bool {
        header.method == nil && (header.id == id || header.id == nil)
    }

    private func cancel(_ id: RequestID) throws {
        try write(
            try Wire.notification(method: RequestCancel.method, params: RequestCancel(id: id))
        )
    }

    /// Waits for the reply to a request, passing on octets and events.
    private func reply(to id: RequestID, download: (([UInt8]) throws -> Void)?) throws -> [UInt8] {
        var failure: (any Error)?
        var isCancelled = false
        while true {
            while let frame = frames.popLast() {
                switch frame {
                case .message(let header, let line):
                    if Self.isReply(header, to: id) {
                        if let failure { throw failure }
                        return line
                    }
                    deliver(header, line)
                case .octets(_, let octets):
                    guard failure == nil, !octets.isEmpty else { continue }
                    do {
                        try download?(octets)
                    } catch {
                        failure = error
                        try cancel(id)
                        isCancelled = true
                    }
                case .secret: throw BrokerClientError.protocolMismatch("a secret from the broker")
                }
            }
            if try !socket.wait(isInterrupted: isCancelled ? { false } : isInterrupted) {
                try cancel(id)
                isCancelled = true
            } else {
                try readMore()
            }
        }
    }

    private func deliver(_ header: WireHeader, _ line: [UInt8]) {
        guard header.method == Event.method, let event = try? Wire.params(Event.self, of: line)
        else { return }  // a notification of a newer broker
        onEvent(event)
    }

    private func readMore() throws {
        let count = try socket.read(into: buffer)
        var arrived: [Frame] = []
        do {
            try decoder.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &arrived)
        } catch {
            throw BrokerClientError.protocolMismatch(error.message)
        }
        frames = arrived.reversed() + frames
    }

    private func write(_ octets: [UInt8]) throws {
        try octets.withUnsafeBytes { try write($0) }
    }

    /// Writes all octets, reading meanwhile: a broker that waits for its output to be read, or that
    /// refuses what is being sent, must not wait for us.
    private func write(_ octets: UnsafeRawBufferPointer) throws {
        var rest = octets[...]
        while !rest.isEmpty {
            do {
                let count = try socket.write(UnsafeRawBufferPointer(rebasing: rest))
                rest = rest.dropFirst(count)
                if count == 0 { try waitToWrite() }
            } catch BrokerClientError.connectionLost {
                try readLastWords()
                throw BrokerClientError.connectionLost
            }
        }
    }

    private func waitToWrite() throws {
        if try socket.waitToWrite() { try readMore() }
        // Octets cannot be taken back in the middle of a frame: only closing ends this upload.
        guard !isInterrupted() else {
            throw BrokerClientError.system(call: "write to the broker", errno: EINTR)
        }
    }

    /// What the broker said before it closed the connection, as the error it is.
    private func readLastWords() throws {
        while socket.isReadable, (try? readMore()) != nil {}
        for frame in frames {
            guard case .message(let header, let line) = frame, header.method == nil else {
                continue
            }
            _ = try Wire.result(Empty.self, of: line)
        }
    }
}

/// Octets that go with a request.
package struct Upload {
    /// Gives at most so many octets; none at the end.
    package typealias Source = (_ max: Int) throws -> [UInt8]

    /// Where the octets come from.
    enum Origin {
        case octets(Source)
        case secret(Secret)
    }

    let stream: Int
    let source: Origin

    /// An upload of octets that are read as they are sent.
    package init(stream: Int, reading source: @escaping Source) {
        self.stream = stream
        self.source = .octets(source)
    }

    /// An upload of octets at hand.
    package init(stream: Int, _ octets: [UInt8]) {
        var rest = octets[...]
        self.init(stream: stream) { max in
            let chunk = Array(rest.prefix(max))
            rest = rest.dropFirst(max)
            return chunk
        }
    }

    /// An upload of a secret, straight from its locked memory.
    package init(stream: Int, secret: Secret) {
        self.stream = stream
        self.source = .secret(secret)
    }
}
