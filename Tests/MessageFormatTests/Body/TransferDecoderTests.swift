// Facts about transfer encodings, each read at once, byte by byte and cut at every point.

import Foundation
import Testing

@testable import MessageFormat

@Suite struct TransferDecoderTests {
    /// Decodes in chunks that end at the points given.
    private func decode(_ octets: [UInt8], _ encoding: String, cuts: [Int]) -> [UInt8] {
        var decoder = TransferDecoder(encoding: encoding)
        var result: [UInt8] = []
        var start = 0
        for cut in cuts + [octets.count] {
            result += decoder.decode(Array(octets[start..<cut]))
            start = cut
        }
        return result + decoder.finish()
    }

    private func expect(_ octets: [UInt8], _ encoding: String, _ content: [UInt8]) {
        #expect(decode(octets, encoding, cuts: []) == content)
        #expect(decode(octets, encoding, cuts: Array(0..<octets.count)) == content)
        for cut in 0...octets.count {
            #expect(decode(octets, encoding, cuts: [cut]) == content)
        }
    }

    @Test(
        "base64 ignores junk, forgives padding and reads blocks in a row",
        arguments: [
            ("", ""), ("aGVsbG8=", "hello"), ("aGVsbG8", "hello"), ("aGVs\r\nbG8=\r\n", "hello"),
            ("aGVsbG8===", "hello"), ("aGVsbG8=d29ybGQ=", "helloworld"), ("aA==aQ==", "hi"),
            ("a!G*V-s_b G8=", "hello"), ("a", ""), ("aG", "h"), ("====", ""), ("=aGk=", "hi"),
            ("aGVsbG8gd29ybGQh", "hello world!"),
        ]
    )
    func base64(text: String, content: String) {
        expect(Array(text.utf8), "Base64", Array(content.utf8))
    }

    @Test(
        "quoted-printable keeps what is no escape, blanks before line ends included",
        arguments: [
            ("a=3Db=3d", "a=b="), ("a=\r\nb", "ab"), ("a=\nb", "ab"), ("a= \t\r\nb", "ab"),
            ("a  \r\nb \n", "a  \r\nb \n"),
            ("=\n \nb", " \nb"), ("a=20\r\n", "a \r\n"), ("a=ZZ", "a=ZZ"), ("a=4", "a=4"),
            ("a=", "a"), ("a==41", "a=A"), ("a=4=41", "a=4A"), ("= x", "= x"), ("= =41", "= A"),
            ("= \t", ""), ("a b", "a b"),
            ("a =", "a "), ("a =\r\n b", "a  b"), ("=\rb", "b"), ("a\rb", "a\rb"),
        ]
    )
    func quotedPrintable(text: String, content: String) {
        expect(Array(text.utf8), " quoted-printable ", Array(content.utf8))
    }

    @Test("8-bit octets and NUL pass through quoted-printable")
    func binary() {
        expect([0x00, 0xFF, 0x3D, 0x46, 0x46], "QUOTED-PRINTABLE", [0x00, 0xFF, 0xFF])
    }

    @Test("any other encoding is the identity", arguments: ["7bit", "8bit", "binary", "x-foo", ""])
    func identity(encoding: String) {
        expect(Array("a=3D\r\n".utf8), encoding, Array("a=3D\r\n".utf8))
    }

    @Test("a megabyte of blanks, of `=` and of line ends is linear and bounded")
    func hostile() {
        for unit in [" ", "=", "=\r\n", "= ", "=4"] {
            let octets = Array(String(repeating: unit, count: 300_000).utf8)
            #expect(decode(octets, "quoted-printable", cuts: []).count <= octets.count)
        }
        #expect(decode([UInt8](repeating: 0x3D, count: 1_000_000), "base64", cuts: []).isEmpty)
    }

    @Test("base64 of random octets comes back, at any chunk size")
    func roundTrip() {
        var generator = SeededGenerator(seed: 1)
        for count in [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 10_000] {
            let content = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Array(
                Data(content).base64EncodedString(options: .lineLength76Characters).utf8
            )
            #expect(TransferDecoder.decode(text, encoding: "base64") == content)
        }
    }

    @Test(
        "whole encoded files of other programs decode to their originals",
        .enabled(if: Corpora.root != nil, Corpora.missing),
        arguments: [
            ("gmime/encodings/photo.b64", "base64", "gmime/encodings/photo.jpg"),
            ("gmime/encodings/wikipedia.qp", "quoted-printable", "gmime/encodings/wikipedia.txt"),
        ]
    )
    func files(file: String, encoding: String, original: String) throws {
        let octets = try Corpora.octets("encodings/\(file)")
        let expected = try Corpora.octets("encodings/\(original)")
        #expect(!expected.isEmpty)
        #expect(TransferDecoder.decode(octets, encoding: encoding) == expected)
    }

    // Go and Dovecot reject some of these; we keep what is no escape as text. Five differ by
    // decision: blanks before a line end stay, as in CPython and GMime (see
    // QuotedPrintableDecoder).
    @Test(
        "quoted-printable vectors decode as their sources say where those decode at all",
        .enabled(if: Corpora.root != nil, Corpora.missing)
    )
    func vectors() throws {
        var score = Score("quoted-printable")
        for vector in try Corpora.vectors("quoted-printable") {
            guard vector.fields["strict_error"] == nil else { continue }
            let data = (vector.fields["expected_b64"] as? String).flatMap {
                Data(base64Encoded: $0)
            }
            let text = (vector.fields["expected"] as? String).map { Array($0.utf8) }
            guard let expected = data.map(Array.init) ?? text else { continue }
            let actual = TransferDecoder.decode(vector.input, encoding: "quoted-printable")
            score.check(
                actual == expected,
                "\(vector.id) \(String(decoding: actual, as: UTF8.self))"
            )
        }
        score.report()
        #expect(
            score.misses.map { String($0.prefix(21)) }
                == ["09", "10", "11", "17", "18"].map { "quoted-printable/00\($0)" }
        )
    }
}
