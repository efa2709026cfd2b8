// New message ids. Random enough that nobody guesses or repeats one; says nothing about the
// machine.

package import MailModel

/// Generation of Message-ID values (RFC 5322 3.6.4).
package enum MessageID {
    /// A new id without `<>`: `hex.time@domain`, 128 random bits and the seconds in base 36.
    ///
    /// - Parameters:
    ///   - domain: the sender's domain; one that cannot stand in an id is replaced by
    ///     `mailbroker.invalid`.
    ///   - date: the time of writing, from the caller's clock.
    ///   - generator: the source of randomness.
    /// - Returns: the id in ASCII.
    package static func generate(
        domain: some Sequence<UInt8>,
        date: DateTime,
        using generator: inout some RandomNumberGenerator
    ) -> String {
        let domain = Array(domain)
        let isSendable =
            !domain.isEmpty && domain.count <= AddrSpec.octetsMax
            && domain.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20)
                    || octet == UInt8(ascii: ".") || octet == UInt8(ascii: "-")
            }
        let host = isSendable ? String(decoding: domain, as: UTF8.self) : "mailbroker.invalid"
        let time = String(max(date.unixSeconds, 0), radix: 36)
        return RandomHex.digits(using: &generator) + "." + time + "@" + host
    }

    /// The same from the system's generator.
    package static func generate(domain: some Sequence<UInt8>, date: DateTime) -> String {
        var generator = SystemRandomNumberGenerator()
        return generate(domain: domain, date: date, using: &generator)
    }
}
