// Domains with letters beyond ASCII as their ASCII form, so that a look-alike is seen for what it
// is (reliability.md C20). For display only: nothing is looked up by it.

import MailModel

/// The Punycode of RFC 3492, encoding only.
package enum Punycode {
    /// Most scalars of a label that is encoded.
    private static let labelScalarsMax = 63
    // The parameters of RFC 3492 section 5.
    private static let base = 36
    private static let tMin = 1
    private static let tMax = 26
    private static let skew = 38
    private static let damp = 700

    /// The ASCII form of a domain, or nil where it is ASCII already or cannot be encoded.
    package static func ascii(domain: some Collection<UInt8>) -> String? {
        guard domain.contains(where: { $0 >= 0x80 }) else { return nil }
        var labels: [String] = []
        for label in domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            let scalars = Array(String(decoding: label, as: UTF8.self).unicodeScalars)
            guard scalars.count <= labelScalarsMax else { return nil }
            let isASCII = scalars.allSatisfy(\.isASCII)
            let text =
                isASCII ? label.map(ASCII.lowercased) : encoded(scalars.map { Int($0.value) })
            labels.append((isASCII ? "" : "xn--") + String(decoding: text, as: UTF8.self))
        }
        return labels.joined(separator: ".")
    }

    /// RFC 3492 section 6.3; with at most `labelScalarsMax` scalars no number comes near overflow.
    private static func encoded(_ scalars: [Int]) -> [UInt8] {
        var output = scalars.filter { $0 < 0x80 }.map { ASCII.lowercased(UInt8($0)) }
        let basicCount = output.count
        var handled = basicCount
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var (code, delta, bias) = (0x80, 0, 72)
        while handled < scalars.count {
            let next = scalars.filter { $0 >= code }.min() ?? code
            delta += (next - code) * (handled + 1)
            code = next
            for scalar in scalars {
                if scalar < code { delta += 1 }
                guard scalar == code else { continue }
                output += digits(delta, bias: bias)
                bias = adapted(delta, count: handled + 1, isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            code += 1
        }
        return output
    }

    private static func digits(_ delta: Int, bias: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = delta
        var step = base
        while true {
            let threshold = min(max(step - bias, tMin), tMax)
            guard rest >= threshold else { return digits + [digit(rest)] }
            digits.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            step += base
        }
    }

    private static func digit(_ value: Int) -> UInt8 {
        UInt8(value < 26 ? 0x61 + value : 0x30 + value - 26)
    }

    private static func adapted(_ delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / damp : delta / 2
        delta += delta / count
        var step = 0
        while delta > ((base - tMin) * tMax) / 2 {
            delta /= base - tMin
            step += base
        }
        return step + (base - tMin + 1) * delta / (delta + skew)
    }
}
