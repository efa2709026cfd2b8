// Names that nobody guesses and nothing repeats.

/// Random numbers as text.
package enum RandomHex {
    /// 128 random bits in 32 lower-case hexadecimal digits.
    package static func digits(using generator: inout some RandomNumberGenerator) -> String {
        (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    /// The same from the system's generator.
    package static func digits() -> String {
        var generator = SystemRandomNumberGenerator()
        return digits(using: &generator)
    }
}
