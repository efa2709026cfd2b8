// Octets on their way from the socket to the handler that asked for them. Bounded: when the handler
// is slower than the client, the server stops reading that client's socket.

import BrokerProtocol
import MailModel

/// One stream of a request's upload.
actor UploadStream {
    private var chunks: [[UInt8]] = []
    private var buffered = 0
    private var secret: Secret?
    private var isEnded = false
    private var failure: BrokerError?
    private var reader: CheckedContinuation<Void, Never>?
    private var writer: CheckedContinuation<Void, Never>?

    /// Takes a chunk from the socket; returns when there is room for more. No octets end the stream.
    func receive(_ octets: [UInt8]) async {
        guard !isEnded else { return }
        if octets.isEmpty {
            isEnded = true
        } else {
            chunks.append(octets)
            buffered += octets.count
        }
        wakeReader()
        while buffered > BrokerLimits.uploadBufferMax, failure == nil {
            await withCheckedContinuation { writer = $0 }
        }
    }

    /// Takes a secret from the socket.
    func receive(_ secret: Secret) {
        self.secret = secret
        isEnded = true
        wakeReader()
    }

    /// Ends the stream: the client is gone, or the request is over and its octets are not wanted.
    func abandon(_ error: BrokerError) {
        failure = failure ?? error
        chunks = []
        buffered = 0
        wakeReader()
        wakeWriter()
    }

    /// The next octets; nil at the end.
    func next() async throws(BrokerError) -> [UInt8]? {
        while chunks.isEmpty {
            if let failure { throw failure }
            if isEnded { return nil }
            await withCheckedContinuation { reader = $0 }
        }
        let chunk = chunks.removeFirst()
        buffered -= chunk.count
        wakeWriter()
        return chunk
    }

    /// The secret the stream brings.
    func nextSecret() async throws(BrokerError) -> Secret {
        while secret == nil {
            if let failure { throw failure }
            guard !isEnded else {
                throw BrokerError(.requestInvalid, "the secret must be sent as a secret frame")
            }
            await withCheckedContinuation { reader = $0 }
        }
        guard let taken = secret else {
            throw BrokerError(.internalError, "the secret was taken twice")
        }
        secret = nil
        return taken
    }

    private func wakeReader() {
        reader?.resume()
        reader = nil
    }

    private func wakeWriter() {
        writer?.resume()
        writer = nil
    }
}
