// Base64 as mail holds it (RFC 2045 6.8): line ends, junk, missing padding and several padded
// blocks in a row. Streams; holds back at most three characters.

import MailModel

/// A streaming base64 decoder that ignores what is no base64.
struct Base64Decoder {
    /// Bits of the characters of the unfinished group.
    private var bits: UInt32 = 0
    /// How many characters the unfinished group has: 0...3.
    private var count = 0

    /// The value of an octet of the alphabet; `junk` for others, `pad` for `=`.
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: junk, count: 256)
        for (value, octet) in Base64Alphabet.octets.enumerated() {
            table[Int(octet)] = UInt8(value)
        }
        table[Int(UInt8(ascii: "="))] = pad
        return table
    }()
    private static let junk: UInt8 = 0xFF
    private static let pad: UInt8 = 0xFE

    /// Whether an octet is one of the 64.
    static func isAlphabet(_ octet: UInt8) -> Bool { values[Int(octet)] < 64 }

    /// The octets of the next characters.
    ///
    /// QUIRK: `-` and `_` of the URL alphabet are junk here, as in CPython and GMime: list footers
    /// below a base64 body hold more of them than bodies do.
    mutating func decode(_ chunk: ArraySlice<UInt8>) -> [UInt8] {
        // Every three octets need four characters, of which `count` are held already.
        let capacity = (chunk.count + 3) / 4 * 3 + 3
        var state = self
        defer { self = state }
        return [UInt8](unsafeUninitializedCapacity: capacity) { output, written in
            written = chunk.withUnsafeBufferPointer { input in
                Self.values.withUnsafeBufferPointer { values in
                    state.run(input, values, output)
                }
            }
        }
    }

    /// The octets of an unfinished group at the end; the decoder is then as new.
    mutating func finish() -> [UInt8] {
        defer { (bits, count) = (0, 0) }
        switch count {
        case 2: return [UInt8(truncatingIfNeeded: bits >> 4)]
        case 3:
            return [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return []
        }
    }

    private mutating func run(
        _ input: UnsafeBufferPointer<UInt8>,
        _ values: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        var index = 0
        var written = 0
        while index < input.count {
            if count == 0 {
                // The fast way: whole groups without anything between.
                while index + 4 <= input.count {
                    let a = values[Int(input[index])]
                    let b = values[Int(input[index + 1])]
                    let c = values[Int(input[index + 2])]
                    let d = values[Int(input[index + 3])]
                    guard (a | b | c | d) < 64 else { break }
                    output[written] = a << 2 | b >> 4
                    output[written + 1] = b << 4 | c >> 2
                    output[written + 2] = c << 6 | d
                    written += 3
                    index += 4
                }
                guard index < input.count else { break }
            }
            let value = values[Int(input[index])]
            index += 1
            if value < 64 {
                bits = bits << 6 | UInt32(value)
                count += 1
                guard count == 4 else { continue }
                output[written] = UInt8(truncatingIfNeeded: bits >> 16)
                output[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                output[written + 2] = UInt8(truncatingIfNeeded: bits)
                written += 3
                (bits, count) = (0, 0)
            } else if value == Self.pad {
                // Padding ends a block; another may follow.
                for octet in finish() {
                    output[written] = octet
                    written += 1
                }
            }
        }
        return written
    }
}

/// The alphabet of base64 (RFC 4648 4).
enum Base64Alphabet {
    /// The 64 characters in order of value.
    static let octets = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
}
