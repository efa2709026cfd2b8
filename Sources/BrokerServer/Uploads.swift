// Octets on their way from the socket to the handlers that asked for them. Bounded for the whole
// client: while handlers are slower than the client, the server stops reading its socket. Streams
// come in one order, so the octets the socket waits for are always octets a handler waits for.

import BrokerProtocol
import MailModel

/// The uploads of one client.
actor Uploads {
    private struct Stream {
        /// The stream of the same request that must be read to its end before this one.
        let previous: Int?
        var chunks: [[UInt8]] = []
        var secret: Secret?
        var isEnded = false
        var failure: BrokerError?
        var reader: CheckedContinuation<Void, Never>?

        init(after previous: Int?) { self.previous = previous }
    }

    private var streams: [Int: Stream] = [:]
    /// Streams without an end so far, in the order in which their octets must come.
    private var expected: [Int] = []
    private var room: CheckedContinuation<Void, Never>?
    /// Octets held for handlers.
    private(set) var buffered = 0

    /// Adds the streams of a request, which come in ascending order behind those announced before.
    func announce(_ numbers: [Int]) throws(BrokerError) {
        let numbers = numbers.sorted()
        guard numbers.count <= BrokerLimits.streamsMax else {
            throw BrokerError(.requestLimit, "too many streams in one request")
        }
        guard Set(numbers).count == numbers.count, numbers.allSatisfy({ streams[$0] == nil }) else {
            throw BrokerError(.requestInvalid, "a stream number is used twice")
        }
        for (index, number) in numbers.enumerated() {
            streams[number] = Stream(after: index > 0 ? numbers[index - 1] : nil)
        }
        expected += numbers
    }

    /// Takes a chunk from the socket; returns when there is room for more.
    ///
    /// No octets end the stream. Octets nobody asked for, or no longer, are dropped.
    func receive(_ octets: [UInt8], for number: Int) async {
        guard isNext(number) else { return }
        if octets.isEmpty {
            end(number)
        } else {
            store(octets, for: number)
        }
        wake(number)
        while buffered > BrokerLimits.uploadBufferMax {
            await withCheckedContinuation { room = $0 }
        }
    }

    /// Takes a secret from the socket; it ends the stream.
    func receive(_ secret: Secret, for number: Int) {
        guard isNext(number) else { return }
        streams[number]?.secret = secret
        buffered += Secret.octetsMax
        end(number)
        wake(number)
    }

    /// The next octets of a stream; nil at its end.
    func next(_ number: Int) async throws(BrokerError) -> [UInt8]? {
        while true {
            let stream = try readable(number)
            guard stream.secret == nil else {
                throw BrokerError(.requestInvalid, "stream \(number) must not be a secret")
            }
            if let chunk = stream.chunks.first {
                streams[number]?.chunks.removeFirst()
                release(chunk.count)
                return chunk
            }
            if stream.isEnded { return nil }
            try await wait(for: number)
        }
    }

    /// The secret a stream brings.
    func secret(_ number: Int) async throws(BrokerError) -> Secret {
        while true {
            let stream = try readable(number)
            if let secret = stream.secret {
                streams[number]?.secret = nil
                release(Secret.octetsMax)
                return secret
            }
            guard !stream.isEnded, stream.chunks.isEmpty else {
                throw BrokerError(.requestInvalid, "the secret must be sent as a secret frame")
            }
            try await wait(for: number)
        }
    }

    /// Ends streams whose octets are not wanted any more; who reads them gets `error`.
    func abandon(_ numbers: [Int], _ error: BrokerError) {
        let numbers = Set(numbers)
        expected.removeAll { numbers.contains($0) }
        for number in numbers {
            guard let stream = streams[number], stream.failure == nil else { continue }
            streams[number]?.failure = error
            streams[number]?.chunks = []
            streams[number]?.secret = nil
            let held = stream.chunks.reduce(0) { $0 + $1.count }
            release(held + (stream.secret == nil ? 0 : Secret.octetsMax))
            wake(number)
        }
    }

    /// Forgets the streams of a request that is over.
    func remove(_ numbers: [Int]) {
        abandon(numbers, BrokerError(.requestCancelled, "the request is over"))
        for number in numbers { streams[number] = nil }
    }

    /// Fails what the client has not sent whole: it will send no more.
    func endInput(_ error: BrokerError) { abandon(expected, error) }

    /// Fails everything: the client is gone.
    func abandonAll(_ error: BrokerError) { abandon(Array(streams.keys), error) }

    /// Whether octets for a stream may come now.
    ///
    /// Out of order they would wait for a handler that waits for other octets of the same socket,
    /// so the stream fails.
    private func isNext(_ number: Int) -> Bool {
        guard let stream = streams[number], stream.failure == nil else { return false }
        guard expected.first == number else {
            let reason = "stream \(number): octets out of order"
            abandon([number], BrokerError(.requestInvalid, reason))
            return false
        }
        return true
    }

    private func end(_ number: Int) {
        streams[number]?.isEnded = true
        expected.removeFirst()
    }

    /// Small frames share a chunk, so that no client makes the queue long.
    private func store(_ octets: [UInt8], for number: Int) {
        buffered += octets.count
        guard let last = streams[number]?.chunks.indices.last,
            (streams[number]?.chunks[last].count ?? 0) + octets.count <= BrokerLimits.octetsFrameMax
        else {
            streams[number]?.chunks.append(octets)
            return
        }
        streams[number]?.chunks[last] += octets
    }

    /// A stream that may be read now.
    private func readable(_ number: Int) throws(BrokerError) -> Stream {
        guard let stream = streams[number] else {
            throw BrokerError(.requestInvalid, "the request did not announce stream \(number)")
        }
        if let failure = stream.failure { throw failure }
        if let previous = stream.previous, let earlier = streams[previous],
            !(earlier.isEnded && earlier.chunks.isEmpty && earlier.secret == nil)
        {
            if let failure = earlier.failure { throw failure }
            throw BrokerError(
                .requestInvalid,
                "stream \(number) is wanted before stream \(previous): number them in the order "
                    + "text, attachments"
            )
        }
        return stream
    }

    private func wait(for number: Int) async throws(BrokerError) {
        guard streams[number]?.reader == nil else {
            throw BrokerError(.internalError, "two readers of stream \(number)")
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { streams[number]?.reader = $0 }
        } onCancel: {
            Task { await self.abandon([number], BrokerError(.requestCancelled, "cancelled")) }
        }
    }

    private func wake(_ number: Int) {
        streams[number]?.reader?.resume()
        streams[number]?.reader = nil
    }

    private func release(_ count: Int) {
        buffered -= count
        guard buffered <= BrokerLimits.uploadBufferMax else { return }
        room?.resume()
        room = nil
    }
}
