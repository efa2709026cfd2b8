// Frames come out the same however the socket slices them; limits are exact; secrets go nowhere but
// into locked memory.

import BrokerProtocol
import MailModel
import Testing

@Suite struct FrameDecoderTests {
    /// A frame as text, to compare.
    private func text(_ frame: Frame) -> String {
        switch frame {
        case .message(let header, let line):
            "message \(header.method ?? "-") \(String(decoding: line, as: UTF8.self))"
        case .octets(let stream, let octets): "octets \(stream) \(octets)"
        case .secret(let stream, let secret):
            "secret \(stream) " + secret.withUnsafeBytes { "\(Array($0))" }
        }
    }

    /// What a decoder makes of pieces: its frames, then `dropped` and the code where it refused.
    private func decode(_ pieces: [[UInt8]], lineMax: Int = 1000) -> [String] {
        var decoder = FrameDecoder(lineMax: lineMax)
        var frames: [Frame] = []
        for piece in pieces {
            do {
                try piece.withUnsafeBytes { try decoder.receive($0, into: &frames) }
            } catch {
                let code = (error as? BrokerError)?.data.code.rawValue ?? "\(error)"
                return frames.map(text) + ["dropped \(code)"]
            }
        }
        return frames.map(text)
    }

    private func decode(_ text: String, lineMax: Int = 1000) -> [String] {
        decode([Array(text.utf8)], lineMax: lineMax)
    }

    private static let hello = #"{"jsonrpc":"2.0","id":1,"method":"hello"}"#

    private static func notice(_ params: String) -> String {
        #"{"jsonrpc":"2.0","method":"octets","params":{\#(params)}}"# + "\n"
    }

    private static let session =
        hello + "\n" + notice(#""stream":3,"length":5"#) + "ab\ncd"
        + notice(#""stream":3,"length":0"#)
        + notice(#""stream":4,"length":3,"secret":true"#) + "s\ne"
        + notice(#""stream":5,"length":2,"base64":"aGk=""#)
        + notice(#""stream":6,"length":0,"secret":true"#) + hello + "\r\n"

    private static let expected = [
        "message hello \(hello)", "octets 3 [97, 98, 10, 99, 100]", "octets 3 []",
        "secret 4 [115, 10, 101]", "octets 5 [104, 105]", "secret 6 []", "message hello \(hello)\r",
    ]

    @Test("a session gives the same frames in one piece, octet by octet and cut anywhere")
    func everySplit() {
        let session = Array(Self.session.utf8)
        #expect(decode([session]) == Self.expected)
        #expect(decode(session.map { [$0] }) == Self.expected)
        for cut in session.indices {
            let pieces = [Array(session[..<cut]), Array(session[cut...])]
            #expect(decode(pieces) == Self.expected, "cut at \(cut)")
        }
    }

    @Test("a session that ends anywhere gives a prefix of its frames and no error")
    func everyEnd() {
        let session = Array(Self.session.utf8)
        for end in session.indices {
            let frames = decode([Array(session[..<end])])
            #expect(frames == Array(Self.expected.prefix(frames.count)), "ended at \(end)")
        }
    }

    @Test("what came before a bad line counts, however it is sliced")
    func framesBeforeFault() {
        let session = Array((Self.hello + "\n" + "not JSON\n" + Self.hello + "\n").utf8)
        let expected = ["message hello \(Self.hello)", "dropped request.malformed"]
        #expect(decode([session]) == expected)
        #expect(decode(session.map { [$0] }) == expected)
    }

    @Test("a line may be as long as the limit, not longer", arguments: [true, false])
    func lineLimit(inOnePiece: Bool) {
        let count = Self.hello.utf8.count
        let line = Array((Self.hello + "\n").utf8)
        let pieces = inOnePiece ? [line] : line.map { [$0] }
        #expect(decode(pieces, lineMax: count) == ["message hello \(Self.hello)"])
        #expect(decode(pieces, lineMax: count - 1) == ["dropped request.limit"])
    }

    @Test("a line without end is dropped at the limit")
    func endlessLine() {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 100)
        #expect(decode(Array(repeating: piece, count: 11)) == ["dropped request.limit"])
        #expect(decode(Array(repeating: piece, count: 10)).isEmpty)
    }

    @Test("a frame of 256 KiB comes whole, one octet more is refused")
    func octetsLimit() {
        let octets = [UInt8](repeating: 7, count: 256 * 1024)
        let notice = Array(Self.notice(#""stream":1,"length":262144"#).utf8)
        #expect(decode([notice + octets]) == ["octets 1 \(octets)"])
        #expect(
            decode(Self.notice(#""stream":1,"length":262145"#)) == ["dropped request.invalid"]
        )
    }

    @Test(
        "a notice that makes no sense drops the peer",
        arguments: [
            #""stream":1,"length":-1"#, #""stream":1"#, #""length":1"#, #""stream":"1","length":1"#,
            #""stream":1,"length":16385,"secret":true"#,
            #""stream":1,"length":2,"secret":true,"base64":"aGk=""#,
            #""stream":1,"length":3,"base64":"aGk=""#, #""stream":1,"length":2,"base64":"a_k=""#,
            #""stream":1,"length":2,"base64":"aGk""#, #""stream":1,"length":999999999999999999"#,
        ]
    )
    func badNotices(_ params: String) {
        #expect(decode(Self.notice(params)) == ["dropped request.invalid"])
    }

    @Test(
        "a line that is no JSON-RPC message drops the peer",
        arguments: [
            "{}", #"{"jsonrpc":"1.0","id":1,"method":"m"}"#, #"{"jsonrpc":2,"id":1,"method":"m"}"#,
            #"{"jsonrpc":"2.0","id":true,"method":"m"}"#, #"{"jsonrpc":"2.0","id":1,"method":7}"#,
            #"{"jsonrpc":"2.0","id":[1],"method":"m"}"#, "[]", "[{}]", "",
            #"{"jsonrpc":"2.0","id":1,"method":"he\u0000llo"}"#,
            #"{"jsonrpc":"2.0","id":1,"method":"he\u001bllo"}"#,
            #"{"jsonrpc":"2.0","id":"a\u0000","method":"hello"}"#,
            #"{"jsonrpc":"2.0","id":"a\u007f","method":"hello"}"#,
        ]
    )
    func badMessages(_ line: String) {
        #expect(decode(line + "\n") == ["dropped request.malformed"])
    }

    @Test("octets with an id would be a request without answer, so they drop the peer")
    func octetsWithID() {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"octets","params":{"stream":1,"length":0}}"#
        #expect(decode(line + "\n") == ["dropped request.invalid"])
    }

    @Test("methods and ids of 128 octets pass, longer ones drop the peer")
    func nameLimit() {
        let name = String(repeating: "m", count: 128)
        for (id, method) in [("\"\(name)\"", "m"), ("1", name)] {
            let line = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
            #expect(decode(line + "\n").count == 1)
            #expect(decode(line + "\n").first?.utf8.starts(with: "message".utf8) == true)
        }
        for (id, method) in [("\"\(name)m\"", "m"), ("1", name + "m")] {
            let line = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"}"#
            #expect(decode(line + "\n") == ["dropped request.malformed"])
        }
    }

    @Test("random slices of a session give the same frames", arguments: [11, 12, 13] as [UInt64])
    func randomSlices(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let session = Array(Self.session.utf8)
        for _ in 0..<200 {
            var (pieces, rest) = ([[UInt8]](), session[...])
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                pieces.append(Array(piece))
                rest = rest.dropFirst(piece.count)
            }
            #expect(decode(pieces) == Self.expected, "seed \(seed)")
        }
    }
}
