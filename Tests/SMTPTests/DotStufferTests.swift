// The octets behind DATA against tables by hand and against a second, naive writing of the rule.
// Rows B23 to B25 of reliability.md.

import SMTP
import Testing

@Suite struct DotStufferTests {
    /// The whole of what follows DATA, from slices.
    private func stuff(_ slices: [[UInt8]]) throws -> [UInt8] {
        var stuffer = DotStuffer()
        var output: [UInt8] = []
        for slice in slices { output += try stuffer.stuff(slice) }
        return output + stuffer.finish()
    }

    /// The rule said once more in the plainest way: lines first, then dots, then line ends.
    private func reference(_ message: [UInt8]) -> [UInt8] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var index = 0
        while index < message.count {
            if message[index] == 13 || message[index] == 10 {
                if message[index] == 13, index + 1 < message.count, message[index + 1] == 10 {
                    index += 1
                }
                lines.append(line)
                line = []
            } else {
                line.append(message[index])
            }
            index += 1
        }
        if !line.isEmpty { lines.append(line) }
        var output: [UInt8] = []
        for line in lines { output += (line.first == 46 ? [46] : []) + line + [13, 10] }
        return output + [46, 13, 10]
    }

    @Test(
        "B23 B24: no line end of any kind ends the message early",
        arguments: [
            "\r\n.\r\n", "\n.\n", "\r.\r", "\n.\r\n", "\r\n.\r", "\r.\n", "\r.\r\n", "\n.\r",
            "\r\n.\n",
        ]
    )
    func smuggling(_ trick: String) throws {
        let message = octets("a" + trick + "MAIL FROM:<x>")
        let expected = octets("a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n")
        #expect(try stuff([message]) == expected)
        #expect(try stuff(message.map { [$0] }) == expected)
        for split in 0...message.count {
            #expect(try stuff([Array(message[..<split]), Array(message[split...])]) == expected)
        }
    }

    @Test(
        "canonical line ends, doubled dots and one end",
        arguments: [
            ("", ".\r\n"),
            (".", "..\r\n.\r\n"),
            ("..", "...\r\n.\r\n"),
            (".\r\n", "..\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a\n", "a\r\n.\r\n"),
            ("a\r", "a\r\n.\r\n"),
            ("\r\n", "\r\n.\r\n"),
            ("\r", "\r\n.\r\n"),
            ("\n", "\r\n.\r\n"),
            ("\n\r", "\r\n\r\n.\r\n"),
            ("\r\r\n", "\r\n\r\n.\r\n"),
            ("\r\n\n", "\r\n\r\n.\r\n"),
            ("\r\n\r", "\r\n\r\n.\r\n"),
            ("a.b\r\nc.", "a.b\r\nc.\r\n.\r\n"),
            ("a\r\n.b\r\n..c", "a\r\n..b\r\n...c\r\n.\r\n"),
            ("a\rb\nc", "a\r\nb\r\nc\r\n.\r\n"),
        ]
    )
    func table(_ message: String, _ expected: String) throws {
        #expect(try stuff([octets(message)]) == octets(expected))
        #expect(try stuff(octets(message).map { [$0] }) == octets(expected))
    }

    @Test("every message of six octets out of CR, LF, dot and a letter agrees at every split")
    func exhaustive() throws {
        let alphabet: [UInt8] = [13, 10, 46, 97]
        for length in 0...6 {
            for number in 0..<(1 << (2 * length)) {
                let message = (0..<length).map { alphabet[(number >> (2 * $0)) & 3] }
                let expected = reference(message)
                #expect(try stuff(message.map { [$0] }) == expected)
                for split in 0...length {
                    let output = try stuff([Array(message[..<split]), Array(message[split...])])
                    if output != expected { Issue.record("\(message) split at \(split)") }
                }
            }
        }
    }

    @Test("a seeded stream of slices agrees and holds no bare CR or LF", arguments: 1...40)
    func random(_ seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state % bound
        }
        let alphabet: [UInt8] = [13, 10, 46, 97, 98, 99, 200, 32]
        let message = (0..<2_000).map { _ in alphabet[Int(next(8))] }
        var slices: [[UInt8]] = []
        var rest = message[...]
        while !rest.isEmpty {
            let count = Int(next(50))
            slices.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let output = try stuff(slices)
        #expect(output == reference(message), "seed \(seed)")
        for index in output.indices {
            if output[index] == 13 { #expect(output[index + 1] == 10) }
            if output[index] == 10 { #expect(output[index - 1] == 13) }
        }
    }

    @Test("B25: a NUL is refused with its place in the message, and the slice is not taken")
    func nul() throws {
        var stuffer = DotStuffer()
        _ = try stuffer.stuff(octets("abc\r"))
        #expect(throws: DotStuffer.Fault.nul(offset: 6)) {
            try stuffer.stuff(octets("\nx\u{0}y"))
        }
        #expect(try stuffer.stuff(octets("\nx")) == octets("x"))
    }

    @Test("B25: a line of 100,000 octets passes uncut")
    func longLine() throws {
        let line = [UInt8](repeating: 97, count: 100_000)
        #expect(try stuff([line]) == line + octets("\r\n.\r\n"))
        let dots = [UInt8](repeating: 46, count: 100_000)
        #expect(try stuff([dots]) == [46] + dots + octets("\r\n.\r\n"))
    }

    @Test("a large message of each kind of line end comes out whole")
    func large() throws {
        for end in ["\r\n", "\n", "\r"] {
            let message = Array(repeatElement(octets(".line" + end), count: 100_000).joined())
            let expected = Array(repeatElement(octets("..line\r\n"), count: 100_000).joined())
            #expect(try stuff([message]) == expected + octets(".\r\n"))
        }
    }

    @Test(
        "canonical octets count what SIZE counts",
        arguments: [("", 0), ("a", 3), ("a\n", 3), ("a\r\n.\r\n", 6), ("\r\n..b\rc", 10)]
    )
    func canonicalOctets(_ message: String, _ expected: Int) throws {
        var stuffer = DotStuffer()
        for octet in octets(message) { _ = try stuffer.stuff([octet]) }
        _ = stuffer.finish()
        #expect(stuffer.canonicalOctets == UInt64(expected))
    }
}
