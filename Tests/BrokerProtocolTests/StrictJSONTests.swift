// What the check before every decoder refuses, and where it says the fault is (reliability.md D08,
// D09). Offsets are counted by hand.

import BrokerProtocol
import Glibc
import Testing

@Suite struct StrictJSONTests {
    private func fault(_ text: String) -> StrictJSON.Fault? { fault(Array(text.utf8)) }

    private func fault(_ line: [UInt8]) -> StrictJSON.Fault? {
        do {
            try StrictJSON.check(line)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "strict JSON passes",
        arguments: [
            "{}", "{ }", "\t{\"a\":1}\r", "{\"a\":[]}", "{\"a\":[{},{}]}", "{\"a\":-1,\"b\":0}",
            "{\"a\":true,\"b\":false,\"c\":null}", "{\"a\":{\"a\":{\"a\":1}}}",
            "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}", "{\"a\":\"\\ud83d\\uDE00\"}",
            "{\"a\":\"caf\u{e9} \u{1F600} \u{2028}\"}", "{\"a\":999999999999999999}",
            "{\"a\":-999999999999999999}", "{\"a\":\"\u{7F}\"}", "{\"a\":-0}",
            "{\"a\":\"\\u0000\"}",
        ]
    )
    func passes(_ text: String) {
        #expect(fault(text) == nil)
    }

    @Test(
        "what is no strict JSON is refused at the octet that is wrong",
        arguments: [
            ("", 0), ("[]", 0), ("\"a\"", 0), ("1", 0), ("null", 0), ("\u{FEFF}{}", 0), ("{", 1),
            ("{}}", 2), ("{} x", 3), ("{,}", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7),
            ("{\"a\":1 \"b\":2}", 7), ("{a:1}", 1), ("{'a':1}", 1), ("{\"a\":[1,]}", 8),
            ("{\"a\":[1}", 7), ("{\"a\":1]", 6), ("{\"a\":01}", 7), ("{\"a\":1.0e0}", 6),
            ("{\"a\":1.5}", 6), ("{\"a\":1e3}", 6), ("{\"a\":+1}", 5), ("{\"a\":-}", 6),
            ("{\"a\":.5}", 5), ("{\"a\":NaN}", 5), ("{\"a\":Infinity}", 5), ("{\"a\":tru}", 5),
            ("{\"a\":truee}", 9), ("{\"a\":True}", 5), ("{\"a\":\"\\x\"}", 7),
            ("{\"a\":\"\\u12\"}", 7), ("{\"a\":\"\\u12g4\"}", 7), ("{\"a\":\"\t\"}", 6),
            ("{\"a\":\"x}", 8), ("/**/{}", 0), ("{\"a\":1}//", 7), ("{\"a\":1}{\"a\":1}", 7),
            ("{\"a\":1,\"a\":2}", 7), ("{\"\\u0061\":1}", 1), ("{\"caf\u{e9}\":1}", 1),
            ("{\"a\":1000000000000000000}", 24), ("{\"a\":\"\u{0}\"}", 6),
        ]
    )
    func refuses(_ text: String, offset: Int) {
        #expect(fault(text)?.offset == offset)
    }

    @Test("duplicate keys are refused in every object, and only within one")
    func duplicates() {
        #expect(fault("{\"a\":{\"b\":1,\"b\":1}}")?.reason == "duplicate key")
        #expect(fault("{\"x\":[{\"a\":1},{\"a\":1,\"a\":1}]}")?.reason == "duplicate key")
        #expect(fault("{\"a\":{\"a\":1},\"b\":{\"a\":1}}") == nil)
        #expect(fault("{\"a\":{\"b\":1},\"a\":1}")?.reason == "duplicate key")
    }

    @Test("a number of 10^30 is refused")
    func hugeNumber() {
        let digits = "1" + String(repeating: "0", count: 30)
        #expect(fault("{\"id\":\(digits)}")?.reason == "number out of range")
    }

    @Test(
        "lone and reversed surrogates are refused",
        arguments: [
            "\\ud800", "\\udc00", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\ud800\\ud800",
            "\\udc00\\ud800", "\\udbff", "\\udfff",
        ]
    )
    func loneSurrogates(_ escape: String) {
        #expect(fault("{\"a\":\"\(escape)\"}")?.reason == "lone surrogate")
    }

    @Test("octets that are not UTF-8 are refused")
    func invalidUTF8() {
        let bad: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
            [0xE2, 0x82], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ]
        for octets in bad {
            let line = Array("{\"a\":\"".utf8) + octets + Array("\"}".utf8)
            #expect(fault(line)?.reason == "not UTF-8", "\(octets)")
        }
    }

