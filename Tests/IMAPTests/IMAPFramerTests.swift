// The frame layer by itself: line ends, literals, limits, and the same result for every slicing.

import MailModel
import Testing

@testable import IMAP

@Suite struct IMAPFramerTests {
    /// Everything a framer makes of some octets, as text: frames, chunks joined, and the error.
    private func read(_ octets: [UInt8], slice: Int, streams: Bool = false) -> [String] {
        var framer = IMAPFramer()
        framer.lineOctetsMax = IMAPLimits.lineOctetsMax
        framer.allowsLiterals = true
        framer.streamsBodies = streams
        var result: [String] = []
        var rest = octets[...]
        while !rest.isEmpty {
            framer.receive(Array(rest.prefix(slice)))
            rest = rest.dropFirst(slice)
            do {
                while let event = try framer.next() {
                    switch event {
                    case .chunk(let chunk): result.append(Rendering.text(chunk))
                    case .response(let frame):
                        result.append("\(frame.offset)|" + Rendering.text(frame.octets))
                    }
                }
            } catch {
                return result + ["\(error.code)"]
            }
        }
        return result + (framer.isEmpty ? [] : ["rest"])
    }

    @Test(
        "Responses end at LF, with or without CR, and not inside a literal",
        arguments: [
            ("* OK a\r\n* OK b\n", ["0|* OK a", "8|* OK b"]),
            ("* OK a\r\r\n", [#"0|* OK a\x0d"#]),
            ("* A {3}\r\n\r\n) x\r\nb", [#"0|* A {3}\x0d\x0a) x"#, "rest"]),
            ("* A {3}\n\n\n) {0}\n\n", [#"0|* A {3}\x0a\x0a) {0}"#]),
            ("\0\0\r\n\n* A\r\n", ["5|* A"]),
            ("* OK see {5}\r\n* B\r\n", ["0|* OK see {5}", "14|* B"]),
            ("A1 NO [X] {5}\r\n+ {7}\r\n", ["0|A1 NO [X] {5}", "15|+ {7}"]),
            (#"* LIST () "/" {abc}"# + "\r\n", [#"0|* LIST () "/" {abc}"#]),
            ("* LIST () NIL ~{2}\r\n\0x\r\n", [#"0|* LIST () NIL ~{2}\x00x"#]),
            ("* 1 FETCH (X {2}\r\nab\r\n", ["0|* 1 FETCH (X {2}ab"]),
            ("* A", ["rest"]), ("* A {5}\r\nab", ["rest"]), ("\r\n", []), ("", []),
        ]
    )
    func frames(text: String, expected: [String]) {
        let octets = Array(text.utf8)
        for slice in 1...max(1, octets.count) {
            #expect(read(octets, slice: slice) == expected, "slices of \(slice)")
        }
    }

    @Test("A body is streamed when that is asked for, and only a body")
    func streaming() {
        let octets = Array(
            "* 1 FETCH (BODY[HEADER.FIELDS (A)] {2}\r\nhh BODY[1.MIME]<0> {3}\r\nbbb X {1}\r\nx)\r\n"
                .utf8
        )
        #expect(
            read(octets, slice: octets.count, streams: true) == [
                "bbb",
                "0|* 1 FETCH (BODY[HEADER.FIELDS (A)] {2}hh BODY[1.MIME]<0> {3} X {1}x)",
            ]
        )
        for name in [
            "BODY[]", "body[text]", "RFC822", "RFC822.TEXT", "BINARY[1]<5.6>", "BODY[1]<2>",
        ] {
            let octets = Array("* 1 FETCH (\(name) {2}\r\nab)\r\n".utf8)
            let lines = read(octets, slice: octets.count, streams: true)
            #expect(lines == ["ab", "0|* 1 FETCH (\(name) {2})"])
        }
        for text in ["* LIST (BODY[] {2}\r\nab)\r\n", "* 1 FETCH (RFC822.HEADER {2}\r\nab)\r\n"] {
            #expect(read(Array(text.utf8), slice: text.utf8.count, streams: true).count == 1)
        }
    }

    @Test("The line limit counts lines, not literals, and not beyond a response")
    func lineLimit() {
        let line = "* A " + String(repeating: "x", count: IMAPLimits.lineOctetsMax - 5) + "\r\n"
        let octets = Array((line + line).utf8)
        #expect(read(octets, slice: 4096).count == 2)
        let long = Array(("* A x" + line).utf8)
        #expect(read(long, slice: 4096) == ["lineTooLong"])
    }

    @Test("Leading NULs are bounded")
    func leadingNULs() {
        let octets = [UInt8](repeating: 0, count: IMAPLimits.leadingNULsMax + 1)
        #expect(read(octets, slice: 100) == ["lineTooLong"])
    }
}
