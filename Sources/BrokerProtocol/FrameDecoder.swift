// Bytes to frames: lines of JSON and the octets they announce. Used by both ends. Sans-IO: it is
// fed whatever the socket gave, in any slicing, and never holds more than one line or one octets
// frame.

package import MailModel

/// One unit of the wire.
package enum Frame: Sendable {
    /// A line that passed `StrictJSON`, with what it is.
    case message(WireHeader, line: [UInt8])
    /// Octets of a stream; none ends the stream.
    case octets(stream: Int, [UInt8])
    /// A secret, in its locked memory.
    case secret(stream: Int, Secret)
}

/// Splits a byte stream into frames.
package struct FrameDecoder: Sendable {
    private let lineMax: Int
    private var pending: [UInt8] = []
    private var awaited: OctetsNotice?
    private var secret: Secret?

    /// A decoder for one direction of the wire.
    /// - Parameter lineMax: the longest line accepted, in octets.
    package init(lineMax: Int) { self.lineMax = lineMax }

    /// Takes what the socket gave and adds what is complete to `frames`, up to an error as well:
    /// what came before it counts.
    /// - Throws: `BrokerError` when the peer must be dropped: a line too long or not strict JSON.
    package mutating func receive(
        _ octets: UnsafeRawBufferPointer,
        into frames: inout [Frame]
    ) throws(BrokerError) {
        var rest = octets[...]
        while !rest.isEmpty {
            if secret != nil {
                takeSecret(&rest, into: &frames)
            } else if let notice = awaited {
                takeOctets(notice, from: &rest, into: &frames)
            } else {
                try takeLine(&rest, into: &frames)
            }
        }
    }

    /// Moves octets up to a LF, or all there are when the line is not complete.
    private mutating func takeLine(
        _ rest: inout Slice<UnsafeRawBufferPointer>,
        into frames: inout [Frame]
    ) throws(BrokerError) {
        guard let end = rest.firstIndex(of: ASCII.lf) else {
            guard pending.count + rest.count <= lineMax else { throw Self.tooLong }
            pending.append(contentsOf: rest)
            rest = rest[rest.endIndex...]
            return
        }
        guard pending.count + (end - rest.startIndex) <= lineMax else { throw Self.tooLong }
        pending.append(contentsOf: rest[..<end])
        rest = rest[(end + 1)...]
        let line = pending
        pending = []
        try accept(line, into: &frames)
    }

    private mutating func accept(
        _ line: [UInt8],
        into frames: inout [Frame]
    ) throws(BrokerError) {
        let members: [UInt8]
        do {
            members = try StrictJSON.check(line)
        } catch {
            throw BrokerError(.requestMalformed, "line: \(error.reason) at octet \(error.offset)")
        }
        guard let header = try? Wire.header(of: members), header.jsonrpc == "2.0", header.isPlain
        else {
            throw BrokerError(.requestMalformed, "line: not a JSON-RPC 2.0 object")
        }
        guard header.method == OctetsNotice.method else {
            frames.append(.message(header, line: line))
            return
        }
        guard header.id == nil else {
            throw BrokerError(.requestInvalid, "octets: a notification has no id")
        }
        try announce(line, into: &frames)
    }

    private mutating func announce(
        _ line: [UInt8],
        into frames: inout [Frame]
    ) throws(BrokerError) {
        guard let notice = try? Wire.params(OctetsNotice.self, of: line),
            (0...BrokerLimits.octetsFrameMax).contains(notice.length)
        else { throw BrokerError(.requestInvalid, "octets: bad stream or length") }
        if notice.secret == true {
            guard notice.base64 == nil else {
                throw BrokerError(.requestInvalid, "octets: a secret never travels in JSON")
            }
            guard notice.length <= Secret.octetsMax, let memory = Secret() else {
                throw BrokerError(.requestInvalid, "octets: the secret is too long")
            }
            secret = memory
            awaited = notice
        } else if let inline = try? Wire.inlineOctets(of: notice) {
            frames.append(.octets(stream: notice.stream, inline))
        } else if notice.base64 != nil {
            throw BrokerError(.requestInvalid, "octets: the base64 is damaged")
        } else {
            awaited = notice
        }
        finishEmpty(into: &frames)
    }

    /// A frame of no octets is complete with its line.
    private mutating func finishEmpty(into frames: inout [Frame]) {
        guard let notice = awaited, notice.length == 0 else { return }
        awaited = nil
        if let memory = secret {
            secret = nil
            frames.append(.secret(stream: notice.stream, memory))
        } else {
            frames.append(.octets(stream: notice.stream, []))
        }
    }

    private mutating func takeOctets(
        _ notice: OctetsNotice,
        from rest: inout Slice<UnsafeRawBufferPointer>,
        into frames: inout [Frame]
    ) {
        let wanted = notice.length - pending.count
        let taken = rest.prefix(wanted)
        rest = rest[taken.endIndex...]
        pending.append(contentsOf: taken)
        guard pending.count == notice.length else { return }
        frames.append(.octets(stream: notice.stream, pending))
        pending = []
        awaited = nil
    }

    /// Secrets go from the caller's buffer, which the caller wipes, to locked memory and nowhere
    /// else.
    private mutating func takeSecret(
        _ rest: inout Slice<UnsafeRawBufferPointer>,
        into frames: inout [Frame]
    ) {
        guard let memory = secret, let notice = awaited else { return }
        let taken = rest.prefix(notice.length - memory.count)
        rest = rest[taken.endIndex...]
        memory.append(contentsOf: taken)
        guard memory.count == notice.length else { return }
        frames.append(.secret(stream: notice.stream, memory))
        secret = nil
        awaited = nil
    }

    private static let tooLong = BrokerError(.requestLimit, "line: longer than this wire allows")
}
