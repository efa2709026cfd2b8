// JSON-RPC 2.0 lines as values and back. The only place where the wire meets the JSON library.

import FoundationEssentials
import MailModel

/// The name a caller gives its request: a whole number or a string (JSON-RPC 2.0 section 4).
///
/// Texts are the same when their octets are: canonically equivalent ones are two ids.
package enum RequestID: Sendable, Hashable, Codable {
    case number(Int64)
    case text(String)

    /// Compares octets.
    package static func == (left: RequestID, right: RequestID) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left == right
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        default: false
        }
    }

    /// Hashes octets.
    package func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .text(let text): for octet in text.utf8 { hasher.combine(octet) }
        }
    }

    /// Reads a number or a string.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// Writes the number or the string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}

/// What every line has in common: enough to know what it is.
package struct WireHeader: Sendable, Decodable {
    /// `2.0`.
    package let jsonrpc: String
    /// The request's name; nil for a notification.
    package let id: RequestID?
    /// The method; nil for a reply.
    package let method: String?

    /// Whether method and id are short and hold no control character: they are looked up, compared
    /// and logged.
    package var isPlain: Bool {
        var names = [method].compactMap { $0 }
        if case .text(let text) = id { names.append(text) }
        return names.allSatisfy { name in
            name.utf8.count <= BrokerLimits.nameMax
                && name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        }
    }
}

/// A notification that announces octets (design.md section 4).
package struct OctetsNotice: Sendable, Codable {
    /// Which stream the octets belong to: numbered by the client, within one connection.
    package var stream: Int
    /// How many octets follow the line; 0 ends an upload.
    package var length: Int
    /// Whether the octets are a secret, to be kept in locked memory only.
    package var secret: Bool?
    /// The octets in base64, in place of raw ones after the line.
    package var base64: String?

    /// The method of the notification.
    package static let method = "octets"

    /// An announcement of octets.
    package init(stream: Int, length: Int, secret: Bool? = nil, base64: String? = nil) {
        self.stream = stream
        self.length = length
        self.secret = secret
        self.base64 = base64
    }
}

/// Encoding and decoding of lines.
package enum Wire {
    private struct Request<Params: Encodable>: Encodable {
        var jsonrpc = "2.0"
        var id: RequestID?
        var method: String
        var params: Params
    }

    private struct Success<Result: Encodable>: Encodable {
        var jsonrpc = "2.0"
        var id: RequestID
        var result: Result
    }

    private struct Failure: Encodable {
        var id: RequestID?
        var error: BrokerError

        enum CodingKeys: String, CodingKey {
            case jsonrpc, id, error
        }

        /// JSON-RPC 2.0 section 5: the id is null, not absent, where the request had none.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode("2.0", forKey: .jsonrpc)
            try container.encode(id, forKey: .id)
            try container.encode(error, forKey: .error)
        }
    }

    private struct ParamsOnly<Params: Decodable>: Decodable {
        var params: Params?
    }

    private struct ResultOnly<Result: Decodable>: Decodable {
        var result: Result?
        var error: BrokerError?
    }

    /// A request line with its LF.
    package static func request(
        id: RequestID,
        method: String,
        params: some Encodable
    ) throws -> [UInt8] {
        try line(Request(id: id, method: method, params: params))
    }

    /// A notification line with its LF.
    package static func notification(method: String, params: some Encodable) throws -> [UInt8] {
        try line(Request(id: nil, method: method, params: params))
    }

    /// A reply line with its LF.
    package static func reply(id: RequestID, result: some Encodable) throws -> [UInt8] {
        try line(Success(id: id, result: result))
    }

    /// A reply line with its LF around a result that is JSON already.
    package static func reply(id: RequestID, encodedResult: [UInt8]) throws -> [UInt8] {
        var octets = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8)
        octets += try line(id).dropLast()
        octets += Array(",\"result\":".utf8)
        octets += encodedResult
        octets += [UInt8(ascii: "}"), ASCII.lf]
        return octets
    }

    /// An error line with its LF; `id` nil where the request could not be read.
    package static func failure(id: RequestID?, error: BrokerError) throws -> [UInt8] {
        try line(Failure(id: id, error: error))
    }

    /// What a line is, by the members that `StrictJSON` took from it.
    package static func header(of members: [UInt8]) throws -> WireHeader {
        try JSONDecoder().decode(WireHeader.self, from: Data(members))
    }

    /// The parameters of a request or notification; an absent `params` reads as an empty object.
    package static func params<Params: Decodable>(
        _ type: Params.Type,
        of line: [UInt8]
    ) throws -> Params {
        let decoder = JSONDecoder()
        if let params = try decoder.decode(ParamsOnly<Params>.self, from: Data(line)).params {
            return params
        }
        return try decoder.decode(Params.self, from: Data("{}".utf8))
    }

    /// The result of a reply line.
    /// - Throws: the `BrokerError` it carries, or a decoding error.
    package static func result<Result: Decodable>(
        _ type: Result.Type,
        of line: [UInt8]
    ) throws -> Result {
        let reply = try JSONDecoder().decode(ResultOnly<Result>.self, from: Data(line))
        if let error = reply.error { throw error }
        guard let result = reply.result else {
            throw BrokerError(.protocolError, "the broker's reply has neither result nor error")
        }
        return result
    }

    /// A value as one line of JSON with its LF.
    package static func line(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var octets = Array(try encoder.encode(value))
        octets.append(ASCII.lf)
        return octets
    }

    /// A value as octets that are the same whenever the value is: to be compared, not to travel.
    static func identity(of value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return Array(try encoder.encode(value))
    }

    /// One frame of octets, ready to be written: the notification and what it announces.
    package static func octets(
        stream: Int,
        _ octets: some Collection<UInt8>,
        base64: Bool = false
    ) throws -> [UInt8] {
        if base64 {
            let text = Data(octets).base64EncodedString()
            return try notification(
                method: OctetsNotice.method,
                params: OctetsNotice(stream: stream, length: octets.count, base64: text)
            )
        }
        let notice = OctetsNotice(stream: stream, length: octets.count)
        return try notification(method: OctetsNotice.method, params: notice) + octets
    }

    /// The line that announces a secret; the secret's own octets are written behind it.
    package static func secretNotice(stream: Int, length: Int) throws -> [UInt8] {
        try notification(
            method: OctetsNotice.method,
            params: OctetsNotice(stream: stream, length: length, secret: true)
        )
    }

    /// The octets a notice carries in base64, or nil where they follow raw.
    package static func inlineOctets(of notice: OctetsNotice) throws -> [UInt8]? {
        guard let text = notice.base64 else { return nil }
        guard let data = Data(base64Encoded: text), data.count == notice.length else {
            throw BrokerError(.requestInvalid, "octets: the base64 is damaged", field: "base64")
        }
        return Array(data)
    }
}
