// Mailbox names for people and back (RFC 3501 5.1.3). The octets of a name stay what a server is
// sent; text made here is for reading, and for names that a user types.

internal import MailModel

/// The encoding of mailbox names.
package enum ModifiedUTF7 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8
    )
    private static let values: [UInt8: UInt32] = Dictionary(
        uniqueKeysWithValues: alphabet.enumerated().map { ($1, UInt32($0)) }
    )
    private static let shift = UInt8(ascii: "&")
    private static let unshift = UInt8(ascii: "-")

    /// The name's octets for a server that was not told UTF8=ACCEPT.
    package static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        var pending: [UInt16] = []
        for scalar in text.unicodeScalars {
            guard (0x20...0x7E).contains(scalar.value) else {
                pending.append(contentsOf: UTF16.encode(scalar).map { Array($0) } ?? [])
                continue
            }
            flush(&pending, into: &result)
            result.append(UInt8(truncatingIfNeeded: scalar.value))
            if scalar == "&" { result.append(unshift) }
        }
        flush(&pending, into: &result)
        return result
    }

    /// The text of a name, or nil where it is not what `encode` would have made of that text.
    ///
    /// Refused are 8-bit octets, controls, padding, lone surrogates, and a second spelling of
    /// what has a first one: two names that differ never give the same text.
    package static func decode(_ octets: some Collection<UInt8>) -> String? {
        let octets = Array(octets)
        var text = String.UnicodeScalarView()
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            guard (0x20...0x7E).contains(octet) else { return nil }
            index += 1
            guard octet == shift else {
                text.append(Unicode.Scalar(octet))
                continue
            }
            guard let end = octets[index...].firstIndex(of: unshift) else { return nil }
            if end == index {
                text.append("&")
            } else {
                guard let scalars = decodeRun(octets[index..<end]) else { return nil }
                text.append(contentsOf: scalars)
            }
            index = end + 1
        }
        let decoded = String(text)
        return encode(decoded) == octets ? decoded : nil
    }

    /// The text to show for a name: decoded, or as it is where it is plain UTF-8; a name that is
    /// neither, or holds controls, in ASCII with every odd octet as `\x26`.
    package static func display(_ octets: some Collection<UInt8>) -> String {
        if let text = decode(octets) { return hasControl(text) ? escaped(octets) : text }
        guard octets.contains(where: { $0 >= 0x80 }),
            let text = String(validating: octets, as: UTF8.self), !hasControl(text)
        else { return escaped(octets) }
        return text
    }

    private static func flush(_ pending: inout [UInt16], into result: inout [UInt8]) {
        guard !pending.isEmpty else { return }
        result.append(shift)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for unit in pending {
            bits = bits << 16 | UInt32(unit)
            count += 16
            while count >= 6 {
                count -= 6
                result.append(alphabet[Int(bits >> count & 0x3F)])
            }
            bits &= 1 << count - 1
        }
        if count > 0 { result.append(alphabet[Int(bits << (6 - count) & 0x3F)]) }
        result.append(unshift)
        pending.removeAll(keepingCapacity: true)
    }

    private static func decodeRun(_ run: ArraySlice<UInt8>) -> [Unicode.Scalar]? {
        var units: [UInt16] = []
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for octet in run {
            guard let value = values[octet] else { return nil }
            bits = bits << 6 | value
            count += 6
            guard count >= 16 else { continue }
            count -= 16
            units.append(UInt16(truncatingIfNeeded: bits >> count))
            bits &= 1 << count - 1
        }
        guard count < 6, bits == 0 else { return nil }
        return scalars(units)
    }

    private static func scalars(_ units: [UInt16]) -> [Unicode.Scalar]? {
        var result: [Unicode.Scalar] = []
        var high: UInt32?
        for unit in units {
            if let lead = high {
                guard (0xDC00...0xDFFF).contains(unit) else { return nil }
                let value = 0x10000 + (lead - 0xD800) << 10 + (UInt32(unit) - 0xDC00)
                guard let scalar = Unicode.Scalar(value) else { return nil }
                result.append(scalar)
                high = nil
            } else if (0xD800...0xDBFF).contains(unit) {
                high = UInt32(unit)
            } else {
                guard let scalar = Unicode.Scalar(unit) else { return nil }
                result.append(scalar)
            }
        }
        return high == nil ? result : nil
    }

    private static func hasControl(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
    }

    private static func escaped(_ octets: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var result: [UInt8] = []
        for octet in octets {
            if (0x20...0x7E).contains(octet), octet != shift, octet != UInt8(ascii: "\\") {
                result.append(octet)
            } else {
                result += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
                result += [digits[Int(octet >> 4)], digits[Int(octet & 0xF)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