    @Test("UTF-16 and UTF-32 are refused, with and without a byte order mark")
    func otherEncodings() {
        let text = "{\"a\":1}"
        let little = text.utf16.flatMap { octet -> [UInt8] in
            [UInt8(octet & 0xFF), UInt8(octet >> 8)]
        }
        let big = text.utf16.flatMap { octet -> [UInt8] in [UInt8(octet >> 8), UInt8(octet & 0xFF)]
        }
        let wide = text.utf8.flatMap { octet -> [UInt8] in [octet, 0, 0, 0] }
        for line in [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, wide] {
            #expect(fault(line) != nil)
        }
    }

    @Test("nesting of 64 passes, deeper is refused", arguments: ["[", "{\"a\":"])
    func depth(_ opening: String) {
        func nested(_ levels: Int) -> String {
            let closing = opening == "[" ? "]" : "}"
            return "{\"a\":" + String(repeating: opening, count: levels - 1) + "1"
                + String(repeating: closing, count: levels - 1) + "}"
        }
        #expect(fault(nested(64)) == nil)
        for levels in [65, 513, 100_000] {
            #expect(fault(nested(levels))?.reason == "nested too deep")
            #expect(fault("{\"a\":" + String(repeating: opening, count: levels)) != nil)
        }
    }

    @Test("a line cut anywhere is refused")
    func truncation() {
        let line = Array(
            #"{"jsonrpc":"2.0","id":7,"params":{"a":[1,-2,"x\n\ud83d\ude00é"],"b":{},"c":null}}"#
                .utf8
        )
        #expect(fault(line) == nil)
        for end in line.indices {
            #expect(fault(Array(line[..<end])) != nil, "cut at \(end)")
        }
    }

    @Test("keys of 128 octets pass, longer ones are refused")
    func keyLength() {
        #expect(fault("{\"\(String(repeating: "k", count: 128))\":1}") == nil)
        #expect(fault("{\"\(String(repeating: "k", count: 129))\":1}")?.offset == 1)
    }

    @Test(
        "mutated lines never trap, and what passes is balanced",
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func mutations(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let line = Array(
            #"{"jsonrpc":"2.0","id":7,"method":"m","params":{"a":[1,-2,"\u00e9\n"],"b":{"c":[]}}}"#
                .utf8
        )
        let alphabet = Array("{}[]\",:\\u0d8e-1.tfn \u{e9}".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<3000 {
            var mutant = line
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<mutant.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: mutant.remove(at: at)
                case 1: mutant.insert(alphabet.randomElement(using: &random) ?? 0, at: at)
                default: mutant[at] = alphabet.randomElement(using: &random) ?? 0
                }
            }
            guard let fault = fault(mutant) else {
                #expect(mutant.count { $0 == 0x22 } >= 2, "seed \(seed)")
                continue
            }
            #expect((0...mutant.count).contains(fault.offset), "seed \(seed)")
        }
    }

    @Test(
        "twice the line costs about twice the time",
        arguments: ["\"k%\":1,", "\"k%\":\"\\u00e9\\n\",", "\"k%\":[[],{}],"]
    )
    func linear(_ item: String) throws {
        func line(_ count: Int) -> [UInt8] {
            var line = Array("{".utf8)
            let parts = Array(item.utf8).split(separator: UInt8(ascii: "%"))
            for index in 0..<count { line += parts[0] + Array("\(index)".utf8) + parts[1] }
            line += Array("\"end\":0}".utf8)
            return line
        }
        func cost(_ line: [UInt8]) throws -> Duration {
            // The thread's own time: other tests run beside this one.
            func now() -> Duration {
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
            }
            var best = Duration.seconds(1000)
            for _ in 0..<5 {
                let start = now()
                try StrictJSON.check(line)
                best = min(best, now() - start)
            }
            return best
        }
        let (small, large) = (try cost(line(4000)), try cost(line(32_000)))
        // Eight times the line: quadratic work would take sixty-four times as long.
        #expect(large < small * 32, "\(small) and \(large)")
    }
}
