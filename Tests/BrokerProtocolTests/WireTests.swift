// The envelope: requests, notifications, replies, errors, octets. Lines are written by hand; they
// are compared as JSON values, because the order of keys is no part of the wire.

import BrokerProtocol
import Foundation
import Testing

/// A line as a JSON value that can be compared.
func value(_ line: some Sequence<UInt8>) throws -> NSDictionary {
    try #require(
        JSONSerialization.jsonObject(with: Data(line)) as? NSDictionary
    )
}

func value(_ line: String) throws -> NSDictionary { try value(line.utf8) }

@Suite struct WireTests {
    @Test("a request is one line of JSON-RPC 2.0 with its LF")
    func request() throws {
        let line = try Wire.request(
            id: .number(7),
            method: MessageParts.name,
            params: MessageParts.Params(id: 3)
        )
        #expect(line.last == 0x0A)
        #expect(line.count { $0 == 0x0A } == 1)
        try StrictJSON.check(line.dropLast())
        #expect(
            try value(line)
                == value(#"{"jsonrpc":"2.0","id":7,"method":"message.parts","params":{"id":3}}"#)
        )
    }

    @Test("a notification has no id")
    func notification() throws {
        let line = try Wire.notification(
            method: RequestCancel.method,
            params: RequestCancel(id: .text("a"))
        )
        #expect(
            try value(line)
                == value(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"id":"a"}}"#)
        )
    }

    @Test("a reply has id and result")
    func reply() throws {
        let line = try Wire.reply(id: .text("x"), result: OctetsSummary(size: 2, sha256: "00"))
        #expect(
            try value(line)
                == value(#"{"jsonrpc":"2.0","id":"x","result":{"size":2,"sha256":"00"}}"#)
        )
    }

    @Test("an error carries number, line, stable code and whether it is temporary")
    func failure() throws {
        let error = BrokerError(
            .messageInvalid,
            "to: no recipient",
            temporary: false,
            server: "said",
            field: "to"
        )
        let line = try Wire.failure(id: .number(1), error: error)
        let expected = #"""
            {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"to: no recipient",
            "data":{"code":"message.invalid","temporary":false,"server":"said","field":"to"}}}
            """#
        #expect(try value(line) == value(expected))
        #expect(throws: error) { try Wire.result(Empty.self, of: line) }
    }

    @Test("the error of a line that could not be read has the id null")
    func failureWithoutID() throws {
        let line = try Wire.failure(id: nil, error: BrokerError(.requestMalformed, "line"))
        #expect(try value(line)["id"] is NSNull)
        let header = try Wire.header(of: line)
        #expect(header.id == nil)
        #expect(header.method == nil)
    }

    @Test(
        "errors of the wire have the numbers of JSON-RPC 2.0, those of the application -32000",
        arguments: BrokerError.Code.allCases
    )
    func numbers(_ code: BrokerError.Code) {
        let expected: [BrokerError.Code: Int] = [
            .requestMalformed: -32700, .requestInvalid: -32602, .requestUnknown: -32601,
            .internalError: -32603,
        ]
        #expect(BrokerError(code, "x").code == expected[code] ?? -32000)
    }

    @Test("an error code of a newer broker reads as internal, with its line")
    func unknownCode() throws {
        let line = #"""
            {"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"words",
            "data":{"code":"future.thing","temporary":true}}}
            """#
        let error = #expect(throws: BrokerError.self) {
            try Wire.result(Empty.self, of: Array(line.utf8))
        }
        #expect(error?.data.code == .internalError)
        #expect(error?.data.temporary == true)
        #expect(error?.message == "words")
    }

    @Test("a reply with neither result nor error is an error")
    func emptyReply() throws {
        let line = Array(#"{"jsonrpc":"2.0","id":1}"#.utf8)
        #expect(throws: BrokerError.self) { try Wire.result(Empty.self, of: line) }
    }

    @Test(
        "absent and null params read as an empty object, fields of a newer client are passed over"
    )
    func params() throws {
        for params in ["", #","params":null"#, #","params":{}"#, #","params":{"new":1}"#] {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"m"\#(params)}"#
            #expect(try Wire.params(EventsSubscribe.Params.self, of: Array(line.utf8)).after == nil)
        }
        let list = Array(#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#.utf8)
        #expect(throws: DecodingError.self) {
            try Wire.params(EventsSubscribe.Params.self, of: list)
        }
    }

    @Test("ids are compared by octets: canonically equivalent texts are two ids")
    func identifiers() {
        let (composed, decomposed) = (RequestID.text("\u{e9}"), RequestID.text("e\u{301}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
        #expect(RequestID.number(1) != RequestID.text("1"))
    }

    @Test(
        "ids come back as they were",
        arguments: ["0", "-1", "999999999999999999", "\"\"", "\"a b\"", "\"\u{1F600}\""]
    )
    func idRoundTrip(_ id: String) throws {
        let line = Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"hello"}"#.utf8)
        let header = try Wire.header(of: line)
        let reply = try Wire.reply(id: try #require(header.id), result: Empty())
        #expect(try value(reply) == value(#"{"jsonrpc":"2.0","id":\#(id),"result":{}}"#))
    }

    @Test("a frame of octets is the notification and the octets behind its LF")
    func octets() throws {
        let frame = try Wire.octets(stream: 3, [1, 10, 2])
        let end = try #require(frame.firstIndex(of: 0x0A))
        #expect(Array(frame[(end + 1)...]) == [1, 10, 2])
        #expect(
            try value(frame[..<end])
                == value(
                    #"{"jsonrpc":"2.0","method":"octets","params":{"stream":3,"length":3}}"#
                )
        )
    }

    @Test("a frame in base64 holds its octets in the line", arguments: [0, 1, 2, 3, 256 * 1024])
    func base64(count: Int) throws {
        let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let line = try Wire.octets(stream: 3, octets, base64: true)
        #expect(line.firstIndex(of: 0x0A) == line.count - 1)
        let notice = try Wire.params(OctetsNotice.self, of: line)
        #expect(notice.length == count)
        let text = try #require(notice.base64)
        #expect(Data(base64Encoded: text) == Data(octets))
        #expect(try Wire.inlineOctets(of: notice) == octets)
    }

    @Test("the notice of a secret has no octets of it")
    func secretNotice() throws {
        let expected =
            #"{"jsonrpc":"2.0","method":"octets","params":{"stream":4,"length":8,"secret":true}}"#
        #expect(try value(Wire.secretNotice(stream: 4, length: 8)) == value(expected))
    }

    @Test("control characters and separators in text stay within the line")
    func hostileText() throws {
        let text = "a\r\nb\u{0}\u{1B}]0;x\u{7}\u{2028}\u{85}\"\\"
        let body = MessageRead.Body(type: nil, part: nil, text: text, truncated: false)
        let line = try Wire.reply(id: .number(1), result: body)
        #expect(line.count { $0 == 0x0A } == 1)
        try StrictJSON.check(line.dropLast())
        #expect(try Wire.result(MessageRead.Body.self, of: line).text == text)
    }
}

extension StrictJSON {
    /// Checks a slice.
    fileprivate static func check(_ line: ArraySlice<UInt8>) throws { try check(Array(line)) }
}
